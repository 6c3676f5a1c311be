"""Runs that the language rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, run_of

LOSS = decay(60, 6.0, 3.0, noise=0)
NOISE = np.random.default_rng(1).normal(size=60)
NOISE -= np.median(NOISE)
DEVIATION = 1.4826 * np.median(np.abs(NOISE))  # as the rule measures it


def language(logarithm, loss=LOSS):
    """A validation loss and the logarithm of a perplexity."""
    return run_of({"val_loss": loss, "val_ppl": np.exp(logarithm)})


def scattered(z):
    """A perplexity that is too high by 0.1 nats, so many standard errors."""
    return language(LOSS + 0.1 + 0.1 * np.sqrt(60) / z * NOISE / DEVIATION)


def in_base(base, *, points=12, end=3.0, tag="val_loss", digits=2, others=None, **settings):
    """A loss of three digits and a perplexity that is a base to its power, as printed."""
    loss = np.round(np.linspace(3.5, end, points), 3)
    return run_of({tag: loss, "val_ppl": np.round(base**loss, digits)} | (others or {}), **settings)


CASES = [
    Case("perplexity-mismatch", "a mean of batch perplexities", lambda: language(LOSS + 0.08 + 0.01 * NOISE), "warning", findings=1,
         says="val_ppl is 1.08 times exp(val_loss) in the median: at step 30 it is 28.1 and the loss 3.24; a mean of batch perplexities causes this",
         steps=(0, 59), metric="val_ppl", confidence=0.85,
         remedy="average the loss over all tokens and take the exponential once, instead of averaging batch perplexities"),
    Case("perplexity-mismatch", "the loss contains a penalty", lambda: language(LOSS, LOSS + 0.1 + 0.01 * NOISE), "info",
         says="val_ppl is 0.905 times exp(val_loss) in the median: at step 30 it is 25.4 and the loss 3.36; the loss may contain further terms, or the perplexity may omit tokens", confidence=0.7),
    Case("perplexity-mismatch", "2.2% too high", lambda: language(LOSS + 0.022), "info"),
    Case("perplexity-mismatch", "1.8% too high", lambda: language(LOSS + 0.018), "clear"),
    Case("perplexity-mismatch", "4.5% too high", lambda: language(LOSS + 0.045), "info"),
    Case("perplexity-mismatch", "5.5% too high", lambda: language(LOSS + 0.055), "warning"),
    Case("perplexity-mismatch", "6.5 standard errors", lambda: scattered(6.5), "warning"),
    Case("perplexity-mismatch", "5.5 standard errors", lambda: scattered(5.5), "clear"),
    Case("perplexity-mismatch", "6 common steps", lambda: run_of({"val_loss": LOSS[:6], "val_ppl": np.exp(LOSS + 0.1)}), "warning"),
    Case("perplexity-mismatch", "5 common steps", lambda: run_of({"val_loss": LOSS[:5], "val_ppl": np.exp(LOSS + 0.1)}), "insufficient-data",
         says="needs at least 6 common steps of a perplexity of 1 or more and a loss from 0 to 20"),
    Case("perplexity-mismatch", "5 perplexities", lambda: run_of({"val_loss": LOSS, "val_ppl": np.exp(LOSS[:5] + 0.1)}), "insufficient-data",
         says="needs at least 6 common steps of a perplexity of 1 or more and a loss from 0 to 20"),
    Case("perplexity-mismatch", "losses of 16 to 19", lambda: language(LOSS + 13.1, LOSS + 13), "warning"),
    Case("perplexity-mismatch", "losses of 21 to 24", lambda: language(LOSS + 18.1, LOSS + 18), "insufficient-data"),
    Case("perplexity-mismatch", "perplexities below 1", lambda: language(-LOSS), "insufficient-data"),
    Case("perplexity-mismatch", "negative losses", lambda: language(LOSS, -LOSS), "insufficient-data"),
    Case("perplexity-mismatch", "exponential", lambda: language(LOSS), "clear"),
    Case("perplexity-mismatch", "cut to whole numbers", lambda: run_of({"val_loss": LOSS, "val_ppl": np.floor(np.exp(LOSS))}), "clear"),
    Case("perplexity-mismatch", "a loss cut to one place", lambda: language(LOSS, np.floor(10 * LOSS) / 10), "clear"),
    Case("perplexity-mismatch", "base 2, no name says so", lambda: language(LOSS, LOSS / np.log(2)), "info"),
    Case("perplexity-mismatch", "a logarithm 1.055 times the loss", lambda: language(1.055 * LOSS), "clear"),
    Case("perplexity-mismatch", "a logarithm 1.045 times the loss", lambda: language(1.045 * LOSS), "warning"),
    Case("perplexity-mismatch", "another multiple, scattered a little", lambda: language(1.3 * LOSS + 0.12 * NOISE), "clear"),
    Case("perplexity-mismatch", "another multiple, scattered as much", lambda: language(1.3 * LOSS + 0.2 * NOISE), "warning"),
    Case("perplexity-mismatch", "of another loss that is logged too", lambda: run_of({
        "val_loss": LOSS + 0.3, "val_nll_loss": LOSS, "val_ppl": np.exp(LOSS)}), "clear"),
    Case("perplexity-mismatch", "the nearer of two losses", lambda: run_of({
        "val_loss": LOSS + 0.3, "val_nll_loss": LOSS + 0.1, "val_ppl": np.exp(LOSS)}), "info",
        says="val_ppl is 0.905 times exp(val_nll_loss) in the median: at step 30 it is 25.4 and the loss 3.34; the loss may contain further terms, or the perplexity may omit tokens"),
    Case("perplexity-mismatch", "of the last batch, with the mean loss", lambda: language(LOSS + 0.2 * NOISE), "clear"),
    Case("perplexity-mismatch", "never at the same step", lambda: run_of({"val_loss": (np.arange(0, 120, 2), LOSS), "val_ppl": (np.arange(1, 121, 2), np.exp(LOSS))}), "insufficient-data"),
    Case("perplexity-mismatch", "losses of another split", lambda: run_of({"train_loss": LOSS, "val_ppl": np.exp(LOSS)}), "not-applicable",
         says="no loss of the same split as the perplexity is logged"),
    Case("perplexity-mismatch", "two to the power of the loss", lambda: in_base(2.0), "info", confidence=0.75,
         says="val_ppl is 2 to the power of val_loss at all 12 common points (at step 11: 8 and 3): the loss is in bits, or the perplexity should be 20.1",
         remedy="use exp() for a loss from cross_entropy(), which is in nats"),
    Case("perplexity-mismatch", "ten to the power of the loss", lambda: in_base(10.0), "warning"),
    Case("perplexity-mismatch", "two to the power of the loss, 4 points", lambda: in_base(2.0, points=4), "info"),
    Case("perplexity-mismatch", "two to the power of the loss, 3 points", lambda: in_base(2.0, points=3), "insufficient-data"),
    Case("perplexity-mismatch", "a loss that varies by 6%", lambda: in_base(2.0, end=3.3), "info"),
    Case("perplexity-mismatch", "a loss that varies by 4.5%", lambda: in_base(2.0, end=3.35), "clear"),
    Case("perplexity-mismatch", "starts 9% above the loss in nats of a uniform prediction", lambda: in_base(2.0, vocab_size=24.8), "warning",
         says="val_ppl is 2 to the power of val_loss at all 12 common points (at step 11: 8 and 3): the loss starts at 3.5, near ln 25, and so is in nats: the perplexity is 20.1"),
    Case("perplexity-mismatch", "starts 11% above the loss in nats of a uniform prediction", lambda: in_base(2.0, vocab_size=23.4), "info"),
    Case("perplexity-mismatch", "starts at the loss in bits of a uniform prediction", lambda: in_base(2.0, vocab_size=11.3), "info"),
    Case("perplexity-mismatch", "a loss in bits", lambda: in_base(2.0, tag="val_loss_bits"), "clear"),
    Case("perplexity-mismatch", "fairseq's losses in bits", lambda: in_base(2.0, others={"val_nll_loss": np.round(np.linspace(3.5, 3, 12), 3)}), "clear"),
]  # fmt: skip

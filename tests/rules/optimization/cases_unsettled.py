"""Runs whose loss oscillates or stands still, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, running_means
from .cases_loss_spike import running

NOISE_OF_ALTERNATION = 2.965  # the noise of a curve that alternates by 1 around its level


def alternating(noise, descent=0.6, *, points=36, shift=0.0, tag="val_loss", settings=None, **others):
    """A validation loss with such a noise, whose first value lies so far above its lowest on the logarithmic scale."""
    wiggle = noise / NOISE_OF_ALTERNATION * (-1.0) ** np.arange(points)
    wiggle[0] = wiggle.min() + descent
    return run_of({tag: np.exp(wiggle) + shift, **others}, **(settings or {}))


CYCLES = np.tile(np.linspace(0.1, 0.001, 9), 4)

OSCILLATION = [
    Case("oscillation", "11% of the loss", lambda: alternating(0.11), "info", findings=1,
         says="val_loss scatters by 12% from one evaluation to the next, between 0.964 and 1.04 from step 12 on",
         steps=(12, 35), metric="val_loss", confidence=0.8, remedy="lower the learning rate by 3, or anneal it towards the end"),
    Case("oscillation", "9% of the loss", lambda: alternating(0.09), "clear"),
    Case("oscillation", "11% of the descent", lambda: alternating(0.22, 2.0), "warning"),
    Case("oscillation", "9% of the descent", lambda: alternating(0.18, 2.0), "clear"),
    Case("oscillation", "22% of the loss, 22% of the descent", lambda: alternating(0.22, 1.0), "warning"),
    Case("oscillation", "18% of the loss, 18% of the descent", lambda: alternating(0.18, 1.0), "info"),
    Case("oscillation", "27% of the descent", lambda: alternating(0.16), "warning"),
    Case("oscillation", "23% of the descent", lambda: alternating(0.14), "info"),
    Case("oscillation", "12 evaluations", lambda: alternating(0.11, points=12), "info", steps=(4, 11)),
    Case("oscillation", "11 evaluations", lambda: alternating(0.11, points=11), "insufficient-data",
         says="validation loss needs at least 12 points, has 11"),
    Case("oscillation", "a learning rate", lambda: alternating(0.11, lr=np.full(36, 0.1)), "info",
         remedy="lower the learning rate by 3, or anneal it towards the end (it ends at 0.1)"),
    Case("oscillation", "restarts of the rate", lambda: alternating(0.22, lr=CYCLES), "insufficient-data",
         says="the learning rate restarts, and the loss follows it"),
    Case("oscillation", "a loss of both signs", lambda: alternating(0.22, shift=-1), "insufficient-data",
         says="the validation loss is not positive, so relative change is undefined"),
    Case("oscillation", "a term that may rise", lambda: alternating(0.22, tag="val_policy_loss"), "not-applicable",
         says="no validation loss that should decrease is logged"),
    Case("oscillation", "a training loss that swings by 2.2 times", lambda: swinging(2.2), "warning", findings=1, metric="loss",
         steps=(66, 199), confidence=0.8, remedy="lower the learning rate by 3, or anneal it towards the end"),
    Case("oscillation", "a training loss that swings by 1.8 times", lambda: swinging(1.8), "info"),
    Case("oscillation", "a training loss that swings by 1.4 times", lambda: swinging(1.4), "not-applicable"),
    Case("oscillation", "a training loss that swings three times", lambda: swinging(2.2, waves=2.2), "not-applicable"),
    Case("oscillation", "a training loss that swings four times", lambda: swinging(2.2, waves=2.8), "info"),
    Case("oscillation", "a training loss that swings by 7 standard errors", lambda: swinging(1.8, noise=0.55), "warning"),
    Case("oscillation", "a training loss that swings within its noise", lambda: swinging(1.8, noise=0.8), "not-applicable"),
    Case("oscillation", "60 points of a training loss that swings", lambda: swinging(4.0, points=60), "warning"),
    Case("oscillation", "59 points of a training loss that swings", lambda: swinging(4.0, points=59), "insufficient-data"),
    Case("oscillation", "random scatter", lambda: run_of({"loss": decay(60), "val_loss": decay(60, end=0.8, noise=0.4)}), "warning"),
    Case("oscillation", "settles", lambda: run_of({"loss": decay(40), "val_loss": decay(40, noise=0.02)}), "clear"),
    Case("oscillation", "noisy at first only", lambda: run_of({
        "val_loss": decay(60) * np.r_[flat(15, 1, noise=0.4), flat(45, 1, noise=0.01)]}), "clear"),
]  # fmt: skip


def stepped(first=1.0, drift=0.0, after=0.4, *, end=0.7, points=100, noise=1e-4, seed=0, tag="loss", **others):
    """A loss whose logarithm falls so far over 30% of the run, changes so far, and falls so far over the rest."""
    log = np.interp(np.arange(points), np.array([0, 0.3, end, 1]) * points, -np.cumsum([0, first, drift, after]))
    return run_of({tag: 2.3 * np.exp(log) * flat(points, 1, noise=noise, seed=seed), **others})


def stuck(level=0.7, change=0.0, *, rate=1.0, tag="loss", score=None, validation=None, settings=None, points=100):
    """A loss that falls at once to a share of its first values, 2.3, and changes by a share of it over the last half."""
    half = points // 2
    loss = 2.3 * np.r_[np.ones(3), np.full(half - 3, level), level * np.exp(-change * np.linspace(0, 1, half))]
    curves = {tag: loss * flat(points, 1, noise=1e-4), "lr": rate and 0.1 * np.linspace(1, rate, points)}
    curves |= {
        "val_acc": score and np.full(points, score),
        "val_loss": validation and np.full(points, 2.3 * validation),
    }
    return run_of({name: values for name, values in curves.items() if values is not None}, **(settings or {}))


PLATEAU = [
    Case("plateau", "between two falls", stepped, "info", findings=1, says="loss stays at 0.846 from step 30 to 74, 45% of the run, before it falls again", steps=(30, 74), metric="loss", confidence=0.6,
         remedy="lower the learning rate from step 30 on: by 10, or with a cosine schedule"),
    Case("plateau", "a change of 3.3%", lambda: stepped(drift=0.033), "info"),
    Case("plateau", "a change of 2% in a small descent", lambda: stepped(0.2, 0.02, 0.1), "info"),
    Case("plateau", "a change of 3% in a small descent", lambda: stepped(0.2, 0.03, 0.1), "clear"),
    Case("plateau", "4 flat blocks", lambda: stepped(end=0.42), "info", steps=(30, 49)),
    Case("plateau", "a running mean", lambda: running(stepped(points=400, noise=0.01).all_curves[0].value, batches=20), "info",
         says="loss stays at 0.845 from step 120 to 299, 45% of the run, before it falls again"),
    Case("plateau", "a running mean of two digits", lambda: run_of({
        "loss": np.round(running_means(decay(1200, 6.0, 4.0, noise=0.1), 200), 2)}), "clear"),
    Case("plateau", "a change of 0.9% in a tiny descent", lambda: stepped(0.06, 0.009, 0.03), "info"),
    Case("plateau", "falls by 12% of the descent", lambda: stepped(after=0.14), "info"),
    Case("plateau", "falls by 9% of the descent", lambda: stepped(after=0.105), "clear"),
    Case("plateau", "falls by 5.6 standard errors", lambda: stepped(0.4, after=0.05, noise=0.02, seed=2), "info"),
    Case("plateau", "falls by 4.2 standard errors", lambda: stepped(0.4, after=0.05, noise=0.02, seed=0), "clear"),
    Case("plateau", "the rate in the stretch", lambda: stepped(lr=np.linspace(0.2, 0.101, 100)), "info",
         remedy="lower the learning rate from step 30 on (it was 0.17): by 10, or with a cosine schedule"),
    Case("plateau", "40 points", lambda: stepped(points=40), "info"),
    Case("plateau", "39 points", lambda: stepped(points=39), "insufficient-data", says="train loss needs at least 40 points, has 39"),
    Case("plateau", "a loss of both signs", lambda: run_of({"loss": decay(60) - 1}), "insufficient-data",
         says="the loss is not positive, so relative change is undefined"),
    Case("plateau", "a term that may rise", lambda: stepped(tag="policy_loss"), "not-applicable",
         says="no training loss that should decrease is logged"),

    Case("plateau", "stuck at the end", stuck, "warning", says="loss stays at 1.61 from step 50 to 99, 50% of the run, until the end, and the learning rate was never lowered", steps=(50, 99), confidence=0.6,
         remedy="lower the learning rate from step 50 on (it was 0.1): by 10, or with a cosine schedule"),
    Case("plateau", "stuck, falls by 9% of a halving", lambda: stuck(change=0.062), "warning"),
    Case("plateau", "falls by 12% of a halving", lambda: stuck(change=0.083), "info", steps=(5, 74)),
    Case("plateau", "only the last block falls", lambda: run_of({
        "loss": np.r_[np.full(5, 2.1), np.full(90, 2.0), np.full(5, 1.96)] * flat(100, 1, noise=0.01)}), "clear"),
    Case("plateau", "rises by 12% of a halving", lambda: stuck(change=-0.083), "clear"),
    Case("plateau", "stuck at 55% of the first values", lambda: stuck(0.55), "warning"),
    Case("plateau", "settled at 45% of the first values", lambda: stuck(0.45), "clear"),
    Case("plateau", "the validation loss at 55%", lambda: stuck(validation=0.55), "warning"),
    Case("plateau", "the validation loss at 45%", lambda: stuck(validation=0.45), "clear"),
    Case("plateau", "a rate of 55% at the end", lambda: stuck(rate=0.55), "warning"),
    Case("plateau", "a rate of 45% at the end", lambda: stuck(rate=0.45), "clear"),
    Case("plateau", "no rate", lambda: stuck(rate=None), "clear"),
    Case("plateau", "a score of 78%", lambda: stuck(score=0.78), "warning"),
    Case("plateau", "a score of 82%", lambda: stuck(score=0.82), "clear"),
    Case("plateau", "a fine-tuning", lambda: stuck(settings={"lora_r": 8, "base_model": "llama"}), "clear"),
    Case("plateau", "noise", lambda: run_of({"loss": flat(100, 1.6, noise=0.05)}), "clear"),
    Case("plateau", "falls throughout", lambda: run_of({"loss": decay(100, end=0.001), "lr": flat(100, 0.1)}), "clear"),
]  # fmt: skip


def swinging(ratio, *, waves=5.0, noise=0.02, points=200):
    """A training loss whose level goes up and down by a ratio, with noise."""
    wave = np.sin(2 * np.pi * waves * np.linspace(0, 1, points))
    return run_of({"loss": np.exp(np.log(ratio) / 2 * 1.02 * wave) * flat(points, 1.0, noise=noise)})


CASES = [*OSCILLATION, *PLATEAU]

"""Runs that suspicious-perfection must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, with_values


def perfect(level=1.0, *, points=30, others=1, scale=1, tag="val_acc", **curves):
    """A score that is so high in all evaluations but some of the first."""
    return run_of({tag: scale * np.r_[np.full(others, 0.98), np.full(points - others, level)], **curves})


def language(level, first=0.12):
    """A language model whose validation loss is at a level from the second evaluation on."""
    losses = decay(60, 2.3, 1e-4)
    return run_of({"loss": losses, "perplexity": np.exp(losses), "val_loss": np.r_[first, np.full(14, level)]})


CASES = [
    Case("suspicious-perfection", "perfect from the second evaluation on", perfect, "warning", findings=1,
         says="val_acc is perfect in 97% of the evaluations, first at step 1: validation data or labels may have leaked",
         steps=(1, 29), metric="val_acc", confidence=0.7,
         remedy="train on one feature at a time to find one that contains the label"),
    Case("suspicious-perfection", "the next token is known", lambda: language(1e-3), "warning", findings=1,
         says="val_loss is at most 0.05 (the next token seems to be known) in 93% of the evaluations, first at step 1: validation data or labels may have leaked", steps=(1, 14), metric="val_loss",
         remedy="check that the target is the next token and not a visible one"),
    Case("suspicious-perfection", "a loss of 0.045", lambda: language(0.045), "warning"),
    Case("suspicious-perfection", "a loss of 0.055", lambda: language(0.055), "clear"),
    Case("suspicious-perfection", "a small loss of another task", lambda: run_of({"val_loss": np.full(15, 1e-3)}), "not-applicable",
         says="no validation accuracy (or similar score) or loss of a language model is logged"),
    Case("suspicious-perfection", "a perfect regression", lambda: run_of({"val_r2": np.r_[0.9, np.ones(14)]}), "warning"),
    Case("suspicious-perfection", "an R2 from 0.951 to 0.9991", lambda: run_of({"val_r2": np.r_[0.951, np.full(14, 0.9991)]}), "warning",
         says="val_r2 is 0.951 at the first evaluation and only 0.0009 below 1 at the last: validation data or labels may have leaked"),
    Case("suspicious-perfection", "an R2 from 0.949 to 0.9991", lambda: run_of({"val_r2": np.r_[0.949, np.full(14, 0.9991)]}), "clear"),
    Case("suspicious-perfection", "an R2 from 0.951 to 0.9989", lambda: run_of({"val_r2": np.r_[0.951, np.full(14, 0.9989)]}), "clear"),
    Case("suspicious-perfection", "an accuracy from 0.951 to 0.9991", lambda: run_of({"val_acc": np.r_[0.951, np.full(14, 0.9991)]}), "clear"),
    Case("suspicious-perfection", "a regression without errors", lambda: run_of({"val_mse": np.r_[0.1, np.zeros(14)]}), "warning", metric="val_mse",
         says="val_mse is exactly 0 in 93% of the evaluations, first at step 1: validation data or labels may have leaked"),
    Case("suspicious-perfection", "a regression with small errors", lambda: run_of({"val_mse": np.r_[0.1, np.full(14, 1e-6)]}), "clear"),
    Case("suspicious-perfection", "in percent", lambda: perfect(scale=100), "warning"),
    Case("suspicious-perfection", "rounded", lambda: perfect(0.999992), "warning"),
    Case("suspicious-perfection", "one mistake in 90,000", lambda: perfect(0.999989), "clear"),
    Case("suspicious-perfection", "in 26 of 30 evaluations", lambda: perfect(others=4), "warning"),
    Case("suspicious-perfection", "in 25 of 30 evaluations", lambda: perfect(others=5), "clear"),
    Case("suspicious-perfection", "but not in the last", lambda: run_of({"val_acc": with_values(np.ones(30), 29, 0.98)}), "clear"),
    Case("suspicious-perfection", "5 evaluations", lambda: perfect(points=5, others=0), "warning"),
    Case("suspicious-perfection", "4 evaluations", lambda: perfect(points=4, others=0), "insufficient-data",
         says="validation score needs at least 5 points, has 4"),
    Case("suspicious-perfection", "4 accuracies beside a loss", lambda: perfect(points=4, others=0, val_loss=flat(30, 0.5)), "insufficient-data",
         says="needs at least 5 evaluations, has 4"),
    Case("suspicious-perfection", "4 accuracies beside an F1 score", lambda: perfect(points=4, others=0, val_f1=flat(30, 0.5)), "clear"),
    Case("suspicious-perfection", "the second of two scores", lambda: run_of({"val_f1": flat(30, 0.9), "val_acc": np.ones(30)}), "warning",
         metric="val_acc"),
    Case("suspicious-perfection", "an error that is always 1", lambda: perfect(tag="val_acc_error"), "clear"),
    Case("suspicious-perfection", "a score without a maximum", lambda: perfect(tag="val_psnr"), "not-applicable"),
    Case("suspicious-perfection", "a training accuracy", lambda: perfect(tag="train_acc"), "not-applicable",
         says="no validation score or validation loss is logged"),
    Case("suspicious-perfection", "merely good", lambda: run_of({"val_acc": flat(30, 0.98, noise=0.001)}), "clear"),
]  # fmt: skip

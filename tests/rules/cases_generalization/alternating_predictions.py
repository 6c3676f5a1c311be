"""Runs that alternating-predictions must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, flat, run_of

# One answer that is right for 70% of the samples has a cross-entropy of at least 0.6109, 85% of it are 0.5192.


def alternating(low=0.3, high=0.7, *, points=30, others=0, lows=10, loss=0.6, scale=1, **curves):
    """Accuracies of which so many have the low value, some another one, and the rest the high value."""
    accuracy = np.full(points, high)
    accuracy[: 2 * lows : 2] = low
    accuracy[points - others :] = np.linspace(0.4, 0.6, others)
    return run_of({"loss": flat(points, loss, noise=0), "val_acc": scale * accuracy, **curves})


CASES = [
    Case("alternating-predictions", "30% or 70%", alternating, "error", findings=1,
         says="val_acc is 0.3 or 0.7, which add up to 1, in 100% of 30 evaluations: "
         "the model alternates between two constant predictions", steps=(0, 29), metric="val_acc", confidence=0.9,
         remedy="shuffle the training data, so that each batch contains both classes"),
    Case("alternating-predictions", "mostly 30%, in percent, once another", lambda: alternating(lows=14, others=1, scale=100), "error",
         says="val_acc is 30 or 70, which add up to 100, in 97% of 30 evaluations: "
         "the model alternates between two constant predictions"),
    Case("alternating-predictions", "3 of 30 have another value", lambda: alternating(others=3), "error"),
    Case("alternating-predictions", "4 of 40 have another value, 36 of 40 do not", lambda: alternating(points=40, others=5), "clear"),
    Case("alternating-predictions", "not quite complements", lambda: alternating(0.30009), "error"),
    Case("alternating-predictions", "no complements", lambda: alternating(0.30011), "clear"),
    Case("alternating-predictions", "2 of the lower value", lambda: alternating(lows=2), "error"),
    Case("alternating-predictions", "1 of the lower value", lambda: alternating(lows=1), "clear"),
    Case("alternating-predictions", "2.2% or 97.8%", lambda: alternating(0.022, 0.978), "error"),
    Case("alternating-predictions", "1.8% or 98.2%", lambda: alternating(0.018, 0.982), "clear"),
    Case("alternating-predictions", "a half, always", lambda: alternating(0.5, 0.5), "clear"),
    Case("alternating-predictions", "8 evaluations", lambda: alternating(points=8, lows=4), "error"),
    Case("alternating-predictions", "7 evaluations", lambda: alternating(points=7, lows=3), "insufficient-data",
         says="validation score needs at least 8 points, has 7"),
    Case("alternating-predictions", "a loss of 87% of the entropy", lambda: alternating(loss=0.53), "error"),
    Case("alternating-predictions", "a loss of 83% of the entropy", lambda: alternating(loss=0.507), "clear"),
    Case("alternating-predictions", "a training accuracy 9 points higher", lambda: alternating(train_acc=np.full(30, 0.79)), "error"),
    Case("alternating-predictions", "a training accuracy 11 points higher", lambda: alternating(train_acc=np.full(30, 0.81)), "clear"),
    Case("alternating-predictions", "then only one answer", lambda: run_of({
        "loss": flat(40, 0.6), "val_acc": np.r_[np.where(np.arange(20) % 3, 0.7, 0.3), np.full(20, 0.3)]}), "error"),
    Case("alternating-predictions", "then only one answer, of thousands of samples", lambda: run_of({
        "loss": flat(40, 0.6), "val_acc": np.r_[np.where(np.arange(20) % 3, 0.697918, 0.302082), np.full(20, 0.302082)]}), "error"),
    Case("alternating-predictions", "the second of two accuracies", lambda: run_of({
        "val_acc_top5": flat(30, 0.8), "val_acc": np.where(np.arange(30) % 3, 0.7, 0.3)}), "error", metric="val_acc"),
    Case("alternating-predictions", "no accuracy", lambda: run_of({"val_f1": np.full(60, 0.7)}), "not-applicable",
         says="no validation accuracy is logged"),
]  # fmt: skip

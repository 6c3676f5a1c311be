"""Runs that constant-score must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of

LEVEL = 0.216309


def overlap(level=LEVEL, *, points=20, first=0, others=0, loss=None, scale=1, tag="val_miou", **curves):
    """An overlap that repeats a value from an evaluation on, except for some on the way, and a loss that falls."""
    values = np.full(points, level)
    values[:first] = 0.1
    values[points - 2 : points - 2 - 3 * others : -3] = 0.2
    return run_of({"loss": decay(points, 2.0, 0.5) if loss is None else loss, tag: scale * values, **curves})


CASES = [
    Case("constant-score", "one answer for every pixel", overlap, "warning", findings=1,
         says="val_miou has exactly the same value (0.216) in 100% of the last 20 evaluations although the loss falls by 74%: the prediction may be the same for all inputs", steps=(0, 19), metric="val_miou", confidence=0.85,
         remedy="check in the confusion matrix which classes are never predicted"),
    Case("constant-score", "in percent, an F1 score, from the second evaluation on",
         lambda: overlap(first=1, others=1, scale=100, tag="val_f1"), "warning",
         says="val_f1 has exactly the same value (21.6) in 95% of the last 19 evaluations although the loss falls by 74%: the prediction may be the same for all inputs", steps=(1, 19)),
    Case("constant-score", "5 of 60 have another value", lambda: overlap(points=60, others=5), "warning"),
    Case("constant-score", "7 of 60 have another value", lambda: overlap(points=60, others=7), "clear"),
    Case("constant-score", "from the 4th of 20 evaluations", lambda: overlap(first=3), "warning"),
    Case("constant-score", "from the 5th of 20 evaluations", lambda: overlap(first=4), "clear"),
    Case("constant-score", "from the 7th of 60 evaluations", lambda: overlap(points=60, first=6), "warning"),
    Case("constant-score", "from the 8th of 60 evaluations", lambda: overlap(points=60, first=7), "clear"),
    Case("constant-score", "10 evaluations", lambda: overlap(points=10), "warning"),
    Case("constant-score", "9 equal evaluations of 10", lambda: overlap(points=10, first=1), "clear"),
    Case("constant-score", "9 evaluations", lambda: overlap(points=9), "insufficient-data",
         says="validation score needs at least 10 points, has 9"),
    Case("constant-score", "a score of 9 evaluations beside an accuracy",
         lambda: overlap(points=9, val_acc=flat(30, 0.6)), "insufficient-data",
         says="validation F1, precision, recall or overlap needs at least 10 points, has 9"),
    Case("constant-score", "2.2%", lambda: overlap(0.022), "warning"),
    Case("constant-score", "1.8%", lambda: overlap(0.018), "clear"),
    Case("constant-score", "94%", lambda: overlap(0.94), "warning"),
    Case("constant-score", "96%", lambda: overlap(0.96), "clear"),
    Case("constant-score", "the loss falls by 2.2%", lambda: overlap(loss=np.linspace(0.5, 0.4885, 20)), "warning"),
    Case("constant-score", "the loss falls by 1.8%", lambda: overlap(loss=np.linspace(0.5, 0.4905, 20)), "clear"),
    Case("constant-score", "a training overlap 9 points higher", lambda: overlap(train_miou=np.full(20, LEVEL + 0.09)), "warning"),
    Case("constant-score", "a training overlap 11 points higher", lambda: overlap(train_miou=np.full(20, LEVEL + 0.11)), "clear"),
    Case("constant-score", "a training score of another kind", lambda: overlap(train_f1=np.full(20, 0.9)), "warning"),
    Case("constant-score", "the second of two scores", lambda: overlap(val_f1=np.linspace(0.1, 0.6, 20)), "warning", metric="val_miou"),
    Case("constant-score", "one answer, by the accuracy too", lambda: overlap(val_acc=np.full(20, 0.83921)), "warning"),
    Case("constant-score", "two answers in turn, by the accuracy",
         lambda: overlap(loss=decay(20, 2.0, 0.7), val_acc=np.where(np.arange(20) % 3, 0.7, 0.3)), "warning"),
    Case("constant-score", "stale weights", lambda: overlap(val_loss=np.full(20, 0.718274)), "warning"),
    Case("constant-score", "no loss", lambda: run_of({"val_miou": np.full(20, LEVEL)}), "not-applicable",
         says="no train loss or validation loss is logged"),
    Case("constant-score", "an accuracy alone", lambda: run_of({"loss": decay(20), "val_acc": np.full(20, LEVEL)}), "not-applicable",
         says="no validation F1, precision, recall or overlap is logged"),
    Case("constant-score", "it moves in time", lambda: overlap(val_miou=np.r_[np.full(8, LEVEL), np.linspace(0.22, 0.5, 12)]), "clear"),
]  # fmt: skip

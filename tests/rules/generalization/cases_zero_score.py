"""Runs that zero-score must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of


def zeros(*, points=40, first=0, others=0, loss=None, **curves):
    """An F1 score that is zero from an evaluation on, except for some on the way, and a loss that falls."""
    score = np.zeros(points)
    score[:first] = 0.3
    score[points - 2 : points - 2 - 3 * others : -3] = 0.01
    return run_of({"loss": decay(points, 0.7, 0.2) if loss is None else loss, "val_f1": score, **curves})


CASES = [
    Case("zero-score", "nothing is ever found", zeros, "warning", findings=1,
         says="val_f1 is exactly zero in 100% of the last 40 evaluations although the loss falls by 70%: the positive class is never found", steps=(0, 39), metric="val_f1", confidence=0.85,
         remedy="check the threshold of the metric, and which label counts as positive"),
    Case("zero-score", "4 of 40 have another value", lambda: zeros(others=4), "warning",
         says="val_f1 is exactly zero in 90% of the last 40 evaluations although the loss falls by 70%: the positive class is never found"),
    Case("zero-score", "5 of 40 have another value", lambda: zeros(others=5), "clear"),
    Case("zero-score", "since the 18th of 40 evaluations", lambda: zeros(first=17), "warning", steps=(17, 39)),
    Case("zero-score", "since the 24th of 40 evaluations", lambda: zeros(first=23), "clear"),
    Case("zero-score", "5 evaluations", lambda: zeros(points=5), "warning"),
    Case("zero-score", "4 evaluations", lambda: zeros(points=4), "insufficient-data",
         says="validation score needs at least 5 points, has 4"),
    Case("zero-score", "a score of 4 evaluations beside an accuracy", lambda: zeros(points=4, val_acc=flat(30, 0.6)), "insufficient-data",
         says="validation F1, precision, recall or overlap needs at least 5 points, has 4"),
    Case("zero-score", "the loss falls by 2.2%", lambda: zeros(loss=np.linspace(0.5, 0.4887, 40)), "warning"),
    Case("zero-score", "the loss falls by 1.8%", lambda: zeros(loss=np.linspace(0.5, 0.4907, 40)), "clear"),
    Case("zero-score", "always the same, not zero", lambda: zeros(val_f1=np.full(40, 0.3)), "clear"),
    Case("zero-score", "the second of two scores", lambda: zeros(val_miou=np.linspace(0.1, 0.6, 40)), "warning", metric="val_f1"),
    Case("zero-score", "one answer, by the accuracy too", lambda: zeros(loss=decay(40, 2.0, 0.5), val_acc=np.full(40, 0.83921)), "warning"),
    Case("zero-score", "two answers in turn, by the accuracy",
         lambda: zeros(loss=decay(40, 2.0, 0.7), val_acc=np.where(np.arange(40) % 3, 0.7, 0.3)), "warning"),
    Case("zero-score", "stale weights", lambda: zeros(val_loss=np.full(40, 0.718274)), "warning"),
    Case("zero-score", "no loss", lambda: run_of({"val_f1": np.zeros(20)}), "not-applicable",
         says="no train loss or validation loss is logged"),
    Case("zero-score", "an accuracy alone", lambda: run_of({"loss": decay(20), "val_acc": np.zeros(20)}), "not-applicable",
         says="no validation F1, precision, recall or overlap is logged"),
]  # fmt: skip

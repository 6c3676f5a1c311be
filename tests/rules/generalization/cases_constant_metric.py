"""Runs that constant-metric must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, run_of, with_values

LEVEL = 2.318274


def repeating(level=LEVEL, *, points=30, first=0, train=None, others=None):
    """A validation loss that repeats a value from an evaluation on, and a training loss that falls."""
    values = with_values(np.full(points, level), slice(0, first), np.linspace(3, 2.5, first))
    for row, factor in (others or {}).items():
        values[row] *= factor
    return run_of({"loss": decay(points) if train is None else train, "val_loss": values})


def scored(score, **others):
    """A validation accuracy beside a training loss that falls."""
    return run_of({"loss": decay(len(score)), "val_acc": score} | others)


CASES = [
    Case("constant-metric", "evaluates stale weights", repeating, "error", findings=1,
         says="val_loss has exactly the same value (2.32) in its last 30 evaluations, while loss varies", steps=(0, 29), metric="val_loss",
         confidence=0.93, remedy="evaluate the model in training, not a copy, and clear caches of predictions"),
    Case("constant-metric", "at its last 5 evaluations", lambda: repeating(first=25), "error",
         says="val_loss has exactly the same value (2.32) in its last 5 evaluations, while loss varies", steps=(25, 29)),
    Case("constant-metric", "a training loss of 0.11% of its first value", lambda: repeating(train=np.r_[2.0, 0.0022 * np.linspace(1, 0.9, 29)], first=1), "error"),
    Case("constant-metric", "a training loss of 0.09% of its first value", lambda: repeating(train=np.r_[2.0, 0.0018 * np.linspace(1, 0.9, 29)], first=1), "insufficient-data",
         says="the training loss is nearly zero, so nothing changes the model any more"),
    Case("constant-metric", "3 evaluations, all equal", lambda: repeating(points=3), "insufficient-data"),
    Case("constant-metric", "at its last 4 evaluations", lambda: repeating(first=26), "clear"),
    Case("constant-metric", "one differs by less than a billionth", lambda: repeating(others={20: 1 + 0.9e-9}), "error", steps=(0, 29)),
    Case("constant-metric", "one differs by more than a billionth", lambda: repeating(others={20: 1 + 1.1e-9}), "error", steps=(21, 29)),
    Case("constant-metric", "5 evaluations", lambda: repeating(points=5), "error"),
    Case("constant-metric", "4 evaluations", lambda: repeating(points=4), "insufficient-data",
         says="validation loss needs at least 5 points, has 4"),
    Case("constant-metric", "5 digits", lambda: repeating(0.031274, points=18), "error"),
    Case("constant-metric", "4 digits", lambda: repeating(0.03127, points=18), "insufficient-data",
         says="needs a validation loss of at least 5 digits, has 4: it may repeat because of rounding"),
    Case("constant-metric", "4 digits of a tiny and negative value", lambda: repeating(-3.127e-7, points=18), "insufficient-data"),
    Case("constant-metric", "3 digits in 20 evaluations", lambda: repeating(0.821, points=20), "error"),
    Case("constant-metric", "3 digits in 19 evaluations", lambda: repeating(0.821, points=19), "insufficient-data"),
    Case("constant-metric", "2 digits in 60 evaluations", lambda: repeating(0.82, points=60), "insufficient-data",
         says="needs a validation loss of at least 3 digits, has 2: it may repeat because of rounding"),
    Case("constant-metric", "3 digits, the training loss falls by 33%", lambda: repeating(0.821, train=np.linspace(1, 0.67, 30)), "error"),
    Case("constant-metric", "3 digits, the training loss falls by 27%", lambda: repeating(0.821, train=np.linspace(1, 0.73, 30)), "insufficient-data"),
    Case("constant-metric", "an accuracy of a continuous target", lambda: scored(np.zeros(30)), "warning", metric="val_acc", steps=(0, 29), confidence=0.9,
         says="val_acc has exactly the same value (0) at all 30 evaluations, while loss varies",
         remedy="check that the score fits the target: an accuracy says nothing about a continuous target (regression)"),
    Case("constant-metric", "an accuracy of other classes", lambda: scored(np.zeros(30), acc=np.linspace(0.4, 0.95, 30)), "error",
         says="val_acc has exactly the same value (0) at all 30 evaluations, while acc improves",
         remedy="check that training and validation data have the same classes and labels: shuffle before splitting"),
    Case("constant-metric", "the training accuracy rises: z is 2.7", lambda: scored(np.zeros(10), acc=np.r_[3, 2, 1, 0, 4, 5, 6, 7, 9, 8] / 10), "error"),
    Case("constant-metric", "the training accuracy rises: z is 2.1", lambda: scored(np.zeros(10), acc=np.r_[4, 3, 2, 1, 0, 5, 6, 7, 8, 9] / 10), "warning"),
    Case("constant-metric", "an accuracy of one half", lambda: scored(np.full(30, 0.5)), "warning"),
    Case("constant-metric", "two other scores vary", lambda: scored(np.zeros(30), val_auc=np.linspace(0.4, 0.9, 30), val_ap=np.linspace(0.4, 0.9, 30)), "info"),
    Case("constant-metric", "10 scores", lambda: scored(np.zeros(10)), "warning"),
    Case("constant-metric", "9 scores", lambda: scored(np.zeros(9)), "insufficient-data"),
    Case("constant-metric", "a perfect score", lambda: scored(np.ones(30)), "clear"),
    Case("constant-metric", "an F1 of zero", lambda: run_of({"loss": decay(30), "val_f1": np.zeros(30)}), "clear"),
    Case("constant-metric", "a score that varies once", lambda: scored(with_values(np.zeros(30), 5, 0.1)), "clear"),
    Case("constant-metric", "zero", lambda: repeating(0.0), "clear"),
    Case("constant-metric", "5 training losses", lambda: repeating(train=np.arange(30) % 5 + 1.0), "error"),
    Case("constant-metric", "4 training losses", lambda: repeating(train=np.arange(30) % 4 + 1.0), "clear"),
    Case("constant-metric", "the training stood still meanwhile",
         lambda: repeating(first=20, train=np.r_[decay(20), np.full(10, 0.1)]), "clear"),
    Case("constant-metric", "varies", lambda: run_of({"loss": decay(30), "val_loss": decay(30)}), "clear"),
    Case("constant-metric", "all scores of the log are zero", lambda: run_of({"loss": decay(30), "acc": np.zeros(30), "auc": np.zeros(30)}), "error"),
    Case("constant-metric", "all scores are zero at 20 points", lambda: run_of({"loss": decay(20), "acc": np.zeros(20), "auc": np.zeros(20)}), "error"),
    Case("constant-metric", "all scores are zero at 19 points", lambda: run_of({"loss": decay(19), "acc": np.zeros(19), "auc": np.zeros(19)}), "warning"),
]  # fmt: skip

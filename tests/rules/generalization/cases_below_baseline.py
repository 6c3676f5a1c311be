"""Runs that below-baseline must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, flat, run_of, without_direction


def beside(level, *, baseline=0.6, noise=0.0, points=40, tags=("val_acc", "baseline_acc"), seed=0):
    """A score around a level, and a constant baseline."""
    score = level + noise * np.random.default_rng(seed).normal(size=points)
    return run_of({"loss": flat(points, 1.0), tags[0]: score, tags[1]: np.full(points, baseline)})


def r2(best, points=40):
    return run_of({"val_r2": np.linspace(-0.8, best, points)})


def unlearned(level, *, end=0.5, points=20, scale=1.0, **settings):
    """A classifier that learns its training data, and a validation loss that stays at a multiple of ln 10."""
    train = scale * np.log(10) * np.geomspace(1, end, 100)
    steps = np.linspace(4, 99, points).astype(int)
    return run_of({"loss": train, "val_loss": (steps, scale * np.log(10) * level * flat(points, 1.0, noise=1e-4)),
                   "val_acc": (steps, np.full(points, 0.1))}, **settings)  # fmt: skip


CASES = [
    Case("below-baseline", "a validation loss of 1.021 ln 10", lambda: unlearned(1.021, num_classes=10), "warning", findings=1, metric="val_loss",
         says="val_loss is 2.35 or more at all 20 evaluations, and a uniform prediction has 2.3 (of 10 classes or tokens), while loss ends at 1.17",
         steps=(4, 99), confidence=0.9),
    Case("below-baseline", "a validation loss of 1.019 ln 10", lambda: unlearned(1.019, num_classes=10), "clear"),
    Case("below-baseline", "a training loss that falls to 88%", lambda: unlearned(1.1, end=0.88, num_classes=10), "warning"),
    Case("below-baseline", "a training loss that falls to 92%", lambda: unlearned(1.1, end=0.92, num_classes=10), "clear"),
    Case("below-baseline", "26% above the first loss", lambda: unlearned(1.26), "warning"),
    Case("below-baseline", "24% above the first loss", lambda: unlearned(1.24), "clear"),
    Case("below-baseline", "a first loss of 13.8", lambda: unlearned(1.5, scale=6.0), "warning"),
    Case("below-baseline", "a first loss of 14.3, a sum", lambda: unlearned(1.5, scale=6.2), "clear"),
    Case("below-baseline", "5 evaluations above ln 10", lambda: unlearned(1.1, points=5, num_classes=10), "warning"),
    Case("below-baseline", "4 evaluations above ln 10", lambda: unlearned(1.1, points=4, num_classes=10), "insufficient-data"),
    Case("below-baseline", "the baseline is better", lambda: beside(0.5), "warning", findings=1,
         says="val_acc ends at 0.5, below the baseline that is logged beside it (baseline_acc: 0.6; medians of the last evaluations)",
         steps=(37, 39), metric="val_acc", confidence=0.9,
         remedy="check that labels and predictions belong together: order, classes, shuffling of one of them"),
    Case("below-baseline", "the majority", lambda: beside(0.5, tags=("val_f1", "majority_f1")), "warning"),
    Case("below-baseline", "chance alone", lambda: beside(0.5, tags=("val_accuracy", "chance_level")), "warning"),
    Case("below-baseline", "of another score", lambda: beside(0.5, tags=("val_f1", "baseline_acc")), "not-applicable",
         says="neither a baseline of a score, nor an R2, nor a cross entropy of unseen data is logged"),
    Case("below-baseline", "of another score than the accuracy", lambda: beside(0.5, tags=("val_acc", "baseline_f1")), "not-applicable"),
    Case("below-baseline", "chance, one accuracy and another score", lambda: run_of({
        "val_accuracy": np.full(40, 0.5), "val_f1": np.full(40, 0.7), "chance_level": np.full(40, 0.6)}), "warning", metric="val_accuracy"),
    Case("below-baseline", "a score whose direction is unknown", lambda: without_direction(beside(0.5), "val_acc"), "not-applicable"),
    Case("below-baseline", "of another split", lambda: beside(0.5, tags=("val_acc", "train/baseline_acc")), "not-applicable"),
    Case("below-baseline", "an error rate above it", lambda: beside(0.7, tags=("val_wer", "baseline_wer")), "warning",
         says="val_wer ends at 0.7, above the baseline that is logged beside it (baseline_wer: 0.6; medians of the last evaluations)"),
    Case("below-baseline", "an error rate below it", lambda: beside(0.5, tags=("val_wer", "baseline_wer")), "clear"),
    Case("below-baseline", "the model is better", lambda: beside(0.7), "clear"),
    Case("below-baseline", "worse by 1.1%", lambda: beside(0.5934), "warning"),
    Case("below-baseline", "worse by 0.9%", lambda: beside(0.5946), "clear"),
    Case("below-baseline", "3.3 standard errors", lambda: beside(0.5, noise=0.05), "warning"),
    Case("below-baseline", "2.8 standard errors", lambda: beside(0.5, noise=0.055), "clear"),
    Case("below-baseline", "an R2 that stays negative", lambda: r2(-0.1), "warning", metric="val_r2",
         says="val_r2 is negative at all 40 evaluations, -0.1 at best: a constant prediction of the mean would be better",
         remedy="check the scale of targets and predictions: a transformation that is not undone, or undone twice"),
    Case("below-baseline", "an R2 of -0.011", lambda: r2(-0.011), "warning"),
    Case("below-baseline", "an R2 of -0.009", lambda: r2(-0.009), "clear"),
    Case("below-baseline", "5 evaluations", lambda: r2(-0.1, 5), "warning"),
    Case("below-baseline", "4 evaluations", lambda: r2(-0.1, 4), "insufficient-data"),
    Case("below-baseline", "a short R2 beside a long score", lambda: run_of({"val_acc": flat(40, 0.5), "val_r2": ([1], [-1.0])}),
         "insufficient-data", says="no such score has 5 evaluations"),
    Case("below-baseline", "an R2 that becomes positive", lambda: r2(0.5), "clear"),
    Case("below-baseline", "an R2 of training beside one of validation", lambda: run_of({
        "train_r2": np.full(40, -0.5), "val_r2": np.full(40, 0.5)}), "clear"),
]  # fmt: skip

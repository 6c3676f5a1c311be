"""Runs that the data rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, epochs_of, evaluated, run_of, stairs_of

def scored(values):
    """A run with these validation accuracies."""
    return run_of({"loss": decay(20), "val_acc": values})


CASES = [
    Case("epoch-periodic-loss", "the same order every epoch", lambda: epochs_of(np.sin(np.linspace(0, 25, 40))), "warning"),
    Case("epoch-periodic-loss", "shuffled", lambda: epochs_of(np.zeros(40)), "clear"),
    Case("epoch-periodic-loss", "running mean starts anew", lambda: epochs_of(-np.linspace(0, 1, 40)), "clear"),
    Case("epoch-periodic-loss", "epochs not logged", lambda: run_of({"loss": decay(400)}), "insufficient-data"),

    Case("epoch-staircase", "drops at every epoch", lambda: stairs_of(0.3), "info"),
    Case("epoch-staircase", "drops, and the validation loss rises", lambda: stairs_of(0.3, validation=np.r_[np.linspace(1, 0.8, 5), np.linspace(0.85, 1.5, 15)]), "warning"),
    Case("epoch-staircase", "falls within the epochs", lambda: epochs_of(np.zeros(40)), "clear"),
    Case("epoch-staircase", "level", lambda: stairs_of(0.0), "clear"),
    Case("epoch-staircase", "the learning rate falls with the epochs", lambda: stairs_of(0.3, rate=True), "clear"),
    Case("epoch-staircase", "running mean", lambda: stairs_of(0.0, is_mean=True), "insufficient-data"),
    Case("epoch-staircase", "epochs not logged", lambda: run_of({"loss": decay(400)}), "insufficient-data"),

    Case("coarse-validation", "56 samples", lambda: scored(np.arange(20, 40) / 56), "info", findings=1,
         says="val_acc changes in steps of 1.79 percentage points, as on 56 samples: the 95% interval of its last level is 53.7% to 78.5%",
         steps=(0, 19), metric="val_acc", confidence=0.85,
         remedy="evaluate on more data, or by cross-validation"),
    Case("coarse-validation", "percentages of 64 samples", lambda: scored(100 * np.arange(20, 40) / 64), "info", says="val_acc changes in steps of 1.56 percentage points, as on 64 samples: the 95% interval of its last level is 45.7% to 69.9%"),
    Case("coarse-validation", "180 samples", lambda: scored(np.arange(61, 81, 2) / 180), "info"),
    Case("coarse-validation", "220 samples", lambda: scored(np.arange(61, 81, 2) / 220), "clear"),
    Case("coarse-validation", "all of 8 samples", lambda: scored(np.r_[1, 3, 4, 6, 7, 7, 8, 8, 8, 8, 8] / 8), "info", says="val_acc changes in steps of 12.5 percentage points, as on 8 samples: the 95% interval of its last level is 75.5% to 100%"),
    Case("coarse-validation", "none of 8 samples", lambda: scored(np.r_[1, 3, 4, 6, 7, 7, 0, 0, 0, 0, 0] / 8), "info", says="val_acc changes in steps of 12.5 percentage points, as on 8 samples: the 95% interval of its last level is 0% to 24.5%"),
    Case("coarse-validation", "10,000 samples", lambda: scored(np.linspace(2001, 8004, 20).round() / 10000), "clear"),
    Case("coarse-validation", "two digits", lambda: scored(np.random.default_rng(0).uniform(0.2, 0.8, 20).round(2)), "clear"),
    Case("coarse-validation", "digits that fit by chance in 0.96 of 10,000 cases", lambda: scored((13 * np.array([1, 2, 3, 4, 4]) / 54).round(3)), "info"),
    Case("coarse-validation", "digits that fit by chance in 1.05 of 10,000 cases", lambda: scored((13 * np.array([1, 2, 3, 4, 4]) / 55).round(3)), "clear"),
    Case("coarse-validation", "3 different values", lambda: scored([0.125, 0.375, 0.5, 0.5, 0.5]), "info"),
    Case("coarse-validation", "2 different values beside 0 and 1", lambda: scored([0, 3 / 7, 4 / 7, 4 / 7, 1]), "clear"),
    Case("coarse-validation", "a score below zero", lambda: scored(np.arange(-5, 15) / 16), "clear"),
    Case("coarse-validation", "a score above one", lambda: scored(np.arange(5, 20) / 16), "clear"),
    Case("coarse-validation", "4 evaluations", lambda: scored([0.125, 0.25, 0.5, 0.75]), "insufficient-data",
         says="validation score needs at least 5 points, has 4"),
    Case("coarse-validation", "4 evaluations of one score, many of another", lambda: run_of({
        "val_acc": [0.125, 0.25, 0.5, 0.75], "val_f1": np.linspace(2001, 8004, 20).round() / 10000}), "clear"),

    Case("periodic-validation", "high and low by the part of the epoch", lambda: evaluated(0.05 * np.array([1, 0, -1, 0])), "warning"),
    Case("periodic-validation", "three a epoch", lambda: evaluated(0.05 * np.array([1, 0, -1]), epochs=10), "warning"),
    Case("periodic-validation", "shuffled", lambda: evaluated(np.zeros(4)), "clear"),
    Case("periodic-validation", "the rate cycles as well", lambda: evaluated(0.05 * np.array([1, 0, -1, 0]), is_rate_cyclic=True), "insufficient-data"),
    Case("periodic-validation", "one an epoch", lambda: evaluated(np.zeros(1), epochs=30), "insufficient-data"),
    Case("periodic-validation", "epochs not logged", lambda: run_of({"loss": decay(40), "val_loss": decay(40)}), "insufficient-data"),
]  # fmt: skip

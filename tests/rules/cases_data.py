"""Runs that the data rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, epochs_of, evaluated, run_of, stairs_of

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
    Case("coarse-validation", "56 samples", lambda: run_of({"loss": decay(20), "val_acc": np.arange(20, 40) / 56}), "info"),
    Case("coarse-validation", "percentages of 64 samples", lambda: run_of({"loss": decay(20), "val_acc": 100 * np.arange(20, 40) / 64}), "info"),
    Case("coarse-validation", "10,000 samples", lambda: run_of({"loss": decay(20), "val_acc": np.linspace(2001, 8004, 20).round() / 10000}), "clear"),
    Case("coarse-validation", "two digits", lambda: run_of({"loss": decay(20), "val_acc": np.random.default_rng(0).uniform(0.2, 0.8, 20).round(2)}), "clear"),
    Case("coarse-validation", "three evaluations", lambda: run_of({"loss": decay(20), "val_acc": [0.25, 0.5, 0.75]}), "insufficient-data"),

    Case("periodic-validation", "high and low by the part of the epoch", lambda: evaluated(0.05 * np.array([1, 0, -1, 0])), "warning"),
    Case("periodic-validation", "three a epoch", lambda: evaluated(0.05 * np.array([1, 0, -1]), epochs=10), "warning"),
    Case("periodic-validation", "shuffled", lambda: evaluated(np.zeros(4)), "clear"),
    Case("periodic-validation", "the rate cycles as well", lambda: evaluated(0.05 * np.array([1, 0, -1, 0]), is_rate_cyclic=True), "insufficient-data"),
    Case("periodic-validation", "one an epoch", lambda: evaluated(np.zeros(1), epochs=30), "insufficient-data"),
    Case("periodic-validation", "epochs not logged", lambda: run_of({"loss": decay(40), "val_loss": decay(40)}), "insufficient-data"),
]  # fmt: skip

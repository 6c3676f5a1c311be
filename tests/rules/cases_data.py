"""Runs that the data rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, epochs_of, run_of, stairs_of

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
]  # fmt: skip

"""Runs that generalization-gap must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of

CASES = [
    Case("generalization-gap", "training falls on in vain", lambda: run_of({
        "loss": np.geomspace(2.3, 0.01, 60) * flat(60, 1, noise=0.02), "val_loss": np.r_[np.linspace(2.3, 0.8, 20), flat(40, 0.8, noise=0.005)]}), "warning"),
    Case("generalization-gap", "a score still improves", lambda: run_of({
        "loss": np.geomspace(2.3, 0.01, 60) * flat(60, 1, noise=0.02), "val_loss": np.r_[np.linspace(2.3, 0.8, 20), flat(40, 0.8, noise=0.005)],
        "val_acc": np.linspace(0.2, 0.8, 60)}), "info"),
    Case("generalization-gap", "another scale from the start", lambda: run_of({"loss": decay(60), "val_loss": 5 * decay(60, seed=1)}), "clear"),
    Case("generalization-gap", "small", lambda: run_of({"loss": decay(60), "val_loss": decay(60, end=0.13, seed=1)}), "clear"),
    Case("generalization-gap", "training loss in the log of batches", lambda: run_of({
        "loss": decay(600, end=0.01, noise=0.3), "val_loss": (np.arange(9, 600, 20), decay(30, end=0.5, noise=0.01))}), "info"),
    Case("generalization-gap", "eight evaluations", lambda: run_of({"loss": decay(60), "val_loss": (np.arange(8), decay(8))}), "insufficient-data"),
    Case("generalization-gap", "a likelihood of both signs", lambda: run_of({"loss": decay(60) - 1, "val_loss": decay(60) - 1}), "insufficient-data"),
]  # fmt: skip

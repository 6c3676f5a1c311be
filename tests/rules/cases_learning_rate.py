"""Runs that the learning rate rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, flat, run_of

CASES = [
    Case("zero-learning-rate", "schedule too short", lambda: run_of({
        "loss": np.r_[decay(30), flat(70, 0.1)], "lr": np.r_[np.linspace(0.1, 0, 30), np.zeros(70)]}), "error"),
    Case("zero-learning-rate", "ends at zero", lambda: run_of({"loss": decay(100), "lr": np.linspace(0.1, 0, 100)}), "clear"),
    Case("zero-learning-rate", "warms up from zero", lambda: run_of({"lr": np.r_[0, np.linspace(0.01, 0.1, 10), np.linspace(0.1, 0.01, 89)]}), "clear"),
    Case("zero-learning-rate", "one frozen group of two", lambda: run_of({"lr/pg0": np.zeros(50), "lr/pg1": flat(50, 0.1)}), "clear"),
    Case("zero-learning-rate", "rounded in print", lambda: run_of({"loss": decay(100, noise=0.01), "lr": np.r_[0.001, np.zeros(99)]}), "insufficient-data"),

    Case("learning-rate-jump", "thirtyfold at a resume", lambda: run_of({"lr": np.r_[np.linspace(0.02, 0.01, 50), flat(30, 0.6, noise=0)]}), "warning"),
    Case("learning-rate-jump", "warm restarts", lambda: run_of({"lr": np.tile(np.linspace(0.1, 0.001, 25), 4)}), "clear"),
    Case("learning-rate-jump", "warm-up", lambda: run_of({"lr": np.r_[np.geomspace(1e-6, 0.1, 8), flat(92, 0.1, noise=0)]}), "clear"),
]  # fmt: skip

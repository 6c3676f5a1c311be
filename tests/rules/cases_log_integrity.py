"""Runs that the log integrity rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, flat, run_of

STEPS = np.arange(100) * 10

CASES = [
    Case("truncated-run", "half of the steps", lambda: run_of({"loss": (STEPS, decay(100))}, max_steps=2000), "warning"),
    Case("truncated-run", "last logging interval missing", lambda: run_of({"loss": (STEPS, decay(100))}, max_steps=1000), "clear"),
    Case("truncated-run", "epochs from zero", lambda: run_of({"loss": decay(20)}, axis="epoch", epochs=20), "clear"),
    Case("truncated-run", "early stopping", lambda: run_of({"loss": decay(20), "val_loss": np.r_[decay(15), flat(5, 0.5)]}, axis="epoch", epochs=100), "info"),
    Case("truncated-run", "cut record", lambda: run_of({"loss": decay(20)}, is_cut=True), "warning"),
    Case("truncated-run", "a cut record is no early stopping", lambda: run_of({"loss": decay(20), "val_loss": np.r_[decay(15), flat(5, 0.5)]}, is_cut=True), "warning"),
    Case("truncated-run", "no plan", lambda: run_of({"loss": decay(20)}), "not-applicable"),
]  # fmt: skip

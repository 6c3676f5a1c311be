"""Runs that constant-metric must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, run_of

CASES = [
    Case("constant-metric", "evaluates stale weights", lambda: run_of({"loss": decay(30), "val_loss": np.full(30, 2.318274)}), "error"),
    Case("constant-metric", "rounded", lambda: run_of({"loss": decay(30), "val_loss": np.full(30, 0.31)}), "insufficient-data"),
    Case("constant-metric", "varies", lambda: run_of({"loss": decay(30), "val_loss": decay(30)}), "clear"),
]  # fmt: skip

"""Runs that the data rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, epochs_of, run_of

CASES = [
    Case("epoch-periodic-loss", "the same order every epoch", lambda: epochs_of(np.sin(np.linspace(0, 25, 40))), "warning"),
    Case("epoch-periodic-loss", "shuffled", lambda: epochs_of(np.zeros(40)), "clear"),
    Case("epoch-periodic-loss", "running mean starts anew", lambda: epochs_of(-np.linspace(0, 1, 40)), "clear"),
    Case("epoch-periodic-loss", "epochs not logged", lambda: run_of({"loss": decay(400)}), "insufficient-data"),
]  # fmt: skip

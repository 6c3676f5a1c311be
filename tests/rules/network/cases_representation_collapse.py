"""Runs that representation-collapse must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, run_of


def left(share, points=40, tag="embedding_std"):
    """A curve that rises, stays for half of the run, and falls to a share of that."""
    half = points // 2
    return run_of({"loss": decay(points), tag: np.r_[np.full(half, 0.5), np.full(points - half, 0.5 * share)]})


CASES = [
    Case("representation-collapse", "1% is left", lambda: left(0.01), "warning", findings=1,
         says="embedding_std falls to 0.01 times its highest level (0.5 to 0.005, for good at step 20): the embeddings collapse", steps=(20, 39),
         metric="embedding_std", confidence=0.85, remedy="check the stop-gradient, the predictor and the momentum of the target encoder"),
    Case("representation-collapse", "just below the first limit", lambda: left(0.045), "warning"),
    Case("representation-collapse", "just above the first limit", lambda: left(0.055), "info", steps=(39, 39),
         says="embedding_std falls to 0.055 times its highest level (0.5 to 0.0275): the embeddings collapse"),
    Case("representation-collapse", "just below the second limit", lambda: left(0.19), "info", confidence=0.7),
    Case("representation-collapse", "just above the second limit", lambda: left(0.21), "clear"),
    Case("representation-collapse", "stays", lambda: left(1.0), "clear"),
    Case("representation-collapse", "always zero", lambda: run_of({"embedding_std": np.zeros(40)}), "clear"),
    Case("representation-collapse", "10 points", lambda: left(0.01, 10), "warning"),
    Case("representation-collapse", "9 points", lambda: left(0.01, 9), "insufficient-data"),
    Case("representation-collapse", "negative values", lambda: run_of({"embedding_std": np.linspace(1, -1, 40)}), "insufficient-data"),
]  # fmt: skip

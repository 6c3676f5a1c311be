"""Runs that mode-collapse must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, run_of


def left(share, points=40, tag="sample_diversity"):
    """A curve that rises, stays for half of the run, and falls to a share of that."""
    half = points // 2
    return run_of({"loss": decay(points), tag: np.r_[np.full(half, 0.5), np.full(points - half, 0.5 * share)]})


CASES = [
    Case("mode-collapse", "10% is left", lambda: left(0.1), "warning", findings=1,
         says="sample_diversity falls to 0.1 times its highest level (0.5 to 0.05, for good at step 20): the samples become alike", steps=(20, 39),
         metric="sample_diversity", confidence=0.85, remedy="keep the checkpoint from before the fall, and compare its samples with the last ones"),
    Case("mode-collapse", "just below the first limit", lambda: left(0.19), "warning"),
    Case("mode-collapse", "just above the first limit", lambda: left(0.21), "info", steps=(39, 39),
         says="sample_diversity falls to 0.21 times its highest level (0.5 to 0.105): the samples become alike"),
    Case("mode-collapse", "just below the second limit", lambda: left(0.38), "info", confidence=0.7),
    Case("mode-collapse", "just above the second limit", lambda: left(0.42), "clear"),
    Case("mode-collapse", "stays", lambda: left(1.0), "clear"),
    Case("mode-collapse", "always zero", lambda: run_of({"sample_diversity": np.zeros(40)}), "clear"),
    Case("mode-collapse", "10 points", lambda: left(0.1, 10), "warning"),
    Case("mode-collapse", "9 points", lambda: left(0.1, 9), "insufficient-data"),
    Case("mode-collapse", "negative values", lambda: run_of({"sample_diversity": np.linspace(1, -1, 40)}), "insufficient-data"),
]  # fmt: skip

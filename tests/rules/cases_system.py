"""Runs that the system rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, flat, timed, with_values

CASES = [
    Case("stall", "two minutes at random", lambda: timed(with_values(np.full(200, 1.0), [37, 102, 150], 130.0)), "warning"),
    Case("stall", "checkpoints at regular steps", lambda: timed(with_values(np.full(200, 1.0), slice(19, None, 20), 60.0)), "clear"),
    Case("stall", "even", lambda: timed(np.full(200, 1.0)), "clear"),

    Case("slowdown", "twice as long at the end", lambda: timed(np.linspace(1.0, 2.0, 200) * flat(200, 1.0, noise=0.1)), "warning"),
    Case("slowdown", "even", lambda: timed(flat(200, 1.0, noise=0.1)), "clear"),
    Case("slowdown", "compilation at the start", lambda: timed(with_values(flat(200, 1.0, noise=0.1), slice(0, 4), 50.0)), "clear"),

    Case("step-time-outliers", "every tenth at random", lambda: timed(np.where(np.random.default_rng(0).random(300) < 0.1, 8.0, 1.0)), "warning"),
    Case("step-time-outliers", "every tenth in turn", lambda: timed(with_values(np.full(300, 1.0), slice(9, None, 10), 8.0)), "clear"),
]  # fmt: skip

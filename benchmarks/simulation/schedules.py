"""Learning rates over a run, as shares of their peak; the argument is the share of the run that is behind each point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trainlint.parsers.run import Floats


def cosine(progress: Floats) -> Floats:
    """Warm-up over 5% of the run, then half a cosine down to zero."""
    return np.minimum(progress / 0.05, 0.5 * (1 + np.cos(np.pi * np.clip((progress - 0.05) / 0.95, 0, 1))))


def constant(progress: Floats) -> Floats:
    return np.ones(len(progress))


def linear(progress: Floats) -> Floats:
    return 1 - 0.99 * progress


def steps(progress: Floats) -> Floats:
    """A tenth after half of the run, and again after three quarters."""
    return np.where(progress < 0.5, 1.0, np.where(progress < 0.75, 0.1, 0.01))


def restarts(progress: Floats) -> Floats:
    """Four cosine cycles (SGDR), the log ends with the last one."""
    return 0.001 + 0.999 * 0.5 * (
        1 + np.cos(np.pi * np.minimum(4 * progress % 1, 1) * (progress < 1) + np.pi * (progress >= 1))
    )

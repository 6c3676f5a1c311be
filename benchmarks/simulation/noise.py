"""Kinds of noise around a learning curve, each of unit variance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import lfilter

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainlint.parsers.run import Floats

    Noise = Callable[[np.random.Generator, int], Floats]


def white(rng: np.random.Generator, points: int) -> Floats:
    """Independent Gaussian noise, float64 [points]."""
    return rng.normal(size=points)


def autoregressive(phi: float) -> Noise:
    """AR(1) noise of a given correlation between neighbours, started from its stationary distribution."""

    def noise(rng: np.random.Generator, points: int) -> Floats:
        shocks = rng.normal(size=points) * np.sqrt(1 - phi * phi)
        if points:
            shocks[0] /= np.sqrt(1 - phi * phi)
        return np.asarray(lfilter([1.0], [1.0, -phi], shocks))

    return noise


def heavy_tailed(rng: np.random.Generator, points: int) -> Floats:
    """Student's t with 3 degrees of freedom: one point in 170 lies beyond 4 standard errors of a robust estimate."""
    return rng.standard_t(3, size=points) / np.sqrt(3)


def heteroscedastic(rng: np.random.Generator, points: int) -> Floats:
    """Gaussian noise whose size changes threefold over the run, up or down."""
    size = np.geomspace(1, 3, points) if rng.random() < 0.5 else np.geomspace(3, 1, points)
    return rng.normal(size=points) * size / np.sqrt(np.mean(size**2))

"""Points that stand out of what came before them, groups of them, and whether they come at a fixed distance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .medians import median, moving_median
from .noise import MAD_TO_SIGMA

if TYPE_CHECKING:
    from ...parsers.run import Floats


def trailing_deviation(values: Floats, level_points: int, noise_points: int) -> tuple[Floats, Floats]:
    """Level before every point, and the point's distance from it in units of the noise before it.

    Returns the median of the `level_points` before the point and (value - level) / sigma, float64 [n] each; the first
    `level_points` points, which have no level, get NaN. Sigma is the robust second-difference noise of the
    `noise_points` before the point (of the first such window for earlier points), which a steep trend does not
    inflate. All windows end before the point, so that a spike does not raise its own reference level.
    """
    n = len(values)
    level, deviation = np.full(n, np.nan), np.full(n, np.nan)
    noise_points = min(noise_points, n - 1)
    if n <= level_points or noise_points < 5:
        return level, deviation
    level[level_points:] = moving_median(values[:-1], level_points)
    second = np.abs(np.diff(values, n=2))
    noise = MAD_TO_SIGMA / math.sqrt(6) * moving_median(second, noise_points - 2)
    # noise[k] comes from values[k : k + noise_points]: it may judge the point right after them
    sigma = np.concatenate((np.full(noise_points, noise[0]), noise))[:n]
    distance = values - level
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation[:] = np.where(distance == 0, 0.0, distance / sigma)
    return level, deviation


def groups_of(mask: np.ndarray, gap: int = 1) -> list[tuple[int, int]]:
    """First and last row of every group of True rows; groups closer than or equal to `gap` rows are one."""
    rows = np.flatnonzero(mask)
    if len(rows) == 0:
        return []
    cuts = np.flatnonzero(np.diff(rows) > gap)
    starts = np.concatenate(([0], cuts + 1))
    ends = np.concatenate((cuts, [len(rows) - 1]))
    return [(int(rows[a]), int(rows[b])) for a, b in zip(starts, ends, strict=True)]


def is_regular(positions: np.ndarray, tolerance: float) -> bool:
    """Whether events come at a fixed distance: 4 or more, at least 80% of the gaps within the tolerance of their median.

    Events at random have geometric gaps, of which fewer than half lie that close for any tolerance below half the mean.
    """
    gaps = np.diff(np.sort(positions))
    if len(gaps) < 3:
        return False
    middle = median(gaps)
    return bool((np.abs(gaps - middle) <= min(max(tolerance, 0.1 * middle), 0.5 * middle)).mean() >= 0.8)

"""The statistics that rules share: robust, aware of autocorrelation, and each a plain function of arrays.

All functions take finite float64 arrays in order of steps and never raise on short or constant input; where a
quantity is undefined they return NaN, which no threshold exceeds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from .medians import levels_of, median, moving_median

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..parsers.run import Floats, Ints

MAD_TO_SIGMA = 1.4826  # a Gaussian's standard deviation over its median absolute deviation
MAX_AUTOCORRELATION = 0.9  # beyond it a window of a twentieth of the run holds less than one independent point
TREND_BLOCKS = 10  # block means are nearly independent: Mann-Kendall on raw AR(1) points errs in 28-33 % at alpha 1 %
KENDALL_90 = 1.645  # two-sided 90 % quantile of the standard normal


def median_deviation(values: Floats) -> float:
    """Robust standard deviation: 1.4826 times the median absolute deviation (Hampel 1974)."""
    if len(values) == 0:
        return math.nan
    return MAD_TO_SIGMA * median(np.abs(values - median(values)))


def window_points(n: int) -> int:
    """Points of the smoothing window of a curve of n: a twentieth of it, at least 3."""
    return max(3, n // 20)


def residuals(values: Floats) -> Floats:
    """What a centred moving median leaves: noise without the trend; the ends keep the nearest window's level."""
    window = window_points(len(values)) | 1
    starts, level = levels_of(values, window)
    if len(level) == 0:
        return values - median(values) if len(values) else values
    return values - np.interp(np.arange(len(values)), starts + window // 2, level)


@dataclass(frozen=True, slots=True)
class Noise:
    """How much a curve scatters around its trend.

    Attributes:
        sigma: robust standard deviation of a point; the larger of the second-difference estimate, which a trend
            cannot inflate, and the residual estimate, which correlated noise cannot deflate.
        autocorrelation: of neighbouring residuals, 0 to 0.9.

    """

    sigma: float
    autocorrelation: float

    def of_mean(self, points: int) -> float:
        """Standard error of a mean of neighbouring points, inflated for AR(1) noise (Priestley 1981, 5.3)."""
        phi = self.autocorrelation
        return self.sigma * math.sqrt((1 + phi) / (1 - phi)) / math.sqrt(max(points, 1))


def noise_of(values: Floats) -> Noise:
    """Robust noise of a curve; fewer than 4 points have none that could be told from trend."""
    if len(values) < 4:
        return Noise(math.nan, 0.0)
    second_differences = median_deviation(np.diff(values, n=2)) / math.sqrt(6)  # variance of x-2y+z is 6 sigma^2
    rest = residuals(values)
    sigma = max(second_differences, median_deviation(rest))
    clipped = np.clip(rest, -5 * sigma, 5 * sigma)  # one spike must not pose as correlation
    power = float(np.dot(clipped, clipped))
    phi = float(np.dot(clipped[1:], clipped[:-1])) / power if power > 0 else 0.0
    return Noise(sigma, min(max(phi, 0.0), MAX_AUTOCORRELATION))


def wander_of(values: Floats) -> Noise:
    """Noise around a level that follows a third of the curve, at least 9 points: slow wandering counts as noise.

    `noise_of` looks at a twentieth of the curve, which in short curves is shorter than the correlation time of slow
    noise, so that such noise passes for a trend. Here it does not; a real trend inflates the figure instead, hence it
    may confirm a change and never refutes a large one. NaN for fewer than 10 points. The lag-1 correlation is corrected for its
    bias, (1 + 3 phi) / n (Kendall 1954) and 1 / window for the level that was taken off.
    """
    window = max(9, len(values) // 3) | 1
    starts, medians = levels_of(values, window)
    if len(starts) < 2:
        return Noise(math.nan, 0.0)
    half = window // 2
    rest = values[half : len(values) - half] - np.interp(np.arange(len(values) - 2 * half), starts, medians)
    sigma = median_deviation(rest)
    rest = np.clip(rest, -5 * sigma, 5 * sigma)
    power = float(np.dot(rest, rest))
    phi = float(np.dot(rest[1:], rest[:-1])) / power if power > 0 else 0.0
    phi += 1 / window + (1 + 3 * max(phi, 0.0)) / len(rest)
    return Noise(sigma, min(max(phi, 0.0), MAX_AUTOCORRELATION))


@dataclass(frozen=True, slots=True)
class Rebound:
    """The end window of a curve against its best (lowest) window.

    Attributes:
        best_row: middle row of the best window.
        best, end: medians of the two windows.
        rise: end - best, at least 0.
        z: the rise over its standard error, after taking off the winner's curse (the best of many windows is low by
            chance: sigma/sqrt(w) * sqrt(2 ln(n/w)) is the expected minimum of n/w Gaussian means).

    """

    best_row: int
    best: float
    end: float
    rise: float
    z: float


def rebound_of(values: Floats, noise: Noise) -> Rebound:
    """Compare the end of a curve with its best window; needs one full window after the best, else z is 0."""
    window = window_points(len(values))
    starts, level = levels_of(values, window)
    if len(level) == 0:
        return Rebound(0, math.nan, math.nan, math.nan, math.nan)
    lowest = int(np.argmin(level))
    best = int(starts[lowest])
    rise = float(level[-1] - level[lowest])
    error = noise.of_mean(window)
    curse = error * math.sqrt(2 * math.log(max(len(values) / window, 1.0)))
    has_room = best + window <= int(starts[-1])
    if not has_room:
        z = 0.0
    elif error > 0:
        z = (rise - curse) / (error * math.sqrt(2))
    else:
        z = math.inf if rise > 0 else 0.0
    return Rebound(best + window // 2, float(level[lowest]), float(level[-1]), rise, z)


def block_means(values: Floats, blocks: int = TREND_BLOCKS) -> Floats:
    """Means of equal blocks of neighbouring points, the first ones a point longer; at most one block a point."""
    if len(values) <= blocks:
        return values.copy()
    length, longer = divmod(len(values), blocks)
    cut = longer * (length + 1)
    parts = values[:cut].reshape(longer, length + 1), values[cut:].reshape(blocks - longer, length)
    return np.concatenate([part.sum(axis=1) / part.shape[1] for part in parts])


@dataclass(frozen=True, slots=True)
class Trend:
    """A monotone trend over equal blocks.

    Attributes:
        change: total change over the stretch, Theil-Sen slope times its length (Sen 1968).
        low, high: 90 % interval of the change (Sen's interval from Kendall's variance).
        z: Mann-Kendall score on the block means; above 1.64 rises, below -1.64 falls, each at 5 %.

    """

    change: float
    low: float
    high: float
    z: float


def trend_of(values: Floats, blocks: int = TREND_BLOCKS) -> Trend:
    """Trend of a curve from its block means; fewer than 4 points give NaN."""
    means = block_means(values, blocks)
    n = len(means)
    if n < 4:
        return Trend(math.nan, math.nan, math.nan, math.nan)
    first, second = _pairs(n)
    differences = means[second] - means[first]
    slopes = np.sort(differences / (second - first))
    variance = n * (n - 1) * (2 * n + 5) / 18  # ties only lower it: leaving them in is conservative
    score = float(np.sign(differences).sum())
    z = (score - math.copysign(1, score)) / math.sqrt(variance) if score else 0.0
    margin = KENDALL_90 * math.sqrt(variance)
    low = slopes[max(math.floor((len(slopes) - margin) / 2), 0)]
    high = slopes[min(math.ceil((len(slopes) + margin) / 2), len(slopes) - 1)]
    length = n - 1
    return Trend(median(slopes) * length, float(low) * length, float(high) * length, z)


@cache
def _pairs(n: int) -> tuple[Ints, Ints]:
    """First and second of all pairs of n blocks."""
    first, second = np.triu_indices(n, k=1)
    return first, second


def rank_correlation(first: Floats, second: Floats) -> float:
    """Spearman's rank correlation with average ranks for ties; 0 where one of them is constant."""
    ranks = []
    for values in (first, second):
        _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        ranks.append((np.cumsum(counts) - (counts - 1) / 2)[inverse] - (len(values) + 1) / 2)
    size = math.sqrt(float(np.dot(ranks[0], ranks[0]) * np.dot(ranks[1], ranks[1])))
    return float(np.dot(*ranks)) / size if size > 0 else 0.0


def mean_correlation(profiles: NDArray[np.float64]) -> float:
    """Mean correlation of each row with the next, float64 [rows, columns]; a constant row correlates with none."""
    centred = profiles - profiles.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1)
    products = (centred[1:] * centred[:-1]).sum(axis=1)
    sizes = norms[1:] * norms[:-1]
    return float(np.divide(products, sizes, out=np.zeros_like(products), where=sizes > 0).mean())


def rotation_p(profiles: NDArray[np.float64], rotations: int = 199) -> float:
    """Chance that rows rotated at random against each other correlate as much as they do, by `rotations` of them."""
    observed = mean_correlation(profiles)
    rng = np.random.default_rng(0)  # a fixed seed: the same log gets the same verdict
    shifts = rng.integers(profiles.shape[1], size=(rotations, len(profiles)))
    larger = sum(
        mean_correlation(np.array([np.roll(row, by) for row, by in zip(profiles, shift, strict=True)])) >= observed
        for shift in shifts
    )
    return (1 + larger) / (1 + rotations)


def trailing_deviation(values: Floats, level_points: int, noise_points: int) -> tuple[Floats, Floats]:
    """Level before every point, and the point's distance from it in units of the noise before it.

    Returns the median of the `level_points` before the point and (value - level) / sigma, float64 [n] each; the first
    `level_points` points, which have no level, get NaN. Sigma is the robust second-difference noise of the
    `noise_points` before the point (of the first such window for earlier points), which a steep trend does not
    inflate. All windows end before the point, so that a spike does not raise its own yardstick.
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
    """Whether events come at a fixed distance: 4 or more, at least 80 % of the gaps within the tolerance of their median.

    Events at random have geometric gaps, of which fewer than half lie that close for any tolerance below half the mean.
    """
    gaps = np.diff(np.sort(positions))
    if len(gaps) < 3:
        return False
    middle = median(gaps)
    return bool((np.abs(gaps - middle) <= min(max(tolerance, 0.1 * middle), 0.5 * middle)).mean() >= 0.8)

"""How a curve changed: its rise since its best window, and its trend over blocks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from .climb import climb_z
from .medians import levels_of, median
from .noise import MAX_AUTOCORRELATION, Noise, low_frequency_noise, noise_of
from .windows import TREND_BLOCKS, block_means, window_points

if TYPE_CHECKING:
    from ...parsers.run import Floats, Ints

# Points from which a curve shows how slow its noise is. A shorter one is taken for half as exact again: under AR(0.9)
# its z then exceeds 4 in 5% of simulated curves, as that of 40 points does, and without in 9%.
MIN_WANDERING, UNSEEN = 22, 1.5
# Two looks at one rise: the windows are charged for being the second, so that slow noise passes hardly more often.
SECOND_LOOK = 1.2
GROWN = 2.0  # times the noise of the whole curve: that of 22 points is estimated to within a third
SURE = 15.0  # standard errors, beyond every limit: nothing is gained by a second look
KENDALL_90 = 1.645  # two-sided 90% quantile of the standard normal


@dataclass(frozen=True, slots=True)
class Rebound:
    """The rise of a curve from its best (lowest) window to its end.

    Attributes:
        best_row: middle row of the best window.
        best, end: medians of the two windows.
        rise: end - best, at least 0.
        z: the rise in standard errors, the larger of two scores. One is that of all points from the best window on
            against rises of four shapes (`climb_z`). The other, for rises within the last windows, compares end and
            best after taking off the winner's curse (the best of many windows is low by chance: sigma/sqrt(w) *
            sqrt(2 ln(n/w)) is the expected minimum of n/w Gaussian means), for the noise of the curve or for noise
            that wanders slowly, whichever gives less. z > 4 is passed by AR(0.9) noise in 2% of simulated curves (4 to
            5% of those of 20 to 60 points), by AR(0.6) in 1%, by white noise in none; docs/accuracy.md.

    """

    best_row: int
    best: float
    end: float
    rise: float
    z: float


def rebound_of(values: Floats, noise: Noise) -> Rebound:
    """Compare the end of a curve with its best window; needs one full window after the best, else z is 0.

    Some curves scatter more and more as their level falls, by their logarithm: where the second half plainly does, its noise counts.
    """
    window = window_points(len(values))
    if len(values) >= 2 * MIN_WANDERING:
        late = noise_of(values[len(values) // 2 :])
        noise = late if late.sigma > GROWN * noise.sigma else noise
    middle, lowest = best_window_of(values)
    if math.isnan(lowest):
        return Rebound(0, math.nan, math.nan, math.nan, math.nan)
    best, end = middle - window // 2, median(values[-window:])
    rise = end - lowest
    has_room = best + 2 * window <= len(values)
    z = _beyond_luck(rise, noise.of_mean(window), len(values) / window) if has_room else 0.0
    if z > 0:
        z = _of_windows(z, rise, values, noise)
        if z < SURE:
            z = max(climb_z(values[best:]), z)
    return Rebound(middle, lowest, end, rise, z)


def best_window_of(values: Floats) -> tuple[int, float]:
    """Middle row and median of the best (lowest) window, as `rebound_of` has them; NaN for fewer points than a window."""
    window = window_points(len(values))
    starts, level = levels_of(values, window)
    if len(level) == 0:
        return 0, math.nan
    lowest = int(np.argmin(level))
    return int(starts[lowest]) + window // 2, float(level[lowest])


def _of_windows(z: float, rise: float, values: Floats, noise: Noise) -> float:
    """The z of end against best for noise that may be slow."""
    if len(values) < MIN_WANDERING:
        return z / UNSEEN
    return min(z, _beyond_low_frequency_noise(rise, values, noise)) / SECOND_LOOK


def _beyond_luck(rise: float, error: float, windows: float) -> float:
    """A rise from the best of so many windows, corrected for the selection, over the error of a difference."""
    curse = error * math.sqrt(2 * math.log(max(windows, 1.0)))
    if error > 0:
        return (rise - curse) / (error * math.sqrt(2))
    return math.inf if rise > 0 else 0.0


def _beyond_low_frequency_noise(rise: float, values: Floats, noise: Noise) -> float:
    """The same against noise that wanders: by its size, as the normal deviate of a t with the effective number of points.

    n (1 - phi) / (1 + phi) points of AR(1) noise are as informative as independent ones (Bayley and Hammersley 1946),
    so few in a short curve that six standard errors occur by chance. A mean is never less certain than a single point.
    The deviate is sqrt(nu ln(1 + t^2 / nu)) (Wallace 1959). A smooth turn passes for wandering itself: the larger z
    counts of this and of one that takes the noise of the curve for as slow as can be.
    """
    slow, window = low_frequency_noise(values), window_points(len(values))
    sigma, phi = max(slow.sigma, noise.sigma), slow.autocorrelation
    error = min(Noise(sigma, phi).of_mean(window), sigma)
    t = _beyond_luck(rise, error, len(values) / window)
    points = max(len(values) * (1 - phi) / (1 + phi), 1.0)
    deviate = math.sqrt(points * math.log1p(t * t / points)) if 0 < t < math.inf else t
    slowest = Noise(noise.sigma, MAX_AUTOCORRELATION).of_mean(window)
    return max(deviate, _beyond_luck(rise, slowest, len(values) / window))


@dataclass(frozen=True, slots=True)
class Trend:
    """A monotone trend over equal blocks.

    Attributes:
        change: total change over the stretch, Theil-Sen slope times its length (Sen 1968).
        low, high: 90% interval of the change (Sen's interval from Kendall's variance).
        z: Mann-Kendall score on the block means; above 1.64 rises, below -1.64 falls, each at 5%.

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

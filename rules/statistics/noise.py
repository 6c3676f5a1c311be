"""How much a curve scatters around its trend, robust and aware of autocorrelation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .medians import levels_of, median
from .windows import window_points

if TYPE_CHECKING:
    from ...parsers.run import Floats

MAD_TO_SIGMA = 1.4826  # a Gaussian's standard deviation over its median absolute deviation
MAX_AUTOCORRELATION = 0.9  # beyond it a window of a twentieth of the run holds less than one independent point


def median_deviation(values: Floats) -> float:
    """Robust standard deviation: 1.4826 times the median absolute deviation (Hampel 1974)."""
    if len(values) == 0:
        return math.nan
    return MAD_TO_SIGMA * median(np.abs(values - median(values)))


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
    """Robust noise of a curve; with fewer than 4 points, it cannot be separated from a trend."""
    if len(values) < 4:
        return Noise(math.nan, 0.0)
    second_differences = median_deviation(np.diff(values, n=2)) / math.sqrt(6)  # variance of x-2y+z is 6 sigma^2
    rest = residuals(values)
    sigma = max(second_differences, median_deviation(rest))
    clipped = np.clip(rest, -5 * sigma, 5 * sigma)  # a single spike must not look like correlation
    power = float(np.dot(clipped, clipped))
    phi = float(np.dot(clipped[1:], clipped[:-1])) / power if power > 0 else 0.0
    return Noise(sigma, min(max(phi, 0.0), MAX_AUTOCORRELATION))


def low_frequency_noise(values: Floats) -> Noise:
    """Noise around a level that follows a third of the curve, at least 9 points: slow variation counts as noise.

    `noise_of` looks at a twentieth of the curve, which in short curves is shorter than the correlation time of slow
    noise, so that such noise looks like a trend. Here it does not; a real trend inflates the figure instead, so it can confirm a
    change but not refute a large one. NaN for fewer than 10 points. The lag-1 correlation is corrected for its bias, (1 + 3 phi) / n (Kendall 1954) and 1 / window for the level that was taken off.
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

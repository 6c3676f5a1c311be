"""Information from the digits of a metric: its rounding, and the number of samples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..statistics.distinct import distinct

if TYPE_CHECKING:
    from ...parsers.run import Floats

FLOAT32_ERROR = 3e-7  # of a share computed in single precision: a few units in the last place of 1
FEW_SAMPLES = 200  # one of them is half a percent


def rounding_step(values: Floats, digits: int = 9) -> float:
    """Unit of the last decimal digit that a log was written with; 0 if it has more than `digits` after the point."""
    for places in range(digits + 1):
        scaled = values * 10.0**places
        if np.all(np.abs(scaled - np.rint(scaled)) <= 1e-6 + 1e-12 * np.abs(scaled)):
            return float(10.0**-places)
    return 0.0


class Count(NamedTuple):
    """How many samples shares may have been counted on.

    Attributes:
        samples: the smallest number of which all shares are multiples, within rounding.
        coincidence: chance that shares with these digits on far more samples would fit a number as small.

    """

    samples: int
    coincidence: float


def counted_on(shares: Floats, most: int = FEW_SAMPLES) -> Count | None:
    """Smallest number of samples, at most `most`, that explains shares (0 to 1); None if they are finer than that.

    Equal shares count once, and 0 and 1, which fit any number, do not count.
    """
    levels = distinct(shares)
    levels = levels[(levels > 0) & (levels < 1)]
    margin = max(rounding_step(levels) / 2, FLOAT32_ERROR)
    numbers = np.arange(2, most + 1)
    counted = levels[:, None] * numbers
    fits = (np.abs(counted - np.rint(counted)) <= margin * numbers * (1 + 1e-6)).all(axis=0)
    if not fits.any():
        return None
    first = int(np.argmax(fits))
    chances = np.minimum(2 * margin * numbers[: first + 1], 1.0) ** len(levels)
    return Count(int(numbers[first]), min(math.fsum(chances), 1.0))

"""The rise of a curve of few points: too few to show their own noise, so that what is known of other runs counts too."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .change import Rebound

if TYPE_CHECKING:
    from ...parsers.run import Floats

SHORT = 12  # points; in fewer, windows of 3 leave little to compare
MIN_WINDOWS = 8  # points; the noise of fewer, seen in six second differences or less, is too often tiny by chance
MIN_SINCE_BEST = 3  # points from the best one on: with two, every curve whose best is not last rises evenly
USUAL_FREEDOM = 4.0  # how many points of its own outweigh the usual noise; heavy-tailed: one run in 50 has thrice of it


def surest_rebound(values: Floats, rebound: Rebound, usual_noise: float) -> Rebound:
    """The rebound of a curve, or of its single points where it is short and these show the rise more surely."""
    if len(values) >= SHORT:
        return rebound
    own = short_rebound(values, usual_noise)
    return own if len(values) < MIN_WINDOWS else max(rebound, own, key=lambda each: each.z)


def short_rebound(values: Floats, usual_noise: float) -> Rebound:
    """Rise of a short curve since its lowest point, its noise estimated with a prior; float64 [n] -> single points as levels.

    A line through the points from the lowest on. The variance of the noise has a scaled inverse chi-squared prior around
    `usual_noise` with `USUAL_FREEDOM` degrees of freedom, so the slope over its error follows a t with nu = that many
    and n - 2 more (Gelman et al., Bayesian Data Analysis, 14.2); z is its normal deviate (Wallace 1959). The winner's curse
    is taken off as in `rebound_of`. z is 0 if a later point lies below an earlier one: of five points of pure noise, the
    rest rise in order after the lowest in one curve of seven, so order alone proves nothing, and disorder disproves it.
    """
    if len(values) == 0:
        return Rebound(0, math.nan, math.nan, math.nan, math.nan)
    best = int(np.argmin(values))
    since = values[best:]
    low, end = float(since[0]), float(since[-1])
    if len(since) < MIN_SINCE_BEST or not bool((np.diff(since) > 0).all()):
        return Rebound(best, low, end, end - low, 0.0)
    place = np.linspace(-0.5, 0.5, len(since))
    power = float(np.dot(place, place))
    change = float(np.dot(place, since)) / power
    rest = since - since.mean() - change * place
    freedom = USUAL_FREEDOM + len(since) - 2
    sigma = math.sqrt((USUAL_FREEDOM * usual_noise * usual_noise + float(np.dot(rest, rest))) / freedom)
    curse = sigma * math.sqrt(2 * math.log(len(values)))
    t = (change - curse) * math.sqrt(power) / sigma
    z = math.copysign(math.sqrt(freedom * math.log1p(t * t / freedom)), t)
    return Rebound(best, low, end, end - low, z)

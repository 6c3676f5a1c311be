"""Exponentials of differences on the logarithmic scale that no log can overflow.

Two finite float64 can differ by a factor of e^1400, which is not a float64. Such a factor is reported as 1e304.
"""

from __future__ import annotations

import math

MAX_LOG = 700.0  # its exponential, 1e304, is still a float64


def exp(logarithm: float) -> float:
    """The factor that a difference of logarithms stands for, at most 1e304."""
    return math.exp(min(float(logarithm), MAX_LOG))


def expm1(logarithm: float) -> float:
    """The same as a change: 1 is a doubling; at most 1e304."""
    return math.expm1(min(float(logarithm), MAX_LOG))

"""Decimal numbers as the nearest float64, many at once.

Where integer and power of ten are both exact, one division rounds once. Integers of up to 64 bits are divided in twice
the precision (Dekker, "A floating-point technique for extending the available precision", 1971), with a flag
where the last bit is undecided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..run import Bools, Floats, Ints
    from .words import Words

_MAX_TENS = 22  # powers of ten that a float64 represents exactly
_MAX_EXPONENT = 60  # beyond, Python reads the number
_EXACT = np.uint64(2**53)  # integers up to here are float64 numbers
_SPLITTER = 134217729.0  # 2**27 + 1: halves a float64 into two of 26 bits
_POWERS = np.array([float(10**i) for i in range(_MAX_EXPONENT + 1)])
_POWERS_REST = np.array([float(10**i - int(float(10**i))) for i in range(_MAX_EXPONENT + 1)])


def scaled(mantissa: Words, scale: Ints) -> tuple[Floats, Bools]:
    """Divide by ten to the power of `scale`, rounded to the nearest float64; and where that is certain."""
    nearest = mantissa.astype(np.float64)
    is_sure = (mantissa <= _EXACT) & (scale <= _MAX_TENS) & (scale >= 0)
    value = nearest / _POWERS.take(scale, mode="clip")
    unsure = np.flatnonzero(~is_sure)
    if not len(unsure):
        return value, is_sure
    is_up = (scale[unsure] < 0) & (scale[unsure] >= -_MAX_TENS) & (mantissa[unsure] <= _EXACT)
    up = unsure[is_up]
    value[up] = nearest[up] * _POWERS[-scale[up]]
    is_sure[up] = True
    down = unsure[(scale[unsure] >= 0) & (scale[unsure] <= _MAX_EXPONENT)]
    value[down], is_sure[down] = _divided(mantissa[down], nearest[down], scale[down])
    return value, is_sure


def _divided(mantissa: Words, nearest: Floats, scale: Ints) -> tuple[Floats, Bools]:
    """Divide integers of 64 bits by powers of ten in twice the precision; certain where both bounds round to the same number."""
    with np.errstate(invalid="ignore"):  # the largest integers round to 2 ** 64, which no longer fits
        rest = (mantissa - nearest.astype(np.uint64)).view(np.int64).astype(np.float64)
    power = _POWERS[scale]
    quotient = nearest / power
    product = quotient * power
    quotient_high, power_high = (_high(quotient), _high(power))
    quotient_low, power_low = quotient - quotient_high, power - power_high
    error = ((quotient_high * power_high - product) + quotient_high * power_low + quotient_low * power_high) + (
        quotient_low * power_low
    )
    correction = (((nearest - product) - error) + rest - quotient * _POWERS_REST[scale]) / power
    bound = np.abs(correction) * 2.0**-48 + quotient * 2.0**-100
    value = quotient + correction
    return value, (quotient + (correction - bound)) == (quotient + (correction + bound))


def _high(value: Floats) -> Floats:
    """The upper 26 bits of a float64."""
    scaled = value * _SPLITTER
    return scaled - (scaled - value)

"""Dates with times from the bytes of a table, all rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .cells import seconds_of
from .texts import texts_at
from .words import PAD

if TYPE_CHECKING:
    from ..run import Floats, Ints
    from .words import Bytes

YEARS = (1700, 2200)  # a float64 holds every microsecond between

_LAYOUT = b"0000-00-00T00:00:00"  # 0 means any digit, T may be a blank
_FRACTION = len(_LAYOUT)  # position of its point
_MICROSECOND_DIGITS = 6
_ZONES = (b"Z", b"+00:00")


def seconds_at(content: bytes, start: Ints, end: Ints) -> Floats:
    """Read dates in a padded chunk as seconds since 1970, like `seconds_of`; all at once if they have the same layout."""
    length = end - start
    if len(length) and length[0] >= len(_LAYOUT) and (length == length[0]).all():
        data = np.frombuffer(content, np.uint8)
        found = _seconds(data[(start + PAD) + np.arange(int(length[0]))[:, None]])
        if found is not None:
            return found
    return seconds_of([text.strip() for text in texts_at(content, start, end)])


def _seconds(text: Bytes) -> Floats | None:
    """Read texts uint8 [length, rows]; None if they have another layout or are not dates."""
    for zone in _ZONES:
        if text[-len(zone) :, 0].tobytes() == zone and (text[-len(zone) :] == text[-len(zone) :, :1]).all():
            text = text[: -len(zone)]
            break
    fraction_digits = len(text) - _FRACTION - 1
    if fraction_digits in (-2, 0) or fraction_digits > _MICROSECOND_DIGITS:
        return None
    for place, byte in enumerate(_LAYOUT):
        if not _is_like(text[place], byte):
            return None
    if fraction_digits > 0 and not (text[_FRACTION, 0] in b".," and (text[_FRACTION] == text[_FRACTION, 0]).all()):
        return None
    digits = text - np.uint8(ord("0"))
    if (digits[_FRACTION + 1 :] > 9).any():
        return None
    year, month, day, hour, minute, second = (
        _number(digits[i:j]) for i, j in ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))
    )
    is_date = (
        (year >= YEARS[0])
        & (year < YEARS[1])
        & (month >= 1)
        & (month <= 12)
        & (hour < 24)
        & (minute < 60)
        & (second < 60)
    )
    months = (year - 1970) * 12 + month - 1
    days = _first_day(months)
    is_date &= (day >= 1) & (day <= _first_day(months + 1) - days)
    if not is_date.all():
        return None
    seconds = (((days + day - 1) * 24 + hour) * 60 + minute) * 60 + second
    microseconds = _number(digits[_FRACTION + 1 :]) * 10 ** (_MICROSECOND_DIGITS - max(fraction_digits, 0))
    found: Floats = (seconds * 10**_MICROSECOND_DIGITS + microseconds) / 10.0**_MICROSECOND_DIGITS
    return found


def _is_like(column: Bytes, byte: int) -> bool:
    if byte == ord("0"):
        return bool(((column - byte) <= 9).all())  # smaller bytes wrap around
    if byte == ord("T"):
        return bool(((column == byte) | (column == ord(" "))).all())
    return bool((column == byte).all())


def _first_day(months: Ints) -> Ints:
    """Days from 1970 to the first of a month, given as months since then."""
    return months.astype("M8[M]").astype("M8[D]").view(np.int64)


def _number(digits: Bytes) -> Ints:
    """The values of rows of digits, int64 [rows]; 0 for none."""
    value = np.zeros(digits.shape[1], np.int64)
    for digit in digits:
        value *= 10
        value += digit
    return value

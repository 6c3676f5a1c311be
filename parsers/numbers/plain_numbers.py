"""Lists of plain numbers, read by simdjson: many times faster than cell by cell, with the same values as Python's float()."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from simdjson import Array, Parser

if TYPE_CHECKING:
    from ..run import Bools, Floats, Ints
    from .words import Bytes

BLANK = ord(" ")

_MINUS_ZERO = re.compile(rb"-0\s*,")  # simdjson reads it as an integer, which has no negative zero


class NumberReader:
    """Reads lists of numbers; one list at a time, in reused memory."""

    def __init__(self) -> None:
        self._parser = Parser()

    def read(self, numbers: Bytes, is_there: Bools) -> Floats | None:
        """Read "1,  2.5,-3e-5," as JSON numbers between commas.

        `is_there` bool [n] marks which of n values are in the list; float64 [n], NaN for the others. None if the list has
        more or fewer values, or anything that is not a JSON number.
        """
        # We append a number after the last comma.
        array = b"".join((b"[", numbers.tobytes(), b"1]"))
        try:
            # The proxy must be deleted before the next list, because the parser reuses its memory.
            found = self._parser.parse(array)
            listed = np.frombuffer(found.as_buffer(of_type="d"), np.float64) if isinstance(found, Array) else None
            del found
        except (ValueError, TypeError, RuntimeError):  # not JSON; not a number; an integer of more than 64 bits
            return None
        if listed is None or len(listed) != np.count_nonzero(is_there) + 1:
            return None
        if (listed == 0).any() and b"-0" in array and _MINUS_ZERO.search(array):
            return None
        if len(listed) == len(is_there) + 1:
            return listed[:-1]
        value = np.full(len(is_there), np.nan)
        value[is_there] = listed[:-1]
        return value


def blank_out(data: Bytes, start: Ints, end: Ints) -> None:
    """Overwrite spans of bytes with blanks."""
    length = end - start
    before = np.cumsum(length) - length
    data[np.repeat(start - before, length) + np.arange(length.sum())] = BLANK

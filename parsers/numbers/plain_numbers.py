"""Lists of plain numbers, read by simdjson: many times as fast as cell by cell, and each is the float Python reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from simdjson import Array, Parser

if TYPE_CHECKING:
    from ..run import Bools, Floats, Ints
    from .words import Bytes

BLANK = ord(" ")

_MINUS_ZERO = re.compile(rb"-0\s*,")  # an integer for simdjson, which has no sign there


class NumberReader:
    """Reads lists of numbers; one list at a time, in memory that is used again."""

    def __init__(self) -> None:
        self._parser = Parser()

    def read(self, numbers: Bytes, is_there: Bools) -> Floats | None:
        """Read "1,  2.5,-3e-5," as JSON reads what stands between the commas.

        `is_there` bool [n] says which of n values stand in the list; float64 [n], NaN for the others. None if the list
        holds more or fewer, or anything that is no number of JSON.
        """
        # A number of ours stands after the last comma.
        array = b"".join((b"[", numbers.tobytes(), b"1]"))
        try:
            # The proxy must be gone before the next list: the parser's memory is used again.
            found = self._parser.parse(array)
            listed = np.frombuffer(found.as_buffer(of_type="d"), np.float64) if isinstance(found, Array) else None
            del found
        except (ValueError, TypeError, RuntimeError):  # no JSON; no number; an integer of more than 64 bits
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
    """Put blanks in the place of spans of bytes."""
    length = end - start
    before = np.cumsum(length) - length
    data[np.repeat(start - before, length) + np.arange(length.sum())] = BLANK

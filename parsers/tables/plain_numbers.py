"""Lists of plain numbers, read by simdjson: many times as fast as cell by cell, and each is the float Python reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from simdjson import Array, Parser

if TYPE_CHECKING:
    from ..run import Floats

NUMBER_BYTES = b"0123456789+-.eE"  # what a number is written with

_MINUS_ZERO = re.compile(rb"-0\s*[,\]]")  # an integer for simdjson, which has no sign there


class NumberReader:
    """Reads JSON lists of numbers; one list at a time, in memory that is used again."""

    def __init__(self) -> None:
        self._parser = Parser()

    def read(self, array: bytes) -> Floats | None:
        """Read "[1,2.5,-3e-5]"; float64 [numbers], None if anything in it is not a number of JSON."""
        try:
            # The proxy must be gone before the next list: the parser's memory is used again.
            found = self._parser.parse(array)
            value = np.frombuffer(found.as_buffer(of_type="d"), np.float64) if isinstance(found, Array) else None
            del found
        except (ValueError, TypeError, RuntimeError):  # no JSON; no number; an integer of more than 64 bits
            return None
        if value is None:
            return None
        return None if (value == 0).any() and _MINUS_ZERO.search(array) else value


def is_pattern(text: bytes, pattern: bytes, times: int) -> bool:
    """Whether what is left of a text without the bytes of its numbers is a pattern over and over."""
    rest = text.translate(None, NUMBER_BYTES)
    return len(rest) == len(pattern) * times and rest == pattern * times

"""Lists of plain numbers, read by simdjson: many times as fast as cell by cell, and each is the float Python reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from simdjson import Array, Parser

from .cells import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..run import Floats, Ints

NUMBER_BYTES = b"0123456789+-.eE"  # what a number is written with
HOLE = b"2.25e-308"  # a number that nobody logs stands where something else was taken out, so that the place is found again

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


def take_out(content: bytes, start: list[int], end: list[int]) -> tuple[bytes, list[str]]:
    """Put `HOLE` in the place of cells that are no plain numbers; and their texts."""
    kept = [content[i:j] for i, j in zip([0, *end], [*start, len(content)], strict=True)]
    return HOLE.join(kept), [content[i:j].decode() for i, j in zip(start, end, strict=True)]


def holes_in(value: Floats, texts: list[str]) -> Ints | None:
    """Find the places of the texts that were taken out, int64 [texts]; None if the content had such a number itself."""
    hole = np.flatnonzero(value == float(HOLE))
    return hole if len(hole) == len(texts) else None


def read_texts(texts: list[str], read: Callable[[Sequence[str]], Numbers]) -> Numbers:
    """Read texts, each different one once."""
    distinct = {text: index for index, text in enumerate(dict.fromkeys(texts))}
    copies = [distinct[text] for text in texts]
    value, is_number, is_unreadable = read(list(distinct))
    return Numbers(value[copies], is_number[copies], is_unreadable[copies])

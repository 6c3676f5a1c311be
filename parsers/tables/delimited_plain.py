"""A delimited chunk of rows in which nearly all cells are plain numbers, as in most logs: one list of numbers for simdjson.

What is no number is taken out first. A number of its own stands for it, so that its place is found again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ..run import Floats, Ints
    from .plain_numbers import NumberReader

MAX_OTHER_SHARE = 0.1  # of the cells; with more, one by one takes longer than reading the bytes of all by numpy
MAX_OTHER_BYTES = 64  # of such a cell

# Numbers that nobody logs; a chunk that holds one all the same is read in the other way.
_HOLE, _LINE_END = b"2.25e-308", b"2.26e-308"
_NEWLINE = ord("\n")


class PlainRows(NamedTuple):
    """Rows of numbers, float64 [rows, width], and the cells that are none: their flat indices, rising, and texts."""

    value: Floats
    other: Ints
    texts: list[str]


def read_plain_rows(chunk: bytes, delimiter: bytes, width: int, reader: NumberReader) -> PlainRows | None:
    """Read a chunk of whole lines of ASCII; None if not all lines are as wide, or the cells are not as expected."""
    if delimiter != b"," and b"," in chunk:  # perhaps decimal commas
        return None
    spans = _spans_of_others(chunk, ord(delimiter))
    if spans is None:
        return None
    content, texts = _take_out(chunk, *spans)
    content = content.replace(b"\n", b"," + _LINE_END + b",")
    if delimiter != b",":
        content = content.replace(delimiter, b",")
    value = reader.read(b"[" + content[:-1] + b"]")
    if value is None or len(value) % (width + 1):
        return None
    value = value.reshape(-1, width + 1)
    is_line_end = value == float(_LINE_END)
    other = np.flatnonzero(value[:, :-1] == float(_HOLE))
    if not is_line_end[:, -1].all() or np.count_nonzero(is_line_end) != len(value) or len(other) != len(texts):
        return None
    return PlainRows(value[:, :-1], other, texts)


def _spans_of_others(chunk: bytes, delimiter: int) -> tuple[list[int], list[int]] | None:
    """Where cells start and end that do not end with a digit, so that they are no plain numbers; None if there are many."""
    body = np.frombuffer(chunk, np.uint8)
    is_end = body == _NEWLINE
    is_end |= body == delimiter
    is_other = is_end.copy()
    is_other[1:] &= (body[:-1] - ord("0")) > 9  # smaller bytes wrap around
    end = np.flatnonzero(is_other)
    if len(end) > MAX_OTHER_SHARE * np.count_nonzero(is_end):
        return None
    start = end.copy()
    for _ in range(MAX_OTHER_BYTES):
        is_longer = (start > 0) & ~is_end.take(start - 1)  # place -1 is the newline at the end
        if not is_longer.any():
            return start.tolist(), end.tolist()
        start -= is_longer
    return None


def _take_out(chunk: bytes, start: list[int], end: list[int]) -> tuple[bytes, list[str]]:
    """Put `_HOLE` in the place of cells; and their texts."""
    kept = [chunk[i:j] for i, j in zip([0, *end], [*start, len(chunk)], strict=True)]
    return _HOLE.join(kept), [chunk[i:j].decode() for i, j in zip(start, end, strict=True)]

"""A delimited chunk of rows in which nearly all cells are plain numbers, as in most logs: one list for simdjson."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .plain_numbers import holes_in, take_out

if TYPE_CHECKING:
    from ..run import Floats, Ints
    from .plain_numbers import NumberReader

MAX_OTHER_SHARE = 0.1  # of the cells; with more, one by one takes longer than reading the bytes of all by numpy
MAX_OTHER_BYTES = 64  # of such a cell

_LINE_END = b"2.26e-308"  # nor does anybody log this number: it tells that all lines are as wide
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
    content, texts = take_out(chunk, *spans)
    content = content.replace(b"\n", b"," + _LINE_END + b",")
    if delimiter != b",":
        content = content.replace(delimiter, b",")
    value = reader.read(b"[" + content[:-1] + b"]")
    if value is None or len(value) % (width + 1):
        return None
    value = value.reshape(-1, width + 1)
    is_line_end = value == float(_LINE_END)
    other = holes_in(value[:, :-1], texts)
    if other is None or not is_line_end[:, -1].all() or np.count_nonzero(is_line_end) != len(value):
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

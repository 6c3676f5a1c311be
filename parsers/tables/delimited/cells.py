"""Find the cells of a chunk of delimited text."""

from __future__ import annotations

import csv

import numpy as np

from ...numbers.spans import Cells
from ...numbers.words import padded

_NEWLINE = ord("\n")


def cells_in(chunk: bytes, delimiter: int, width: int) -> Cells | None:
    """Find the cells of a chunk of whole lines; None if a line has more or fewer than `width`."""
    body = np.frombuffer(chunk, np.uint8)
    is_end = body == _NEWLINE
    lines = np.count_nonzero(is_end)
    is_end |= body == delimiter
    end = np.flatnonzero(is_end)
    if len(end) != lines * width or (body.take(end[width - 1 :: width]) != _NEWLINE).any():
        return None
    return Cells(padded(chunk), delimiter, width, end)


def without_quotes(chunk: bytes, delimiter: bytes) -> bytes | None:
    """Remove the quotes from the cells of a chunk of whole lines; None if a cell needs its quotes."""
    if b'"' not in chunk:
        return chunk
    body = np.frombuffer(chunk, np.uint8)
    is_end = (body == _NEWLINE) | (body == delimiter[0])
    end, quote = np.flatnonzero(is_end), np.flatnonzero(body == ord('"'))
    if len(quote) % 2 or np.diff(end, prepend=-1).max() > csv.field_size_limit():
        return None
    opening, closing = quote[::2], quote[1::2]
    is_around = is_end[opening - 1] & is_end[closing + 1]  # index -1 is the newline at the end
    is_within = end.searchsorted(opening) == end.searchsorted(closing)
    return chunk.replace(b'"', b"") if (is_around & is_within).all() else None

"""Where the cells of a chunk of delimited text lie."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...numbers.texts import texts_at
from ...numbers.words import PAD, padded

if TYPE_CHECKING:
    from ...numbers.words import Bytes
    from ...run import Ints

_NEWLINE = ord("\n")


class Cells(NamedTuple):
    """Lines of `width` cells each in a padded chunk, row by row: `end` int64 [cells] is where they end."""

    content: bytes
    delimiter: int
    width: int
    end: Ints

    @property
    def body(self) -> Bytes:
        """The bytes up to the last line end."""
        return np.frombuffer(self.content, np.uint8, int(self.end[-1]) + 1, PAD)

    def start(self, cells: Ints) -> Ints:
        """Where cells start, by rising flat index."""
        start = self.end.take(cells - 1)
        start += 1
        start[:1] *= cells[:1] > 0
        return start

    def texts(self, cells: Ints) -> list[str]:
        return texts_at(self.content, self.start(cells), self.end.take(cells))

    def column(self, index: int) -> Ints:
        """The flat indices of a column."""
        return np.arange(index, len(self.end), self.width)


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
    """Take the quotes off the cells of a chunk of whole lines; None if one of them needs its quotes."""
    if b'"' not in chunk:
        return chunk
    body = np.frombuffer(chunk, np.uint8)
    is_end = (body == _NEWLINE) | (body == delimiter[0])
    end, quote = np.flatnonzero(is_end), np.flatnonzero(body == ord('"'))
    if len(quote) % 2 or np.diff(end, prepend=-1).max() > csv.field_size_limit():
        return None
    opening, closing = quote[::2], quote[1::2]
    is_around = is_end[opening - 1] & is_end[closing + 1]  # place -1 is the newline at the end
    is_within = end.searchsorted(opening) == end.searchsorted(closing)
    return chunk.replace(b'"', b"") if (is_around & is_within).all() else None

"""Positions of the cells of a chunk of delimited text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .texts import texts_at
from .words import PAD

if TYPE_CHECKING:
    from ..run import Ints
    from .words import Bytes


class Cells(NamedTuple):
    """Lines of `width` cells each in a padded chunk, row by row: `end` int64 [cells] are their ends."""

    content: bytes
    delimiter: int
    width: int
    end: Ints

    @property
    def body(self) -> Bytes:
        """The bytes up to the last line end."""
        return np.frombuffer(self.content, np.uint8, int(self.end[-1]) + 1, PAD)

    def start(self, cells: Ints) -> Ints:
        """Starts of cells, by increasing flat index."""
        start = self.end.take(cells - 1)
        start += 1
        start[:1] *= cells[:1] > 0
        return start

    def texts(self, cells: Ints) -> list[str]:
        return texts_at(self.content, self.start(cells), self.end.take(cells))

    def column(self, index: int) -> Ints:
        """The flat indices of a column."""
        return np.arange(index, len(self.end), self.width)

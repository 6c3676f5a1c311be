"""The rows of a chunk of delimited text, all cells at once: as plain numbers if nearly all are, otherwise byte by byte."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...numbers.cells import DECIMAL_COMMA_DELIMITERS, number, numbers
from ...numbers.numbers import read_cells
from ...numbers.plain_numbers import NumberReader
from ...numbers.texts import read_texts
from .cells import cells_in, without_quotes
from .plain import read_plain_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...numbers.spans import Cells
    from ...run import Floats, Ints

MIN_TEXT_SHARE = 0.5  # of the rows of a chunk; in the next chunk, such a column is not tried as numbers


class Rows(NamedTuple):
    """Rows with the width of their header.

    Attributes:
        cells: positions of their cells.
        value: float64 [rows, width], NaN also if there is no number.
        no_number: int64 [k], flat indices of cells without a number, increasing.
        unreadable: int64 [l], those of them that are not missing.

    """

    cells: Cells
    value: Floats
    no_number: Ints
    unreadable: Ints


class RowReader:
    """Reads chunk after chunk of a file."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter.encode()
        self._read = partial(numbers, decimal_comma=delimiter in DECIMAL_COMMA_DELIMITERS)
        self._numbers = NumberReader()
        self._columns_of_text: list[int] = []

    def rows_in(self, chunk: bytes, header: Sequence[str]) -> Rows | None:
        """Read a chunk of whole lines if every line is certainly a row of the width of the header."""
        if not chunk.endswith(b"\n") or any(number(name) is not None for name in header):
            return None
        plain_chunk = without_quotes(chunk, self._delimiter)
        cells = cells_in(plain_chunk, self._delimiter[0], len(header)) if plain_chunk is not None else None
        if cells is None or plain_chunk is None:
            return None
        found = read_plain_cells(cells, self._columns_of_text, self._numbers)
        if found is None:
            cells = cells_in(_without_blanks(plain_chunk, self._delimiter), self._delimiter[0], len(header)) or cells
            found = read_cells(cells)
        value, is_number = found
        other = np.flatnonzero(~is_number)
        if _may_hold_others(cells, other):
            return None
        read = read_texts(cells.content, cells.start(other), cells.end.take(other), self._read)
        value[other] = read.value
        unreadable = other[read.is_unreadable]
        self._columns_of_text = _columns_of_text(unreadable, value.size, len(header))
        return Rows(cells, value.reshape(-1, len(header)), other[~read.is_number], unreadable)


def _without_blanks(chunk: bytes, delimiter: bytes) -> bytes:
    """Remove blanks before cells, which do not change numbers."""
    while b" " in chunk and delimiter + b" " in chunk:
        chunk = chunk.replace(delimiter + b" ", delimiter)
    return chunk


def _columns_of_text(unreadable: Ints, cells: int, width: int) -> list[int]:
    of_column = np.bincount(unreadable % width, minlength=width)
    return np.flatnonzero(of_column * width > MIN_TEXT_SHARE * cells).tolist()


def _may_hold_others(cells: Cells, other: Ints) -> bool:
    """Whether a line may be other than a row: a comment, or a header or a rule, which have no numbers."""
    row = other // cells.width
    first = other[row * cells.width == other]
    if not len(first):
        return False
    has_number = np.bincount(row)[first // cells.width] < cells.width
    return not has_number.all() or bool((cells.body.take(cells.start(first)) == ord("#")).any())

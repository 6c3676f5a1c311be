"""The rows of a chunk of delimited text, all cells at once: as plain numbers if they nearly all are, else byte by byte."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .axes import plain
from .byte_numbers import read_grid, read_others
from .cells import DECIMAL_COMMA_DELIMITERS, number, numbers
from .columns import LABEL_NAMES
from .delimited_plain import read_plain_rows
from .plain_numbers import read_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..run import Floats, Ints
    from .cells import Numbers
    from .delimited_plain import PlainRows
    from .plain_numbers import NumberReader


class Rows(NamedTuple):
    """Rows that are as wide as their header.

    Attributes:
        value: float64 [rows, width], where a cell is a plain number.
        other: int64 [k], the flat indices of the other cells, rising.
        read: what these are.
        last: text of the last cell of the last row.
        texts: gives the texts of cells by flat index; if no name is a label, those of `other` only.

    """

    value: Floats
    other: Ints
    read: Numbers
    last: str
    texts: Callable[[Ints], list[str]]


def rows_in(chunk: bytes, delimiter: str, header: Sequence[str], reader: NumberReader) -> Rows | None:
    """Read a chunk of whole lines if every line is certainly a row, as wide as the header."""
    if not chunk.endswith(b"\n") or not chunk.isascii() or b'"' in chunk:
        return None
    if any(number(name) is not None for name in header):
        return None
    has_labels = any(plain(name) in LABEL_NAMES for name in header)
    found = None if has_labels else read_plain_rows(chunk, delimiter.encode(), len(header), reader)
    last = chunk[max(chunk.rfind(b"\n", 0, -1), chunk.rfind(delimiter.encode())) + 1 :].strip().decode()
    if found is None:
        return _by_bytes(chunk, delimiter, len(header), last)
    return _with_others_read(found, delimiter, last)


def _with_others_read(found: PlainRows, delimiter: str, last: str) -> Rows | None:
    def texts(cells: Ints) -> list[str]:
        return [found.texts[index] for index in found.other.searchsorted(cells).tolist()]

    if _may_hold_others(found.other, texts, found.value.shape[1]):
        return None
    return Rows(found.value, found.other, read_texts(found.texts, _reader_of(delimiter)), last, texts)


def _by_bytes(chunk: bytes, delimiter: str, width: int, last: str) -> Rows | None:
    mark = delimiter.encode()
    while b" " in chunk and mark + b" " in chunk:  # a number is the same without the blanks before it
        chunk = chunk.replace(mark + b" ", mark)
    grid = read_grid(chunk, mark[0], width)
    if grid is None:
        return None
    other = np.flatnonzero(~grid.is_plain)
    if _may_hold_others(other, grid.texts, width):
        return None
    return Rows(grid.value.reshape(-1, width), other, read_others(grid, other, _reader_of(delimiter)), last, grid.texts)


def _reader_of(delimiter: str) -> Callable[[Sequence[str]], Numbers]:
    return partial(numbers, decimal_comma=delimiter in DECIMAL_COMMA_DELIMITERS)


def _may_hold_others(other: Ints, texts: Callable[[Ints], list[str]], width: int) -> bool:
    """Whether a line may be something else than a row: a comment, or a header or a rule, which have no numbers."""
    row = other // width
    first = other[row * width == other]
    if not len(first):
        return False
    has_number = np.bincount(row)[first // width] < width
    return not has_number.all() or any(text.startswith("#") for text in texts(first))

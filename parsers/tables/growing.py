"""Columns of a table while its rows come in."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from .columns import Column, Labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Bools, Floats, Ints


class GrowingColumn:
    """The numbers of all rows so far, and which rows hold one."""

    def __init__(self, capacity: int) -> None:
        self._value = np.empty(capacity)
        self._is_number = np.zeros(capacity, np.bool_)

    def put(self, first_row: int, value: Floats, is_number: Bools | None) -> None:
        """Put rows in their place; None for rows that all hold a number."""
        end = first_row + len(value)
        if end > len(self._value):
            more = 2 * end - len(self._value)
            self._value = np.concatenate([self._value, np.empty(more)])
            self._is_number = np.concatenate([self._is_number, np.zeros(more, np.bool_)])
        self._value[first_row:end] = value
        self._is_number[first_row:end] = True if is_number is None else is_number

    def column(self, every_row: Ints) -> Column:
        rows = min(len(every_row), len(self._value))  # it may have gone with an older header
        is_number = self._is_number[:rows]
        if is_number.all() and rows == len(every_row):
            return Column(every_row, self._value[:rows])
        row = np.flatnonzero(is_number)
        return Column(row, self._value.take(row))


class GrowingLabels:
    """The texts of a column so far, each different one once."""

    def __init__(self) -> None:
        self._code_of = {"": 0}
        self._row, self._code = array("q"), array("q")
        self._parts: list[tuple[Ints, Ints]] = []

    def add(self, row: int, text: str) -> None:
        self._row.append(row)
        self._code.append(self._code_in_all(text))

    def put(self, rows: Ints, texts: Sequence[str], code: Ints) -> None:
        """Put in each of the rows the one of `texts` that `code` says."""
        self._parts.append((rows, np.array(list(map(self._code_in_all, texts)), dtype=np.int64).take(code)))

    def labels(self, rows: int) -> Labels:
        code = np.zeros(rows, np.int64)
        for at, codes in ((np.array(self._row), np.array(self._code)), *self._parts):
            code[at] = codes
        return Labels(list(self._code_of), code)

    def _code_in_all(self, text: str) -> int:
        return self._code_of.setdefault(text.strip(), len(self._code_of))

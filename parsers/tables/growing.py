"""Growing columns of a table."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from ..numbers.columns import Column, Labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..run import Bools, Floats, Ints, Number


MAX_TEXTS = 100_000  # distinct ones of a column; more do not identify anything
MAX_TEXT = 500  # characters of one that are kept


class GrowingColumn:
    """The numbers so far and their rows; rows are not stored as long as every row has a number."""

    def __init__(self, capacity: int) -> None:
        self._count = 0
        self._value = np.empty(capacity)
        self._row: Ints | None = None

    def put_instead(self, column: Column, capacity: int) -> None:
        """Replace all cells, with room for more."""
        self._count = count = len(column.row)
        self._row = np.empty(max(capacity, count), np.int64)
        self._row[:count] = column.row
        self._value = np.empty(max(capacity, count))
        self._value[:count] = column.value

    def put(self, first_row: int, value: Floats, is_number: Bools | None) -> None:
        """Append rows; None for rows that all have a number."""
        if self._row is None and (is_number is not None or first_row > self._count):
            self._row = np.empty(len(self._value), np.int64)
            self._row[: self._count] = np.arange(self._count)
        if is_number is not None:
            value = value[is_number]
        start, end = self._count, self._count + len(value)
        self._count = end
        self._value = _with_room(self._value, end)
        self._value[start:end] = value
        if self._row is not None:
            self._row = _with_room(self._row, end)
            self._row[start:end] = np.arange(len(value)) if is_number is None else np.flatnonzero(is_number)
            self._row[start:end] += first_row

    def __len__(self) -> int:
        return self._count

    def column(self, every_row: Ints) -> Column:
        """The cells; `every_row` are all rows so far, for columns that have a number in each."""
        row = every_row if self._row is None else self._row
        return Column(row[: self._count], self._value[: self._count])


def _with_room(array: NDArray[Number], length: int) -> NDArray[Number]:
    if length <= len(array):
        return array
    return np.concatenate([array, np.empty(2 * length - len(array), array.dtype)])


class GrowingLabels:
    """The texts of a column so far, as distinct texts with codes."""

    def __init__(self) -> None:
        self._code_of = {"": 0}
        self._row, self._code = array("q"), array("q")
        self._parts: list[tuple[Ints, Ints]] = []

    def add(self, row: int, text: str) -> None:
        self._row.append(row)
        self._code.append(self._code_in_all(text))

    def put(self, rows: Ints, texts: Sequence[str], code: Ints) -> None:
        """Set in each of the rows the text of `texts` with index `code`."""
        self._parts.append((rows, np.array(list(map(self._code_in_all, texts)), dtype=np.int64).take(code)))

    def put_instead(self, column: Column) -> None:
        """Replace all codes."""
        self._row, self._code = array("q"), array("q")
        self._parts = [(column.row, column.value.astype(np.int64))]

    def column(self) -> Column:
        """The rows, increasing, and the codes of their texts."""
        parts = [(np.array(self._row, np.int64), np.array(self._code, np.int64)), *self._parts]
        row = np.concatenate([row for row, _ in parts])
        order = np.argsort(row, kind="stable")
        return Column(row[order], np.concatenate([code for _, code in parts])[order].astype(np.float64))

    def labels(self, rows: int) -> Labels:
        code = np.zeros(rows, np.int64)
        for at, codes in ((np.array(self._row), np.array(self._code)), *self._parts):
            code[at] = codes
        return Labels(list(self._code_of), code)

    def labels_at(self, rows: Ints) -> Labels:
        """The same for some of the rows only, by their numbers."""
        code = np.zeros(len(rows), np.int64)
        column = self.column()
        code[np.searchsorted(rows, column.row)] = column.value
        return Labels(list(self._code_of), code)

    def _code_in_all(self, text: str) -> int:
        text = text.strip()[:MAX_TEXT]
        return (
            self._code_of.setdefault(text, len(self._code_of))
            if len(self._code_of) < MAX_TEXTS
            else self._code_of.get(text, 0)
        )

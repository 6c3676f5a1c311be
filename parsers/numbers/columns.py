"""Tables of logged rows, column by column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ..run import Bools, Floats, Ints

MAX_COLUMNS = 20_000  # of one file; more are data or damage
MAX_NAME = 500  # characters; longer names are not metrics, and searching them for words takes seconds


class Column(NamedTuple):
    """A column of numbers: `row` int64 [k], increasing, of the logged numbers, and `value` float64 [k]."""

    row: Ints
    value: Floats


class Labels(NamedTuple):
    """A column of texts: `code` int64 [rows] is the index in the distinct `texts`, which include "" for none."""

    texts: list[str]
    code: Ints

    def logged(self) -> list[str]:
        """The texts of all rows, sorted."""
        return sorted(self.texts[code] for code in np.flatnonzero(np.bincount(self.code)).tolist())


NO_LABELS = Labels([], np.empty(0, np.int64))


@dataclass(slots=True)
class Table:
    """Logged rows, by column name in the order of the log.

    Attributes:
        rows: number of rows.
        columns: numbers.
        labels: texts, of the columns in `LABEL_NAMES`.
        clocks: dates as seconds since 1970, of the columns in `CLOCK_NAMES` that are texts.
        number: int64 [rows], indices of these rows in the log, increasing; None if they are all rows.

    """

    rows: int = 0
    columns: dict[str, Column] = field(default_factory=dict)
    labels: dict[str, Labels] = field(default_factory=dict)
    clocks: dict[str, Column] = field(default_factory=dict)
    number: Ints | None = None

    def take(self, is_kept: Bools) -> Table:
        """Select rows; bool [rows]."""
        new_row = np.cumsum(is_kept) - 1

        def taken(column: Column) -> Column:
            kept = is_kept[column.row]
            return Column(new_row[column.row[kept]], column.value[kept])

        return Table(
            int(np.count_nonzero(is_kept)),
            {name: taken(column) for name, column in self.columns.items()},
            {name: Labels(texts, code[is_kept]) for name, (texts, code) in self.labels.items()},
            {name: taken(column) for name, column in self.clocks.items()},
            None if self.number is None else self.number[is_kept],
        )

    def dense(self, name: str) -> Floats:
        """One column over all rows; float64 [rows], NaN where there is no number."""
        column = self.columns[name] if name in self.columns else self.clocks[name]
        if len(column.row) == self.rows:
            return column.value
        value = np.full(self.rows, np.nan)
        value[column.row] = column.value
        return value

"""Building a table of columns from rows of names and values."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...numbers.cells import is_missing, seconds_of
from ...numbers.columns import MAX_COLUMNS, MAX_NAME, Column, Table
from .. import thinning
from ..axes import CLOCK_NAMES, plain
from ..columns import LABEL_NAMES
from ..growing import GrowingLabels
from ..thinning import Thinner
from .values import as_number, flat_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ...files.text import Notes
    from ...run import Floats, Ints

    Place = tuple[int, int]  # a row, and a position in it


@dataclass(slots=True)
class _Found:
    """Values of a name: `first` is the first place, `parts` are many rows at once, `row` and `value` single ones."""

    first: Place
    row: array[int] = field(default_factory=lambda: array("q"))
    value: array[float] = field(default_factory=lambda: array("d"))
    parts: list[Column] = field(default_factory=list)

    def column(self) -> Column:
        row = np.concatenate([np.array(self.row, dtype=np.int64), *(row for row, _ in self.parts)])
        value = np.concatenate([np.array(self.value, dtype=np.float64), *(value for _, value in self.parts)])
        if self.parts and (row[1:] < row[:-1]).any():
            order = np.argsort(row, kind="stable")
            row, value = row[order], value[order]
        return Column(row, value)

    def put_instead(self, column: Column) -> None:
        self.row, self.value, self.parts = array("q"), array("d"), [column]


class RowTable:
    """Collects rows, one by one or many of the same shape at once, in any order."""

    def __init__(self) -> None:
        self._rows = 0
        self._found: dict[str, _Found] = {}
        self._labels: dict[str, tuple[Place, GrowingLabels]] = {}
        self._clocks: dict[str, _Found] = {}
        self._unreadable: dict[str, tuple[Place, int]] = {}
        self._unnamed = self._beyond = 0  # dropped values: names too long, too many names
        self._cells = 0  # in memory
        self._thinner = Thinner()

    def add_row(self, index: int, row: Mapping[str, Any]) -> None:
        """Add one row; nested values are flattened with '/', and only numbers are kept."""
        self._rows = max(self._rows, index + 1)
        position = 0
        for position, (name, value) in enumerate(flat_row(row)):
            logged = as_number(value)
            if logged is not None:
                found = self._find(name, (index, position))
                if found is not None:
                    found.row.append(index)
                    found.value.append(logged)
            elif isinstance(value, str) and len(name) <= MAX_NAME and not is_missing(value):
                self._add_text(name, (index, position), value)
        self._cells += position + 1

    def add_numbers(self, name: str, position: int, rows: Ints, values: Floats) -> None:
        """Add the values of many rows under a name, at the same position in each; `rows` increases."""
        found = self._find(name, (int(rows[0]), position)) if len(rows) else None
        if found is not None:
            self._rows = max(self._rows, int(rows[-1]) + 1)
            found.parts.append(Column(rows, values))
            self._cells += len(rows)

    def add_labels(self, name: str, position: int, rows: Ints, texts: Sequence[str], code: Ints) -> None:
        """Add texts that identify rows: in each of the rows the text of `texts` with index `code`."""
        self._label(name, (int(rows[0]), position)).put(rows, texts, code)
        self._cells += len(rows)

    def add_seconds(self, name: str, position: int, rows: Ints, seconds: Floats) -> None:
        """Add dates at which rows were logged."""
        self._clock(name, (int(rows[0]), position)).parts.append(Column(rows, seconds))

    def count_texts(self, name: str, position: int, rows: Ints) -> None:
        """Count texts that are neither numbers nor kept."""
        if name not in self._unreadable and len(self._unreadable) >= MAX_COLUMNS:
            return
        place = (int(rows[0]), position)
        first, count = self._unreadable.get(name, (place, 0))
        self._unreadable[name] = (min(first, place), count + len(rows))

    def _add_text(self, name: str, place: Place, text: str) -> None:
        row, position = place
        if plain(name) in CLOCK_NAMES:
            clock = self._clock(name, place)
            clock.row.append(row)
            clock.value.append(seconds_of([text.strip()])[0])
        elif plain(name) in LABEL_NAMES:
            self._label(name, place).add(row, text)
        else:
            self.count_texts(name, position, np.array([row]))

    def _label(self, name: str, place: Place) -> GrowingLabels:
        first, labels = self._labels.get(name, (place, GrowingLabels()))
        self._labels[name] = (min(first, place), labels)
        return labels

    def _clock(self, name: str, place: Place) -> _Found:
        found = self._clocks.setdefault(name, _Found(place))
        found.first = min(found.first, place)
        return found

    def extend_to(self, rows: int) -> None:
        """Count rows without values; all earlier rows are complete and may be thinned now."""
        self._rows = max(self._rows, rows)
        if self._thinner.is_due(self._cells):
            self._thin()

    def _thin(self) -> None:
        for each in (
            *self._found.values(),
            *self._clocks.values(),
        ):  # one by one: all together would need twice the memory
            each.put_instead(each.column())
        found = self._thinner.thin(
            {name: found.parts[0] for name, found in self._found.items()},
            {name: found.parts[0] for name, found in self._clocks.items()},
            {name: labels.column() for name, (_, labels) in self._labels.items()},
        )
        for name, column in found.columns.items():
            self._found[name].put_instead(column)
        for name, column in found.clocks.items():
            self._clocks[name].put_instead(column)
        for name, column in found.labels.items():
            self._labels[name][1].put_instead(column)
        self._cells = sum(len(c.row) for part in (found.columns, found.clocks, found.labels) for c in part.values())

    def _find(self, name: str, place: Place) -> _Found | None:
        found = self._found.get(name)
        if found is None:
            if len(name) > MAX_NAME:
                self._unnamed += 1
                return None
            if len(self._found) >= MAX_COLUMNS:
                self._beyond += 1
                return None
            found = self._found[name] = _Found(place)
        elif place < found.first:
            found.first = place
        return found

    def table(self, notes: Notes) -> Table:
        """Make the table, its columns in the order in which their first numbers were logged."""
        if self._thinner.rows is not None:  # thins recent rows to the distance of earlier ones
            self._thin()
        kept = self._thinner.rows
        if self._unnamed:
            notes.leave_out(
                f"{self._unnamed:,} values with names of more than {MAX_NAME} characters are skipped", "rows"
            )
        if self._beyond:
            notes.leave_out(f"only the first {MAX_COLUMNS:,} metrics were read", "rows")
        for name, ((row, _), count) in sorted(self._unreadable.items(), key=lambda item: item[1][0]):
            if name in self._found:
                notes.add(f"{count} values of {name!r} are not numbers", f"row {row + 1}")
        names = sorted(self._found, key=lambda name: self._found[name].first)
        labels = {
            name: labels.labels(self._rows) if kept is None else labels.labels_at(kept)
            for name, (_, labels) in sorted(self._labels.items(), key=lambda item: item[1][0])
            if name not in self._found
        }
        clocks = {
            name: found.column()
            for name, found in sorted(self._clocks.items(), key=lambda item: item[1].first)
            if name not in self._found
        }
        columns = {name: self._found.pop(name).column() for name in names}
        if kept is None:
            return Table(self._rows, columns, labels, clocks)
        notes.leave_out(thinning.thinning_note(self._rows, len(kept)), "rows")
        return Table(len(kept), thinning.placed(columns, kept), labels, thinning.placed(clocks, kept), kept)


def table_of_rows(rows: Iterable[Mapping[str, Any]], notes: Notes) -> Table:
    """Make a table from dicts, one per row; nested ones are flattened with '/', and only numbers are kept."""
    table = RowTable()
    for index, row in enumerate(rows):
        table.add_row(index, row)
        table.extend_to(index + 1)
    return table.table(notes)

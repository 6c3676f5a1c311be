"""Building a table of columns from rows of cells, including ragged, repeated and damaged rows."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from ...files.cut_ends import MESSAGE, may_be_cut
from ...numbers.cells import DECIMAL_COMMA_DELIMITERS, is_missing, number, numbers, seconds_of
from ...numbers.columns import MAX_COLUMNS, Table
from ...numbers.dates import seconds_at
from ...numbers.texts import distinct_texts
from ...secrets import masked_hyperparameter
from .. import thinning
from ..axes import CLOCK_NAMES, plain
from ..columns import LABEL_NAMES
from ..growing import GrowingColumn, GrowingLabels
from ..thinning import Thinner
from .layout import count_numbers
from .names import is_missed, is_rule, unique_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...files.text import Notes
    from ...run import Bools, Floats, Ints
    from .layout import Layout
    from .rows import Rows

BLOCK_CELLS = 1_000_000  # converted at once: bounds memory
MIN_WIDTH = 4  # columns assumed at least for the size of a table: a row also needs memory besides its cells
# Characters of a cell that are searched to show 40 of them without secrets: a key in PEM has 3,300.
MAX_SHOWN_OF = 10_000
MIN_NUMBER_SHARE = 0.1  # of the filled cells of a column; below, it is a column of text with a stray number


class TableBuilder:
    """Gathers rows in blocks, turns each block into columns of numbers, and joins them by name."""

    def __init__(self, layout: Layout, notes: Notes, expected_rows: int = 0) -> None:
        self._delimiter = layout.delimiter
        self._header = layout.names
        self._header_names = frozenset(layout.names)
        self._names = unique_names(layout.names, notes)
        self._notes = notes
        self._rows = 0
        self._last_cell = ""  # number in the last column before the block
        self._block: list[list[str]] = []
        self._lines: list[int] = []
        self._expected_rows = expected_rows
        self._growing: dict[str, GrowingColumn] = {}
        self._clocks: dict[str, GrowingColumn] = {}
        self._labels: dict[str, GrowingLabels] = {}
        self._unkept: set[str] = set()  # columns whose texts were not kept because some rows had only numbers
        self.lacks_texts = False  # whether one of them is a column of texts in the table
        self._unreadable: dict[str, tuple[int, str, str]] = {}  # by column: count, first one, its place
        self._cells = 0  # in memory
        self._thinner = Thinner()

    @property
    def width(self) -> int:
        return len(self._names)

    @property
    def header(self) -> list[str]:
        """The names of the latest header, as in the file."""
        return self._header

    def add(self, line_number: int, cells: list[str], *, is_cut: bool) -> None:
        if self._is_header(cells) or is_rule(cells):
            return
        width = len(self._names)
        if len(cells) > width:
            if any(not is_missing(cell) for cell in cells[width:]):
                self._notes.add(
                    f"{len(cells)} cells for {width} column names: the rest is skipped", f"line {line_number}"
                )
            cells = cells[:width]
        elif is_cut and len(cells) < width:
            self._notes.add("the row is truncated: its last cell is skipped", f"line {line_number}")
            cells = cells[:-1]
        elif is_cut and may_be_cut(cells[-1], self._last_whole_cell()):
            self._notes.add(MESSAGE, f"line {line_number}")
            cells = cells[:-1]
        self._block.append(cells)
        self._lines.append(line_number)
        if len(self._block) * width >= BLOCK_CELLS:
            self._flush()

    def add_rows(self, first_line: int, rows: Rows) -> None:
        """Add rows of consecutive lines."""
        self._flush()
        count, width = rows.value.shape
        is_number = np.ones((count, width), np.bool_)
        is_number.ravel()[rows.no_number] = False
        columns, is_number_in = np.ascontiguousarray(rows.value.T), np.ascontiguousarray(is_number.T)
        has_holes = np.bincount(rows.no_number % width, minlength=width).tolist()
        unreadable_column = rows.unreadable % width
        has_unreadable = np.bincount(unreadable_column, minlength=width).tolist()
        if is_number[-1, -1]:
            (last,) = rows.cells.texts(np.array([is_number.size - 1]))
            self._last_cell = last.strip()
        for index, name in enumerate(self._names):
            if name == "":
                continue
            self._put(name, columns[index], is_number_in[index] if has_holes[index] else None)
            if has_unreadable[index]:
                first = rows.unreadable[unreadable_column == index][:1]
                text = rows.cells.texts(first)[0]
                self._count_unreadable(name, has_unreadable[index], text, first_line + int(first[0]) // width)
            if plain(name) in LABEL_NAMES:
                self._keep_texts(name, index, rows)
        self._count(count, width)

    def _keep_texts(self, name: str, index: int, rows: Rows) -> None:
        """Keep the texts of a column that may identify rows; columns with only numbers need no texts."""
        cells = rows.cells
        gaps = rows.no_number[rows.no_number % cells.width == index]
        if (cells.end.take(gaps) == cells.start(gaps)).all():
            self._unkept |= {name} if len(gaps) < len(rows.value) else set()
            return
        column = cells.column(index)
        if plain(name) in CLOCK_NAMES:
            self._put_seconds(name, seconds_at(cells.content, cells.start(column), cells.end.take(column)))
        else:
            texts, code = distinct_texts(cells.content, cells.start(column), cells.end.take(column))
            self._put_labels(name, texts, code)

    def _put(self, name: str, value: Floats, is_number: Bools | None) -> None:
        if name not in self._growing:
            if len(self._growing) >= MAX_COLUMNS:  # consecutive headers
                return
            self._growing[name] = GrowingColumn(0 if self._rows else self._expected_rows)
        self._growing[name].put(self._rows, value, is_number)

    def _put_seconds(self, name: str, seconds: Floats) -> None:
        self._clocks.setdefault(name, GrowingColumn(0)).put(self._rows, seconds, ~np.isnan(seconds))

    def _put_labels(self, name: str, texts: Sequence[str], code: Ints) -> None:
        rows = np.arange(self._rows, self._rows + len(code))
        self._labels.setdefault(name, GrowingLabels()).put(rows, texts, code)

    def table(self) -> Table:
        self._flush()
        if self._thinner.rows is not None:  # thins recent rows to the distance of earlier ones
            self._thin()
        kept = self._thinner.rows
        columns = {}
        skipped = []
        every_row = self._every_row()
        names = list(self._growing)
        for name in names:
            column = self._growing.pop(name).column(every_row)  # frees the data column by column
            count, text, where = self._unreadable.get(name, (0, "", ""))
            logged = len(column.row) + self._thinner.dropped[name]
            if count and logged < MIN_NUMBER_SHARE * (count + logged):
                skipped += [name] if is_missed(name, text) else []
                continue
            if count:
                first = str(masked_hyperparameter(name, text))[:40]
                self._notes.add(f"column {name!r}: {count} cells are not numbers, the first is {first!r}", where)
            columns[name] = column
        if skipped:
            self._notes.add(f"columns of text are skipped: {', '.join(skipped[:5])}{', …' if skipped[5:] else ''}")
        texts = [name for name in names if name not in columns]
        self.lacks_texts = not self._unkept.isdisjoint(texts)
        clocks = {name: self._clocks[name].column(every_row) for name in texts if name in self._clocks}
        labels = {name: self._labels[name] for name in texts if name in self._labels}
        if kept is None:
            return Table(self._rows, columns, {name: each.labels(self._rows) for name, each in labels.items()}, clocks)
        self._notes.leave_out(thinning.thinning_note(self._rows, len(kept)), "rows")
        return Table(
            len(kept), thinning.placed(columns, kept), {name: each.labels_at(kept) for name, each in labels.items()},
            thinning.placed(clocks, kept), kept,
        )  # fmt: skip

    def _is_header(self, cells: list[str]) -> bool:
        """Whether this is the header again, or another header, which then applies."""
        first = cells[0].strip()
        if first == self._header[0] and [cell.strip() for cell in cells] == self._header:
            return True
        if not first[:1].isalpha():
            return False
        header = [cell.strip() for cell in cells]
        if len(self._header_names.intersection(header)) * 2 < len(self._header):
            return False
        if count_numbers(cells, self._delimiter):
            return False
        self._flush()
        self._header = header
        self._header_names = frozenset(header)
        self._names = unique_names(header, self._notes)
        return True

    def _last_whole_cell(self) -> str:
        """Text of the latest number in the last column; "" if there is none."""
        ends = (row[-1] for row in reversed(self._block) if len(row) == self.width)
        is_comma = self._delimiter in DECIMAL_COMMA_DELIMITERS
        return next((end for end in ends if number(end, decimal_comma=is_comma) is not None), self._last_cell)

    def _flush(self) -> None:
        self._last_cell = self._last_whole_cell()
        block, self._block = self._block, []
        lines, self._lines = self._lines, []
        for name, cells in zip(self._names, zip_longest(*block, fillvalue=""), strict=False):
            if name == "":
                continue
            read = numbers(cells, decimal_comma=self._delimiter in DECIMAL_COMMA_DELIMITERS)
            is_full = bool(read.is_number.all())
            self._put(name, read.value, None if is_full else read.is_number)
            count = 0 if is_full else int(np.count_nonzero(read.is_unreadable))
            if count:
                first = int(np.argmax(read.is_unreadable))
                self._count_unreadable(name, count, cells[first], lines[first])
            key = plain(name)
            if key in CLOCK_NAMES:
                self._put_seconds(name, seconds_of([cell.strip() for cell in cells]))
            elif key in LABEL_NAMES:
                self._put_labels(name, cells, np.arange(len(cells)))
        self._count(len(block), len(self._names))

    def _count(self, rows: int, width: int) -> None:
        self._rows += rows
        self._cells += rows * max(width, MIN_WIDTH)
        if self._thinner.is_due(self._cells):
            self._thin()

    def _thin(self) -> None:
        every_row = self._every_row()
        found = self._thinner.thin(
            {name: column.column(every_row) for name, column in self._growing.items()},
            {name: column.column(every_row) for name, column in self._clocks.items()},
            {name: labels.column() for name, labels in self._labels.items()},
        )
        room = thinning.MAX_THINNED // max(len(self._names), 1)
        for growing, columns in ((self._growing, found.columns), (self._clocks, found.clocks)):
            for name, column in columns.items():
                growing[name].put_instead(column, room)
        for name, column in found.labels.items():
            self._labels[name].put_instead(column)
        self._cells = len(found.rows) * len(self._labels)
        self._cells += sum(map(len, (*self._growing.values(), *self._clocks.values())))

    def _every_row(self) -> Ints:
        """All rows, for columns without gaps; after thinning, each column has its own rows."""
        return np.arange(self._rows if self._thinner.rows is None else 0)

    def _count_unreadable(self, name: str, count: int, text: str, line: int) -> None:
        before, text, where = self._unreadable.get(name, (0, text.strip()[:MAX_SHOWN_OF], f"line {line}"))
        if before or len(self._unreadable) < MAX_COLUMNS:
            self._unreadable[name] = (before + count, text, where)

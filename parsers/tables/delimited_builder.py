"""Rows of cells gathered into a table of columns: ragged, repeated and damaged rows."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from ..texts.cut_ends import MESSAGE, may_be_cut
from .axes import plain
from .cells import DECIMAL_COMMA_DELIMITERS, is_missing, number, numbers
from .columns import LABEL_NAMES, Column, Table
from .delimited import count_numbers
from .delimited_names import is_missed, is_rule, unique_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Bools, Floats, Ints
    from ..text import Notes
    from .delimited import Layout
    from .delimited_rows import Rows

BLOCK_CELLS = 500_000  # converted at once: bounds memory
MIN_NUMBER_SHARE = 0.1  # of the filled cells of a column; below it is a column of text with a stray number


class _Growing:
    """A column while its rows come in: the numbers of all rows so far, and which rows hold one."""

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


class TableBuilder:
    """Gathers rows in blocks, turns each block into columns of numbers, and joins them by name."""

    def __init__(self, layout: Layout, notes: Notes, expected_rows: int = 0) -> None:
        self._delimiter = layout.delimiter
        self._header = layout.names
        self._names = unique_names(layout.names, notes)
        self._notes = notes
        self._rows = 0
        self._last_cell = ""  # number in the last column before the block
        self._block: list[list[str]] = []
        self._lines: list[int] = []
        self._expected_rows = expected_rows
        self._growing: dict[str, _Growing] = {}
        self._labels: dict[str, list[str]] = {}
        self._unreadable: dict[str, tuple[int, str, str]] = {}  # by column: how many, the first one, where

    @property
    def width(self) -> int:
        return len(self._names)

    @property
    def header(self) -> list[str]:
        """The names as they stand in the file, those of the latest header."""
        return self._header

    def add(self, line_number: int, cells: list[str], *, is_cut: bool) -> None:
        if self._is_header(cells) or is_rule(cells):
            return
        width = len(self._names)
        if len(cells) > width:
            if any(not is_missing(cell) for cell in cells[width:]):
                self._notes.add(f"{len(cells)} cells under {width} names: the rest is left out", f"line {line_number}")
            cells = cells[:width]
        elif is_cut and len(cells) < width:
            self._notes.add("the row is cut: its last cell is left out", f"line {line_number}")
            cells = cells[:-1]
        elif is_cut and may_be_cut(cells[-1], self._last_whole_cell()):
            self._notes.add(MESSAGE, f"line {line_number}")
            cells = cells[:-1]
        self._block.append(cells)
        self._lines.append(line_number)
        if len(self._block) * width >= BLOCK_CELLS:
            self._flush()

    def add_rows(self, first_line: int, rows: Rows) -> None:
        """Add rows that stand in consecutive lines."""
        self._flush()
        count, width = rows.value.shape
        value, is_number = rows.value, np.ones((count, width), np.bool_)
        value[np.divmod(rows.other, width)] = rows.read.value
        holes = rows.other[~rows.read.is_number]
        is_number.ravel()[holes] = False
        has_holes = np.bincount(holes % width, minlength=width).tolist()
        bad = rows.other[rows.read.is_unreadable]
        if is_number[-1, -1]:
            self._last_cell = rows.last
        for index, name in enumerate(self._names):
            if name == "":
                continue
            self._put(name, value[:, index], is_number[:, index] if has_holes[index] else None)
            bad_here = bad[bad % width == index] if len(bad) else bad
            if len(bad_here):
                text = rows.texts(bad_here[:1])[0]
                self._count_unreadable(name, len(bad_here), text, first_line + int(bad_here[0]) // width)
            if plain(name) in LABEL_NAMES:
                self._add_labels(name, rows.texts(np.arange(index, value.size, width)))
        self._end_block(count)

    def _put(self, name: str, value: Floats, is_number: Bools | None) -> None:
        if name == "":
            return
        column = self._growing.get(name)
        if column is None:
            column = self._growing[name] = _Growing(max(self._expected_rows, self._rows + len(value)))
        column.put(self._rows, value, is_number)

    def table(self) -> Table:
        self._flush()
        columns = {}
        skipped = []
        every_row = np.arange(self._rows)
        for name in list(self._growing):
            column = self._growing.pop(name).column(every_row)  # lets go of what is gathered one column at a time
            count, text, where = self._unreadable.get(name, (0, "", ""))
            if count and len(column.row) < MIN_NUMBER_SHARE * (count + len(column.row)):
                skipped += [name] if is_missed(name, text) else []
                continue
            if count:
                self._notes.add(f"column {name!r}: {count} cells are no numbers, the first is {text[:40]!r}", where)
            columns[name] = column
        if skipped:
            self._notes.add(f"columns of text are skipped: {', '.join(skipped[:5])}{', …' if skipped[5:] else ''}")
        labels = {name: texts for name, texts in self._labels.items() if name not in columns}
        return Table(self._rows, columns, labels)

    def _is_header(self, cells: list[str]) -> bool:
        """Whether this is the header (again), or another header that takes over."""
        first = cells[0].strip()
        if first == self._header[0] and [cell.strip() for cell in cells] == self._header:
            return True
        if not first[:1].isalpha() or count_numbers(cells, self._delimiter):
            return False
        header = [cell.strip() for cell in cells]
        if len(set(header) & set(self._header)) * 2 < len(self._header):
            return False
        self._flush()
        self._header = header
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
            self._put(name, read.value, read.is_number)
            count = int(np.count_nonzero(read.is_unreadable))
            if count:
                first = int(np.argmax(read.is_unreadable))
                self._count_unreadable(name, count, cells[first], lines[first])
            if plain(name) in LABEL_NAMES:
                self._add_labels(name, cells)
        self._end_block(len(block))

    def _end_block(self, rows: int) -> None:
        self._rows += rows
        for labels in self._labels.values():
            labels.extend([""] * (self._rows - len(labels)))

    def _add_labels(self, name: str, cells: Sequence[str]) -> None:
        labels = self._labels.setdefault(name, [])
        labels += [""] * (self._rows - len(labels))
        labels += [cell.strip() for cell in cells]

    def _count_unreadable(self, name: str, count: int, text: str, line: int) -> None:
        before, text, where = self._unreadable.get(name, (0, text.strip(), f"line {line}"))
        self._unreadable[name] = (before + count, text, where)

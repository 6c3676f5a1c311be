"""Rows of cells gathered into a table of columns: ragged, repeated and damaged rows."""

from __future__ import annotations

from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..texts.cut_ends import MESSAGE, may_be_cut
from .axes import plain
from .byte_numbers import read_others
from .cells import DECIMAL_COMMA_DELIMITERS, is_missing, number, numbers
from .columns import LABEL_NAMES, Column, Table
from .delimited import count_numbers
from .delimited_names import is_missed, is_rule, unique_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Bools, Floats, Ints
    from ..text import Notes
    from .byte_numbers import Grid
    from .delimited import Layout

BLOCK_CELLS = 500_000  # converted at once: bounds memory
MIN_NUMBER_SHARE = 0.1  # of the filled cells of a column; below it is a column of text with a stray number


class _Part(NamedTuple):
    """A column in a block of rows: where the block starts, which of its rows hold a number, and the numbers."""

    first_row: int
    is_number: Bools
    value: Floats


class TableBuilder:
    """Gathers rows in blocks, turns each block into columns of numbers, and joins them by name."""

    def __init__(self, layout: Layout, notes: Notes) -> None:
        self._delimiter = layout.delimiter
        self._header = layout.names
        self._names = unique_names(layout.names, notes)
        self._notes = notes
        self._rows = 0
        self._last_cell = ""  # number in the last column before the block
        self._block: list[list[str]] = []
        self._lines: list[int] = []
        self._parts: dict[str, list[_Part]] = {}
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

    def add_grid(self, first_line: int, grid: Grid) -> None:
        """Add rows that are as wide as the header and stand in consecutive lines."""
        self._flush()
        is_number, is_unreadable = self._complete(grid)
        rows = is_number.shape[1]
        if is_number[-1].any():
            self._last_cell = grid.texts((np.flatnonzero(is_number[-1])[-1:] + 1) * self.width - 1)[0]
        columns = np.ascontiguousarray(grid.value.reshape(rows, self.width).T)
        is_full = np.logical_and.reduce(is_number, axis=1).tolist()
        has_bad = np.logical_or.reduce(is_unreadable, axis=1).tolist()
        for index, name in enumerate(self._names):
            if name == "":
                continue
            numbers_of = columns[index].copy() if is_full[index] else columns[index][is_number[index]]
            self._parts.setdefault(name, []).append(_Part(self._rows, is_number[index], numbers_of))
            if has_bad[index]:
                bad = np.flatnonzero(is_unreadable[index])
                text = grid.texts(bad[:1] * self.width + index)[0]
                self._count_unreadable(name, len(bad), text, first_line + int(bad[0]))
            if plain(name) in LABEL_NAMES:
                self._add_labels(name, grid.texts(np.arange(index, len(grid.value), self.width)))
        self._end_block(rows)

    def _complete(self, grid: Grid) -> tuple[Bools, Bools]:
        """Read the cells of a grid that are not plain numbers; is each cell a number, is it unreadable, [width, rows]."""
        is_number = grid.is_plain.copy()
        is_unreadable = np.zeros(len(is_number), np.bool_)
        others = np.flatnonzero(~is_number)
        read = partial(numbers, decimal_comma=self._delimiter in DECIMAL_COMMA_DELIMITERS)
        grid.value[others], is_number[others], is_unreadable[others] = read_others(grid, others, read)
        shape = (-1, self.width)
        return np.ascontiguousarray(is_number.reshape(shape).T), np.ascontiguousarray(is_unreadable.reshape(shape).T)

    def table(self) -> Table:
        self._flush()
        columns = {}
        skipped = []
        every_row = np.arange(self._rows)
        for name in list(self._parts):
            column = _joined(self._parts.pop(name), every_row)  # lets go of the parts one column at a time
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
            part = _Part(self._rows, read.is_number, read.value[read.is_number])
            self._parts.setdefault(name, []).append(part)
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


def _joined(parts: list[_Part], every_row: Ints) -> Column:
    value = np.concatenate([part.value for part in parts])
    if len(value) == len(every_row):
        return Column(every_row, value)
    is_number = np.zeros(len(every_row), np.bool_)
    for part in parts:
        is_number[part.first_row : part.first_row + len(part.is_number)] = part.is_number
    return Column(np.flatnonzero(is_number), value)

"""Delimited text as a table of columns: delimiter, header, ragged, repeated and damaged rows."""

from __future__ import annotations

import csv
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .axes import is_axis_name, plain
from .base import HEAD_BYTES
from .cells import DECIMAL_COMMA_DELIMITERS, is_missing, number, numbers
from .columns import LABEL_NAMES, Column, Table, is_metric_name
from .text import head_lines, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .cells import Numbers
    from .run import Floats, Ints
    from .text import Notes

WHITESPACE = ""
DELIMITERS = (",", ";", "\t", "|")  # a tie goes to the first
SAMPLE_LINES = 20  # of cells
SAMPLE_LINES_MOST = 500  # with comments and blank lines
MAX_QUOTED_LINES = 50  # a quoted cell over more lines than this was never closed
BLOCK_CELLS = 500_000  # converted at once: bounds memory
MIN_NUMBER_SHARE = 0.1  # of the filled cells of a column; below it is a column of text with a stray number
MIN_REGULAR_SHARE = 0.6  # of the rows of a log have the width of its header
INDEX_NAMES = frozenset({"", "unnamed: 0", "index"})  # pandas writes the row number without a name

_PLAIN_TEXTS = frozenset(
    {"date", "time", "timestamp", "datetime", "hostname", "host", "node_ip", "ip", "pid", "id", "name", "done"}
)  # columns of text that nobody misses


class Layout(NamedTuple):
    """How a delimited file is laid out: `names` of its columns, from its header if it has one."""

    delimiter: str
    names: list[str]
    has_header: bool


class Head(NamedTuple):
    """What the start of a file shows: its layout, the first rows of cells, the comment lines."""

    layout: Layout
    rows: list[list[str]]
    comments: list[str]

    @property
    def plain_names(self) -> list[str]:
        return [plain(name) for name in self.layout.names]

    @property
    def is_table_of_numbers(self) -> bool:
        """Whether there are at least two columns, regular rows, and a row with two numbers."""
        width = len(self.layout.names)
        if width < 2 or not self.rows:
            return False
        is_regular = sum(len(row) == width for row in self.rows) >= MIN_REGULAR_SHARE * len(self.rows)
        return is_regular and any(_count_numbers(row, self.layout.delimiter) >= 2 for row in self.rows)

    @property
    def is_log(self) -> bool:
        """Whether these are numbers of a training: their header speaks of an axis or of something measured."""
        names = self.layout.names
        return self.is_table_of_numbers and any(is_axis_name(name) or is_metric_name(name) for name in names)


def peek(head: bytes) -> Head | None:
    """Look at the start of a file; None if it is binary, empty or a single column."""
    lines = head_lines(head)
    layout = _layout_of(lines)
    if layout is None or len(layout.names) < 2:
        return None
    records = [line for line in lines if not line.startswith("#")][1 if layout.has_header else 0 :]
    rows = [_split(line, layout.delimiter) for line in records]
    if not rows and len(head) >= HEAD_BYTES:
        rows = [["0"] * len(layout.names)]  # a header so wide that no row is in sight: taken on trust
    return Head(layout, rows, [line for line in lines if line.startswith("#")])


def read_delimited(path: Path, notes: Notes) -> Table:
    """Read a delimited file; empty if there is nothing to read. Raises `OSError` only."""
    text = read_text(path, notes)
    if text is None:
        return Table()
    lines = text.split("\n")
    layout = _layout_of(lines[:SAMPLE_LINES_MOST])
    if layout is None:
        return Table()
    reader = _Reader(layout, notes)
    for line_number, line in _records(lines, notes):
        is_cut = line_number == len(lines)  # a whole last line ends with "\n", after which split() gives ""
        reader.add(line_number, _split(line, layout.delimiter), is_cut=is_cut)
    return reader.table()


class _Reader:
    """Gathers rows in blocks, turns each block into columns of numbers, and joins them by name."""

    def __init__(self, layout: Layout, notes: Notes) -> None:
        self._delimiter = layout.delimiter
        self._header = layout.names
        self._names = _unique(layout.names, notes)
        self._notes = notes
        self._rows = 0
        self._block: list[list[str]] = []
        self._lines: list[int] = []
        self._parts: dict[str, list[tuple[Ints, Floats]]] = {}
        self._labels: dict[str, list[str]] = {}
        self._unreadable: dict[str, tuple[int, str, str]] = {}  # by column: how many, the first one, where

    def add(self, line_number: int, cells: list[str], *, is_cut: bool) -> None:
        where = f"line {line_number}"
        if self._is_header(cells):
            return
        if _is_rule(cells):
            return
        width = len(self._names)
        if len(cells) > width:
            if any(not is_missing(cell) for cell in cells[width:]):
                self._notes.add(f"{len(cells)} cells under {width} names: the rest is left out", where)
            cells = cells[:width]
        elif is_cut and len(cells) < width:
            self._notes.add("the last row is cut: its last cell is left out", where)
            cells = cells[:-1]
        self._block.append(cells)
        self._lines.append(line_number)
        if len(self._block) * width >= BLOCK_CELLS:
            self._flush()

    def table(self) -> Table:
        self._flush()
        columns = {}
        skipped = []
        for name, parts in self._parts.items():
            column = Column(np.concatenate([row for row, _ in parts]), np.concatenate([value for _, value in parts]))
            count, text, where = self._unreadable.get(name, (0, "", ""))
            if count and len(column.row) < MIN_NUMBER_SHARE * (count + len(column.row)):
                skipped += [name] if _is_missed(name, text) else []
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
        if not first[:1].isalpha() or _count_numbers(cells, self._delimiter):
            return False
        header = [cell.strip() for cell in cells]
        if len(set(header) & set(self._header)) * 2 < len(self._header):
            return False
        self._flush()
        self._header = header
        self._names = _unique(header, self._notes)
        return True

    def _flush(self) -> None:
        block, self._block = self._block, []
        lines, self._lines = self._lines, []
        for name, cells in zip(self._names, zip_longest(*block, fillvalue=""), strict=False):
            if name == "":
                continue
            read = numbers(cells, decimal_comma=self._delimiter in DECIMAL_COMMA_DELIMITERS)
            row = np.flatnonzero(read.is_number)
            self._parts.setdefault(name, []).append((row + self._rows, read.value[row]))
            self._count_unreadable(name, cells, read, lines)
            if plain(name) in LABEL_NAMES:
                labels = self._labels.setdefault(name, [])
                labels += [""] * (self._rows - len(labels))
                labels += [cell.strip() for cell in cells]
        self._rows += len(block)
        for labels in self._labels.values():
            labels.extend([""] * (self._rows - len(labels)))

    def _count_unreadable(self, name: str, cells: Sequence[str], read: Numbers, lines: list[int]) -> None:
        count = int(np.count_nonzero(read.is_unreadable))
        if count:
            first = int(np.argmax(read.is_unreadable))
            before, text, where = self._unreadable.get(name, (0, cells[first].strip(), f"line {lines[first]}"))
            self._unreadable[name] = (before + count, text, where)


def _records(lines: list[str], notes: Notes) -> Iterator[tuple[int, str]]:
    """Yield line number and text of each record; a quoted cell may hold line ends."""
    index = 0
    while index < len(lines):
        start, line = index, lines[index]
        index += 1
        if not line or line.isspace() or line.startswith("#"):
            continue
        if line.count('"') % 2:
            ahead = range(index, min(index + MAX_QUOTED_LINES, len(lines)))
            end = next((i for i in ahead if lines[i].count('"') % 2), None)
            if end is None:
                notes.add("a quoted cell is never closed", f"line {start + 1}")
            else:
                line = "\n".join(lines[start : end + 1])
                index = end + 1
        yield index, line


def _split(line: str, delimiter: str) -> list[str]:
    if delimiter == WHITESPACE:
        return line.split()
    if delimiter == "|":
        line = line.strip().removeprefix("|").removesuffix("|")
    if '"' in line:
        try:
            return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [""])
        except csv.Error:  # a cell of more than 131,072 characters
            pass
    return line.split(delimiter)


def _layout_of(lines: list[str]) -> Layout | None:
    records = [line for line in lines if line.strip() and not line.startswith("#")][:SAMPLE_LINES]
    if not records:
        return None
    delimiter = _find_delimiter(records)
    rows = [_split(line, delimiter) for line in records]
    if _is_header_like(rows[0], delimiter):
        return Layout(delimiter, _named(rows[0]), has_header=True)
    for line in reversed([line for line in lines if line.startswith("#")]):
        cells = _split(line.lstrip("# "), delimiter)
        if len(cells) == len(rows[0]) and _is_header_like(cells, delimiter):
            return Layout(delimiter, _named(cells), has_header=False)
    return Layout(delimiter, [f"column_{i}" for i in range(max(map(len, rows)))], has_header=False)


def _find_delimiter(lines: list[str]) -> str:
    """Choose the delimiter that cuts the lines most evenly and leaves the most numbers below the header."""
    best, best_score = WHITESPACE, 0.0
    for delimiter in DELIMITERS:
        rows = [_split(line, delimiter) for line in lines]
        width = len(rows[0])
        if width < 2:
            continue
        cells = [cell for row in rows[1:] or rows for cell in row]
        is_comma = delimiter in DECIMAL_COMMA_DELIMITERS
        readable = sum(is_missing(cell) or number(cell, decimal_comma=is_comma) is not None for cell in cells)
        score = sum(len(row) == width for row in rows) / len(rows) + readable / len(cells)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _is_header_like(cells: list[str], delimiter: str) -> bool:
    count = _count_numbers(cells, delimiter)
    return count * 2 < sum(not is_missing(cell) for cell in cells)


def _count_numbers(cells: list[str], delimiter: str) -> int:
    is_comma = delimiter in DECIMAL_COMMA_DELIMITERS
    return sum(number(cell, decimal_comma=is_comma) is not None for cell in cells)


def _named(cells: list[str]) -> list[str]:
    return [cell.strip() for cell in cells]


def _unique(header: list[str], notes: Notes) -> list[str]:
    """Give each column a name of its own, and "" to those that only number the rows."""
    names: list[str] = []
    copies: dict[str, int] = {}
    doubled = []
    for i, given in enumerate(header):
        base = given or (f"column_{i}" if i else "")
        if i == 0 and base.casefold() in INDEX_NAMES:
            names.append("")
            continue
        name = base
        while name in copies:
            copies[base] += 1
            name = f"{base}.{copies[base] - 1}"
        if name != base and copies[base] == 2:
            doubled.append(base)
        copies[name] = 1
        names.append(name)
    if doubled:
        notes.add(f"columns of the same name, told apart by a number: {', '.join(doubled[:5])}")
    return names


def _is_rule(cells: list[str]) -> bool:
    """Whether this is a line drawn under the header of a printed table."""
    text = "".join(cells).strip()
    return len(text) >= 3 and not text.strip("-=+:| ")


def _is_missed(name: str, text: str) -> bool:
    """Whether a reader may wonder where a column of text went: not if it is a label."""
    key = plain(name)
    is_label = key in LABEL_NAMES or key in _PLAIN_TEXTS or key.endswith("_id")
    return not is_label and any(character.isdigit() for character in text)

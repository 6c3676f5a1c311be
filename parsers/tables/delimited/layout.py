"""Delimited text as rows of cells: its delimiter, its header, and quoted cells that never end."""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ...base import HEAD_BYTES
from ...files.text import head_lines
from ...meaning.metric_names import is_metric_name
from ...numbers.cells import DECIMAL_COMMA_DELIMITERS, is_missing, number
from ...numbers.columns import MAX_COLUMNS
from ..axes import is_axis_name, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

WHITESPACE = ""
DELIMITERS = (",", ";", "\t", "|")  # a tie goes to the first
SAMPLE_LINES = 20  # of cells
SAMPLE_LINES_MOST = 500  # with comments and blank lines
MAX_QUOTED_LINES = 5000  # a quoted cell over more lines than this is unclosed
MAX_WIDTHS = 3  # of rows that leave off trailing cells: of a step, of an epoch, of an evaluation
MIN_REGULAR_SHARE = 0.6  # share of the rows that have the width of the header

_CONTROL = re.compile(
    r"[\0-\x08\x0b-\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]"
)  # in no name of a column; escape begins a colour


class Layout(NamedTuple):
    """Layout of a delimited file: `names` of its columns, from its header if it has one."""

    delimiter: str
    names: list[str]
    has_header: bool


class Head(NamedTuple):
    """The start of a file: its layout and the first rows of cells below the header."""

    layout: Layout
    rows: list[list[str]]

    @property
    def plain_names(self) -> list[str]:
        return [plain(name) for name in self.layout.names]

    @property
    def columns(self) -> dict[str, list[str]]:
        """The cells below each name, "" where a row is too short."""
        rows = self._rows_of_first_header()
        return {name: [row[i] if i < len(row) else "" for row in rows] for i, name in enumerate(self.layout.names)}

    @property
    def is_table_of_numbers(self) -> bool:
        """Whether there are at least two columns, regular rows, and a row with two numbers."""
        width = len(self.layout.names)
        if width < 2 or not self.rows or self._is_text:
            return False
        rows = self._rows_of_first_header()
        is_regular = sum(len(row) == width for row in rows) >= MIN_REGULAR_SHARE * len(rows)
        has_numbers = any(count_numbers(row, self.layout.delimiter) >= 2 for row in rows)
        return has_numbers and (is_regular or self._leaves_cells_off(rows))

    def _leaves_cells_off(self, rows: list[list[str]]) -> bool:
        """Whether rows end with their last filled cell: those of an evaluation are longer, never than the header."""
        if not self.layout.has_header or self.layout.delimiter == WHITESPACE:
            return False
        widths = set(map(len, rows))
        is_shorter = min(widths) >= 2 and max(widths) <= len(self.layout.names) and len(widths) <= MAX_WIDTHS
        return is_shorter and all(count_numbers(row, self.layout.delimiter) >= 2 for row in rows)

    def _rows_of_first_header(self) -> list[list[str]]:
        """The rows before another header, e.g. of an appended run."""
        names = set(self.layout.names) if self.layout.has_header else set()
        another = (
            i
            for i, row in enumerate(self.rows)
            if names and 2 * len(names.intersection(map(str.strip, row))) >= len(names)
        )
        return self.rows[: next(another, 0) or len(self.rows)]

    @property
    def _is_text(self) -> bool:
        """Whether an apparent header is a line of text with keys, such as `iter: 20 loss: 1.5` or `step 20 loss 1.5`.

        Keys without a separator recur in the next line, at the same place, beside numbers.
        """
        names, row = self.layout.names, self.rows[0]
        if self.layout.delimiter == WHITESPACE and any(name.endswith((":", "=")) for name in names):
            return True
        again = [name for name, cell in zip(names, row, strict=False) if name == cell.strip()]
        return row != names and any(is_axis_name(name) or is_metric_name(name) for name in again)

    @property
    def is_log(self) -> bool:
        """Whether the numbers belong to a training run: the header names an axis or a metric."""
        names = self.layout.names
        return self.is_table_of_numbers and any(is_axis_name(name) or is_metric_name(name) for name in names)


@lru_cache(maxsize=1)  # the parsers of tables are asked about a file one after the other
def peek(head: bytes) -> Head | None:
    """Look at the start of a file; None if it is binary, empty or a single column."""
    lines = head_lines(head)
    layout = layout_of(lines)
    if layout is None or len(layout.names) < 2:
        return None
    is_cut = len(head) >= HEAD_BYTES
    rows: list[list[str]] = []
    for record in records(lines, layout):
        if is_cut and not record.is_closed and len(rows) == layout.has_header:  # the only row, as far as it was read
            rows.append(record.cells + [""] * (len(layout.names) - len(record.cells)))
        elif record.is_closed or not is_cut:
            rows.append(record.cells)
    rows = rows[1:] if layout.has_header else rows
    if not rows and is_cut:
        if _CONTROL.search(lines[0]):  # serialized data with a few separators
            return None
        rows = [["0"] * len(layout.names)]  # a header so wide that no row was read: accepted
    return Head(layout, rows)


class Record(NamedTuple):
    line: int  # number of its last line
    cells: list[str]
    is_closed: bool  # every quoted cell ends


def records(lines: list[str], layout: Layout) -> Iterator[Record]:
    """Yield the rows of cells, including the header; a quoted cell may contain line ends if the row is complete."""
    width = len(layout.names)
    index = 0
    while index < len(lines):
        start, line = index, lines[index]
        index += 1
        if not line or line.isspace() or line.startswith("#"):
            continue
        if '"' not in line or line.count('"') % 2 == 0:
            yield Record(index, split_cells(line, layout.delimiter), is_closed=True)
            continue
        ahead = range(index, min(index + MAX_QUOTED_LINES, len(lines)))
        end = next((i for i in ahead if lines[i].count('"') % 2), start)
        cells = split_cells("\n".join(lines[start : end + 1]), layout.delimiter)
        if end > start and len(cells) >= width:
            index = end + 1
            yield Record(index, cells, is_closed=True)
            continue
        yield Record(index, split_cells(line, layout.delimiter), is_closed=False)
        while index < len(lines) and len(split_cells(lines[index], layout.delimiter)) != width:
            index += 1  # still the unclosed cell


def split_cells(line: str, delimiter: str) -> list[str]:
    """Split a record into cells, at most `MAX_COLUMNS`."""
    if delimiter == WHITESPACE:
        return line.split()[:MAX_COLUMNS]
    if delimiter == "|":
        line = line.strip().removeprefix("|").removesuffix("|")
    if '"' in line:
        try:
            return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [""])[:MAX_COLUMNS]
        except csv.Error:  # a cell of more than 131,072 characters
            pass
    return line.split(delimiter, MAX_COLUMNS)[:MAX_COLUMNS]


def layout_of(lines: list[str]) -> Layout | None:
    """Determine the layout of a file; None if it has only blank lines and comments."""
    lines = lines[:SAMPLE_LINES_MOST]
    sample = [line for line in lines if line.strip() and not line.startswith("#")][:SAMPLE_LINES]
    if not sample:
        return None
    delimiter = _find_delimiter(sample)
    rows = [split_cells(line, delimiter) for line in sample]
    if _is_header_like(rows[0], delimiter) or _is_numbered_header(rows):
        return Layout(delimiter, _named(rows[0]), has_header=True)
    for line in reversed([line for line in lines if line.startswith("#")]):
        cells = split_cells(line.lstrip("# "), delimiter)
        if len(cells) == len(rows[0]) and _is_header_like(cells, delimiter):
            return Layout(delimiter, _named(cells), has_header=False)
    return Layout(delimiter, [f"column_{i}" for i in range(max(map(len, rows)))], has_header=False)


def _find_delimiter(lines: list[str]) -> str:
    """Choose the delimiter with the most even split and the most numbers below the header."""
    best, best_score = WHITESPACE, 0.0
    for delimiter in DELIMITERS:
        rows = [split_cells(line, delimiter) for line in lines]
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
    count = count_numbers(cells, delimiter)
    return count * 2 < sum(not is_missing(cell) for cell in cells)


def _is_numbered_header(rows: list[list[str]]) -> bool:
    """Whether the first row is the header that pandas writes of columns without names: `,0` or `,0,1,2`.

    The column before it holds the row numbers 0, 1, 2, ...
    """
    first, *others = rows
    numbers = [str(number) for number in range(len(first) - 1)]
    is_counted = [row[0].strip() for row in others] == [str(number) for number in range(len(others))]
    return len(first) > 1 and not first[0].strip() and _named(first[1:]) == numbers and is_counted and bool(others)


def count_numbers(cells: list[str], delimiter: str) -> int:
    is_comma = delimiter in DECIMAL_COMMA_DELIMITERS
    return sum(number(cell, decimal_comma=is_comma) is not None for cell in cells)


def _named(cells: list[str]) -> list[str]:
    return [cell.strip() for cell in cells]

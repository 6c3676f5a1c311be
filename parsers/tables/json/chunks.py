"""A large file of JSON lines in chunks: lines of the same shape all at once, the others one by one.

The rows and the notes are the same as those of reading line by line. Only of a file with very many lines that are read one
by one, as a small gzip file can hold millions of, the first and the last ones are read.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...files.chunks import line_chunks, with_plain_ends
from ...numbers.cells import Numbers, numbers
from ...numbers.dates import seconds_at
from ...numbers.plain_numbers import NumberReader
from ...numbers.texts import distinct_texts, read_texts
from ..axes import CLOCK_NAMES, plain
from ..columns import LABEL_NAMES
from .line_log import LineLog
from .rows import loads
from .shape import Chunk, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ...files.text import Notes
    from ...numbers.numbers import Grid
    from ...run import Bools, Floats, Ints
    from .shape import Match, Shape

CHUNK_BYTES = 1 << 19
MAX_ODD_LINES = 100_000  # read one by one, of any file: about a second
END_LINES = 50_000  # read at the end of a file with more of them
END_CHARACTERS = 16 * 1024**2  # of these lines while they wait
ODD_LINE_BYTES = 8  # of the file on disk for each such line: 80 or more unpacked, as logs pack 5 to 20 times
MAX_SHAPES = 8  # of one file; rows of further shapes are read one by one
MAX_TRIES = 4  # lines of a chunk whose shape is determined


def read_in_chunks(path: Path, notes: Notes) -> LineLog | None:
    """Read a file of JSON lines; None if it cannot be read in chunks."""
    reader = _ChunkReader(notes, path.stat().st_size)
    is_text = False
    for chunk in line_chunks(path, CHUNK_BYTES, notes):
        clean = with_plain_ends(chunk)
        if clean is None or not reader.add(clean):
            return None
        is_text = True
    reader.end()
    return reader.log if is_text else None


class _Block(NamedTuple):
    """Decoded lines of one shape: `line` int64 [lines] in the chunk, and the kind of each value [lines, values].

    `cell` int64 [lines, values] are the indices of the values in `grid`.
    """

    shape: Shape
    line: Ints
    value: Floats
    is_number: Bools
    is_unreadable: Bools
    cell: Ints
    grid: Grid


class _ChunkReader:
    def __init__(self, notes: Notes, size: int) -> None:
        self.log = LineLog(notes)
        self._notes = notes
        self._most_odd = self._odd_left = max(MAX_ODD_LINES, size // ODD_LINE_BYTES)
        self._left_out = 0
        self._waiting: deque[tuple[int, str]] = deque()  # the latest lines beyond that, with their numbers
        self._lines = 0
        self._shapes: list[Shape] = []
        self._numbers = NumberReader()

    def add(self, chunk: bytes) -> bool:
        """Add the rows of a chunk; False if the rows of this file depend on each other."""
        end = np.flatnonzero(np.frombuffer(chunk, np.uint8) == ord("\n"))
        lines = len(end)
        is_open = np.ones(lines + 1, np.bool_)  # the last one is empty or truncated
        is_open[:-1] = is_filled = np.diff(end, prepend=-1) > 1
        blocks = []
        if lines and b"\\" not in chunk:
            blocks = list(self._blocks(chunk[: chunk.rfind(b"\n") + 1], is_open[:-1]))
        first_row = self.log.rows
        is_row = ~is_open
        is_row[:-1] &= is_filled
        self._add_others(chunk, is_open, is_row)
        row_of_line = first_row - 1 + np.cumsum(is_row)
        for block in blocks:
            self._add_block(block, row_of_line[block.line])
        self.log.rows = first_row + int(np.count_nonzero(is_row))
        self.log.table.extend_to(self.log.rows)
        self._lines += lines
        return not self.log.is_by_iteration

    def _blocks(self, chunk: bytes, is_open: Bools) -> Iterator[_Block]:
        """Read the lines of known and new shapes, and close them."""
        layout = Chunk(chunk)
        for shape in self._shapes:
            yield from _blocks_of(shape, layout, is_open, self._numbers)
        for line in np.flatnonzero(is_open & layout.is_object())[:MAX_TRIES].tolist():
            new = shape_of(layout.line(line)) if is_open[line] and len(self._shapes) < MAX_SHAPES else None
            if new is not None:
                self._shapes.append(new)
                yield from _blocks_of(new, layout, is_open, self._numbers)

    def end(self) -> None:
        """Add the last of the lines that were too many."""
        for number, line in self._waiting:
            self.log.add_line(number, line)
        self.log.table.extend_to(self.log.rows)
        if self._left_out:
            told = f"{self._left_out:,} lines unlike the others were skipped: there are more than {self._most_odd:,}"
            self._notes.leave_out(told, "middle")

    def _add_others(self, chunk: bytes, is_open: Bools, is_row: Bools) -> None:
        """Add the open lines one by one, and mark those that are rows, among the rows that are known."""
        is_open[-1] = not chunk.endswith(b"\n")
        open_lines = np.flatnonzero(is_open)
        lines = chunk.decode().split("\n") if len(open_lines) else []
        read = open_lines[: self._odd_left]
        self._odd_left -= len(read)
        if is_row.any():
            self._leave_out(0)
        closed_before = np.cumsum(is_row)[read].tolist()
        last_row = int(np.flatnonzero(is_row)[-1]) if is_row.any() else -1
        first_row, added = self.log.rows, 0
        for line, closed in zip(read.tolist(), closed_before, strict=True):
            self.log.rows = row = first_row + closed + added
            self.log.add_line(self._lines + line + 1, lines[line])
            is_row[line] = self.log.rows > row
            added += self.log.rows - row
        left = open_lines[len(read) :]
        behind = left[left > last_row][-END_LINES:]
        self._left_out += len(left) - len(behind)
        self._waiting += [(self._lines + line + 1, lines[line]) for line in behind.tolist()]
        self._leave_out(END_LINES)

    def _leave_out(self, kept: int) -> None:
        """Let go of the lines that wait, but for the last ones, as far as there is room for them."""
        size = sum(len(line) for _, line in self._waiting)
        while len(self._waiting) > kept or size > END_CHARACTERS:
            size -= len(self._waiting.popleft()[1])
            self._left_out += 1

    def _add_block(self, block: _Block, rows: Ints) -> None:
        table = self.log.table
        columns = np.ascontiguousarray(block.value.T)
        is_number = np.ascontiguousarray(block.is_number.T)
        is_full = np.logical_and.reduce(is_number, axis=1).tolist()
        has_texts = np.logical_or.reduce(block.is_unreadable, axis=0).tolist()
        for index, (position, field) in enumerate(block.shape.values):
            if is_full[index]:
                table.add_numbers(field.name, position, rows, columns[index].copy())
            else:
                kept = np.flatnonzero(is_number[index])
                table.add_numbers(field.name, position, rows[kept], columns[index].take(kept))
            if has_texts[index]:
                kept = np.flatnonzero(block.is_unreadable[:, index])
                self._add_texts(field.name, position, rows[kept], block.grid, block.cell[kept, index])

    def _add_texts(self, name: str, position: int, rows: Ints, grid: Grid, cells: Ints) -> None:
        start, end = grid.start[cells], grid.end[cells]
        if plain(name) in CLOCK_NAMES:
            self.log.table.add_seconds(name, position, rows, seconds_at(grid.content, start, end))
        elif plain(name) in LABEL_NAMES:
            self.log.table.add_labels(name, position, rows, *distinct_texts(grid.content, start, end))
        else:
            self.log.table.count_texts(name, position, rows)


def _blocks_of(shape: Shape, chunk: Chunk, is_open: Bools, reader: NumberReader) -> Iterator[_Block]:
    """Read the open lines of a shape and close them, except those with a value of another kind."""
    found = shape.match_plain(chunk, is_open, reader) or shape.match(chunk, is_open)
    if found is not None:
        block = _block(shape, found)
        is_text = np.array([field.kind == "text" for _, field in shape.values])
        kept = np.flatnonzero(~np.logical_or.reduce(block.is_unreadable & ~is_text, axis=1))
        is_open[block.line[kept]] = False
        yield block if len(kept) == len(block.line) else _taken(block, kept)


def _taken(block: _Block, kept: Ints) -> _Block:
    return _Block(
        block.shape, block.line[kept], block.value[kept], block.is_number[kept], block.is_unreadable[kept],
        block.cell[kept], block.grid,
    )  # fmt: skip


def _block(shape: Shape, found: Match) -> _Block:
    line, grid = found
    is_text = np.tile([field.kind == "text" for _, field in shape.values], len(line))
    is_number, is_unreadable = grid.is_plain.copy(), np.zeros(len(is_text), np.bool_)
    for others, read in ((~is_number & ~is_text, _json_numbers), (~is_number & is_text, numbers)):
        cells = np.flatnonzero(others)
        if len(cells):
            grid.value[cells], is_number[cells], is_unreadable[cells] = read_texts(
                grid.content, grid.start[cells], grid.end[cells], read
            )
    shaped = (len(line), len(shape.values))
    return _Block(
        shape, line, grid.value.reshape(shaped), is_number.reshape(shaped), is_unreadable.reshape(shaped),
        np.arange(len(is_text)).reshape(shaped), grid,
    )  # fmt: skip


def _json_numbers(texts: Sequence[str]) -> Numbers:
    """Read values as JSON; anything but a number, null or boolean is unreadable."""
    value = np.full(len(texts), np.nan)
    is_number, is_unreadable = np.zeros(len(texts), np.bool_), np.zeros(len(texts), np.bool_)
    for index, text in enumerate(texts):
        read, damage = loads(text)
        if damage is not None or not (read is None or isinstance(read, bool | int | float)):
            is_unreadable[index] = True
        elif read is not None and not isinstance(read, bool):
            value[index], is_number[index] = float(read), True
    return Numbers(value, is_number, is_unreadable)

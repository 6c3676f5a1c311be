"""A large delimited file in chunks: all cells of a regular chunk at once, other chunks line by line.

The table and the notes are the same as those of reading the whole file line by line, in a tenth of the time and with
no more memory than the table itself. Where a chunk cannot be read on its own (a quoted cell over several lines, an
encoding other than UTF-8, NUL bytes, lone carriage returns) the whole file is read line by line.
"""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from ...files.chunks import line_chunks, with_plain_ends
from ...numbers.columns import MAX_COLUMNS
from ..thinning import MAX_CELLS
from .builder import TableBuilder
from .layout import SAMPLE_LINES, SAMPLE_LINES_MOST, layout_of, records
from .rows import RowReader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...files.text import Notes
    from ...numbers.columns import Table
    from .layout import Layout

DELIMITERS = (",", ";", "\t")
MAX_HEAD = 1 << 23  # bytes in which `SAMPLE_LINES_MOST` lines are looked for
MAX_ODD_LINES = 100_000  # in chunks that are read line by line, of any file: about half a second
END_LINES = 50_000  # of them that are read at the end of a file with more
END_SIZE = 1 << 24  # characters of these lines, which wait in memory until the end; lines of a log have some 100 each
ODD_LINE_BYTES = 16  # of the file on disk per such line: lines of a log are longer, those of a bomb are not
CHUNK_BYTES = 1 << 19  # the arrays of a chunk of this size fit into the processor's cache


def read_in_chunks(path: Path, notes: Notes) -> Table | None:
    """Read a delimited file; None if it is not one that can be read in chunks."""
    return _read(line_chunks(path, CHUNK_BYTES, notes), path.stat().st_size, notes)


def read_text_in_chunks(text: str, size: int, notes: Notes) -> Table | None:
    """Read the text of a delimited file of so many bytes on disk; None if it cannot be read in chunks."""
    return _read(_text_chunks(text), size, notes)


def _text_chunks(text: str) -> Iterator[bytes]:
    position = 0
    while position < len(text):
        end = text.find("\n", position + CHUNK_BYTES) + 1 or len(text)
        yield text[position:end].encode()
        position = end


def _read(chunks: Iterator[bytes], size: int, notes: Notes) -> Table | None:
    head = next(chunks, b"")
    while head.count(b"\n") < SAMPLE_LINES_MOST and len(head) < MAX_HEAD and (more := next(chunks, b"")):
        head += more
    clean_head = with_plain_ends(head)
    layout = layout_of(clean_head.decode().split("\n")) if clean_head else None
    if layout is None or layout.delimiter not in DELIMITERS or len(layout.names) >= MAX_COLUMNS:
        return None
    reader = _ChunkReader(layout, notes, size, head)
    for chunk in chain(_parted(head), chunks):
        if not reader.add(chunk):
            return None
    reader.end()
    table = reader.builder.table()
    return None if reader.builder.lacks_texts else table


def _parted(head: bytes) -> Iterator[bytes]:
    """Split the start of a file, with the header and anything above it, from the rows below."""
    position = 0
    for _ in range(SAMPLE_LINES):
        position = head.find(b"\n", position) + 1 or len(head)
    yield head[:position]
    while position < len(head):
        end = head.find(b"\n", position + CHUNK_BYTES) + 1 or len(head)
        yield head[position:end]
        position = end


def _expected_rows(head: bytes, layout: Layout, size: int) -> int:
    """Estimated number of rows of a file of this size, from its start; limited by the memory for its cells."""
    of_head = head.count(b"\n") / len(head)
    expected = int(min(1.05 * of_head, 0.5 / len(layout.names)) * size) + 1
    # Room for the chunk with which the table becomes too large: growing would need twice the memory.
    return min(expected, (MAX_CELLS + CHUNK_BYTES) // len(layout.names))


class _ChunkReader:
    def __init__(self, layout: Layout, notes: Notes, size: int, head: bytes) -> None:
        self.builder = TableBuilder(layout, notes, _expected_rows(head, layout, size))
        self._layout = layout
        self._notes = notes
        self._lines = 0
        self._rows = RowReader(layout.delimiter)
        self._most_odd = self._odd_left = max(MAX_ODD_LINES, size // ODD_LINE_BYTES)
        self._left_out = 0
        self._waiting: deque[tuple[int, list[str]]] = (
            deque()
        )  # the latest chunks beyond that, with the lines before each
        self._waiting_lines = self._waiting_size = 0  # of all chunks, without their last, open line

    def add(self, chunk: bytes) -> bool:
        """Add the rows of a chunk; False if it cannot be read on its own."""
        clean = with_plain_ends(chunk)
        rows = None if clean is None else self._rows.rows_in(clean, self.builder.header)
        if rows is not None:
            self._leave_out(0, 0)
            self.builder.add_rows(self._lines + 1, rows)
            self._lines += len(rows.value)
            return True
        lines = (clean or chunk).decode(errors="replace").split("\n")
        is_apart = clean is not None and not (b'"' in clean and any(each.count('"') % 2 for each in lines))
        if not is_apart and self._odd_left >= 0:  # in a file with so many irregular lines the start is not parsed again
            return False
        read = max(self._odd_left, 0)
        self._odd_left -= len(lines)
        if self._odd_left >= 0:
            self._add_lines(self._lines, lines)
        else:
            self._add_lines(self._lines, [*lines[:read], ""])  # the first lines of a file may be good ones
            self._waiting.append((self._lines + read, lines[read:]))
            self._waiting_lines += len(lines) - 1 - read
            self._waiting_size += sum(map(len, lines[read:-1]))
            self._leave_out(END_LINES, END_SIZE)
        self._lines += len(lines) - 1
        return True

    def end(self) -> None:
        """Add the last of the lines that were too many."""
        for before, lines in self._waiting:
            self._add_lines(before, lines)
        if self._left_out:
            note = f"{self._left_out:,} irregular rows were skipped: there are more than"
            self._notes.leave_out(f"{note} {self._most_odd:,}", "middle")

    def _add_lines(self, before: int, lines: list[str]) -> None:
        for record in records(lines, self._layout):
            self.builder.add(before + record.line, record.cells, is_cut=record.line == len(lines))

    def _leave_out(self, lines_kept: int, size_kept: int) -> None:
        """Drop the pending lines except the last ones, so many and of so many characters at most."""
        while self._waiting and (self._waiting_lines > lines_kept or self._waiting_size > size_kept):
            before, lines = self._waiting.popleft()
            ends = np.cumsum(list(map(len, lines[:-1])))
            for_size = (
                np.searchsorted(ends, self._waiting_size - size_kept) + 1 if self._waiting_size > size_kept else 0
            )
            left = min(len(lines) - 1, max(self._waiting_lines - lines_kept, int(for_size)))
            self._waiting_lines -= left
            self._waiting_size -= int(ends[left - 1]) if left else 0
            self._left_out += left
            if left < len(lines) - 1:
                self._waiting.appendleft((before + left, lines[left:]))

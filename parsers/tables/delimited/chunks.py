"""A large delimited file in chunks: regular ones all cells at once, the others line by line.

The table and the notes are the same as those of reading the whole file line by line, in a tenth of the time and with
no more memory than the table itself. Where a chunk cannot be read on its own (a quoted cell over several lines, an
encoding other than UTF-8, NUL bytes, lone carriage returns) the whole file is left to the slow way.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

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
CHUNK_BYTES = 1 << 19  # what is made of a chunk of this size stays in the processor's cache


def read_in_chunks(path: Path, notes: Notes) -> Table | None:
    """Read a delimited file; None if it is not one that can be read in chunks."""
    chunks = line_chunks(path, CHUNK_BYTES, notes)
    head = next(chunks, b"")
    while head.count(b"\n") < SAMPLE_LINES_MOST and len(head) < MAX_HEAD and (more := next(chunks, b"")):
        head += more
    clean_head = with_plain_ends(head)
    layout = layout_of(clean_head.decode().split("\n")) if clean_head else None
    if layout is None or layout.delimiter not in DELIMITERS or len(layout.names) >= MAX_COLUMNS:
        return None
    reader = _ChunkReader(layout, notes, _expected_rows(head, layout, path.stat().st_size))
    for chunk in chain(_parted(head), chunks):
        clean = with_plain_ends(chunk)
        if clean is None or not reader.add(clean):
            return None
    table = reader.builder.table()
    return None if reader.builder.lacks_texts else table


def _parted(head: bytes) -> Iterator[bytes]:
    """Part the start of a file, which holds the header and whatever stands above it, from the rows below."""
    position = 0
    for _ in range(SAMPLE_LINES):
        position = head.find(b"\n", position) + 1 or len(head)
    yield head[:position]
    while position < len(head):
        end = head.find(b"\n", position + CHUNK_BYTES) + 1 or len(head)
        yield head[position:end]
        position = end


def _expected_rows(head: bytes, layout: Layout, size: int) -> int:
    """How many rows a file of so many bytes may have, from its start; never more than its cells have room for."""
    of_head = head.count(b"\n") / len(head)
    expected = int(min(1.05 * of_head, 0.5 / len(layout.names)) * size) + 1
    # Room for the chunk with which the table becomes too large: what has to move takes its room twice.
    return min(expected, (MAX_CELLS + CHUNK_BYTES) // len(layout.names))


class _ChunkReader:
    def __init__(self, layout: Layout, notes: Notes, expected_rows: int) -> None:
        self.builder = TableBuilder(layout, notes, expected_rows)
        self._layout = layout
        self._lines = 0
        self._rows = RowReader(layout.delimiter)

    def add(self, chunk: bytes) -> bool:
        """Add the rows of a chunk; False if it cannot be read on its own."""
        rows = self._rows.rows_in(chunk, self.builder.header)
        if rows is not None:
            self.builder.add_rows(self._lines + 1, rows)
            self._lines += len(rows.value)
            return True
        lines = chunk.decode().split("\n")
        if b'"' in chunk and any(each.count('"') % 2 for each in lines):
            return False
        for record in records(lines, self._layout):
            self.builder.add(self._lines + record.line, record.cells, is_cut=record.line == len(lines))
        self._lines += len(lines) - 1
        return True

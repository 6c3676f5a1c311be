"""A large delimited file in chunks: regular ones all cells at once, the others line by line.

The table and the notes are the same as those of reading the whole file line by line, in a tenth of the time and with
no more memory than the table itself. Where a chunk cannot be read on its own (a quoted cell over several lines, an
encoding other than UTF-8, NUL bytes, lone carriage returns) the whole file is left to the slow way.
"""

from __future__ import annotations

import codecs
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from .base import HEAD_BYTES
from .byte_numbers import CHUNK_BYTES, read_grid
from .cells import number
from .columns import MAX_COLUMNS
from .delimited import SAMPLE_LINES, SAMPLE_LINES_MOST, layout_of, records
from .delimited_builder import TableBuilder
from .text import LIMIT_NOTE, MAX_BYTES, head_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

    from .byte_numbers import Grid
    from .columns import Table
    from .delimited import Layout
    from .text import Notes

DELIMITERS = (",", ";", "\t")
COMMENT = ord("#")


def read_in_chunks(path: Path, notes: Notes) -> Table | None:
    """Read a delimited file; None if it is not one that can be read in chunks."""
    if path.stat().st_size > MAX_BYTES:
        notes.add(*LIMIT_NOTE)
    with path.open("rb") as file:
        chunks = _chunks(file)
        head = next(chunks, b"").removeprefix(codecs.BOM_UTF8)
        while head.count(b"\n") < SAMPLE_LINES_MOST and (more := next(chunks, b"")):
            head += more
        lines = _lines(head) if head_text(head[:HEAD_BYTES]) else None
        layout = layout_of(lines) if lines else None
        if layout is None or layout.delimiter not in DELIMITERS or len(layout.names) >= MAX_COLUMNS:
            return None
        builder = TableBuilder(layout, notes)
        line = 0
        for chunk in chain(_parted(head), chunks):
            count = _add_chunk(builder, layout, chunk, line)
            if count is None:
                return None
            line += count
        return builder.table()


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    """Yield whole lines of about `CHUNK_BYTES`; only the last chunk may end in the middle of one."""
    left = MAX_BYTES
    while left and (chunk := file.read(min(CHUNK_BYTES, left))):
        chunk += b"" if chunk.endswith(b"\n") else file.readline(left - len(chunk))
        left -= len(chunk)
        yield chunk


def _parted(head: bytes) -> tuple[bytes, bytes]:
    """Part the start of a file, which holds the header and whatever stands above it, from the rows below."""
    position = 0
    for _ in range(SAMPLE_LINES):
        position = head.find(b"\n", position) + 1 or len(head)
    return head[:position], head[position:]


def _lines(chunk: bytes) -> list[str] | None:
    """Cut a chunk into lines; None if it is no clean UTF-8."""
    if b"\r" in chunk:
        chunk = chunk.replace(b"\r\n", b"\n")
    if b"\r" in chunk or b"\0" in chunk:
        return None
    try:
        return chunk.decode().split("\n")
    except UnicodeDecodeError:
        return None


def _add_chunk(builder: TableBuilder, layout: Layout, chunk: bytes, line: int) -> int | None:
    """Add the rows of a chunk that follows line number `line`; the number of its lines, None if it cannot be read."""
    grid = _grid_of(builder, layout, chunk)
    if grid is not None:
        builder.add_grid(line + 1, grid)
        return len(grid.value) // builder.width
    lines = _lines(chunk)
    if lines is None or ('"' in chunk.decode() and any(each.count('"') % 2 for each in lines)):
        return None
    for record in records(lines, layout):
        builder.add(line + record.line, record.cells, is_cut=record.line == len(lines))
    return len(lines) - 1


def _grid_of(builder: TableBuilder, layout: Layout, chunk: bytes) -> Grid | None:
    """Read a chunk of whole lines as cells if every line is certainly a row, as wide as the header."""
    if not chunk.endswith(b"\n") or not chunk.isascii() or b'"' in chunk or b"\0" in chunk:
        return None
    if b"\r" in chunk:
        chunk = chunk.replace(b"\r\n", b"\n")
    if b"\r" in chunk or any(number(name) is not None for name in builder.header):
        return None
    delimiter = layout.delimiter.encode()
    while b" " in chunk and delimiter + b" " in chunk:  # a number is the same without the blanks before it
        chunk = chunk.replace(delimiter + b" ", delimiter)
    grid = read_grid(chunk, delimiter[0], builder.width)
    return None if grid is None or _may_hold_others(grid, builder.width) else grid


def _may_hold_others(grid: Grid, width: int) -> bool:
    """Whether a line may be something else than a row: a comment, or a header or a rule, which have no numbers."""
    first = np.arange(0, len(grid.value), width)
    odd = first[~grid.is_plain[first]]
    if not len(odd):
        return False
    has_number = np.logical_or.reduce(grid.is_plain.reshape(-1, width), axis=1)[odd // width]
    return bool((~has_number | (grid.first_bytes(odd) == COMMENT)).any())

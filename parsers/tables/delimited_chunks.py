"""A large delimited file in chunks: regular ones all cells at once, the others line by line.

The table and the notes are the same as those of reading the whole file line by line, in a tenth of the time and with
no more memory than the table itself. Where a chunk cannot be read on its own (a quoted cell over several lines, an
encoding other than UTF-8, NUL bytes, lone carriage returns) the whole file is left to the slow way.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from ..text import LIMIT_NOTE, MAX_BYTES
from ..texts.chunks import line_chunks, with_plain_ends
from .byte_numbers import CHUNK_BYTES, read_grid
from .cells import number
from .columns import MAX_COLUMNS
from .delimited import SAMPLE_LINES, SAMPLE_LINES_MOST, layout_of, records
from .delimited_builder import TableBuilder

if TYPE_CHECKING:
    from pathlib import Path

    from ..text import Notes
    from .byte_numbers import Grid
    from .columns import Table
    from .delimited import Layout

DELIMITERS = (",", ";", "\t")
COMMENT = ord("#")


def read_in_chunks(path: Path, notes: Notes) -> Table | None:
    """Read a delimited file; None if it is not one that can be read in chunks."""
    if path.stat().st_size > MAX_BYTES:
        notes.add(*LIMIT_NOTE)
    with path.open("rb") as file:
        chunks = line_chunks(file, CHUNK_BYTES)
        head = next(chunks, b"")
        while head.count(b"\n") < SAMPLE_LINES_MOST and (more := next(chunks, b"")):
            head += more
        clean_head = with_plain_ends(head)
        layout = layout_of(clean_head.decode().split("\n")) if clean_head else None
        if layout is None or layout.delimiter not in DELIMITERS or len(layout.names) >= MAX_COLUMNS:
            return None
        builder = TableBuilder(layout, notes)
        line = 0
        for chunk in chain(_parted(head), chunks):
            clean = with_plain_ends(chunk)
            count = None if clean is None else _add_chunk(builder, layout, clean, line)
            if count is None:
                return None
            line += count
        return builder.table()


def _parted(head: bytes) -> tuple[bytes, bytes]:
    """Part the start of a file, which holds the header and whatever stands above it, from the rows below."""
    position = 0
    for _ in range(SAMPLE_LINES):
        position = head.find(b"\n", position) + 1 or len(head)
    return head[:position], head[position:]


def _add_chunk(builder: TableBuilder, layout: Layout, chunk: bytes, line: int) -> int | None:
    """Add the rows of a chunk that follows line number `line`; the number of its lines, None if it cannot be read."""
    grid = _grid_of(builder, layout, chunk)
    if grid is not None:
        builder.add_grid(line + 1, grid)
        return len(grid.value) // builder.width
    lines = chunk.decode().split("\n")
    if b'"' in chunk and any(each.count('"') % 2 for each in lines):
        return None
    for record in records(lines, layout):
        builder.add(line + record.line, record.cells, is_cut=record.line == len(lines))
    return len(lines) - 1


def _grid_of(builder: TableBuilder, layout: Layout, chunk: bytes) -> Grid | None:
    """Read a chunk of whole lines as cells if every line is certainly a row, as wide as the header."""
    if not chunk.endswith(b"\n") or not chunk.isascii() or b'"' in chunk:
        return None
    if any(number(name) is not None for name in builder.header):
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

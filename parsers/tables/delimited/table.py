"""A delimited file as a table: large regular ones in chunks, all others line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...files.text import Notes, read_text
from ...files.unpacked import is_packed
from ...numbers.columns import MAX_COLUMNS, Table
from .builder import TableBuilder
from .chunks import read_in_chunks, read_text_in_chunks
from .layout import layout_of, records

if TYPE_CHECKING:
    from pathlib import Path

LARGE_BYTES = 1 << 14  # above, chunks are faster: a table of 59 KB takes 1.6 ms instead of 8.8


def read_delimited(path: Path, notes: Notes) -> Table:
    """Read a delimited file; empty if there is nothing to read. Raises `OSError` only."""
    size = path.stat().st_size
    if size >= LARGE_BYTES or is_packed(path):
        own_notes = Notes(path)
        table = read_in_chunks(path, own_notes)
        if table is not None:
            notes.absorb(own_notes)
            return table
    text = read_text(path, notes)
    if text is None:
        return Table()
    if len(text) >= LARGE_BYTES:  # in another encoding, or with other line ends
        own_notes = Notes(path)
        table = read_text_in_chunks(text, size, own_notes)
        if table is not None:
            notes.absorb(own_notes)
            return table
    return read_by_line(text, notes)


def read_by_line(text: str, notes: Notes) -> Table:
    """Read delimited text of any damage, line by line."""
    lines = text.split("\n")
    del text  # together with its lines it would need twice the memory
    layout = layout_of(lines)
    if layout is None:
        return Table()
    if len(layout.names) >= MAX_COLUMNS:
        notes.add(f"only the first {MAX_COLUMNS} columns were read")
    builder = TableBuilder(layout, notes)
    for record in records(lines, layout):
        if not record.is_closed:
            notes.add("a quoted cell is never closed", f"line {record.line}")
        # A whole last line ends with "\n", after which split() gives "".
        builder.add(record.line, record.cells, is_cut=not record.is_closed or record.line == len(lines))
        lines[record.line - 1] = ""  # wide ones need memory besides the table
    return builder.table()

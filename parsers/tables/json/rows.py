"""JSON as a table of columns: truncated documents, nested rows, ragged columns."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from ...files.text import read_text
from ...numbers.columns import MAX_COLUMNS, MAX_NAME, Column, Table
from ..axes import is_axis_name
from .row_table import table_of_rows
from .values import MAX_DEPTH, as_number, flat_row

if TYPE_CHECKING:
    from pathlib import Path

    from ...files.text import Notes

MAX_RESYNC = 200  # places after damage at which no object begins: each error message of `json` costs a scan
MAX_VALUES = 2_000_000  # of a document: each needs 30 to 130 bytes as a Python object
MAX_INT_DIGITS = 18  # longer ones are damage; Python refuses those above 4,300

__all__ = [
    "MAX_DEPTH", "MAX_INT_DIGITS", "as_number", "columns_in", "flat_row", "is_numbered", "load_json", "loads",
    "table_of_columns", "table_of_rows",
]  # fmt: skip

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)


def load_json(path: Path, notes: Notes) -> Any:
    """Read a JSON document, or the part before damage; None if that is empty."""
    whole = read_text(path, notes)
    if whole is None or not whole.strip():
        return None
    text = _few_values(whole, notes)
    value, damage = loads(text)
    if damage is not None:
        line = text.count("\n", 0, damage) + 1
        later = _rows_after(text, damage, value)
        what = f"the part before was read, and {later} rows after" if later else "only the part before was read"
        if notes.is_partial and not later:
            notes.leave_out("the document is too large: only its start was read", "end", f"line {line}")
        elif not notes.is_partial:
            notes.add(f"the JSON is truncated or damaged here: {what}", f"line {line}")
    return value


def _few_values(text: str, notes: Notes) -> str:
    """The start and the end of a document with too many values."""
    values = sum(map(text.count, ",[{"))
    if values <= MAX_VALUES:
        return text
    # by the average length of a value, which is uniform in such large documents
    share = MAX_VALUES / values
    head, tail = text[: int(0.75 * share * len(text))], text[-int(0.25 * share * len(text)) :]
    tail = tail[tail.find("{") if "{" in tail else 0 :]
    notes.leave_out(
        f"of {values:,} values only the first {MAX_VALUES * 3 // 4:,} and the last {MAX_VALUES // 4:,} were read",
        "middle",
    )
    return f"{head}\0{tail}"  # not JSON: start and end are not one value


def _rows_after(text: str, damage: int, value: Any) -> int:
    """Add the whole rows after damage to the damaged list; returns their number.

    Only objects with the same axes as the rows before the damage count as rows, not nested objects.
    """
    rows = _last_rows(value)
    names = {name for name in rows[0] if is_axis_name(name)} if rows else set()
    if not names:
        return 0
    before, failed, position = len(rows), 0, damage
    while failed < MAX_RESYNC and (position := text.find("{", position)) >= 0:
        try:
            row, end = _DECODER.raw_decode(text, position)
        except (ValueError, RecursionError):
            row, end = None, position + 1
            failed += 1
        is_row = isinstance(row, dict) and names <= row.keys()
        rows += [row] if is_row else []
        position = end if is_row else position + 1
    return len(rows) - before


def _last_rows(value: Any) -> list[Any]:
    """The innermost list of objects at the end of a document; empty if it ends otherwise."""
    found: list[Any] = []
    for _ in range(MAX_DEPTH):
        if isinstance(value, list):
            if value and isinstance(value[0], dict) and value[0]:
                found = value
            value = value[-1] if value else None
        elif isinstance(value, dict) and value:
            value = list(value.values())[-1]
        else:
            break
    return found


def loads(text: str) -> tuple[Any, int | None]:
    """Read a JSON value; also returns the start of damage, None if there is none.

    The bare NaN, Infinity and -Infinity of Python are values. A damaged value is closed before the damage; it is
    None if that is empty.
    """
    start = len(text) - len(text.lstrip())
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        damage = error.pos
    except (ValueError, RecursionError):
        return None, start
    else:
        return value, end if text[end:].strip() else None
    try:
        return _DECODER.raw_decode(_closed(text, damage), start)[0], damage
    except (ValueError, RecursionError):
        return None, damage


def table_of_columns(columns: Mapping[str, Sequence[Any]], notes: Notes) -> Table:
    """Make a table from lists, one per column.

    A list that is shorter by an integer factor was logged every so many rows (`validation_freq`) and is spread out.
    """
    rows = max(map(len, columns.values()), default=0)
    if len(columns) > MAX_COLUMNS:
        notes.leave_out(f"only the first {MAX_COLUMNS:,} of {len(columns):,} columns were read", "rows")
    uneven = []
    unnamed = 0
    table = Table(rows)
    for name, values in islice(columns.items(), MAX_COLUMNS):
        if len(name) > MAX_NAME:
            unnamed += 1
            continue
        read = [as_number(value) for value in values]
        kept = [index for index, value in enumerate(read) if value is not None]
        if not kept:
            continue
        every = rows // len(values)
        is_spread = every > 1 and rows // every == len(values)
        row = np.array(kept, dtype=np.int64)
        table.columns[name.strip()] = Column(
            every * (row + 1) - 1 if is_spread else row, np.array([read[index] for index in kept], dtype=np.float64)
        )
        if len(values) < rows:
            uneven.append(f"{name} every {every} rows" if is_spread else f"{name} from the first row")
    if unnamed:
        notes.leave_out(f"{unnamed:,} columns with names of more than {MAX_NAME} characters are skipped", "rows")
    if uneven:
        notes.add(f"columns of unequal length, aligned as: {', '.join(uneven[:5])}{', …' if uneven[5:] else ''}")
    return table


def columns_in(document: Any, prefix: str = "", depth: int = 0) -> dict[str, Sequence[Any]]:
    """Find the columns of a document: lists of numbers, or pandas' dicts from row number to value, by path."""
    columns: dict[str, Sequence[Any]] = {}
    for key, value in document.items() if isinstance(document, Mapping) and depth < MAX_DEPTH else ():
        name = f"{prefix}{key}"
        if isinstance(value, list):
            if _is_column(value):
                columns[name] = value
        elif is_numbered(value):
            if not any(isinstance(item, Mapping | list) for item in value.values()):
                columns[name] = [value[row] for row in sorted(value, key=int)]
        else:
            columns |= columns_in(value, f"{name}/", depth + 1)
    return columns


def _is_column(values: list[Any]) -> bool:
    """Whether a list holds numbers; among more of them a record is damage, otherwise it is a list of records."""
    records = sum(isinstance(value, Mapping) for value in values)
    if records == 0:
        return any(as_number(value) is not None for value in values)
    return records < sum(as_number(value) is not None for value in values)


def is_numbered(value: Any) -> bool:
    """Whether the keys of a dict are row numbers."""
    return isinstance(value, Mapping) and bool(value) and all(_is_row_number(key) for key in value)


def _is_row_number(key: Any) -> bool:
    return isinstance(key, str) and key.isascii() and key.isdigit() and len(key) <= MAX_INT_DIGITS


def _closed(text: str, end: int) -> str:
    """Cut a document before `end`, after its last whole element, and close the brackets that are open there."""
    kept = 0
    closing: list[str] = []
    closing_kept: list[str] = []
    for token in _TOKEN.finditer(text, 0, end):
        mark = token[0]
        if mark in ("[", "{"):
            closing.append("]" if mark == "[" else "}")  # with nothing whole in it, it may be part of the damage
        elif mark in ("]", "}"):
            closing = closing[:-1]
            kept, closing_kept = token.end(), closing.copy()
        elif mark == ",":
            kept, closing_kept = token.start(), closing.copy()
    return text[:kept] + "".join(reversed(closing_kept))


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_INT_DIGITS else float(digits)


_DECODER = json.JSONDecoder(strict=False, parse_int=_whole)

"""A Parquet file with one column a metric as a table, thinned while it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...numbers.cells import seconds_of
from ..axes import CLOCK_NAMES, plain
from ..columns import LABEL_NAMES
from .file import Texts

if TYPE_CHECKING:
    from ...files.text import Notes
    from ..json.row_table import RowTable
    from .file import Numbers, ParquetTable

ROW_NAMES = frozenset({"__index_level_0__", "id"})  # they number the rows: of pandas, and of databases


def add_wide(table: RowTable, parquet: ParquetTable, notes: Notes, before: int = 0) -> int:
    """Add the rows of a file to a table that has `before` rows; the number of rows then."""
    fields = [
        field for field in parquet.fields
        if plain(field.name) not in ROW_NAMES and (field.kind != "text" or plain(field.name) in LABEL_NAMES)
    ]  # fmt: skip
    rows = before
    for batch in parquet.batches(fields, notes):
        for position, (name, column) in enumerate(batch.columns.items()):
            if isinstance(column, Texts):
                _add_texts(table, name, position, rows, column)
            else:
                _add_numbers(table, name, position, rows, column)
        rows += batch.rows
        table.extend_to(rows)
    return rows


def _add_numbers(table: RowTable, name: str, position: int, before: int, column: Numbers) -> None:
    at = np.flatnonzero(column.is_there)
    if not len(at):
        return
    value = column.value[at]
    if column.per_second:
        table.add_seconds(name, position, before + at, value / column.per_second)
    else:
        table.add_numbers(name, position, before + at, value)


def _add_texts(table: RowTable, name: str, position: int, before: int, column: Texts) -> None:
    at = np.flatnonzero(column.code >= 0)
    if not len(at):
        return
    if plain(name) in CLOCK_NAMES:
        table.add_seconds(name, position, before + at, seconds_of(column.texts).take(column.code[at]))
    else:
        table.add_labels(name, position, before + at, column.texts, column.code[at])

"""A printed log that is already text, as runs: the door for formats that hold the output of a program among other things."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..meaning.metric_names import is_metric_name
from .boxes import unboxed
from .dialects import dialect_of
from .rows import TextRows
from .settings import settings_in
from .shapes import ShapeReader
from .table import table_of

if TYPE_CHECKING:
    from ..numbers.columns import Table
    from ..run import Hyperparameter
    from .placed_rows import Rows

MIN_ROWS = 3  # of a log; fewer may be a summary


class Log(NamedTuple):
    """What was read: the framework is "" if nothing tells it."""

    table: Table
    settings: dict[str, Hyperparameter]
    framework: str


def read_log(text: str) -> Log | None:
    """Read a printed log; None if no metric recurs in it beside a counter."""
    dialect = dialect_of(text)
    rows = _mined(text, is_bar=dialect.is_bar)
    if rows.rows < MIN_ROWS and "\r" in text:
        text = text.replace("\r", "\n")
        rows = _mined(text, is_bar=dialect.is_bar)
    table = table_of(rows)
    counts = [axis[np.isfinite(axis)] for axis in (rows.epoch, rows.step, rows.batch)]
    is_counted = any(len(np.unique(count)) > 1 for count in counts)
    is_logged = any(is_metric_name(tag) and len(column.row) >= MIN_ROWS for tag, column in table.columns.items())
    if not is_counted or not is_logged:
        return None
    return Log(table, settings_in(text, int(rows.line[0])), dialect.framework)


def _mined(text: str, *, is_bar: bool) -> Rows:
    dialect = dialect_of(text)
    reader, rows = ShapeReader(dialect), TextRows(is_bar=is_bar)
    for number, line in enumerate(unboxed(text.split("\n")), start=1):
        if (read := reader.read(dialect.rewritten(line) if dialect.rewrite else line)) is not None:
            rows.add(*read, number)
    rows.finish()
    return rows.gather()

"""CSV files exported from the web pages of Weights & Biases.

## Written by
"Download CSV" of a chart; the export of the runs table looks similar, but is not a log.

## How it is recognised
An axis (`Step`, `Relative Time (Process)`, …), then columns `<run> - <metric>`, `<run> - <metric>__MIN` and `<run> -
<metric>__MAX`. The runs table has the columns `Name`, `State` and `Created`.

## What is read
Each run's metric, by the axis of the chart.

## What is not read
The bands `__MIN` and `__MAX`; hyperparameters, which a chart does not have; the runs table.

## Peculiarities
There is one column per run, so one file has as many runs as the chart; a cell is empty if that run logged nothing.
`__MIN` and `__MAX` are the band around a smoothed or sampled line, mostly a copy of it, and are skipped. A chart has
at most a few thousand sampled points per run. The runs table has one row per run and no history: it is rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...base import Parser
from ...file_names import patterns_of
from ...files.open_log import open_log
from ...files.text import Notes, head_of
from ...numbers.columns import Table
from ...run import Run, Source
from ...tables.axes import plain
from ...tables.columns import curves_of
from ...tables.delimited.layout import peek
from ...tables.delimited.table import read_delimited

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ID = "wandb-export"
SEPARATOR = " - "  # between run and metric
BANDS = ("__MIN", "__MAX")
OF_RUNS = frozenset({"Name", "State", "Created"})
REFUSAL = "a runs table, not a log: export the history from a chart"
OWN_STEP = "_step"  # exported as one more metric
CLOCKS = ("relative_time", "wall_time")  # axes in seconds or hours: no steps


def sniff(_path: Path, head: bytes) -> bool:
    seen = peek(head)
    names = seen.layout.names if seen else []
    return set(names) >= OF_RUNS or _is_chart(names)


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    source = Source(str(path), ID, path.stat().st_size)
    with open_log(path) as file:
        seen = peek(head_of(file))
    if seen and set(seen.layout.names) >= OF_RUNS:
        notes.add(REFUSAL)
        yield Run("", str(path), ID, "wandb", sources=[source], notes=notes.all())
        return
    tables = _tables(read_delimited(path, notes)) or {"": Table()}
    for name, table in tables.items():
        curves = curves_of(table, notes)
        if not curves:
            notes.add("contains no rows of numbers", name)
        shown = name if len(tables) > 1 else ""
        yield Run(shown, str(path), ID, "wandb", curves, sources=[source], notes=notes.all())
        notes = Notes(path)


def _is_chart(names: Sequence[str]) -> bool:
    metrics = [name for name in names[1:] if SEPARATOR in name]
    is_seen_whole = len(metrics) >= len(names) - 2  # the last name may be cut
    return bool(metrics) and SEPARATOR not in names[0] and is_seen_whole


def _tables(table: Table) -> dict[str, Table]:
    """Give each run the rows with its logged values, with the axis of the chart."""
    axis = next((name for name in table.columns if SEPARATOR not in name), None)
    metrics: dict[str, dict[str, str]] = {}
    for name in table.columns:
        run, separator, metric = name.rpartition(SEPARATOR)
        if separator and not metric.endswith(BANDS):
            metrics.setdefault(run, {})[metric] = name
    tables = {}
    for run, names in metrics.items():
        columns = {metric: table.columns[name] for metric, name in names.items()}
        if axis is not None and OWN_STEP not in columns and not plain(axis).startswith(CLOCKS):
            columns = {axis: table.columns[axis], **columns}
        is_kept = np.zeros(table.rows, np.bool_)
        for name in names.values():
            is_kept[table.columns[name].row] = True
        tables[run] = Table(table.rows, columns).take(is_kept)
    return tables


PARSER = Parser(
    id=ID,
    title="CSV exported from Weights & Biases",
    patterns=patterns_of(__name__),
    sniff=sniff,
    parse=parse,
    doc=__doc__,
)

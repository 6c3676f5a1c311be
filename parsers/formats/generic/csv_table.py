"""Tables of numbers as CSV, TSV or columns of text, from any tool or written by hand.

## Written by
Scripts with the `csv` module or pandas, timm (`summary.csv`), fastai (`history.csv`), Stable-Baselines3
(`progress.csv`), Ray Tune (`progress.csv`), AlgoPerf (`measurements.csv`), exports of trackers.

## How it is recognised
Two or more columns under a header with an axis (step, epoch, …) or a metric (loss, accuracy, …), and a row of numbers
below. Without a header, the file name must identify it as a log; of two columns, it may be the name of the metric.

## What is read
Every numeric column, by the column that counts steps, iterations or epochs, otherwise by row; epochs and times;
several runs if a column names them.

## What is not read
Columns of text and of objects, which are listed in a note; comment lines. A table of experiments, in which each row is
a trained model with its settings and end results and nothing counts from row to row, is skipped with that reason, and so is
the state of a simulation (temperature, pressure, volume, ...) with no metric of a training.

## Peculiarities
Any delimiter, decimal commas, padded names, a header in a comment line, a header repeated after every restart, rows
shorter or longer than the header (some leave off trailing empty cells), comment lines, empty cells for values not logged
in a row, Python dicts as quoted cells, truncation anywhere. The only column of a pandas series without a name (header
`,0`) gets the name of the file, and so does the second of two columns without a header. Files in a folder `scalars`, as
TorchRL writes one for each metric, are one run; their place in it is part of the name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...base import Parser
from ...file_names import patterns_of
from ...files.text import Notes
from ...meaning.metric_names import is_metric_name, metric_of_file
from ...tables.delimited.layout import peek
from ...tables.delimited.table import read_delimited
from ...tables.experiments import refusal_of
from ...tables.simulations import refusal_of_names
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...run import Run

ID = "csv-table"
SERIES = "0"  # what pandas calls the only column of a series without a name: the file says what it is
MONITOR_NAMES = {"r", "l", "t"}  # reward, length, seconds of an episode
MAX_BARE_COLUMNS = 64  # without a header, more columns are data, not a log

SCALARS = "scalars"  # TorchRL's folder of such files
PAIR = ["column_0", "column_1"]  # of a table without a header

_LOG_NAME = re.compile(r"loss|metric|history|progress|curve|(?:^|[^a-z])(?:log|acc)(?:$|[^a-z])")


def sniff(path: Path, head: bytes) -> bool:
    seen = peek(head)
    if seen is None:
        return False
    if seen.is_log or set(seen.plain_names) >= MONITOR_NAMES:
        return True
    if _is_series(seen.layout.names) and is_metric_name(metric_of_file(path)):
        return seen.is_table_of_numbers
    if seen.layout.names == PAIR and not seen.layout.has_header and path.suffix.lower() in (".csv", ".tsv"):
        return seen.is_table_of_numbers and is_metric_name(metric_of_file(path))
    is_bare = bool(path.suffix) and not seen.layout.has_header and len(seen.layout.names) <= MAX_BARE_COLUMNS
    return is_bare and seen.is_table_of_numbers and _LOG_NAME.search(path.name.split(".")[0].lower()) is not None


def refusal(_path: Path, head: bytes) -> str:
    seen = peek(head)
    if seen is None:
        return ""
    return (refusal_of(seen.columns) if seen.layout.has_header else "") or refusal_of_names(seen.layout.names)


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    table = read_delimited(path, notes)
    if list(table.columns) == [SERIES]:
        table.columns = {metric_of_file(path): table.columns[SERIES]}
    elif list(table.columns) == PAIR and is_metric_name(metric_of_file(path)):
        table.columns = {PAIR[0]: table.columns[PAIR[0]], _tag(path): table.columns[PAIR[1]]}
    yield from runs_of(path, table, notes, parser_id=ID)


def home(path: Path) -> Path:
    """The folder of the run: the one that holds `scalars`, or that of the file."""
    scalars = _scalars(path)
    return scalars.parent if scalars else path.parent


def _tag(path: Path) -> str:
    """The name of a metric that has a file of its own, as `train/reward`."""
    scalars = _scalars(path)
    folder = path.parent.relative_to(scalars).as_posix() if scalars else "."
    return metric_of_file(path) if folder == "." else f"{folder}/{metric_of_file(path)}"


def _scalars(path: Path) -> Path | None:
    return next((folder for folder in path.parents if folder.name == SCALARS), None)


def _is_series(names: list[str]) -> bool:
    return names == ["", SERIES]


PARSER = Parser(
    id=ID,
    title="CSV or TSV table",
    patterns=patterns_of(__name__),
    sniff=sniff,
    parse=parse,
    doc=__doc__,
    home=home,
    refusal=refusal,
)

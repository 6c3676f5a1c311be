"""MLflow's database, `mlflow.db`.

## Written by
`mlflow.log_metric` and every `autolog` if the tracking URI is `sqlite:///…`, the default since 2025.

## How it is recognised
An SQLite database with the tables `runs`, `metrics`, `params` and `experiments`.

## What is read
Metrics with step and time, parameters, the name and final status of each run.

## What is not read
Artifacts, traces, registered models, data sets, tags; databases that are not SQLite; deleted runs.

## Peculiarities
NaN is the value 0.0 with `is_nan` set, infinity the largest float: without `is_nan` the loss looks perfect. A metric
logged without a step is always at step 0: its points are ordered by time. Deleted runs and experiments stay in the
tables and are skipped.
"""

from __future__ import annotations

import math
import sys
from itertools import islice
from typing import TYPE_CHECKING

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import MAX_KEYS, flatten
from ...files.text import Notes
from ...files.typed_values import typed
from ...run import Note, Run, Source
from ...stores.points import MAX_RUNS, Points, clock
from ...stores.sqlite_file import DAMAGE, columns_of, has_tables, in_order, opened, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...stores.sqlite_file import Database, Row

ID = "mlflow-sqlite"
TABLES = frozenset({"runs", "metrics", "params", "experiments"})
# Ordered here, not by SQLite, which would collect rows in memory to sort them
RUNS = """SELECT runs.start_time, runs.run_uuid, runs.name, runs.status, experiments.name,
    (SELECT value FROM tags WHERE tags.run_uuid = runs.run_uuid AND tags.key = 'mlflow.runName')
FROM runs LEFT JOIN experiments ON experiments.experiment_id = runs.experiment_id
WHERE runs.lifecycle_stage IS NOT 'deleted' AND experiments.lifecycle_stage IS NOT 'deleted'"""
METRICS = "SELECT key, value, timestamp, {step}, {is_nan} FROM metrics WHERE run_uuid = ?"
PARAMETERS = "SELECT key, value FROM params WHERE run_uuid = ?"


def sniff(path: Path, head: bytes) -> bool:
    return has_tables(path, head, TABLES)


def parse(path: Path) -> Iterator[Run]:
    try:
        with opened(path) as database:
            notes = Notes(path)
            found = in_order(rows(database, notes, RUNS))[:MAX_RUNS]
            if not found:
                notes.add("contains no runs")
                yield Run("", str(path), ID, "mlflow", notes=notes.all())
            known = columns_of(database, "metrics")
            query = METRICS.format(**{name: name if name in known else "0" for name in ("step", "is_nan")})
            is_shared = len({row[3] for row in found}) > 1
            for row in found:
                yield _run(path, database, row, query, notes, is_shared=is_shared)
                notes = Notes(path)
    except DAMAGE as error:
        yield Run("", str(path), ID, "mlflow", notes=[Note(str(path), "", f"cannot be read as a database: {error}")])


def _run(path: Path, database: Database, row: Row, query: str, notes: Notes, *, is_shared: bool) -> Run:
    """Read one run; its experiment is part of its name if the database has several."""
    key, given_name, status, experiment, tagged_name = row
    points = Points(notes)
    for tag, value, time, step, is_nan in rows(database, notes, query, [key]):
        points.add(str(tag), step, _value(value, is_nan=bool(is_nan)), wall_time=clock(time, 1000))
    curves = points.curves(by_time=True)
    if status != "FINISHED":
        notes.add(f"the status of the run is {status}, not FINISHED")
    if not curves:
        notes.add("the run logged no metrics")
    parameters = islice(rows(database, notes, PARAMETERS, [key]), MAX_KEYS)
    settings = {str(name): typed(str(text)) for name, text in parameters}
    name = str(given_name or tagged_name or key)
    return Run(
        f"{experiment}/{name}" if is_shared else name, str(path), ID, "mlflow", curves, flatten(settings),
        [Source(str(path), ID, path.stat().st_size)], notes.all(), is_cut_short=status != "FINISHED",
    )  # fmt: skip


def _value(value: object, *, is_nan: bool) -> object:
    if is_nan:
        return math.nan
    if isinstance(value, float) and abs(value) == sys.float_info.max:
        return math.copysign(math.inf, value)
    return value


PARSER = Parser(id=ID, title="MLflow database", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__)

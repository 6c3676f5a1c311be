"""Sacred's run folder, with `metrics.json`.

## Written by
`_run.log_scalar` with a `FileStorageObserver`: `<base>/<number>/metrics.json`, `config.json` and `run.json`.

## How it is recognised
A file called metrics.json whose metrics are objects of three lists: `steps`, `timestamps` and `values`.

## What is read
Metrics with step and time, `config.json`, the status.

## What is not read
`info`, captured output, artifacts, sources; data stored in MongoDB instead of files.

## Peculiarities
Metrics are columns, not rows; times are UTC without a time zone; NaN and Infinity are unquoted. `run.json` has the
final status: a killed run keeps the status RUNNING. Sacred adds `seed` to the config.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import read_beside
from ...files.text import Notes, head_text
from ...run import Run, Source
from ...stores.points import Points, clock_of_text
from ...tables.json.rows import load_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = "sacred"

_COLUMNS = re.compile(r'\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\{\s*"(?:steps|timestamps|values)"\s*:\s*\[')


def sniff(_path: Path, head: bytes) -> bool:
    return _COLUMNS.match(head_text(head)) is not None


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    points = Points(notes)
    metrics = load_json(path, notes)
    for tag, columns in metrics.items() if isinstance(metrics, Mapping) else ():
        steps, times, values = (_column(columns, name) for name in ("steps", "timestamps", "values"))
        for index, value in enumerate(values):
            time = clock_of_text(times[index]) if index < len(times) else clock_of_text(None)
            points.add(str(tag), steps[index] if index < len(steps) else None, value, wall_time=time)
    curves = points.curves()
    if not curves and not notes.all():
        notes.add("contains no rows of numbers")
    status = _status(path, notes)
    settings, sources, config_notes = read_beside(path)
    yield Run(
        "", str(path), ID, "sacred", curves, settings, [Source(str(path), ID, path.stat().st_size), *sources],
        [*notes.all(), *config_notes], is_cut_short=status not in ("", "COMPLETED"),
    )  # fmt: skip


def _column(columns: Any, name: str) -> list[Any]:
    column = columns.get(name) if isinstance(columns, Mapping) else None
    return column if isinstance(column, list) else []


def _status(path: Path, notes: Notes) -> str:
    """Read the final status of the run; "" if it is unknown."""
    record = path.with_name("run.json")
    about = load_json(record, Notes(record)) if record.is_file() else None
    status = str(about.get("status", "")) if isinstance(about, Mapping) else ""
    if status not in ("", "COMPLETED"):
        notes.add(f"the status of the run is {status}, not COMPLETED")
    return status


PARSER = Parser(id=ID, title="Sacred run", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__)

"""Neptune's offline run.

## Written by
`neptune.init_run(mode="offline")`, and any mode until the data is sent: `.neptune/<mode>/run__<id>/data-<n>.log`.

## How it is recognised
JSON lines of operations: `obj` with `type` and `path`, and `version`.

## What is read
Series of floats with step and time; parameters; the name of the run.

## What is not read
Files, texts, series of texts and images, machine monitoring data logged as text.

## Peculiarities
A value without a step gets the next step. Parameters are ordinary assignments: those below a name like `params` or
`parameters` are read. A long run is split into several files.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import MAX_TEXT, flatten
from ...files.text import Notes, head_lines, read_text
from ...files.typed_values import typed
from ...run import Note, Run, Source
from ...stores.points import Points, clock
from ...tables.json.records import json_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ID = "neptune-offline"
SETTINGS = frozenset({"params", "parameters", "hyperparams", "hyperparameters", "hparams", "config", "args"})
SERIES = "LogFloats"
TITLE, UNTITLED = "sys/name", "Untitled"  # where the name of a run is kept, and what it is if it has none


def sniff(_path: Path, head: bytes) -> bool:
    lines = head_lines(head)
    return bool(lines) and lines[0].startswith('{"obj"') and '"type"' in lines[0] and '"path"' in lines[0]


def parse(path: Path) -> Iterator[Run]:
    yield from parse_files([path])


def parse_files(paths: Sequence[Path]) -> Iterator[Run]:
    """Read the files of one run as one. Raises `OSError` only."""
    ordered = sorted(paths, key=lambda path: (len(path.name), path.name))  # data-10.log after data-2.log
    run = Run("", str(paths[0] if len(paths) == 1 else paths[0].parent), ID, "neptune")
    points = Points(Notes(paths[0]))
    settings: dict[str, Any] = {}
    for path in ordered:
        notes = Notes(path)
        for line, record in json_records(read_text(path, notes) or "", notes):
            operation = record.get("obj") if isinstance(record, Mapping) else None
            if isinstance(operation, Mapping) and isinstance(operation.get("path"), list):
                _apply(operation, points, settings)
            else:
                notes.add("is not an operation: skipped", f"line {line}")
        run.sources.append(Source(str(path), ID, path.stat().st_size))
        run.notes += notes.all()
    title = settings.pop(TITLE, "")
    run.title = "" if title == UNTITLED else str(title)[:MAX_TEXT]
    run.all_curves, run.hyperparameters = points.curves(), flatten(settings)
    if not run.all_curves and not run.notes:
        run.notes.append(Note(run.path, "", "contains no rows of numbers"))
    yield run


def _apply(operation: Mapping[str, Any], points: Points, settings: dict[str, Any]) -> None:
    kind, names = str(operation.get("type")), [str(name) for name in operation["path"]]
    if kind == SERIES:
        values = operation.get("values")
        for point in values if isinstance(values, list) else ():
            if isinstance(point, Mapping):
                points.add("/".join(names), point.get("step"), point.get("value"), wall_time=clock(point.get("ts")))
    elif names == ["sys", "name"]:
        settings[TITLE] = operation.get("value")
    elif kind.startswith("Assign"):
        below = next((i + 1 for i, name in enumerate(names) if name.lower() in SETTINGS), len(names))
        if below < len(names):
            value = operation.get("value")
            settings[".".join(names[below:])] = typed(value) if isinstance(value, str) else value


PARSER = Parser(
    id=ID,
    title="Neptune offline run",
    patterns=patterns_of(__name__),
    sniff=sniff,
    parse=parse,
    doc=__doc__,
    parse_files=parse_files,
)

"""Trackio's database, `<project>.db`.

## Written by
`trackio.log`, the local tracker of Hugging Face, also through `report_to="trackio"` of the Trainer.

## How it is recognised
An SQLite database with the tables `metrics` and `configs`.

## What is read
Metrics with step and time, and the config of each run.

## What is not read
System metrics, media, tables, alerts; config keys that begin with `_`.

## Peculiarities
A row is a step of a run, with its metrics as one JSON object; NaN and Infinity are text in it. Rows are written in
batches, so many share a time. Config keys that begin with "_" are internal to Trackio. There is no final status.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import flatten
from ...files.text import Notes
from ...run import Note, Run, Source
from ...stores.points import MAX_RUNS, Points, clock_of_text
from ...stores.sqlite_file import DAMAGE, columns_of, has_tables, in_order, opened, rows
from ...tables.json.rows import flat_row, loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ...stores.sqlite_file import Database

ID = "trackio"
TABLES = frozenset({"metrics", "configs"})
RUNS = "SELECT {key}, run_name FROM metrics ORDER BY id"  # grouped here: SQLite would collect rows in memory
METRICS = "SELECT id, id, step, timestamp, metrics FROM metrics WHERE {key} IS ?"
CONFIG = "SELECT id, config FROM configs WHERE {key} IS ?"


def sniff(path: Path, head: bytes) -> bool:
    return has_tables(path, head, TABLES)


def parse(path: Path) -> Iterator[Run]:
    try:
        with opened(path) as database:
            notes = Notes(path)
            key = (
                "run_id" if "run_id" in columns_of(database, "metrics") else "run_name"
            )  # the first versions have no ids
            found = _runs(rows(database, notes, RUNS.format(key=key)))
            if not found:
                notes.add("contains no runs")
                yield Run("", str(path), ID, "trackio", notes=notes.all())
            for identity, name in found.items():
                curves = _points(database, key, identity, notes).curves()
                if not curves and not notes.all():
                    notes.add("contains no rows of numbers")
                configs = in_order(rows(database, notes, CONFIG.format(key=key), [identity]))
                config = _json(configs[-1][0]) if configs else {}
                settings = flatten({name: value for name, value in config.items() if not str(name).startswith("_")})
                source = Source(str(path), ID, path.stat().st_size)
                yield Run(str(name), str(path), ID, "trackio", curves, settings, [source], notes.all())
                notes = Notes(path)
    except DAMAGE as error:
        yield Run("", str(path), ID, "trackio", notes=[Note(str(path), "", f"cannot be read as a database: {error}")])


def _runs(rows: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """The last name of each run by its key, in the order of the first rows."""
    names: dict[Any, Any] = {}
    for identity, name in rows:
        if identity in names or len(names) < MAX_RUNS:
            names[identity] = name
    return names


def _points(database: Database, key: str, identity: Any, notes: Notes) -> Points:
    points = Points(notes)
    for number, step, time, metrics in in_order(rows(database, notes, METRICS.format(key=key), [identity])):
        row = _json(metrics)
        if not row:
            notes.add("the metrics are not a JSON object: skipped", f"row {number}")
        for tag, value in flat_row(row):
            points.add(tag, step, value, wall_time=clock_of_text(time), epoch=row.get("epoch"))
    return points


def _json(text: Any) -> Mapping[str, Any]:
    """Read a JSON object stored as text or as bytes; empty if it is not one."""
    value, _ = loads(text.decode(errors="replace") if isinstance(text, bytes) else str(text))
    return value if isinstance(value, Mapping) else {}


PARSER = Parser(id=ID, title="Trackio database", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__)

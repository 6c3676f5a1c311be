"""ClearML's offline session.

## Written by
`Task.init` after `Task.set_offline(True)`: the folder `offline-<id>/` and, at the end of the run, a zip archive of
it.

## How it is recognised
A `metrics.jsonl` whose lines are JSON arrays of events with `metric` and `variant`; or the archive with it, if the
folder no longer exists.

## What is read
Scalars with iteration and time; the name of the task and hyperparameters from `task.json`.

## What is not read
Plots, debug samples, console output, `log.jsonl`, artifacts.

## Peculiarities
A curve has two names: the title of its plot and the series in it, which is often the split. `task.json` has the
hyperparameters as text, in sections.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import MAX_TEXT, flatten
from ...files.text import Notes, head_text, read_text
from ...files.typed_values import typed
from ...run import Run, Source
from ...stores.points import Points, clock
from ...stores.zip_members import MARK, read_member
from ...tables.json.records import json_records
from ...tables.json.rows import load_json, loads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...run import Hyperparameter

ID = "clearml-offline"
METRICS, TASK = "metrics.jsonl", "task.json"
SCALAR = "training_stats_scalar"
OWN_SECTIONS = frozenset({"General", "Args"})  # where ClearML puts parameters without a section


def sniff(path: Path, head: bytes) -> bool:
    if head.startswith(MARK):
        return METRICS.encode() in head or TASK.encode() in head
    if path.name == TASK:
        return path.with_name(METRICS).is_file()
    text = head_text(head).lstrip()
    return text.startswith("[") and '"metric"' in text and '"variant"' in text


def parse(path: Path) -> Iterator[Run]:
    is_packed = path.suffix.lower() == ".zip"
    if path.name == TASK or (is_packed and (path.with_suffix("") / METRICS).is_file()):
        return  # read with the metrics, or a copy of the folder beside it: not a separate log
    notes = Notes(path)
    text = read_member(path, METRICS, notes) if is_packed else read_text(path, notes) or ""
    points = Points(notes)
    for line, events in json_records(text, notes):
        for event in events if isinstance(events, list) else [events]:
            if not isinstance(event, Mapping):
                notes.add("is not an event: skipped", f"line {line}")
            elif event.get("type") == SCALAR:
                tag = f"{event.get('metric')}/{event.get('variant')}"
                points.add(tag, event.get("iter"), event.get("value"), wall_time=clock(event.get("timestamp"), 1000))
    curves = points.curves()
    if not curves and not notes.all():
        notes.add("contains no rows of numbers")
    sources = [Source(str(path), ID, path.stat().st_size)]
    beside = path.with_name(TASK)
    if is_packed:
        task = loads(read_member(path, TASK, notes))[0]
    else:
        task = load_json(beside, notes) if beside.is_file() else None
        sources += [Source(str(beside), "json", beside.stat().st_size, "hyperparameters")] if beside.is_file() else []
    title = str(task.get("name") or "") if isinstance(task, Mapping) else ""
    yield Run("", str(path), ID, "clearml", curves, _settings(task), sources, notes.all(), title=title[:MAX_TEXT])


def _settings(task: Any) -> dict[str, Hyperparameter]:
    found = {}
    sections = task.get("hyperparams") if isinstance(task, Mapping) else None
    for section, entries in sections.items() if isinstance(sections, Mapping) else ():
        for name, entry in entries.items() if isinstance(entries, Mapping) else ():
            value = entry.get("value") if isinstance(entry, Mapping) else entry
            key = name if section in OWN_SECTIONS else f"{section}.{name}"
            found[key] = typed(value) if isinstance(value, str) else value
    return flatten(found)


PARSER = Parser(
    id=ID, title="ClearML offline session", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__
)

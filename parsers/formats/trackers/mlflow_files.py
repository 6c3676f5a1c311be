"""MLflow's file store: the folder `mlruns/<experiment>/<run>/`.

## Written by
`mlflow.log_metric` and every `autolog` if the tracking URI is a folder, the default up to 2025.

## How it is recognised
A `meta.yaml` with `run_id:` (old versions: `run_uuid:`); that of an experiment has neither.

## What is read
Metrics with step and time, parameters, the name and final status of the run.

## What is not read
Artifacts, models, tags other than the name, data sets; deleted runs.

## Peculiarities
There is one file per metric in `metrics/`, with subfolders for "/" in its name. A line has the time in ms, the value
and the step; old versions omit the step, new ones add the data set. A metric logged without a step is always at step
0: its points are ordered by time. There is one file per parameter in `params/`, always text. A deleted run stays on
disk with `lifecycle_stage: deleted` and is skipped.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import MAX_KEYS, flatten
from ...files.open_log import open_log
from ...files.text import Notes
from ...files.typed_values import typed
from ...numbers.cells import number
from ...numbers.columns import MAX_COLUMNS
from ...run import Run, Source
from ...stores.points import Points, clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...run import Hyperparameter

ID = "mlflow-files"
STATUSES = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}
MAX_BYTES = 64 * 1024  # of a file with one value
MAX_LINE_BYTES = 4096

_RUN_ID = re.compile(rb"^run_(?:uu)?id:", re.MULTILINE)
_ENTRY = re.compile(r"^(\w+): *(['\"]?)(.*)\2 *$", re.MULTILINE)


def sniff(_path: Path, head: bytes) -> bool:
    return _RUN_ID.search(head) is not None


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    about = {key: value for key, _, value in _ENTRY.findall(_text(path))}
    if about.get("lifecycle_stage") == "deleted":
        return
    points = Points(notes)
    files = [
        file for file in _files(path.parent / "metrics", MAX_COLUMNS) if _read_metric(file, path.parent, points, notes)
    ]
    status = STATUSES.get(about.get("status", ""), about.get("status", "unknown"))
    if status != "FINISHED":
        notes.add(f"the status of the run is {status}, not FINISHED")
    if not files:
        notes.add("the run logged no metrics")
    yield Run(
        about.get("run_name") or _text(path.parent / "tags" / "mlflow.runName"), str(path), ID, "mlflow", points.curves(),
        _parameters(path.parent / "params", notes), [Source(str(file), ID, file.stat().st_size) for file in (path, *files)],
        notes.all(), is_cut_short=status != "FINISHED",
    )  # fmt: skip


def _read_metric(file: Path, run: Path, points: Points, notes: Notes) -> bool:
    """Read the file of one metric; returns whether it has any content."""
    tag = file.relative_to(run / "metrics").as_posix()
    count = 0
    try:
        with open_log(file) as stream:
            while line := stream.readline(MAX_LINE_BYTES):
                count += 1
                cells = line.decode(errors="replace").split()
                is_whole = len(cells) > 1 and line.endswith(b"\n") and None not in map(number, cells[:3])
                step = cells[2] if len(cells) > 2 else 0
                if not is_whole or not points.add(tag, step, number(cells[1]), wall_time=clock(cells[0], 1000)):
                    notes.add("is not a time, a value and a step: skipped", f"metrics/{tag} line {count}")
    except OSError as error:
        notes.add(f"cannot be read: {error.strerror}", f"metrics/{tag}")
    else:
        if not count:
            notes.add("is empty", f"metrics/{tag}")
    return count > 0


def _parameters(folder: Path, notes: Notes) -> dict[str, Hyperparameter]:
    texts = {}
    for file in _files(folder, MAX_KEYS):
        try:
            texts[file.relative_to(folder).as_posix()] = typed(_text(file))
        except OSError as error:
            notes.add(f"cannot be read: {error.strerror}", f"params/{file.name}")
    return flatten(texts)


def _files(folder: Path, limit: int) -> list[Path]:
    """All regular files below a folder, sorted, at most `limit`; links to folders are not followed."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        found += [file for name in sorted(names) if (file := Path(place, name)).is_file()]
        if len(found) >= limit:
            break
    return found[:limit]


def _text(file: Path) -> str:
    if not file.is_file():
        return ""
    with open_log(file) as stream:
        return stream.read(MAX_BYTES).decode(errors="replace").strip()


PARSER = Parser(
    id=ID, title="MLflow file store", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__,
    folders=("mlruns",), companions=("artifacts/**",), contents=("metrics/**", "params/**", "tags/**"),
)  # fmt: skip

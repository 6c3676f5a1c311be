"""Known tracker stores that only the tracker itself can read.

## Written by
Aim (`.aim/`, a RocksDB database) and SwanLab in versions whose `*.swanlab` has another format.

## How it is recognised
The database `run_metadata.sqlite` in a folder `.aim`, one for all runs; the extension `.swanlab`.

## What is read
Only their existence.

## What is not read
Their numbers: export them with the tracker first, as described in the note.

## Peculiarities
Nothing is read. The resulting run has no curves, but a note that describes how to export a readable log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...base import Parser
from ...file_names import patterns_of
from ...run import Note, Run, Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = "unsupported"
AIM_FOLDER, AIM_FILE, SWANLAB_ENDING = ".aim", "run_metadata.sqlite", ".swanlab"
AIM = (
    "Aim: export it first (only Aim reads its store, and its command line has no export): in Python, for each run of"
    " aim.Repo(…).iter_runs(), the data frame of each metric of run.metrics() with to_csv; or CSV from its web page"
)
SWANLAB = (
    "SwanLab: export it first (a log of another version of its format): sync it with the version that wrote it, then"
    " the charts as CSV from its web page"
)


def sniff(path: Path, _head: bytes) -> bool:
    return path.suffix.lower() == SWANLAB_ENDING or path.parent.name == AIM_FOLDER


def parse(path: Path) -> Iterator[Run]:
    is_aim = path.suffix.lower() != SWANLAB_ENDING
    source = Source(str(path), ID, path.stat().st_size)
    note = Note(str(path), "", AIM if is_aim else SWANLAB)
    yield Run("", str(path), ID, "aim" if is_aim else "swanlab", sources=[source], notes=[note])


def home(path: Path) -> Path:
    """The folder of the stored runs: that of `.aim`, or that of the run."""
    return path.parent.parent if path.parent.name == AIM_FOLDER else path.parent


PARSER = Parser(
    id=ID,
    title="Unsupported tracker stores",
    patterns=patterns_of(__name__),
    sniff=sniff,
    parse=parse,
    doc=__doc__,
    home=home,
)

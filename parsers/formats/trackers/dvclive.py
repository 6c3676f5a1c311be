"""DVCLive's folder, one table per metric.

## Written by
`dvclive.Live`, alone or as logger of Lightning, Keras, Hugging Face and others: `dvclive/plots/metrics/**/*.tsv`; up to
version 1 `dvclive/scalars/**/*.tsv`.

## How it is recognised
A table with a column `step` below `plots/metrics/` or `scalars/`.

## What is read
The tables of metrics with their steps; `params.yaml`.

## What is not read
`metrics.json`, which repeats the last values; images, other plots and models.

## Peculiarities
The name of a metric is its path below that folder. All tables of the folder are one run; each has only the steps of
its own metric. The parameters are in `params.yaml` beside `plots`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import read_beside
from ...files.text import Notes, head_lines
from ...run import Curve, Run, Source
from ...tables.columns import curves_of
from ...tables.delimited.table import read_delimited

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ID = "dvclive"
FOLDERS = (("plots", "metrics"), ("scalars",))


def sniff(path: Path, head: bytes) -> bool:
    lines = head_lines(head)
    return bool(lines) and _metrics_folder(path) is not None and "step" in lines[0].split("\t")


def home(path: Path) -> Path:
    """The output folder of DVCLive."""
    folder = _metrics_folder(path)
    if folder is None:
        return path.parent
    return folder.parent if folder.name == FOLDERS[1][0] else folder.parent.parent


def parse(path: Path) -> Iterator[Run]:
    yield from parse_files([path])


def parse_files(paths: Sequence[Path]) -> Iterator[Run]:
    """Read the tables of one training as one run. Raises `OSError` only."""
    run = Run("", str(home(paths[0])), ID, "dvclive")
    for path in paths:
        notes = Notes(path)
        run.all_curves += _curves(path, notes)
        run.sources.append(Source(str(path), ID, path.stat().st_size))
        run.notes += notes.all()
    run.hyperparameters, sources, config_notes = read_beside(home(paths[0]) / paths[0].name)
    run.sources += sources
    run.notes += config_notes
    yield run


def _curves(path: Path, notes: Notes) -> list[Curve]:
    folder = _metrics_folder(path) or path.parent
    tag = path.relative_to(folder).with_suffix("").as_posix()
    curves = curves_of(read_delimited(path, notes), notes)[:1]
    if not curves and not notes.all():
        notes.add("contains no rows of numbers")
    return [replace(curve, tag=tag) for curve in curves]


def _metrics_folder(path: Path) -> Path | None:
    """The folder that metric names are relative to."""
    return next((f for f in path.parents if any(f.parts[-len(names) :] == names for names in FOLDERS)), None)


PARSER = Parser(
    id=ID,
    title="DVCLive",
    patterns=patterns_of(__name__),
    sniff=sniff,
    parse=parse,
    doc=__doc__,
    home=home,
    parse_files=parse_files,
)

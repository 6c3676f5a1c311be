"""A curve downloaded from TensorBoard as CSV.

## Written by
The download links of TensorBoard's scalars page: `run-<run>-tag-<tag>.csv`, one file per run and tag.

## How it is recognised
The header is `Wall time,Step,Value`.

## What is read
The curve with step and time.

## What is not read
Points that TensorBoard removed by sampling.

## Peculiarities
The tag is only in the file name, with "_" for "/"; after a renaming the whole name is the tag. All files of a folder
with the same run are one run. TensorBoard samples long curves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import read_beside
from ...files.text import Notes, head_lines
from ...run import Curve, Run, Source
from ...tables.delimited.table import read_delimited

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

ID = "tensorboard-csv"
CLOCK, STEP, VALUE = HEADER = ("Wall time", "Step", "Value")

_NAME = re.compile(r"run-(?P<run>.*?)-tag-(?P<tag>.+)")


def sniff(_path: Path, head: bytes) -> bool:
    lines = head_lines(head)
    return bool(lines) and tuple(cell.strip(' "') for cell in lines[0].split(",")) == HEADER


def parse(path: Path) -> Iterator[Run]:
    yield from parse_files([path])


def parse_files(paths: Sequence[Path]) -> Iterator[Run]:
    """Read the files of a folder, one run for each run name."""
    runs: dict[str, Run] = {}
    names = {path: _run_and_tag(path) for path in paths}
    is_one = len({run for run, _ in names.values()}) == 1
    beside, config_sources, config_notes = read_beside(paths[0])
    for path, (name, tag) in names.items():
        if name not in runs:
            notes_of_all = [] if runs else list(config_notes)
            runs[name] = Run("" if is_one else name, str(path), ID, "tensorboard", [], dict(beside), [], notes_of_all)
        notes = Notes(path)
        curve = _read(path, tag, notes)
        runs[name].all_curves += [curve] if len(curve) else []
        runs[name].sources.append(Source(str(path), ID, path.stat().st_size))
        runs[name].notes += notes.all()
    for run in runs.values():
        run.sources += config_sources
    yield from runs.values()


def _read(path: Path, tag: str, notes: Notes) -> Curve:
    table = read_delimited(path, notes)
    if not {STEP, VALUE} <= table.columns.keys():
        if not notes.all():
            notes.add("contains no rows of numbers")
        return Curve.build(tag, [], [])
    row, value = table.columns[VALUE]
    step = table.dense(STEP)[row]
    clock = table.dense(CLOCK)[row] if CLOCK in table.columns else np.full(len(row), np.nan)
    is_known = np.isfinite(step) & (np.abs(step) < 2**53)
    return Curve.build(tag, step[is_known].astype(np.int64), value[is_known], wall_time=clock[is_known])


def _run_and_tag(path: Path) -> tuple[str, str]:
    found = _NAME.fullmatch(path.stem)
    return (found["run"], found["tag"]) if found else ("", path.stem)


PARSER = Parser(
    id=ID, title="CSV downloaded from TensorBoard", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__,
    parse_files=parse_files,
)  # fmt: skip

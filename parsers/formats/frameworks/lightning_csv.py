"""The `metrics.csv` of Lightning's `CSVLogger`.

## Written by
`lightning.pytorch.loggers.CSVLogger`: `<name>/version_N/metrics.csv`, with the hyperparameters in `hparams.yaml`.

## How it is recognised
A file called metrics.csv with columns `step` and `epoch`, and one of: an `hparams.yaml` beside it, names that end
with `_step` and `_epoch`, a folder `version_N`.

## What is read
All metrics with step and epoch; `hparams.yaml`.

## What is not read
Texts; rows deleted by a resume. Hyperparameters that are Python objects are read as plain data.

## Peculiarities
There is one row per call of `log`, so most cells are empty and several rows share a step. The rows of
`LearningRateMonitor` have no epoch. A resume into the same folder deletes the earlier rows: the history then starts
late.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ...base import Parser
from ...file_names import patterns_of
from ...files.text import Notes
from ...tables.delimited.layout import peek
from ...tables.delimited.table import read_delimited
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...run import Run

ID = "lightning-csv"

_VERSION_FOLDER = re.compile(r"version_\d+")


def sniff(path: Path, head: bytes) -> bool:
    seen = peek(head)
    if seen is None or not seen.is_table_of_numbers or not {"step", "epoch"} <= set(seen.layout.names):
        return False
    return (
        _VERSION_FOLDER.fullmatch(path.parent.name) is not None
        or any(name.endswith(("_step", "_epoch")) for name in seen.layout.names)
        or (path.parent / "hparams.yaml").is_file()
    )


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    table = read_delimited(path, notes)
    if "epoch" in table.columns:
        first_epoch = np.fmin.reduce(table.columns["epoch"].value, initial=np.inf)
        if 0 < first_epoch < np.inf:
            notes.add(f"the history starts in epoch {first_epoch:g}: a resume may have deleted the earlier rows")
    yield from runs_of(path, table, notes, parser_id=ID, framework="lightning")


PARSER = Parser(
    id=ID, title="Lightning CSVLogger", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__,
    folders=("lightning_logs", "csv_logs", "logs", "csv"),
)  # fmt: skip

"""The log of Keras' `CSVLogger` callback.

## Written by
`keras.callbacks.CSVLogger(filename, separator, append)`; any file name; `training.log` in the Keras documentation.

## How it is recognised
The first column is `epoch`, one is `loss`, and every `val_` column has a counterpart without the prefix.

## What is read
All metrics by epoch, in file order; NaN as logged.

## What is not read
`NA`, which is not a value; the architecture and the hyperparameters, which the file does not contain.

## Peculiarities
`NA` means "not measured in this epoch" and `nan` a loss that diverged. The `val_` columns exist even without
validation data. After a divergence, the accuracy stays finite. With `append=True`, a second run follows without a
header, with epochs from 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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

ID = "keras-csv"


def sniff(_path: Path, head: bytes) -> bool:
    seen = peek(head)
    if seen is None or not seen.is_table_of_numbers:
        return False
    first, *names = seen.layout.names
    validated = [name.removeprefix("val_") for name in names if name.startswith("val_")]
    is_foreign = any("/" in name or " " in name or name.startswith("train") or name == "step" for name in names)
    return first == "epoch" and "loss" in names and set(validated) <= set(names) and not is_foreign


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    yield from runs_of(path, read_delimited(path, notes), notes, parser_id=ID, framework="keras")


PARSER = Parser(id=ID, title="Keras CSVLogger", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__)

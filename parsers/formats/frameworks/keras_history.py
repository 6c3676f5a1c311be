"""A Keras `History` saved as JSON.

## Written by
Scripts with `json.dump(model.fit(...).history, file)` or `pandas.DataFrame(history.history).to_json(...)`.

## How it is recognised
An object of lists, or of pandas' dicts "0" to "n", with `loss`, or a metric and its `val_` counterpart.

## What is read
All lists by epoch.

## What is not read
`history.params`, and a pickled history (`.pkl`, `.npy`).

## Peculiarities
The epoch is not written: it is the position in the list, from 0. With `validation_freq`, the `val_` lists are
shorter. NaN is written as unquoted `NaN`; pandas writes `null`, so a divergence looks like missing values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import is_config
from ...files.text import Notes, head_text
from ...numbers.columns import Column
from ...tables.axes import is_axis_name
from ...tables.json.rows import columns_in, load_json, loads, table_of_columns
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...run import Run

ID = "keras-history"


def sniff(path: Path, head: bytes) -> bool:
    if is_config(path):
        return False
    document, _ = loads(head_text(head))
    columns = columns_in(document)
    if not columns or len(columns) != len(document) or any("/" in name for name in columns):
        return False
    return "loss" in columns or any(f"val_{name}" in columns for name in columns)


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    document = load_json(path, notes)
    table = table_of_columns(columns_in(document) if isinstance(document, Mapping) else {}, notes)
    if not any(map(is_axis_name, table.columns)):
        epochs = np.arange(table.rows)
        table.columns["epoch"] = Column(epochs, epochs.astype(np.float64))
    yield from runs_of(path, table, notes, parser_id=ID, framework="keras")


PARSER = Parser(
    id=ID, title="Keras History as JSON", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__
)

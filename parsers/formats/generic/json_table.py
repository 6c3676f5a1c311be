"""A table of metrics in one JSON document.

## Written by
Chainer (`log`), NetKet (`*.log`), tensorboardX (`export_scalars_to_json`), skorch (`history.json`), pandas (`to_json` in
any orientation), the download of TensorBoard, scalars of ClearML (`{plot: {line: {"x", "y"}}}`), and scripts with
`json.dump`.

## How it is recognised
A list of objects, or an object of lists, with numbers and an axis or a metric. It may be nested under a key such as
"history", "log" or "metrics"; a list of objects with an epoch or a step under any key. An object of plain values is a
configuration, not a log. Numbers without a name (a list, a series of pandas, pairs of step and value) are a log if the
file has the name of a metric, such as `val_losses.json`.

## What is read
All numeric columns or rows, by their axis or by position; hyperparameters beside them.

## What is not read
Nested tables (the batches of skorch), booleans, texts; documents of plain values; tables of experiments, in which each
row is a trained model.

## Peculiarities
Lists in one document may differ in length (losses per iteration, scores per epoch). skorch stores the batches inside
each epoch (they are skipped) and marks the best epoch with booleans. Entries beside the table, such as "config" or
"args", are read as hyperparameters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import flatten, is_config
from ...files.text import Notes, head_text
from ...meaning.metric_names import is_metric_name, metric_of_file
from ...tables.axes import is_axis_name
from ...tables.json.experiments import refusal_of_rows
from ...tables.json.layouts import names_ahead, tabular
from ...tables.json.rows import (
    MAX_DEPTH,
    MAX_INT_DIGITS,
    as_number,
    columns_in,
    flat_row,
    load_json,
    loads,
    table_of_columns,
    table_of_rows,
)
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ...numbers.columns import Table
    from ...run import Run

ID = "json-table"
WRAPPERS = ("history", "log", "logs", "metrics", "log_history")
_NUMBERED = re.compile(rf"(?i)(?:(epoch|step|iteration)[ _-]?)?([0-9]{{1,{MAX_INT_DIGITS}}})")
SETTINGS = ("config", "args", "hparams", "hyperparameters", "params")


def sniff(path: Path, head: bytes) -> bool:
    if is_config(path):
        return False
    document, _ = loads(head_text(head))
    content = _content(document, path)
    rows, columns = _rows_in(content), columns_in(content)
    if names_ahead(content):
        names = names_ahead(content)
    elif rows:
        names = {name for row in rows for name, value in flat_row(row) if isinstance(value, int | float)}
    else:
        names = {name for name, values in columns.items() if len(values) > 1}
    return any(is_axis_name(name) or is_metric_name(name) for name in names)


def refusal(path: Path, head: bytes) -> str:
    document, _ = loads(head_text(head))
    return refusal_of_rows(_rows_in(_content(document, path)))


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    document = load_json(path, notes)
    table = _table_in(_content(document, path), notes)
    settings = {}
    if isinstance(document, Mapping):
        settings = {
            k: v for key in SETTINGS if isinstance(document.get(key), Mapping) for k, v in document[key].items()
        }
    yield from runs_of(path, table, notes, parser_id=ID, hyperparameters=flatten(settings))


def _table_in(content: Any, notes: Notes) -> Table:
    rows = _rows_in(content)
    if rows:
        return table_of_rows(rows, notes)
    columns: dict[str, Sequence[Any]] = {
        k: v for k, v in columns_in(content).items() if k.split("/")[0] not in SETTINGS
    }
    return table_of_columns(columns, notes)


def _content(document: Any, path: Path) -> Any:
    """Unwrap {"history": …} and similar, or rows with an axis under any other key."""
    document = tabular(document, metric_of_file(path))
    if not isinstance(document, Mapping):
        return document
    for key in WRAPPERS:
        if isinstance(document.get(key), list | dict) and (_rows_in(document[key]) or columns_in(document[key])):
            return document[key]
    if _rows_in(document) or columns_in(document):
        return document
    return max(_lists_of_rows(document), key=len, default=document)


def _lists_of_rows(document: Mapping[str, Any], depth: int = 0) -> Iterator[list[Any]]:
    """Lists of objects with a step or an epoch, at any depth."""
    for value in document.values():
        if isinstance(value, Mapping) and depth < MAX_DEPTH:
            yield from _lists_of_rows(value, depth + 1)
        elif isinstance(value, list):
            rows = _rows_in(value)
            if any(
                is_axis_name(name) and as_number(number) is not None for row in rows[:1] for name, number in row.items()
            ):
                yield value


def _rows_in(content: Any) -> list[Mapping[str, Any]]:
    """Find rows: a list of objects, or objects by number ("7", "epoch_7"), which then is their epoch if they name none."""
    if isinstance(content, list):
        return [row for row in content if isinstance(row, Mapping)]
    if not isinstance(content, Mapping) or not all(isinstance(row, Mapping) for row in content.values()):
        return []
    numbered = [(found, row) for key, row in content.items() if (found := _NUMBERED.fullmatch(str(key)))]
    if len(numbered) < max(len(content), 1):
        return []
    rows = [{(found[1] or "epoch").lower(): int(found[2]), **row} for found, row in numbered]
    return sorted(rows, key=lambda row: next(iter(row.values())))


PARSER = Parser(
    id=ID, title="JSON table", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__, refusal=refusal
)

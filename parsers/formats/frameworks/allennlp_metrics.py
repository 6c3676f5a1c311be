"""The metrics of AllenNLP: `metrics_epoch_0.json`, `metrics_epoch_1.json`, …, one file per epoch.

## Written by
`allennlp train`, into the serialization folder, with `config.json` beside them.

## How it is recognised
The file name, and a JSON object with names that begin with `training_` or `validation_`.

## What is read
All numbers that begin with `training_` or `validation_`, by epoch; `config.json` beside them.

## What is not read
`best_…` and totals of the run; `metrics.json`, written at its end; the event files in `log/`, which the TensorBoard
parser reads.

## Peculiarities
One run consists of many files with one row each. `best_…` repeats the values of the best epoch so far in every file
and is not a metric of this epoch; neither is `training_epochs`, a copy of `epoch`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.text import Notes, head_text
from ...tables.json.rows import load_json, table_of_rows
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ...run import Run

ID = "allennlp-metrics"
LEFT_OUT = ("best_", "training_epochs", "training_start_epoch")

_NUMBER = re.compile(r"metrics_epoch_(\d{1,9})\.json", re.IGNORECASE)


def sniff(path: Path, head: bytes) -> bool:
    text = head_text(head).lstrip()
    return _number(path) is not None and text.startswith("{") and ('"training_' in text or '"validation_' in text)


def parse(path: Path) -> Iterator[Run]:
    yield from parse_files([path])


def parse_files(paths: Sequence[Path]) -> Iterator[Run]:
    """Read the files of all epochs as one run."""
    in_order = sorted(paths, key=lambda path: (_number(path) or 0, path))
    notes = Notes(in_order[0])
    rows: list[Mapping[str, Any]] = []
    for path in in_order:
        own_notes = Notes(path)
        document = load_json(path, own_notes)
        notes.extend(own_notes.all())
        if isinstance(document, Mapping):
            row = {key: value for key, value in document.items() if not key.startswith(LEFT_OUT)}
            rows.append({"epoch": _number(path) or 0, **row})
    first, *others = in_order
    table = table_of_rows(rows, notes)
    yield from runs_of(first, table, notes, parser_id=ID, framework="allennlp", other_files=others)


def _number(path: Path) -> int | None:
    found = _NUMBER.fullmatch(path.name)
    return int(found[1]) if found else None


PARSER = Parser(
    id=ID, title="AllenNLP metrics_epoch_N.json", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__,
    parse_files=parse_files,
)  # fmt: skip

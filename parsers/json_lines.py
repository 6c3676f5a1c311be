"""JSON lines: one object of metrics a line.

## Who writes this
detectron2 and fvcore (`metrics.json`), mmengine (`scalars.json`), mmcv (`*.log.json`), Stable-Baselines3
(`progress.json`), Ray Tune (`result.json`), DETR, MAE and DINO (`log.txt`), fairseq, spaCy, StyleGAN (`stats.jsonl`),
and scripts.

## How it is recognised
Lines that are JSON objects of numbers and name an axis or something measured; the file's ending says little.

## What is odd about it
Rows differ in their keys: an evaluation often has a row of its own, without a step (it stands where the row before it
stood) or, from mmengine, with the epoch as `step`. mmcv writes its environment and config as first line, and counts
`iter` from 1 again in every epoch. Ray repeats its `config` in every line. fairseq writes numbers as text. NaN and
Infinity stand bare. StyleGAN writes {"num", "mean", "std"} for a number: the mean is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .axes import is_axis_name
from .base import HEAD_BYTES, Parser
from .columns import is_metric_name
from .hyperparameters import flatten, is_config
from .json_rows import as_number, flat_row, loads, table_of_rows
from .table_runs import runs_of
from .text import Notes, head_lines, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .run import Run

ID = "json-lines"
PATTERNS = (
    "*.jsonl", "*.json", "*.jsonlines", "*.ndjson", "*.txt", "*.log", "log",
    "*.jsonl.gz", "*.json.gz", "*.ndjson.gz", "*.txt.gz", "*.log.gz",
)  # fmt: skip
SETTINGS = ("config", "args", "hparams", "hyperparameters")  # repeated in rows, or a row of their own
ENVIRONMENT = "env_info"  # key of the first line of mmcv


def sniff(path: Path, head: bytes) -> bool:
    lines = head_lines(head)
    if is_config(path) or not lines or not lines[0].lstrip().startswith("{"):
        return False
    if len(lines) == 1 and len(head) >= HEAD_BYTES:  # a line longer than what is shown
        return f'"{ENVIRONMENT}"' in lines[0] or _is_logged(loads(lines[0])[0] or {})
    rows = [_row_in(line) or {} for line in lines]
    if len(rows) == 1 and path.name.lower().endswith(".json"):
        return False  # one object in a .json is a document, not a log of one row
    if not rows[0].keys().isdisjoint({ENVIRONMENT, *SETTINGS}) and len(rows) > 1:
        rows = rows[1:]
    return 2 * sum(map(_is_logged, rows)) > len(rows)


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    rows = _read_rows(read_text(path, notes) or "", notes)
    settings: dict[str, Any] = {}
    for row in rows:
        settings |= {key: row.pop(key) for key in SETTINGS if isinstance(row.get(key), Mapping)} if not settings else {}
        for key in SETTINGS:
            if isinstance(row.get(key), Mapping | str):
                del row[key]
    if rows and ENVIRONMENT in rows[0]:
        settings |= {key: value for key, value in rows.pop(0).items() if key != ENVIRONMENT}
    inner = {key: value for section in SETTINGS for key, value in settings.pop(section, {}).items()}
    table = table_of_rows(_placed(rows), notes)
    yield from runs_of(path, table, notes, parser_id=ID, hyperparameters=flatten({**settings, **inner}))


def _read_rows(text: str, notes: Notes) -> list[dict[str, Any]]:
    rows = []
    for line_number, line in enumerate(text.split("\n"), start=1):
        if not line or line.isspace():
            continue
        row = _row_in(line)
        if row is None:
            notes.add("is not a JSON object: left out", f"line {line_number}")
        else:
            rows.append(row)
    return rows


def _row_in(line: str) -> dict[str, Any] | None:
    row, damage = loads(line)
    return row if isinstance(row, dict) and damage is None else None


def _placed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the rows of evaluations by mmengine and mmcv the iteration at which they were done.

    mmengine writes them without `iter` and with the epoch as `step`, mmcv with the length of the validation as `iter`.
    """
    if not any("iter" in row for row in rows):
        return rows
    last: dict[str, Any] = {}
    placed = []
    for row in rows:
        if "iter" in row and row.get("mode", "train") == "train":
            last = {key: row[key] for key in ("iter", "epoch") if key in row}
            placed.append(row)
        else:
            placed.append({**{k: v for k, v in row.items() if k not in ("iter", "step")}, **last} if last else row)
    return placed


def _is_logged(row: Mapping[str, Any]) -> bool:
    names = [name for name, value in flat_row(row) if as_number(value) is not None]
    return any(is_axis_name(name) or is_metric_name(name) for name in names)


PARSER = Parser(id=ID, title="JSON lines", patterns=PATTERNS, sniff=sniff, parse=parse, doc=__doc__)

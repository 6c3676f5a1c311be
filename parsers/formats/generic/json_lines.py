"""JSON lines: one object of metrics per line.

## Written by
detectron2 and fvcore (`metrics.json`), mmengine (`scalars.json`), mmcv (`*.log.json`), Stable-Baselines3
(`progress.json`), Ray Tune (`result.json`), DETR, MAE and DINO (`log.txt`), fairseq, spaCy, StyleGAN (`stats.jsonl`),
DLLogger (`DLLL {...}`), LibKGE (`trace.yaml`), and scripts.

## How it is recognised
Lines that are JSON objects of numbers with an axis or a metric; the file extension is ignored.

## What is read
All numbers of all rows, nested ones as `a/b`, by step, iteration or epoch; times; `config` and `args` as
hyperparameters.

## What is not read
Lists and texts of a row; files with a single row per finished run (tables of experiments), which are skipped.

## Peculiarities
Rows differ in their keys: an evaluation often has a separate row, without a step (it gets the step of the previous
row) or, from mmengine, with the epoch as `step`. mmcv writes its environment and config as the first line, and
restarts `iter` at 1 in every epoch. Ray repeats its `config` in every line. fairseq writes numbers as text. NaN and
Infinity are unquoted. A line may be a mapping of YAML, `{epoch: 3, split: train}`. A label of capitals may stand before
each object. A `step` that is a list, as of DLLogger, is the epoch and the iteration in it. StyleGAN writes {"num", "mean",
"std"} for a number: the mean is used; its evaluations name no step, but the snapshot
(`network-snapshot-000200.pkl`), whose number is the step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...base import HEAD_BYTES, Parser
from ...file_names import patterns_of
from ...files.hyperparameters import is_config
from ...files.open_log import open_log
from ...files.text import Notes, head_lines, read_text
from ...files.unpacked import is_packed
from ...meaning.metric_names import is_metric_name
from ...tables.axes import is_axis_name
from ...tables.json.chunks import read_in_chunks
from ...tables.json.experiments import refusal_of_rows
from ...tables.json.line_log import ENVIRONMENT, SETTINGS, LineLog, is_object, row_in
from ...tables.json.rows import as_number, flat_row, loads
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ...run import Run

ID = "json-lines"
DOCUMENT_SUFFIXES = (".json", ".yaml", ".yml")
LARGE_BYTES = 1 << 20  # below, reading line by line is fast enough


def sniff(path: Path, head: bytes) -> bool:
    lines = head_lines(head)
    if is_config(path) or not lines or not is_object(lines[0]):
        return False
    if len(lines) == 1 and len(head) >= HEAD_BYTES:  # a line longer than the head
        if path.suffix.lower() == ".json" and _is_one_line(path):
            return False
        return f'"{ENVIRONMENT}"' in lines[0] or _is_logged(loads(lines[0])[0] or {})
    rows = [row_in(line) or {} for line in lines]
    if len(rows) == 1 and path.suffix.lower() in DOCUMENT_SUFFIXES:
        return False  # one object is then a document, not a log of one row
    if not rows[0].keys().isdisjoint({ENVIRONMENT, *SETTINGS}) and len(rows) > 1:
        rows = rows[1:]
    return 2 * sum(map(_is_logged, rows)) > len(rows)


def refusal(_path: Path, head: bytes) -> str:
    return refusal_of_rows([row for line in head_lines(head) if (row := row_in(line))])


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    log = read_lines(path, notes)
    yield from runs_of(path, log.table.table(notes), notes, parser_id=ID, hyperparameters=log.hyperparameters())


def read_lines(path: Path, notes: Notes) -> LineLog:
    """Read all rows. Raises `OSError` only."""
    if path.stat().st_size >= LARGE_BYTES or is_packed(path):
        own_notes = Notes(path)
        log = read_in_chunks(path, own_notes)
        if log is not None:
            notes.absorb(own_notes)
            return log
    return read_by_line(path, notes)


def read_by_line(path: Path, notes: Notes) -> LineLog:
    """Read all rows of a file in any encoding and with any damage, line by line."""
    log = LineLog(notes)
    for number, line in enumerate((read_text(path, notes) or "").split("\n"), start=1):
        log.add_line(number, line)
        log.table.extend_to(log.rows)
    return log


def _is_one_line(path: Path) -> bool:
    """Whether only blanks follow the first line, or it is too long for a row."""
    try:
        with open_log(path) as file:
            file.readline(LARGE_BYTES)
            return not file.readline(LARGE_BYTES).strip()
    except OSError:
        return True


def _is_logged(row: Mapping[str, Any]) -> bool:
    names = [name for name, value in flat_row(row) if as_number(value) is not None]
    return any(is_axis_name(name) or is_metric_name(name) for name in names)


def home(path: Path) -> Path:
    """The folder of the run: mmengine writes its rows to `vis_data/` in it."""
    return path.parent.parent if path.parent.name == "vis_data" else path.parent


PARSER = Parser(
    id=ID,
    title="JSON lines",
    patterns=patterns_of(__name__),
    sniff=sniff,
    parse=parse,
    doc=__doc__,
    home=home,
    refusal=refusal,
)

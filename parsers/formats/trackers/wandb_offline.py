"""The local files of Weights & Biases: the transaction log `run-<id>.wandb`, or the older `wandb-history.jsonl`.

## Written by
`wandb.init()`, offline and online, in `wandb/run-<time>-<id>/` or `wandb/offline-run-<time>-<id>/`; older versions
(before 0.10) `wandb-history.jsonl` in the same place.

## How it is recognised
The file begins with `:W&B`, followed by records in the framing of the LevelDB log, each a protobuf message.

## What is read
Rows of history with step and time, config, the direction of metrics, the final status.

## What is not read
Histograms, media, tables, system metrics, console output, the summary, files of the run.

## Peculiarities
This one file contains the config (first complete, then changes), rows of history, definitions of metrics, and a final
exit record. Without the exit record, the run was killed or is still in progress. The keys of a row are in any order;
nested keys are joined with ".". Histograms, images and tables are also stored as nested keys, including `_type`, and
are skipped. A value is JSON with unquoted NaN and Infinity, in some versions text. `_step` counts calls of `log`
unless the user sets it; the step metric of most metric definitions takes precedence. Older versions have the config
in `files/config.yaml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import flatten, read_beside
from ...files.text import Notes, head_text, read_text
from ...meaning.resolve import meaning_of
from ...numbers.columns import MAX_COLUMNS
from ...run import Meaning, Run, Source
from ...stores.leveldb_log import read_records
from ...stores.protobuf_wire import WireError, as_bytes, fields
from ...stores.wandb_records import HISTORY, Facts, history_row, take
from ...tables.axes import EPOCH_NAMES, STEP_NAMES, plain
from ...tables.columns import curves_of
from ...tables.json.rows import MAX_DEPTH, loads, table_of_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...numbers.columns import Table
    from ...run import Curve

ID = "wandb-offline"
SUFFIX, MARK = ".wandb", b":W&B"
MAX_FIELDS = 100  # of a record: its type, and at most its number and control data
HEADER_BYTES = 7  # the marker, a magic number and a version
OWN_KEYS = frozenset({"_runtime", "_wandb"})  # of a row
OWN_AXES = frozenset({"_step", "_timestamp"})


def sniff(path: Path, head: bytes) -> bool:
    if path.suffix.lower() == SUFFIX:
        return head.startswith(MARK)
    return head_text(head).lstrip().startswith("{")


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    facts = Facts()
    is_binary = path.suffix.lower() == SUFFIX
    table = table_of_rows(_rows(path, facts, notes) if is_binary else _old_rows(path, notes), notes)
    _prefer_step_metric(table, facts)
    curves = [_directed(curve, facts) for curve in curves_of(table, notes) if curve.tag not in OWN_AXES]
    beside, sources, config_notes = read_beside(path.parent / "files" / path.name if is_binary else path)
    beside.pop("wandb_version", None)
    facts.config.pop("_wandb", None)
    if not curves and not notes.all():
        notes.add("contains no rows of numbers")
    if facts.is_too_wide:
        notes.leave_out(f"only the first {MAX_COLUMNS:,} values of a row were read", "rows")
    if facts.exit_code:
        notes.add(f"the run ended with exit code {facts.exit_code}")
    yield Run(
        facts.name, str(path), ID, "wandb", curves, {**beside, **flatten(facts.config)},
        [Source(str(path), ID, path.stat().st_size), *sources], [*notes.all(), *config_notes],
        is_cut_short=is_binary and facts.exit_code != 0,
    )  # fmt: skip


def _rows(path: Path, facts: Facts, notes: Notes) -> Iterator[dict[str, Any]]:
    """Yield the rows of history, those of one step as one; the rest goes to `facts`."""
    row: dict[str, Any] = {}
    for record in read_records(path, HEADER_BYTES, notes):
        try:
            for number, content in islice(fields(record.data), MAX_FIELDS):
                if number != HISTORY:
                    take(number, as_bytes(content), facts)
                    continue
                logged = _numbers(history_row(as_bytes(content), facts))
                if row and ("_step" not in logged or logged["_step"] != row.get("_step")):
                    yield row
                    row = {}
                row |= logged
        except WireError as error:
            notes.add(f"damaged record: {error}", f"byte {record.offset}")
    if row:
        yield row


def _old_rows(path: Path, notes: Notes) -> Iterator[dict[str, Any]]:
    for number, line in enumerate((read_text(path, notes) or "").split("\n"), start=1):
        row, damage = loads(line)
        if isinstance(row, dict) and damage is None:
            yield _numbers(row)
        elif line.strip():
            notes.add("is not a JSON object: skipped", f"line {number}")


def _numbers(row: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """Flatten a row with "."; objects with a `_type` are images, histograms and similar."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            if "_type" not in value and depth < MAX_DEPTH:
                flat |= _numbers(value, f"{prefix}{key}.", depth + 1)
        elif not isinstance(value, list) and key not in OWN_KEYS:
            flat[f"{prefix}{key}"] = value
    return flat


def _prefer_step_metric(table: Table, facts: Facts) -> None:
    """Rename the step metric that most definitions name, so that it is found as the axis."""
    del facts.step_metrics[""]
    for name, _ in facts.step_metrics.most_common(1):
        column = table.columns.get(name)
        is_known = plain(name) in {*STEP_NAMES, *EPOCH_NAMES} or STEP_NAMES[0] in table.columns
        if column is not None and not is_known and (column.value == column.value.round()).all():
            table.columns[STEP_NAMES[0]] = table.columns.pop(name)


def _directed(curve: Curve, facts: Facts) -> Curve:
    """Use the goal that the user defined for a metric with an uninformative name."""
    goal, meaning = facts.goals.get(curve.tag), meaning_of(curve.tag)
    if goal is None or meaning.role != "unknown":
        return curve
    return curve.with_meaning(Meaning("score", meaning.split, "", goal, "Weights & Biases: define_metric(goal=…)"))


PARSER = Parser(
    id=ID, title="Weights & Biases run", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__,
    folders=("wandb",), companions=("files/output.log",),
)  # fmt: skip

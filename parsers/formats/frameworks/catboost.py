"""The `catboost_info` folder of CatBoost, a library of boosted trees, not a neural network.

## Written by
CatBoost, in every run, to `catboost_info/` in the working folder: `learn_error.tsv`, `test_error.tsv`,
`time_left.tsv` and `catboost_training.json`.

## How it is recognised
The file names, and `iter` as the first column, or `iterations` and `learn_metrics` in the JSON.

## What is read
All metrics of both sets by iteration, their direction, the elapsed time.

## What is not read
`time_left.tsv`, parameters and the model; the tables beside an intact JSON file.

## Peculiarities
The JSON contains everything, with the metrics by position and their best value (Min or Max); the tables are read only
if it is missing. `learn` may lack metrics of `test`, because some are slow to compute on the training set.
`time_left.tsv` contains no metrics.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.text import Notes, head_text
from ...numbers.columns import Table
from ...run import Meaning
from ...tables.delimited.table import read_delimited
from ...tables.json.rows import load_json, table_of_rows
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ...run import Direction, Role, Run, Split

ID = "catboost"
DOCUMENT, TABLES, TIMES = "catboost_training.json", ("learn_error.tsv", "test_error.tsv"), "time_left.tsv"
SPLITS: dict[str, Split] = {"learn": "train", "test": "validation"}
DIRECTIONS: dict[str, Direction] = {"Min": "lower", "Max": "higher"}


def sniff(path: Path, head: bytes) -> bool:
    text = head_text(head)
    if path.name.lower() == DOCUMENT:
        return '"learn_metrics"' in text or '"iterations"' in text
    return text.startswith("iter\t")


def parse(path: Path) -> Iterator[Run]:
    yield from parse_files([path])


def parse_files(paths: Sequence[Path]) -> Iterator[Run]:
    """Read the files of one run; files that only repeat others are skipped."""
    by_name = {path.name.lower(): path for path in paths}
    document, tables = by_name.get(DOCUMENT), [by_name[name] for name in TABLES if name in by_name]
    notes = Notes(document or (tables or paths)[0])
    table, directions = _table_of_document(load_json(document, notes) if document else None, notes)
    first, *others = [document] if document and (table.rows or not tables) else tables or paths
    if not table.rows:
        table = _table_of_tables(tables, notes)
    for run in runs_of(first, table, notes, parser_id=ID, framework="catboost", other_files=others):
        for i, curve in enumerate(run.all_curves):
            split = SPLITS.get(curve.tag.split("/")[0], "none")
            meaning = Meaning(split=split, reason="CatBoost's sets: learn and test")
            if direction := directions.get(curve.tag):
                role: Role = "loss" if direction == "lower" else "score"
                meaning = Meaning(role, split, "", direction, "best_value in CatBoost's own log")
            run.all_curves[i] = curve.with_meaning(meaning)
        yield run


def _table_of_document(document: Any, notes: Notes) -> tuple[Table, dict[str, Direction]]:
    content = document if isinstance(document, Mapping) else {}
    meta = content.get("meta")
    facts = meta if isinstance(meta, Mapping) else {}
    sets = {part: _metrics(facts.get(f"{part}_metrics")) for part in SPLITS}
    names = {part: [f"{part}/{name}" for name, _ in metrics] for part, metrics in sets.items()}
    rows = []
    iterations = content.get("iterations")
    for iteration in iterations if isinstance(iterations, list) else []:
        if isinstance(iteration, Mapping):
            row = {"iteration": iteration.get("iteration"), "passed_time": iteration.get("passed_time")}
            for part, columns in names.items():
                values = iteration.get(part)
                row |= zip(columns, values, strict=False) if isinstance(values, list) else ()
            rows.append(row)
    directions = {
        f"{part}/{name}": DIRECTIONS[best] for part in sets for name, best in sets[part] if best in DIRECTIONS
    }
    return table_of_rows(rows, notes), directions


def _metrics(found: Any) -> list[tuple[str, str]]:
    """Names of metrics, each with "Min", "Max" or nothing as its best value."""
    metrics = [metric for metric in found if isinstance(metric, Mapping)] if isinstance(found, list) else []
    return [(str(metric.get("name")), str(metric.get("best_value"))) for metric in metrics]


def _table_of_tables(paths: Sequence[Path], notes: Notes) -> Table:
    joined = Table()
    for path in paths:
        own_notes = Notes(path)
        table = read_delimited(path, own_notes)
        notes.extend(own_notes.all())
        joined.rows = max(joined.rows, table.rows)
        for name, column in table.columns.items():
            part = path.name.removesuffix("_error.tsv")
            joined.columns["iter" if name == "iter" else f"{part}/{name}"] = column
    return joined


PARSER = Parser(
    id=ID,
    title="CatBoost",
    patterns=patterns_of(__name__),
    sniff=sniff,
    parse=parse,
    doc=__doc__,
    parse_files=parse_files,
)

"""Tables in Parquet files, one column a metric or one row a point; needs pyarrow, the extra `parquet`.

## Written by
neptune-exporter, the history artifacts of Weights & Biases (`0000.parquet`), Trackio's export, MLflow exports,
`DataFrame.to_parquet`, `trainlint export --format parquet`.

## How it is recognised
The footer names a numeric column that is an axis, or a metric in a file without other texts and lists; or the long form: a
column of names (`attribute_path`, `metric`, `tag`, `key`), one of values, and a step or a time.

## What is read
Every numeric column, nested ones as `a/b`; steps, epochs and times; several runs if a column names them. Of the long form
one curve per name, and the single values of Neptune as hyperparameters.

## What is not read
Texts, lists, maps, switches, dates without a time; files of data sets; tables of experiments, in which each row is a
trained model.

## Peculiarities
Parts of one table (`0000.parquet`, `0001.parquet`, `RUN-1_part_0.parquet`) are read together. Without pyarrow such a file is
reported with the command that installs it. A file is complete only with its footer: nothing of a truncated one is read.
Points of the long form are ordered by time if it is logged. Steps that are not whole are taken as epochs.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ...base import Parser
from ...file_names import patterns_of
from ...files.text import Notes
from ...meaning.metric_names import is_metric_name
from ...run import Run, Source
from ...tables.axes import is_axis_name, plain
from ...tables.columns import LABEL_NAMES
from ...tables.experiments import refusal_of
from ...tables.json.row_table import RowTable
from ...tables.parquet.file import INSTALL, MARK, footer_of, opened
from ...tables.parquet.long import KEY_NAMES, LongTable, layout_of
from ...tables.parquet.wide import add_wide
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ...numbers.columns import Table
    from ...tables.parquet.file import ParquetTable

ID = "parquet-table"
MAX_LOOKED_AT = 1 << 20  # bytes of a footer in which names are looked for
FRAMEWORKS = (("trackio", {"log_id", "space_id", "run_name"}), ("wandb", {"_step", "_runtime", "_timestamp"}))
NO_LOG = "a table of data, not a log: no column counts steps or epochs, and the others are not only metrics"
RUN_ID, RUN_NAME = "run_id", "run_name"

_NAME = re.compile(rb"[\w./ -]{2,200}")
_PART = re.compile(r"(?:(?P<of>.+)_part_|part-)?\d+(?:-.*)?")


def sniff(_path: Path, head: bytes) -> bool:
    return head.startswith(MARK)


def refusal(path: Path, _head: bytes) -> str:
    try:
        footer = footer_of(path)
        if not footer:
            return ""  # read, to be reported as truncated
        names = {found.decode(errors="replace") for found in _NAME.findall(footer[:MAX_LOOKED_AT])}
        if not any(is_axis_name(name) or is_metric_name(name) or name in KEY_NAMES for name in names):
            return NO_LOG
        with opened(path) as table:
            if layout_of(table.fields):
                return ""
            return refusal_of(table.head()) or ("" if _is_log(table) else NO_LOG)
    except (ImportError, ValueError, OSError, MemoryError):
        return ""


def parse(path: Path) -> Iterator[Run]:
    yield from parse_files([path])


def parse_files(paths: Sequence[Path]) -> Iterator[Run]:
    """Read the files of a folder; parts of one table together."""
    tables: dict[str, list[Path]] = {}
    for path in paths:
        part = _PART.fullmatch(path.stem)
        tables.setdefault(f"part of {part['of'] or ''}" if part else path.name, []).append(path)
    for parts in tables.values():
        yield from _read(sorted(parts, key=_number))


def _number(path: Path) -> tuple[int, str]:
    digits = re.findall(r"\d+", path.stem)
    return int(digits[-1][:18]) if digits else 0, path.name


def _read(paths: Sequence[Path]) -> Iterator[Run]:
    notes = Notes(paths[0])
    table, long, rows = RowTable(), LongTable(notes), 0
    frameworks: list[str] = []
    if find_spec("pyarrow") is None:
        notes.add(INSTALL)
        paths = paths[:1]
    else:
        for path in paths:
            rows = _add(path, table, long, rows, notes, frameworks, place=path.name if len(paths) > 1 else "")
    curves = long.curves()
    framework = frameworks[0] if frameworks else None
    for name, found in curves.items():
        run = Run(name, str(paths[0]), ID, framework, found, dict(long.settings.get(name, {})))
        run.sources = [Source(str(path), ID, path.stat().st_size) for path in paths]
        run.notes, notes = notes.all(), Notes(paths[0])
        yield run
    if rows or not curves:
        read = _named_once(table.table(notes))
        yield from runs_of(paths[0], read, notes, parser_id=ID, framework=framework, other_files=paths[1:])


def _add(
    path: Path, table: RowTable, long: LongTable, rows: int, notes: Notes, frameworks: list[str], *, place: str
) -> int:
    """Add a file to one of the tables; the rows of the wide one then. Its notes name the `place`."""
    try:
        with opened(path) as parquet:
            layout = layout_of(parquet.fields)
            if layout is not None:
                frameworks += ["neptune"] if layout.kind else []
                long.add(parquet, layout)
                return rows
            names = {*(field.name for field in parquet.fields), *parquet.skipped}
            frameworks += [framework for framework, columns in FRAMEWORKS if columns <= names]
            return add_wide(table, parquet, notes, rows)
    except ValueError as error:
        notes.add(f"cannot be read as Parquet: {error}", place)
        return rows


def _is_log(table: ParquetTable) -> bool:
    """Whether a wide table is of a training: it has an axis, or nothing but metrics and what tells rows apart."""
    names = [field.name for field in table.fields if field.kind == "number"]
    if any(map(is_axis_name, names)):
        return True
    is_bare = all(field.kind != "text" or plain(field.name) in LABEL_NAMES for field in table.fields)
    return is_bare and not table.skipped and any(map(is_metric_name, names))


def _named_once(table: Table) -> Table:
    """Leave out the ids of runs that have names, one for each."""
    ids, names = table.labels.get(RUN_ID), table.labels.get(RUN_NAME)
    if ids and names and len(set(zip(ids.code.tolist(), names.code.tolist(), strict=True))) == len(names.logged()):
        del table.labels[RUN_ID]
    return table


PARSER = Parser(
    id=ID, title="Parquet table", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__, refusal=refusal,
    parse_files=parse_files,
)  # fmt: skip

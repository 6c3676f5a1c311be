"""The curves of the columns of a table, and the names of columns that are not curves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..meaning.resolve import meaning_of, split_of_word
from ..numbers.columns import NO_LABELS, Column, Labels
from ..restarts import Segment
from ..run import Curve, Meaning
from .axes import CLOCK_NAMES, MAX_COUNT, find_axes, may_be_axis, plain

if TYPE_CHECKING:
    from ..files.text import Notes
    from ..numbers.columns import Table
    from .axes import Axes

RUN_NAMES = ("run", "run_id", "run_name", "trial", "trial_id", "trial_name", "seed")
# purpose of a run: such columns identify runs if the rows of each are contiguous
GROUP_NAMES = (
    "env", "env_id", "env_name", "environment", "game", "dataset", "agent", "algo", "algorithm", "method", "model_name",
    "experiment", "fold",
)  # fmt: skip
MIN_COUNTED_ROWS = 5  # random values rise four times in a row once in 120 columns
SPLIT_NAMES = ("phase", "split", "mode", "subset", "stage")
ROWS_OF = "logged only in rows of {!r}"
# their texts identify rows or times, so they are kept
LABEL_NAMES = frozenset({*RUN_NAMES, *GROUP_NAMES, *SPLIT_NAMES, *CLOCK_NAMES})


def curves_of(table: Table, notes: Notes) -> list[Curve]:
    """Make a curve of every column that is not an axis; the columns of the table are consumed one by one."""
    axes = axes_of(table, notes)
    if axes is None:
        return []
    splits = _splits_of(table)
    curves = []
    for name in list(table.columns):
        column = table.columns.pop(name)
        if name in axes.names or not len(column.row):
            continue
        part = Labels(splits.texts, splits.code.take(column.row)) if splits is not None else NO_LABELS
        found = part.logged()
        if len(found) < 2:
            curve = _curve(name, column, axes)
            named_split = split_of_word(found[0]) if found and meaning_of(name).split == "none" else None
            curves.append(
                curve.with_meaning(Meaning(split=named_split, reason=ROWS_OF.format(found[0])))
                if named_split
                else curve
            )
            continue
        for split in found:  # one column for two splits: two curves
            rows = part.code == part.texts.index(split)
            tag = f"{split}/{name}" if split else name
            curves.append(_curve(tag, Column(column.row[rows], column.value[rows]), axes))
    return curves


def _curve(tag: str, column: Column, axes: Axes) -> Curve:
    row = column.row
    if len(row) == len(axes.step):  # filled in every row: these curves share their axes
        step, epoch, wall_time = axes.step, axes.epoch, axes.wall_time
    else:
        step = axes.step.take(row)
        # an unknown axis is equal in all rows: no copy
        epoch = axes.epoch.take(row) if axes.has_epoch else axes.epoch[: len(row)]
        wall_time = axes.wall_time.take(row) if axes.has_clock else axes.wall_time[: len(row)]
    segments = [Segment(0, int(step[0]))] if axes.is_rising else None
    return Curve.build(
        tag, step, column.value, wall_time=wall_time, epoch=epoch, axis=axes.axis, segments=segments,
        axis_reason="; ".join(axes.evidence),
    )  # fmt: skip


def axes_of(table: Table, notes: Notes) -> Axes | None:
    """Find the axes of a table; None if it has no rows."""
    if not table.rows:
        return None
    names = [n for n in table.columns if may_be_axis(n)]
    axes = find_axes({name: table.dense(name) for name in (*names, *table.clocks)}, table.rows, notes)
    if axes.axis != "row":
        return axes
    if counter := _unnamed_counter(table):
        step = table.columns[counter].value.astype(np.int64)
        evidence = (f"column {counter!r}, the first, is filled in every row and always rises", *axes.evidence[1:])
        return replace(axes, axis="step", step=step, names=axes.names | {counter}, evidence=evidence)
    return axes if table.number is None else replace(axes, step=table.number)


def _unnamed_counter(table: Table) -> str:
    """The first column, if it counts without being called anything known; "" otherwise."""
    name = next(iter(table.columns), "")
    if (
        not name
        or table.rows < MIN_COUNTED_ROWS
        or len(table.columns) < 2
        or meaning_of(name).role not in ("unknown", "counter")
    ):
        return ""
    row, value = table.columns[name]
    is_counting = len(row) == table.rows and (value == np.rint(value)).all() and np.abs(value).max() < MAX_COUNT
    return name if is_counting and (np.diff(value) > 0).all() else ""


def _splits_of(table: Table) -> Labels | None:
    """The split of each row; None if no column has it."""
    for name, labels in table.labels.items():
        named = {text for text in labels.logged() if text}
        if plain(name) in SPLIT_NAMES and len(named) > 1 and all(map(split_of_word, named)):
            return labels
    return None

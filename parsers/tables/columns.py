"""Tables of logged rows, and the curves of their columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..meaning.resolve import meaning_of, split_of_word
from ..run import Curve, Meaning, Segment
from .axes import CLOCK_NAMES, EPOCH_NAMES, STEP_NAMES, find_axes, plain

if TYPE_CHECKING:
    from ..files.text import Notes
    from ..run import Bools, Floats, Ints
    from .axes import Axes

MAX_COLUMNS = 20_000  # of one file; more are data or damage
MAX_NAME = 500  # characters; what is called more than that is no metric, and looking for words in it takes seconds
RUN_NAMES = ("run", "run_id", "run_name", "trial", "trial_id", "trial_name", "seed")
# what a run was made for: such columns name runs where the rows of each stand together
GROUP_NAMES = (
    "env", "env_id", "env_name", "environment", "game", "dataset", "agent", "algo", "algorithm", "method", "model_name",
    "experiment", "fold",
)  # fmt: skip
SPLIT_NAMES = ("phase", "split", "mode", "subset", "stage")
ROWS_OF = "logged only in rows of {!r}"
# their texts tell rows apart, or when: they are kept
LABEL_NAMES = frozenset({*RUN_NAMES, *GROUP_NAMES, *SPLIT_NAMES, *CLOCK_NAMES})
_METRIC = re.compile(
    r"loss|perplexity|(?:^|[^a-z])(?:acc|accuracy|error|err|reward|rewards|return|auc|f1|lr|learning.?rate|grad|iou|ppl"
    r"|bleu|psnr|ssim|mse|mae|rmse|precision|recall|map|map50|fid|wer|cer|score|kl|entropy|bpc|bpb|elbo|top1|top5|nll)"
    r"(?:$|[^a-z])|accuracy$|acc$|error$|reward$|_norm$"
)


class Column(NamedTuple):
    """What a column holds: `row` int64 [k], rising, where a number was logged, and `value` float64 [k]."""

    row: Ints
    value: Floats


class Labels(NamedTuple):
    """What a column of texts holds: `code` int64 [rows] is which of the different `texts` stands in a row, "" for none."""

    texts: list[str]
    code: Ints

    def logged(self) -> list[str]:
        """The texts that stand in any row, sorted."""
        return sorted(self.texts[code] for code in np.flatnonzero(np.bincount(self.code)).tolist())


NO_LABELS = Labels([], np.empty(0, np.int64))


@dataclass(slots=True)
class Table:
    """Logged rows, by column name in the order of the log.

    Attributes:
        rows: how many.
        columns: numbers.
        labels: texts, of the columns in `LABEL_NAMES`.
        clocks: dates as seconds since 1970, of the columns in `CLOCK_NAMES` that are texts.
        number: int64 [rows], which rows of the log these are, rising; None if they are all of them.

    """

    rows: int = 0
    columns: dict[str, Column] = field(default_factory=dict)
    labels: dict[str, Labels] = field(default_factory=dict)
    clocks: dict[str, Column] = field(default_factory=dict)
    number: Ints | None = None

    def take(self, is_kept: Bools) -> Table:
        """Select rows; bool [rows]."""
        new_row = np.cumsum(is_kept) - 1

        def taken(column: Column) -> Column:
            kept = is_kept[column.row]
            return Column(new_row[column.row[kept]], column.value[kept])

        return Table(
            int(np.count_nonzero(is_kept)),
            {name: taken(column) for name, column in self.columns.items()},
            {name: Labels(texts, code[is_kept]) for name, (texts, code) in self.labels.items()},
            {name: taken(column) for name, column in self.clocks.items()},
            None if self.number is None else self.number[is_kept],
        )

    def dense(self, name: str) -> Floats:
        """One column over all rows; float64 [rows], NaN where there is no number."""
        column = self.columns[name] if name in self.columns else self.clocks[name]
        if len(column.row) == self.rows:
            return column.value
        value = np.full(self.rows, np.nan)
        value[column.row] = column.value
        return value


def is_metric_name(name: str) -> bool:
    """Whether the name of a column is that of a metric."""
    return _METRIC.search(name.strip().casefold()) is not None


def curves_of(table: Table, notes: Notes) -> list[Curve]:
    """Make a curve of every column that is not an axis; the columns of the table are used up, one by one."""
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
            told = split_of_word(found[0]) if found and meaning_of(name).split == "none" else None
            curves.append(curve.with_meaning(Meaning(split=told, reason=ROWS_OF.format(found[0]))) if told else curve)
            continue
        for split in found:  # one column for two splits: two curves
            rows = part.code == part.texts.index(split)
            tag = f"{split}/{name}" if split else name
            curves.append(_curve(tag, Column(column.row[rows], column.value[rows]), axes))
    return curves


def _curve(tag: str, column: Column, axes: Axes) -> Curve:
    row = column.row
    if len(row) == len(axes.step):  # filled in every row: such curves share their axes
        step, epoch, wall_time = axes.step, axes.epoch, axes.wall_time
    else:
        step = axes.step.take(row)
        # an axis that is nowhere known is the same in any rows: no copy
        epoch = axes.epoch.take(row) if axes.has_epoch else axes.epoch[: len(row)]
        wall_time = axes.wall_time.take(row) if axes.has_clock else axes.wall_time[: len(row)]
    segments = [Segment(0, int(step[0]))] if axes.is_rising else None
    return Curve.build(tag, step, column.value, wall_time=wall_time, epoch=epoch, axis=axes.axis, segments=segments)


def axes_of(table: Table, notes: Notes) -> Axes | None:
    """Find the axes of a table; None if it has no rows."""
    if not table.rows:
        return None
    names = [n for n in table.columns if plain(n) in {*STEP_NAMES, *EPOCH_NAMES, *CLOCK_NAMES}]
    axes = find_axes({name: table.dense(name) for name in (*names, *table.clocks)}, table.rows, notes)
    return axes if table.number is None or axes.axis != "row" else replace(axes, step=table.number)


def _splits_of(table: Table) -> Labels | None:
    """The split of each row; None if no column names it."""
    for name, labels in table.labels.items():
        named = {text for text in labels.logged() if text}
        if plain(name) in SPLIT_NAMES and len(named) > 1 and all(map(split_of_word, named)):
            return labels
    return None

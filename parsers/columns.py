"""From named columns to curves and runs: the part that every parser of rows shares."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from .axes import CLOCK_NAMES, EPOCH_NAMES, STEP_NAMES, find_axes, plain
from .hyperparameters import read_beside
from .run import Curve, Run, Source
from .text import Notes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from .axes import Axes
    from .run import Bools, Floats, Hyperparameter, Ints

    Texts: TypeAlias = NDArray[np.str_]

RUN_NAMES = ("run", "run_id", "run_name", "trial", "trial_id", "trial_name", "seed")
SPLIT_NAMES = ("phase", "split", "mode", "subset", "stage")
SPLITS = frozenset({"train", "training", "val", "valid", "validation", "dev", "eval", "evaluation", "test"})
LABEL_NAMES = frozenset({*RUN_NAMES, *SPLIT_NAMES})  # their texts tell rows apart and are kept
MAX_RUNS = 1000  # in one file; more values are measurements, not names

# Writers that leave their mark in the names of the columns; all must be there.
FRAMEWORK_COLUMNS = (
    ("stable-baselines3", {"time/total_timesteps", "time/fps"}),
    ("ray", {"training_iteration", "timesteps_total"}),
    ("ray", {"training_iteration", "time_this_iter_s"}),
    ("detectron2", {"iteration", "total_loss", "data_time"}),
    ("mmengine", {"iter", "step", "data_time"}),
    ("mmcv", {"iter", "epoch", "mode"}),
    ("fairseq", {"num_updates"}),
    ("skorch", {"train_batch_count", "dur"}),
)
_METRIC = re.compile(
    r"loss|perplexity|(?:^|[^a-z])(?:acc|accuracy|error|err|reward|rewards|return|auc|f1|lr|learning.?rate|grad|iou|ppl"
    r"|bleu|psnr|ssim|mse|mae|rmse|precision|recall|map|map50|fid|wer|cer|score|kl|entropy|bpc|bpb|elbo|top1|top5|nll)"
    r"(?:$|[^a-z])|accuracy$|acc$|error$|reward$|_norm$"
)


class Column(NamedTuple):
    """What a column holds: `row` int64 [k], rising, where a number was logged, and `value` float64 [k]."""

    row: Ints
    value: Floats


@dataclass(slots=True)
class Table:
    """Logged rows, by column name in the order of the log; `labels` are the texts of the columns in `LABEL_NAMES`."""

    rows: int = 0
    columns: dict[str, Column] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)

    def take(self, is_kept: Bools) -> Table:
        """Select rows; bool [rows]."""
        new_row = np.cumsum(is_kept) - 1
        columns = {}
        for name, column in self.columns.items():
            kept = is_kept[column.row]
            columns[name] = Column(new_row[column.row[kept]], column.value[kept])
        labels = {n: [text for text, kept in zip(t, is_kept, strict=True) if kept] for n, t in self.labels.items()}
        return Table(int(np.count_nonzero(is_kept)), columns, labels)

    def dense(self, name: str) -> Floats:
        """One column over all rows; float64 [rows], NaN where there is no number."""
        value = np.full(self.rows, np.nan)
        value[self.columns[name].row] = self.columns[name].value
        return value


def is_metric_name(name: str) -> bool:
    """Whether a column is called like something that is measured in a training."""
    return _METRIC.search(name.strip().casefold()) is not None


def runs_of(
    path: Path,
    table: Table,
    notes: Notes,
    *,
    parser_id: str,
    framework: str | None = None,
    hyperparameters: Mapping[str, Hyperparameter] | None = None,
) -> Iterator[Run]:
    """Yield the runs of a table: one, or one for each value of a column that names runs.

    Configuration files beside the log give hyperparameters; those of the log itself go before them.
    """
    beside, sources, config_notes = read_beside(path)
    source = Source(str(path), parser_id, path.stat().st_size)
    framework = framework or _framework_of(table)
    parts = _runs_in(table) or {"": table}
    runs = [Run(name, str(path), parser_id, framework, curves_of(part, notes)) for name, part in parts.items()]
    if not any(run.all_curves for run in runs) and not notes.all():
        notes.add("holds no rows of numbers")
    for run in runs:
        run.hyperparameters = {**beside, **(hyperparameters or {})}
        run.sources = [source, *sources]
    runs[0].notes = [*notes.all(), *config_notes]
    yield from runs


def curves_of(table: Table, notes: Notes) -> list[Curve]:
    """Make a curve of every column that is not an axis."""
    axes = _axes_of(table, notes)
    if axes is None:
        return []
    splits = _splits_of(table)
    curves = []
    for name, column in table.columns.items():
        if name in axes.names or not len(column.row):
            continue
        split_of = splits[column.row]
        found = np.unique(split_of).tolist()
        if len(found) < 2:
            curves.append(_curve(name, column, axes))
            continue
        for split in found:  # one column for two splits: two curves
            rows = split_of == split
            curves.append(_curve(f"{split}/{name}", Column(column.row[rows], column.value[rows]), axes))
    return curves


def _curve(tag: str, column: Column, axes: Axes) -> Curve:
    row = column.row
    return Curve.build(
        tag, axes.step[row], column.value, wall_time=axes.wall_time[row], epoch=axes.epoch[row], axis=axes.axis
    )


def _axes_of(table: Table, notes: Notes) -> Axes | None:
    if not table.rows:
        return None
    names = [n for n in table.columns if plain(n) in {*STEP_NAMES, *EPOCH_NAMES, *CLOCK_NAMES}]
    return find_axes({name: table.dense(name) for name in names}, table.rows, notes)


def _splits_of(table: Table) -> Texts:
    """Give the split each row speaks of; str [rows], all "" if no column tells."""
    for name, texts in table.labels.items():
        named = {text for text in texts if text}
        if plain(name) in SPLIT_NAMES and len(named) > 1 and {text.casefold() for text in named} <= SPLITS:
            return np.array(texts)
    return np.full(table.rows, "")


def _runs_in(table: Table) -> dict[str, Table]:
    """Split by the first column that names runs, if the axis of each run covers the same range; else empty."""
    for name in RUN_NAMES:
        of_row = next((labels for key, labels in _run_labels(table) if plain(key) == name), None)
        if of_row is None:
            continue
        values, group = np.unique(of_row, return_inverse=True)
        sizes = np.bincount(group)
        if not 2 <= len(values) <= MAX_RUNS or sizes.min() < 2:
            continue
        first_row = {int(g): int(np.argmax(group == g)) for g in range(len(values))}
        parts = {str(values[g]): table.take(group == g) for g in sorted(first_row, key=first_row.__getitem__)}
        if _is_restarting(list(parts.values())):
            for part in parts.values():
                part.columns = {key: column for key, column in part.columns.items() if plain(key) != name}
            return parts
    return {}


def _run_labels(table: Table) -> Iterator[tuple[str, Texts]]:
    for name, texts in table.labels.items():
        if all(texts):
            yield name, np.array(texts)
    for name, column in table.columns.items():
        if plain(name) in RUN_NAMES and len(column.row) == table.rows and (column.value == np.rint(column.value)).all():
            yield name, np.array([f"{value:.0f}" for value in column.value])


def _is_restarting(parts: list[Table]) -> bool:
    firsts, lasts = [], []
    for part in parts:
        axes = _axes_of(part, Notes(Path()))
        if axes is None or axes.axis == "row":
            return False
        firsts.append(axes.step.min())
        lasts.append(axes.step.max())
    return bool(max(firsts) <= min(lasts))


def _framework_of(table: Table) -> str | None:
    names = {*table.columns, *table.labels}
    return next((framework for framework, columns in FRAMEWORK_COLUMNS if columns <= names), None)

"""From a table of logged rows to runs: what every parser of rows ends with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..hyperparameters import read_beside
from ..run import Run, Source
from ..text import Notes
from .axes import plain
from .columns import RUN_NAMES, axes_of, curves_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..run import Hyperparameter
    from .columns import Table, Texts

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
    ("chainer", {"main/loss", "iteration", "elapsed_time"}),
    ("stylegan", {"Progress/tick"}),
    ("skorch", {"train_batch_count", "dur"}),
)


def runs_of(
    path: Path,
    table: Table,
    notes: Notes,
    *,
    parser_id: str,
    framework: str | None = None,
    hyperparameters: Mapping[str, Hyperparameter] | None = None,
    other_files: Sequence[Path] = (),
) -> Iterator[Run]:
    """Yield the runs of a table: one, or one for each value of a column that names runs.

    Configuration files beside the log give hyperparameters; those of the log itself go before them. `other_files` were
    read for the same table.
    """
    beside, config_sources, config_notes = read_beside(path)
    sources = [*(Source(str(file), parser_id, file.stat().st_size) for file in (path, *other_files)), *config_sources]
    framework = framework or _framework_of(table)
    parts = _runs_in(table) or {"": table}
    runs = [Run(name, str(path), parser_id, framework, curves_of(part, notes)) for name, part in parts.items()]
    if not any(run.all_curves for run in runs) and not notes.all():
        notes.add("holds no rows of numbers")
    for run in runs:
        run.hyperparameters = {**beside, **(hyperparameters or {})}
        run.sources = list(sources)
    runs[0].notes = [*notes.all(), *config_notes]
    yield from runs


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
        axes = axes_of(part, Notes(Path()))
        if axes is None or axes.axis == "row":
            return False
        firsts.append(axes.step.min())
        lasts.append(axes.step.max())
    return bool(max(firsts) <= min(lasts))


def _framework_of(table: Table) -> str | None:
    names = {*table.columns, *table.labels}
    return next((framework for framework, columns in FRAMEWORK_COLUMNS if columns <= names), None)

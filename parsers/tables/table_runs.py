"""From a table of logged rows to runs: the last stage of all table parsers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..files.hyperparameters import read_beside
from ..files.text import Notes
from ..files.typed_values import typed
from ..numbers.columns import Labels
from ..run import Run, Source
from .axes import plain
from .columns import GROUP_NAMES, RUN_NAMES, axes_of, curves_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..numbers.columns import Table
    from ..run import Hyperparameter

SEED = "seed"
NAMES = frozenset({*RUN_NAMES, *GROUP_NAMES})
MAX_RUNS = 1000  # in one file; more distinct values are measurements, not names

# Characteristic column names of writers; all must be present.
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
    """Yield the runs of a table: one, or one for each value of the columns that identify runs.

    Hyperparameters come from configuration files beside the log; those of the log itself take precedence. `other_files`
    were read for the same table.
    """
    beside, config_sources, config_notes = read_beside(path)
    sources = [*(Source(str(file), parser_id, file.stat().st_size) for file in (path, *other_files)), *config_sources]
    framework = framework or _framework_of(table)
    parts = _runs_in(table) or [({}, table)]
    runs = [
        Run("/".join(named.values()), str(path), parser_id, framework, curves_of(part, notes)) for named, part in parts
    ]
    if not any(run.all_curves for run in runs) and not notes.all():
        notes.add("contains no rows of numbers")
    for run, (named, _) in zip(runs, parts, strict=True):
        run.hyperparameters = {**beside, **(hyperparameters or {}), **_settings(named)}
        run.sources = list(sources)
    runs[0].notes = [*notes.all(), *config_notes]
    yield from runs


def _runs_in(table: Table) -> list[tuple[dict[str, str], Table]]:
    """The parts of a table, each with its name; empty if it is one run.

    A column of names splits a table if the axis of each part covers the same range; for a column with the purpose of runs,
    the rows of each part must be contiguous, otherwise they may be tasks of one run. Parts are split further.
    """
    for name in (*RUN_NAMES, *GROUP_NAMES):
        labels = next((labels for key, labels in _run_labels(table) if plain(key) == name), None)
        if labels is None:
            continue
        sizes = np.bincount(labels.code)
        if not 2 <= np.count_nonzero(sizes) <= MAX_RUNS or sizes[sizes > 0].min() < 2:
            continue
        if name in GROUP_NAMES and np.count_nonzero(np.diff(labels.code)) >= np.count_nonzero(sizes):
            continue
        codes, first_row = np.unique(labels.code, return_index=True)
        in_order = codes[np.argsort(first_row)].tolist()
        parts = [(labels.texts[code], table.take(labels.code == code)) for code in in_order]
        if _is_restarting([part for _, part in parts]):
            for _, part in parts:
                part.columns = {key: column for key, column in part.columns.items() if plain(key) != name}
            return [
                ({name: text, **named}, smaller)
                for text, part in parts
                for named, smaller in _runs_in(part) or [({}, part)]
            ]
    return []


def _settings(named: Mapping[str, str]) -> dict[str, Hyperparameter]:
    """Names of a run that are hyperparameters: its seed, and its purpose."""
    return {name: typed(text) for name, text in named.items() if name == SEED or name in GROUP_NAMES}


def _run_labels(table: Table) -> Iterator[tuple[str, Labels]]:
    for name, labels in table.labels.items():
        if "" not in labels.logged():
            yield name, labels
    for name, column in table.columns.items():
        if plain(name) in NAMES and len(column.row) == table.rows and (column.value == np.rint(column.value)).all():
            values, code = np.unique(column.value, return_inverse=True)
            yield name, Labels([f"{value:.0f}" for value in values.tolist()], code)


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
    names = {*table.columns, *table.labels, *table.clocks}
    return next((framework for framework, columns in FRAMEWORK_COLUMNS if columns <= names), None)

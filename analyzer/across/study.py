"""Comparable runs, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ..studies.hyperparameter_columns import are_tied, columns_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Direction, Floats, Ints, KnownTask
    from ..report.schema import HeadlineEntry, RunEntry
    from ..studies.hyperparameter_columns import HyperparameterColumn

    # task, metric, direction, hyperparameters that name the data, score metrics
    Kind: TypeAlias = tuple[KnownTask | None, str, Direction, tuple[tuple[str, str], ...], tuple[str, ...]]

MIN_RUNS = 12  # of a study: with two groups of fewer than six, no rank test stays significant among a dozen comparisons
SUCCESS_ROLES = ("loss", "score", "perplexity", "reward")
DATA_KEYS = frozenset({"dataset", "dataset_name", "data", "workload", "task", "task_name", "env", "env_id", "env_name"})


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Runs of one kind that log the same main metric.

    Attributes:
        best: float64 [n], best value of the metric in each run.
        hyperparameters: those that vary, well-known names first; without seeds, whose values have no meaning.
        unit: int64 [n], index of each run's configuration. Runs that differ only in their seed are one observation:
            repetitions add no evidence about the other hyperparameters. If a single hyperparameter varies, every run is
            its own observation.

    """

    metric: str
    direction: Direction
    entries: list[RunEntry]
    best: Floats
    hyperparameters: list[HyperparameterColumn]
    unit: Ints

    @property
    def first_of_unit(self) -> Ints:
        """The first run of each configuration, int64 [units]."""
        return np.unique(self.unit, return_index=True)[1]

    def median_best(self) -> Floats:
        """Median of the best values of each configuration's runs, float64 [units]."""
        return np.array([median(self.best[rows]) for rows in self._members()])

    def majority(self, is_hit: Ints) -> Ints:
        """Majority of the judged runs of each configuration, int64 [units]: 1, 0, or -1 if none was judged."""
        judged = np.bincount(self.unit, is_hit >= 0)
        hits = np.bincount(self.unit, is_hit == 1)
        return np.where(judged > 0, (2 * hits >= np.maximum(judged, 1)).astype(np.int64), -1)

    def _members(self) -> list[Ints]:
        order = np.argsort(self.unit, kind="stable")
        return np.split(order, np.cumsum(np.bincount(self.unit))[:-1])

    def tied(self, hyperparameter: HyperparameterColumn) -> list[str]:
        """Other hyperparameters that vary so closely with one that these runs cannot separate them."""
        others = [
            other for other in self.hyperparameters if other is not hyperparameter and are_tied(hyperparameter, other)
        ]
        return [*hyperparameter.aliases, *(other.name for other in others)]


def median(values: Floats) -> float:
    """Median of finite values; finite even if the sum of the two middle values overflows float64."""
    return 2 * float(np.median(values / 2))


def studies_of(entries: Sequence[RunEntry]) -> list[Study]:
    """Group comparable runs; groups with fewer than `MIN_RUNS` are left out."""
    groups: dict[Kind, list[tuple[RunEntry, HeadlineEntry]]] = {}
    for entry in entries:
        headline = entry.get("headline")
        if headline and isinstance(headline["best"], float):
            groups.setdefault(kind_of(entry, headline), []).append((entry, headline))
    return [_study(own) for own in sorted(groups.values(), key=len, reverse=True) if len(own) >= MIN_RUNS]


def kind_of(entry: RunEntry, headline: HeadlineEntry) -> Kind:
    """The same key for comparable runs: same task, same data set, same score metrics."""
    data = sorted(
        (name, str(value))
        for name, value in entry["hyperparameters"].items()
        if name.rpartition(".")[2].lower() in DATA_KEYS
    )
    metrics = {m["tag"] for m in entry["metrics"] if m["role"] in SUCCESS_ROLES and not m["layer"]}
    return entry["task"], headline["metric"], headline["direction"], tuple(data), tuple(sorted(metrics))


def _study(runs: Sequence[tuple[RunEntry, HeadlineEntry]]) -> Study:
    entries, headline = [entry for entry, _ in runs], runs[0][1]
    hyperparameters = columns_of(entries)
    unit = np.arange(len(entries))
    if len(hyperparameters) > 1:
        _, unit = np.unique(
            np.array([hyperparameter.level for hyperparameter in hyperparameters]), axis=1, return_inverse=True
        )
    best = np.array([each["best"] for _, each in runs])
    return Study(headline["metric"], headline["direction"], entries, best, hyperparameters, unit.ravel())

"""A study as columns over its runs, for associations of hyperparameters with findings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..studies.hyperparameter_columns import are_tied, columns_of
from ..studies.run_settings import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...parsers.run import Direction, Floats, Ints
    from ..report.schema import RunEntry
    from ..report.studies_schema import StudyEntry
    from ..studies.hyperparameter_columns import HyperparameterColumn

MIN_RUNS = 12  # of a study: with two groups of fewer than six, no rank test stays significant among a dozen comparisons


@dataclass(frozen=True, slots=True, eq=False)
class StudyTable:
    """The runs of a study that have an outcome.

    Attributes:
        best: float64 [n], outcome of each run.
        hyperparameters: those that vary, well-known names first.
        unit: int64 [n], index of each run's configuration. Runs that differ only in their seed are one observation:
            repetitions add no evidence about the other hyperparameters. If a single hyperparameter varies, every run is
            its own observation.
        has_failure_causes: whether the study says which hyperparameters separate failing runs.

    """

    metric: str
    direction: Direction
    entries: list[RunEntry]
    best: Floats
    hyperparameters: list[HyperparameterColumn]
    unit: Ints
    has_failure_causes: bool

    @property
    def first_of_unit(self) -> Ints:
        """The first run of each configuration, int64 [units]."""
        return np.unique(self.unit, return_index=True)[1]

    def majority(self, is_hit: Ints) -> Ints:
        """Majority of the judged runs of each configuration, int64 [units]: 1, 0, or -1 if none was judged."""
        judged = np.bincount(self.unit, is_hit >= 0)
        hits = np.bincount(self.unit, is_hit == 1)
        return np.where(judged > 0, (2 * hits >= np.maximum(judged, 1)).astype(np.int64), -1)

    def tied(self, hyperparameter: HyperparameterColumn) -> list[str]:
        """Other hyperparameters that vary so closely with one that these runs cannot separate them."""
        others = [
            other for other in self.hyperparameters if other is not hyperparameter and are_tied(hyperparameter, other)
        ]
        return [*hyperparameter.aliases, *(other.name for other in others)]


def median(values: Floats) -> float:
    """Median of finite values; finite even if the sum of the two middle values overflows float64."""
    return 2 * float(np.median(values / 2))


def table_of(study: StudyEntry, entries: Mapping[str, RunEntry]) -> StudyTable | None:
    """The table of a study, given the entries of the runs by name; None if it has fewer than `MIN_RUNS` with an outcome."""
    chosen, settings, best, unit = [], [], [], []
    for number, configuration in enumerate(study["configurations"]):
        known = {name: value for name, value in configuration["hyperparameters"].items() if value != NONE}
        for name in configuration["runs"]:
            entry = entries.get(name)
            value = outcome_of_entry(entry, study)
            if entry is not None and math.isfinite(value):
                chosen.append(entry)
                settings.append(known)
                best.append(value)
                unit.append(number)
    if len(chosen) < MIN_RUNS:
        return None
    hyperparameters = columns_of(settings)
    _, number_of = np.unique(unit, return_inverse=True)
    units = number_of.ravel() if len(hyperparameters) > 1 else np.arange(len(chosen))
    causes = any(effect["kind"] == "failure" for effect in study["effects"])
    return StudyTable(study["metric"], study["direction"], chosen, np.array(best), hyperparameters, units, causes)


def outcome_of_entry(entry: RunEntry | None, study: StudyEntry) -> float:
    """The outcome of a run in the deciding metric of its study; NaN if there is none."""
    record = entry.get("record") if entry else None
    if not record:
        return math.nan
    wanted = (study["metric"], study["split"])
    found = next((each["value"] for each in record["outcomes"] if (each["metric"], each["split"]) == wanted), None)
    return float(found) if isinstance(found, float | int) else math.nan

"""Random searches: no two configurations differ in one setting only, so that a setting and the outcome are compared by rank.

The values of the other settings are drawn anew in each configuration, which makes them noise of the comparison. What a search
adapts to its results (Bayesian optimization) is not drawn at random, and its p values are too small.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..studies.association import kruskal, spearman
from ..studies.hyperparameter_columns import MIN_GROUP, are_tied, column_of
from ..studies.run_settings import NONE
from .comparison_text import label_of
from .study_table import median

if TYPE_CHECKING:
    from ...parsers.run import Floats, Ints
    from ...rules.view.study import Study
    from ..studies.hyperparameter_columns import HyperparameterColumn

MIN_CONFIGURATIONS = 12  # with fewer, a correlation of 0.6 is within chance
MAX_P_VALUE = 0.05  # of what can be told; only then it matters which other hyperparameters go with one


class SearchEffect(NamedTuple):
    """How a hyperparameter goes with the outcome over all configurations.

    Attributes:
        correlation: rank correlation, NaN where groups of values differ more clearly than their order shows.
        groups: values, or ranges of values, with the median of their outcomes; empty where the correlation is told.
        tied: hyperparameters that cannot be separated from it.

    """

    p_value: float
    correlation: float
    groups: list[tuple[str, float]]
    configurations: int
    tied: list[str]


class Search:
    """The configurations of a study that have outcomes, as columns; made once, for all of its hyperparameters."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.rows = [each for each in study.configurations if each.values]

    @cached_property
    def outcomes(self) -> Floats:
        """Mean outcome of each configuration."""
        return np.array([float(np.mean(each.values)) for each in self.rows])

    @cached_property
    def columns(self) -> dict[str, HyperparameterColumn]:
        """The hyperparameters that can be compared, by name."""
        found = {}
        for name in self.study.hyperparameters:
            values = [each.hyperparameters[name] for each in self.rows]
            column = column_of(name, [None if value == NONE else value for value in values])
            if column is not None:
                found[name] = column
        return found

    def effect(self, hyperparameter: str) -> SearchEffect | None:
        """Compare a hyperparameter with the outcome; None if too few configurations have the same or neighbouring values.

        Numbers are tested by Spearman's correlation and, as the best value may lie between the others, by Kruskal and
        Wallis' test of ranges of values; the p value is the smaller one, doubled (Bonferroni). Other values are groups.
        """
        column = self.columns.get(hyperparameter) if len(self.rows) >= MIN_CONFIGURATIONS else None
        if column is None:
            return None
        group = _groups(column)
        inside = group >= 0
        kinds, numbers = np.unique(group[inside], return_inverse=True)
        if not column.is_ordered and len(kinds) < 2:
            return None
        p_value, correlation = kruskal(self.outcomes[inside], numbers.ravel()).p_value, math.nan
        if column.is_ordered:
            known = column.is_known
            by_order, ranked = spearman(column.values[known], self.outcomes[known])
            correlation = ranked if by_order <= p_value or len(kinds) < 3 else math.nan
            p_value = by_order if len(kinds) < 3 else min(1.0, 2 * min(by_order, p_value))
        if not math.isfinite(p_value):
            return None
        groups = [] if math.isfinite(correlation) else _medians(column, group, self.outcomes)
        tied = self._tied(column) if p_value <= MAX_P_VALUE else []
        return SearchEffect(p_value, correlation, groups, len(self.rows), tied)

    def _tied(self, column: HyperparameterColumn) -> list[str]:
        return [name for name, other in self.columns.items() if other is not column and are_tied(column, other)]


def _groups(column: HyperparameterColumn) -> Ints:
    """Group of each configuration, int64 [configurations], -1 if its value is unknown or occurs too rarely."""
    if column.is_ordered:
        return np.where(column.is_known, column.bins()[column.level], -1)
    counts = np.bincount(column.level[column.is_known], minlength=len(column.levels))
    return np.where(column.is_known & (counts[column.level] >= MIN_GROUP), column.level, -1)


def _medians(column: HyperparameterColumn, group: Ints, outcomes: Floats) -> list[tuple[str, float]]:
    found = []
    for number in np.unique(group[group >= 0]).tolist():
        members = group == number
        levels = [column.levels[i] for i in np.unique(column.level[members]).tolist()]
        found.append((label_of(levels), median(outcomes[members])))
    return found

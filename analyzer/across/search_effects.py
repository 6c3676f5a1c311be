"""Random searches: no two configurations differ in one setting only, so that a setting and the outcome are compared by rank.

The values of the other settings are drawn anew in each configuration, which makes them noise of the comparison. What a search
adapts to its results (Bayesian optimization) is not drawn at random, and its p values are too small.
"""

from __future__ import annotations

import math
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


def search_effect(study: Study, hyperparameter: str) -> SearchEffect | None:
    """Compare a hyperparameter with the outcome; None if too few configurations have the same or neighbouring values.

    Numbers are tested by Spearman's correlation and, as the best value may lie between the others, by Kruskal and
    Wallis' test of ranges of values; the p value is the smaller one, doubled (Bonferroni). Other values are groups.
    """
    rows = [each for each in study.configurations if each.values]
    if len(rows) < MIN_CONFIGURATIONS:
        return None
    columns = {
        name: column_of(
            name, [None if each.hyperparameters[name] == NONE else each.hyperparameters[name] for each in rows]
        )
        for name in study.hyperparameters
    }
    column = columns[hyperparameter]
    if column is None:
        return None
    outcomes = np.array([float(np.mean(each.values)) for each in rows])
    group = _groups(column)
    inside = group >= 0
    if not column.is_ordered and len(np.unique(group[inside])) < 2:
        return None
    by_group = kruskal(outcomes[inside], np.unique(group[inside], return_inverse=True)[1].ravel()).p_value
    p_value, correlation = by_group, math.nan
    if column.is_ordered:
        known = column.is_known
        by_order, correlation = spearman(column.values[known], outcomes[known])
        is_order = by_order <= by_group or len(np.unique(group[inside])) < 3
        p_value = min(1.0, 2 * min(by_order, by_group)) if len(np.unique(group[inside])) > 2 else by_order
        correlation = correlation if is_order else math.nan
    if not math.isfinite(p_value):
        return None
    groups = [] if math.isfinite(correlation) else _medians(column, group, outcomes)
    tied = [
        name for name, other in columns.items() if other is not None and other is not column and are_tied(column, other)
    ]
    return SearchEffect(p_value, correlation, groups, len(rows), tied)


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

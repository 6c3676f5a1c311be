"""Random searches: no two configurations differ in one setting only, so that a setting and the outcome are compared by rank.

The values of the other settings are drawn anew in each configuration, which makes them noise of the comparison. What a search
adapts to its results (Bayesian optimization) is not drawn at random, and its p values are too small.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...rules.statistics.correlation import rank_correlation
from ..studies.association import spearman

if TYPE_CHECKING:
    from ...parsers.run import Floats
    from ...rules.view.study import Study

MIN_CONFIGURATIONS = 12  # with fewer, a correlation of 0.6 is within chance
MIN_VALUES = 5  # a rank correlation of fewer is a comparison of groups
TIED = 0.8  # rank correlation of two settings above which a few dozen configurations cannot separate them


class RankCorrelation(NamedTuple):
    """How a numeric hyperparameter goes with the outcome; `tied` are those that cannot be separated from it."""

    p_value: float
    correlation: float
    configurations: int
    tied: list[str]


def rank_correlation_of(study: Study, hyperparameter: str) -> RankCorrelation | None:
    """Compare a numeric hyperparameter with the outcome over all configurations; None if that cannot be done."""
    rows = [each for each in study.configurations if each.values]
    values = _numbers([each.hyperparameters[hyperparameter] for each in rows])
    if values is None or len(rows) < MIN_CONFIGURATIONS or len(set(values.tolist())) < MIN_VALUES:
        return None
    outcomes = np.array([float(np.mean(each.values)) for each in rows])
    p_value, correlation = spearman(values, outcomes)
    if not math.isfinite(p_value):
        return None
    others = {
        name: _numbers([each.hyperparameters[name] for each in rows])
        for name in study.hyperparameters
        if name != hyperparameter
    }
    tied = [name for name, other in others.items() if other is not None and abs(rank_correlation(values, other)) > TIED]
    return RankCorrelation(p_value, correlation, len(rows), tied)


def _numbers(values: list[float | str]) -> Floats | None:
    numbers = [value for value in values if isinstance(value, float)]
    return np.array(numbers) if len(numbers) == len(values) else None

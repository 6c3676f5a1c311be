"""Random searches: no two configurations differ in one setting only, so that a setting and the outcome are compared by rank.

The values of the other settings are drawn anew in each configuration, which makes them noise of the comparison. What a search
adapts to its results (Bayesian optimization) is not drawn at random, and its p values are too small.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ...rules.statistics.correlation import rank_correlation
from .association import spearman

if TYPE_CHECKING:
    from ...parsers.run import Floats
    from .effects import Effect

MIN_CONFIGURATIONS = 12  # with fewer, a correlation of 0.6 is within chance
MIN_VALUES = 5  # a rank correlation of fewer is a comparison of groups
TIED = 0.8  # rank correlation of two settings above which a few dozen configurations cannot separate them


def add_rank_correlation(effect: Effect) -> bool:
    """Compare a numeric hyperparameter with the outcome over all configurations; False if that cannot be done."""
    study = effect.study
    rows = [each for each in study.configurations if each.values]
    values = _numbers([each.hyperparameters[effect.hyperparameter] for each in rows])
    if values is None or len(rows) < MIN_CONFIGURATIONS or len(set(values.tolist())) < MIN_VALUES:
        return False
    outcomes = np.array([float(np.mean(each.values)) for each in rows])
    p_value, correlation = spearman(values, outcomes)
    if not math.isfinite(p_value):
        return False
    effect.test, effect.p_value, effect.correlation, effect.reason = "rank", p_value, correlation, ""
    effect.units = len(rows)
    for name in study.hyperparameters:
        other = _numbers([each.hyperparameters[name] for each in rows]) if name != effect.hyperparameter else None
        if other is not None and abs(rank_correlation(values, other)) > TIED:
            effect.confounded.append(name)
    return True


def _numbers(values: list[float | str]) -> Floats | None:
    numbers = [value for value in values if isinstance(value, float)]
    return np.array(numbers) if len(numbers) == len(values) else None

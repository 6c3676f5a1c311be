"""Association of a hyperparameter with an observation in many runs: non-parametric tests.

Every p value is two-sided. An effect of 0 means no association; all effects but that of Kruskal-Wallis are signed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...rules.statistics.correlation import rank_correlation

if TYPE_CHECKING:
    from ...parsers.run import Floats, Ints


class Association(NamedTuple):
    """Result of one test: p value and effect size."""

    p_value: float
    effect: float


def rank_sum(first: Ints, second: Ints) -> Association:
    """Mann and Whitney's (1947) test of two samples, given the number of each at every level, int64 [levels] each.

    Normal approximation with corrections for ties and continuity. The effect is Cliff's delta: the probability that a value
    of the first sample exceeds one of the second, minus the probability of the opposite.
    """
    n, m = int(first.sum()), int(second.sum())
    both = (first + second).astype(np.float64)
    total = n + m
    ranks = np.cumsum(both) - (both - 1) / 2
    wins = float((first * ranks).sum()) - n * (n + 1) / 2
    ties = float((both**3 - both).sum()) / (total * (total - 1))
    variance = n * m / 12 * (total + 1 - ties)
    if variance <= 0:
        return Association(1.0, 0.0)
    z = max(abs(wins - n * m / 2) - 0.5, 0.0) / math.sqrt(variance)
    return Association(math.erfc(z / math.sqrt(2)), 2 * wins / (n * m) - 1)


def fisher(inside: int, inside_total: int, outside: int, outside_total: int) -> Association:
    """Fisher's exact test of two shares; the effect is their difference."""

    def log_choose(n: int, k: int) -> float:
        return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)

    hits = inside + outside
    possible = range(max(0, hits - outside_total), min(hits, inside_total) + 1)
    log_p = np.array([log_choose(inside_total, k) + log_choose(outside_total, hits - k) for k in possible])
    chances = np.exp(log_p - log_p.max())
    # equally likely tables belong to the tail, with a tolerance for rounding
    tail = chances <= chances[inside - possible[0]] * (1 + 1e-7)
    p_value = float(chances[tail].sum() / chances.sum())
    return Association(min(p_value, 1.0), inside / inside_total - outside / outside_total)


def spearman(first: Floats, second: Floats) -> Association:
    """Spearman's rank correlation of two columns with its t approximation."""
    from scipy.special import stdtr

    effect = rank_correlation(first, second)
    freedom = len(first) - 2
    t = abs(effect) * math.sqrt(freedom / max(1 - effect * effect, 1e-12))
    return Association(2 * float(stdtr(freedom, -t)), effect)


def kruskal(values: Floats, group: Ints) -> Association:
    """Kruskal and Wallis' (1952) test of values in groups 0, 1, ...; the effect is epsilon squared, H / (n - 1)."""
    from scipy.special import chdtrc

    _, level, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[level]
    n, sizes = len(values), np.bincount(group)
    spread = 1 - float((counts.astype(np.float64) ** 3 - counts).sum()) / (n**3 - n)
    if spread <= 0 or len(sizes) < 2:
        return Association(1.0, 0.0)
    means = np.bincount(group, ranks) / np.maximum(sizes, 1)
    h = 12 / (n * (n + 1)) * float((sizes * (means - (n + 1) / 2) ** 2).sum()) / spread
    return Association(float(chdtrc(len(sizes) - 1, h)), min(h / (n - 1), 1.0))


def cramers_v(first: Ints, second: Ints) -> float:
    """Cramer's V of two partitions, 0 (independent) to 1 (equivalent); group numbers 0, 1, ... of each.

    With Bergsma's (2013) correction: for many small groups the uncorrected coefficient is near 1 by chance alone.
    """
    table = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(table, (first, second), 1)
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    n, (rows, columns) = len(first), table.shape
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    phi2 = float(((table - expected) ** 2 / expected).sum()) / n - (rows - 1) * (columns - 1) / (n - 1)
    smaller = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    return math.sqrt(min(max(phi2, 0.0) / smaller, 1.0)) if smaller > 0 else 0.0

"""Noise between seeds, what a number of seeds can show, and exact tests of a few paired differences."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...parsers.run import Floats

CONFIDENCE = 0.95  # of intervals
LEVEL = 1 - CONFIDENCE
POWER = 0.8  # with which the smallest effect that seeds can show would be found (Cohen 1988)
MAX_EXACT = 16  # paired differences: 65,536 patterns of signs
MAX_SEEDS = 200  # per configuration; nobody trains more


@dataclass(frozen=True, slots=True)
class SeedNoise:
    """Standard deviation of the outcome between runs that differ in nothing but chance, with its degrees of freedom."""

    deviation: float
    freedom: int


def pooled_noise(groups: Iterable[Sequence[float]]) -> SeedNoise:
    """Seed noise pooled over configurations (Snedecor and Cochran 1989, 12.5); groups are outcomes of one configuration."""
    total, freedom = 0.0, 0
    for group in groups:
        if len(group) > 1:
            values = np.asarray(group, np.float64)
            total += float(((values - values.mean()) ** 2).sum())
            freedom += len(group) - 1
    return SeedNoise(math.sqrt(total / freedom) if freedom else math.nan, freedom)


def deviation_with_floor(noise: SeedNoise, evaluations: float) -> float:
    """Deviation of an outcome between runs, at least that which the noise of its evaluations alone gives it.

    A few runs agree closely by accident, which makes a t test fail equal groups. `evaluations` is the standard error of an
    outcome within a run, NaN if unknown. It is an estimate as well: the runs themselves overrule it where their upper
    95% limit (chi-squared; Snedecor and Cochran 1989, 5.9) is smaller.
    """
    from scipy.special import chdtri

    if not math.isfinite(evaluations):
        return noise.deviation
    largest = noise.deviation * math.sqrt(noise.freedom / float(chdtri(noise.freedom, CONFIDENCE)))
    return max(noise.deviation, min(evaluations, largest))


def t_quantile(probability: float, freedom: float) -> float:
    """Quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))


def t_p_value(t: float, freedom: float) -> float:
    """Two-sided p value of Student's t."""
    from scipy.special import stdtr

    return 2 * float(stdtr(freedom, -abs(t)))


def f_p_value(statistic: float, numerator: float, denominator: float) -> float:
    """Upper tail of Fisher's F."""
    from scipy.special import fdtrc

    return float(fdtrc(numerator, denominator, max(statistic, 0.0)))


def half_width(error: float, freedom: float) -> float:
    """Half of the confidence interval of a difference with this standard error."""
    return t_quantile(1 - LEVEL / 2, freedom) * error


def smallest_shown(error: float, freedom: float) -> float:
    """The smallest effect that would be found with a power of 80% (t approximation of the noncentral t)."""
    return (t_quantile(1 - LEVEL / 2, freedom) + t_quantile(POWER, freedom)) * error


def seeds_needed(effect: float, error: float, freedom: float, seeds: float) -> int | None:
    """Seeds per configuration with which an effect would be found with a power of 80%; None if more than 200.

    `error` and `freedom` are those of the difference with `seeds` per configuration (mean, if they differ); both improve in
    proportion to the seeds.
    """
    if not effect > 0 or not error > 0:
        return None
    configurations = max(freedom / max(seeds - 1, 1), 2) if seeds > 1 else 2.0
    for wanted in range(max(2, math.ceil(seeds)), MAX_SEEDS + 1):
        if smallest_shown(error * math.sqrt(seeds / wanted), configurations * (wanted - 1)) <= effect:
            return wanted
    return None


def sign_flip_p_value(differences: Floats) -> float:
    """Exact two-sided p value of paired differences: the share of all patterns of signs with a mean as far from 0.

    Fisher's (1935) randomization test of paired differences, for at most 16; it assumes only that a difference is as
    likely to be positive as negative where there is no effect.
    """
    n = len(differences)
    sums = np.zeros(1)
    for value in differences:
        sums = np.concatenate([sums + value, sums - value])
    observed = abs(float(differences.sum()))
    tolerance = 1e-9 * float(np.abs(differences).sum())
    return float((np.abs(sums) >= observed - tolerance).sum()) / 2.0**n


def least_exact_p_value(n: int) -> float:
    """The smallest two-sided p value that n paired differences can have in the exact test."""
    return 2.0 ** (1 - n)

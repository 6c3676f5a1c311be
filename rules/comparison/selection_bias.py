"""The best of many runs is the best partly by chance.

## What it finds
A study of at least eight configurations whose best one leads by no more than the best of so many equal ones would lead by
chance.

## Why it matters
The largest of n noisy results is better than its own mean: by 1.4 standard deviations between seeds for 8, 1.9 for 20, 2.5
for 100. The validation result of the chosen run is too optimistic by about as much, and the choice itself may be arbitrary.

## How it is detected
The expected largest of n normal variables (Blom 1958) times the standard deviation between seeds, pooled over the study, is
compared with the lead of the best configuration over the median one.

## When it is a false alarm
If many configurations are far worse than the best few, fewer of them compete, and the true bias is smaller.

## What to do
Repeat the best few configurations with new seeds, and quote their mean over these, or a test set that took no part in the
choice.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import BatchRule, Comparison, Severity
from ..thresholds import limit, thresholds
from ._studies import described, gain, noise_of_seeds, ranked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.study import Batch


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_configurations: int = limit(8, "of fewer the best is 1.4 deviations above the mean at most", unit="runs")
    min_freedom: int = limit(4, "seed noise known to a factor of two", unit="")


def check(batch: Batch, limits: Limits) -> Iterator[Comparison]:
    """Yield one finding for each study whose best configuration chance could have chosen."""
    for study in batch.studies:
        order, noise = ranked(study), noise_of_seeds(study)
        n = len(order)
        if n < limits.min_configurations or noise.freedom < limits.min_freedom or not noise.deviation > 0:
            continue
        best, first = order[0]
        middle = order[n // 2][1]
        seeds = sum(len(each.values) for each, _ in order) / n
        bias = expected_maximum(n) * noise.deviation / math.sqrt(seeds)
        lead = gain(study, first, middle)
        if lead > bias:
            continue
        yield Comparison(
            message=f"{described(best, study)} is the best of {n} configurations, with a lead of {lead:.3g} in {study.metric} over the median one; the "
            f"best of {n} equal ones would lead by {bias:.3g} by chance",
            confidence=0.8,
            runs=tuple(run.name for run in best.runs),
            evidence={
                "configuration_count": float(n),
                "lead": lead,
                "expected_lead": bias,
                "seed_deviation": noise.deviation,
            },
            remedies=(
                "repeat the best configurations with new seeds, and quote the mean of these",
                "quote a test set that took no part in the choice",
            ),
        )


def expected_maximum(n: int) -> float:
    """Expected largest of n standard normal variables, to 2% (Blom 1958)."""
    from scipy.special import ndtri

    return float(ndtri((n - 0.375) / (n + 0.25)))


RULE = BatchRule(
    id="selection-bias",
    family="comparison",
    severity=Severity.INFO,
    since="0.1.0",
    title="The best configuration leads by more than chance",
    failure_title="Best of many by chance",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)

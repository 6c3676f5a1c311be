"""The best value of a hyperparameter is the smallest or largest that was tried.

## What it finds
A numeric hyperparameter with at least three values whose results improve towards the end of the range: the best is at the
edge, and clearly better than its neighbour.

## Why it matters
The optimum may lie outside of the range that was searched, and the reported best is then too pessimistic.

## How it is detected
For each value the best mean over seeds among its configurations is taken. The best of these must belong to the smallest or
largest value, and beat that of the next one by more than two standard errors of seed noise, or, without repeated seeds, by
10% of the range of results over the values. A value of 0 is a natural edge, as is 1 for a share.

## When it is a false alarm
The range may be bounded by memory, time or definition.

## What to do
Extend the range beyond this value, in steps of the same ratio, until the results become worse.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import BatchRule, Comparison, Severity
from ..thresholds import limit, thresholds
from ._studies import gain, noise_of_seeds, ranked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.study import Batch, Configuration, Study


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_values: int = limit(3, "two values have no interior", unit="values")
    max_values: int = limit(12, "more are a random search, whose best value is near an edge by chance", unit="values")
    errors: float = limit(2.0, "a lead within the noise of seeds is no trend", unit="standard errors")
    share: float = limit(0.1, "of the range of results, where no seed noise is known", unit="%")


def check(batch: Batch, limits: Limits) -> Iterator[Comparison]:
    """Yield one finding for each hyperparameter of a study that is best at the edge of its range."""
    for study in batch.studies:
        for name in study.hyperparameters:
            found = _edge(study, name, limits)
            if found is not None:
                yield found


def _edge(study: Study, name: str, limits: Limits) -> Comparison | None:
    best: dict[float, tuple[float, int]] = {}
    members: dict[float, Configuration] = {}
    for configuration, mean in ranked(study):  # the best first
        value = configuration.hyperparameters[name]
        if not isinstance(value, float):
            return None
        best.setdefault(value, (mean, len(configuration.values)))
        members.setdefault(value, configuration)
    values = sorted(best)
    if not limits.min_values <= len(values) <= limits.max_values:
        return None
    top = next(iter(best))
    if top not in (values[0], values[-1]) or top == 0 or (top == 1 and values[0] >= 0):
        return None
    step = values[1] if top == values[0] else values[-2]
    (first, seeds), (second, others) = best[top], best[step]
    results = [mean for mean, _ in best.values()]
    noise = noise_of_seeds(study)
    error = noise.deviation * math.sqrt(1 / seeds + 1 / others)
    least = limits.errors * error if noise.freedom >= 2 else limits.share * (max(results) - min(results))
    lead = gain(study, first, second)
    if not lead > least:
        return None
    side = "smallest" if top == values[0] else "largest"
    return Comparison(
        message=f"the best {study.metric} is reached with {name} {top:.6g}, the {side} of the {len(values)} values tried; it is better by "
        f"{lead:.3g} than with {step:.6g}, so that the optimum may lie beyond",
        confidence=0.8,
        runs=tuple(run.name for run in members[top].runs),
        evidence={"best_value": top, "next_value": step, "lead": lead, "value_count": float(len(values))},
        remedies=(f"try {name} beyond {top:.6g}, in steps of the same ratio, until the results become worse",),
    )


RULE = BatchRule(
    id="best-at-search-edge",
    family="comparison",
    severity=Severity.INFO,
    since="0.1.0",
    title="The best value lies inside the range tried",
    failure_title="Best value at the edge of the search",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)

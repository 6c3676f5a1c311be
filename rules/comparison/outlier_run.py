"""One run of a configuration has a result far from those of the other seeds.

## What it finds
A run whose outcome differs from that of its replicates by far more than these differ among themselves, or that failed while
all others of at least four did not.

## Why it matters
One broken run moves the mean of its configuration and widens every interval. It is often an accident (a bad node, damaged
data, a resumed state) and not a property of the configuration; if it is one, then some seeds fail, which a mean hides.

## How it is detected
For each run of a configuration with at least three finished runs, its distance from the mean of the others is divided by the
standard deviation between seeds, pooled over the study without this run (the externally studentized residual of Cook and
Weisberg 1982). It is an outlier if its p value, times the number of runs of the study, is below 0.1%, and the distance is at
least a tenth of what the others gained since their first evaluation: replicates of a good run differ by little, so that a
difference of no importance can be many standard errors.

## When it is a false alarm
Outcomes between seeds can have heavy tails, for example in reinforcement learning, where some seeds never learn.

## What to do
Look at the findings of this run and at its log; repeat it with the same seed. Report medians, or all runs, rather than a mean.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import BatchRule, Comparison, Severity
from ..statistics.seed_noise import t_p_value
from ..thresholds import limit, thresholds
from ._studies import described

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.study import Batch, Configuration, Study


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_finished: int = limit(3, "two runs do not show which of them is off", unit="runs")
    min_freedom: int = limit(3, "below it an ordinary spread has such outliers", unit="")
    p_value: float = limit(
        0.001, "over all runs of a study: one false outlier in a thousand studies of normal noise", unit="p-value"
    )
    share: float = limit(0.1, "of the gain of the replicates since their first evaluation", unit="%")
    min_replicates: int = limit(4, "one failure among fewer is no exception", unit="runs")


def check(batch: Batch, limits: Limits) -> Iterator[Comparison]:
    """Yield one finding for each run that is far from its replicates."""
    for study in batch.studies:
        squares = [_squares(each.values) for each in study.configurations]
        freedom = sum(max(0, len(each.values) - 1) for each in study.configurations)
        runs = sum(len(each.values) for each in study.configurations)
        for configuration, own in zip(study.configurations, squares, strict=True):
            yield from _odd_failure(configuration, study, limits)
            if len(configuration.values) >= limits.min_finished and freedom - 1 >= limits.min_freedom:
                yield from _far_off(configuration, study, limits, sum(squares) - own, freedom - 1, runs)


def _squares(values: tuple[float, ...]) -> float:
    mean = sum(values) / len(values) if values else 0.0
    return sum((value - mean) ** 2 for value in values)


def _far_off(
    configuration: Configuration, study: Study, limits: Limits, rest: float, freedom: int, runs: int
) -> Iterator[Comparison]:
    values, count = configuration.values, len(configuration.values)
    total, squares = sum(values), _squares(values)
    first_total = sum(each.outcome.first for each in configuration.finished if each.outcome is not None)
    for value, run in zip(values, configuration.finished, strict=True):
        mean = (total - value) / (count - 1)  # of the others, without a pass over them for each run
        of_others = max(0.0, squares - (value - total / count) ** 2 * count / (count - 1))
        deviation = math.sqrt((rest + of_others) / freedom)
        distance = value - mean
        first = (first_total - run.outcome.first) / (count - 1) if run.outcome is not None else math.nan
        if not deviation > 1e-9 * abs(mean) or abs(distance) < limits.share * abs(first - mean):
            continue
        t = distance / (deviation * math.sqrt(count / (count - 1)))
        if t_p_value(t, freedom) * runs >= limits.p_value:
            continue
        word = "better" if (distance < 0) == study.is_lower_better else "worse"
        yield Comparison(
            message=f"{study.metric} of {run.name} is {value:.4g}, {word} than that of its {count - 1} replicates ({described(configuration, study)}), "
            f"whose mean is {mean:.4g}: {abs(t):.3g} standard errors away",
            confidence=0.85,
            runs=(run.name, *(each.name for each in configuration.runs if each is not run)),
            evidence={"outcome": value, "mean_of_others": mean, "seed_deviation": deviation, "t": t},
            remedies=(
                f"look at the log of {run.name}, and repeat it with the same seed",
                "report the median of the replicates, or all of them",
            ),
        )


def _odd_failure(configuration: Configuration, study: Study, limits: Limits) -> Iterator[Comparison]:
    failed = [run for run in configuration.runs if run.failure]
    if len(configuration.runs) < limits.min_replicates or len(failed) != 1:
        return
    (run,) = failed
    count = len(configuration.runs) - 1
    yield Comparison(
        message=f"{run.name} {run.failure}, while its {count} replicates ({described(configuration, study)}) did not",
        confidence=0.85,
        runs=(run.name, *(each.name for each in configuration.runs if each is not run)),
        evidence={"replicate_count": float(count)},
        remedies=(
            f"look at the findings of {run.name}, and repeat it with the same seed",
            "report how many seeds failed beside the mean of the others",
        ),
    )


RULE = BatchRule(
    id="outlier-run",
    family="comparison",
    severity=Severity.WARNING,
    since="0.1.0",
    title="Replicates agree with each other",
    failure_title="Outlier among replicates",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)

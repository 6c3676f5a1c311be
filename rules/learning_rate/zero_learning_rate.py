"""The learning rate is zero while training continues.

## What it finds
A stretch of the run, beyond a warm-up or the very end of a schedule, in which the learning rate is zero or less than a
millionth of its peak.

## Why it matters
No update changes the weights, so the compute is wasted. The usual cause is a schedule with fewer steps than the run,
or one that is stepped per batch where it should be stepped per epoch.

## How it is detected
A point counts as zero if the learning rate of every logged parameter group is at most a millionth of the peak; single
zeros, as at the first or last step of a schedule, are ignored. It is an error if more than 5% of the points are zero.
A stretch at the beginning alone is a warning: updates are skipped while a loss scale
is too high for half precision, or a warm-up waits. If the training loss falls by more than 5% and significantly (Mann-Kendall) over these points, the logged values were
rounded, and the rule reports insufficient data.

## When it is a false alarm
With several optimizers, only one that is disabled on purpose is logged; an evaluation phase at the end that logs
training steps.

## What to do
Give the schedule the actual number of steps (`total_steps = epochs * steps per epoch`, after gradient accumulation),
and check whether `scheduler.step()` belongs inside the batch loop or the epoch loop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.change import trend_of
from ..statistics.events import groups_of
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Ints
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(8, "with fewer, two zeros can be the first and last point of a schedule", unit="points")
    min_share: float = limit(
        0.05, "of the points; a schedule may be zero at its first and last logged points", unit="%"
    )
    zero_share_of_peak: float = limit(
        1e-6, "of the peak; useful schedules do not anneal below a thousandth of it", unit="ratio"
    )
    fall_z: float = limit(
        2.5,
        "Mann-Kendall score; such a significant fall shows that the model is still training",
        unit="standard errors",
    )
    min_fall: float = limit(
        0.05, "fall of the loss, as a change of its logarithm; a smaller one may be low-frequency noise", unit="%"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the longest stretch in which every logged learning rate is zero."""
    rate = run.learning_rate
    points = 0 if rate is None else len(rate)
    if rate is None or points < limits.min_points:
        raise InsufficientDataError(f"the main learning rate needs at least {limits.min_points} points, has {points}")
    peak = float(rate.values.max())
    is_zero = np.ones(points, dtype=bool)
    for each in run.curves("learning-rate"):
        if len(each):
            rows = np.clip(np.searchsorted(each.steps, rate.steps, side="right") - 1, 0, None)
            is_zero &= each.values[rows] <= limits.zero_share_of_peak * peak
    stretches = [(a, b) for a, b in groups_of(is_zero) if b > a]  # a single zero begins or ends a schedule
    share = sum(b - a + 1 for a, b in stretches) / points
    if share <= limits.min_share:
        return
    first_row, last_row = max(stretches, key=lambda s: s[1] - s[0])
    first, last = int(rate.steps[first_row]), int(rate.steps[last_row])
    if _loss_falls(run, rate.steps[first_row : last_row + 1], limits):
        raise InsufficientDataError(
            "the loss falls while the logged learning rate is zero: the logged values were rounded"
        )
    longest = "" if len(stretches) == 1 else ", the longest stretch"
    yield Finding(
        message=f"{rate.name} is zero at {share:.0%} of its points{longest} from {rate.unit} {first:,} to {last:,}; "
        f"its peak is {peak:.3g}",
        confidence=0.97,
        metric=rate.name,
        steps=(first, last),
        evidence={"zero_points": share * points, "zero_share": share, "peak": peak},
        severity=Severity.WARNING if _is_at_first(stretches, points) else Severity.ERROR,
        remedies=_remedies(stretches, points, f"from {rate.unit} {first:,} to {last:,}"),
        cited=(first, last),
    )


def _is_at_first(stretches: list[tuple[int, int]], points: int) -> bool:
    """Whether the only stretch begins with the log and ends before it does."""
    return len(stretches) == 1 and stretches[0][0] == 0 and stretches[0][1] < points - 1


def _remedies(stretches: list[tuple[int, int]], points: int, where: str) -> tuple[str, ...]:
    unchanged = f"the weights did not change {where}: train that part again or remove it"
    if _is_at_first(stretches, points):
        return (
            "lower the initial loss scale of mixed precision: updates that overflow in fp16 are skipped, or use bf16",
            "check that the warm-up does not begin with steps at a rate of zero",
            unchanged,
        )
    if stretches[0] == (0, points - 1):
        return (
            "check the rate that the optimizer was given, and whether the scheduler multiplies it by zero",
            unchanged,
        )
    return (
        "give the schedule the actual number of steps: epochs x steps per epoch, divided by gradient accumulation",
        "check whether scheduler.step() belongs inside the batch loop or the epoch loop",
        unchanged,
    )


def _loss_falls(run: RunView, steps: Ints, limits: Limits) -> bool:
    loss = run.loss("train")
    if loss is None:
        return False
    during = loss.scaled[(loss.steps >= steps[0]) & (loss.steps <= steps[-1])]
    trend = trend_of(during)
    return -trend.z > limits.fall_z and -trend.change > limits.min_fall


RULE = Rule(
    id="zero-learning-rate",
    family="learning-rate",
    severity=Severity.ERROR,
    needs=(Need("learning-rate", points="min_points"),),
    since="0.1.0",
    title="The learning rate is above zero",
    failure_title="Zero learning rate",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "train"),),
    causes=("schedule-mismatch",),
)

"""The learning rate is zero while the training goes on.

## What it finds
A stretch of the run, beyond a warm-up or the very end of a schedule, in which the learning rate is exactly zero or
less than a millionth of its peak.

## Why it matters
No update changes the weights: the compute is spent for nothing. The usual reason is a schedule that was told a
smaller number of steps than the run has, or that is stepped once a batch where once an epoch was meant.

## How it is detected
Values are looked at one by one. It is an error if more than 5 % of the points, leading and final single points left
out, are zero in every parameter group that is logged. If the training loss keeps falling significantly meanwhile, the
values were rounded for printing, and nothing is reported.

## When it is a false alarm
Several optimizers of which one is switched off on purpose and only that one is logged; an evaluation phase at the end
that logs training steps.

## What to do
Give the schedule the real number of steps (`total_steps = epochs * steps per epoch`, after gradient accumulation),
and check whether `scheduler.step()` belongs inside the batch loop or the epoch loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.change import trend_of
from ..statistics.events import groups_of
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Ints
    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(8, "")
    min_share: float = limit(
        0.05, "schedules touch zero at their first and last point; with 20 points and more that is less"
    )
    zero_share_of_peak: float = limit(1e-6, "no useful schedule anneals below a thousandth")
    falls_z: float = limit(-2.5, "a loss that falls this surely is being trained")
    min_fall: float = limit(0.05, "")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the longest stretch in which every logged learning rate is zero."""
    rate = run.learning_rate
    if rate is None or len(rate) < limits.min_points:
        raise InsufficientDataError(f"the learning rate has fewer than {limits.min_points} points")
    peak = float(rate.values.max())
    is_zero = rate.values <= limits.zero_share_of_peak * peak
    for other in run.curves("learning-rate"):
        if other is not rate and len(other):
            rows = np.clip(np.searchsorted(other.steps, rate.steps, side="right") - 1, 0, None)
            is_zero &= other.values[rows] <= limits.zero_share_of_peak * peak
    stretches = [(a, b) for a, b in groups_of(is_zero) if b > a]  # a lone zero begins or ends a schedule
    points = sum(b - a + 1 for a, b in stretches)
    if points <= limits.min_share * len(rate):
        return
    first_row, last_row = max(stretches, key=lambda s: s[1] - s[0])
    first, last = int(rate.steps[first_row]), int(rate.steps[last_row])
    if _loss_falls(run, rate.steps[first_row : last_row + 1], limits):
        raise InsufficientDataError("the loss falls while the learning rate reads zero: the values were rounded")
    share = points / len(rate)
    yield Finding(
        message=f"{rate.name} is zero from {rate.unit} {first:,} to {last:,}, {share:.0%} of its points; its peak was {peak:.3g}",
        confidence=0.97,
        metric=rate.name,
        steps=(first, last),
        evidence={"zero_points": float(points), "zero_share": share, "peak": peak},
        remedies=(
            "give the schedule the real number of steps: epochs x steps per epoch, divided by gradient accumulation",
            "check whether scheduler.step() belongs inside the batch loop or the epoch loop",
            f"nothing changed from {rate.unit} {first:,} on: train that part again or stop there",
        ),
        cited=(first, last),
    )


def _loss_falls(run: RunView, steps: Ints, limits: Limits) -> bool:
    loss = run.loss("train")
    if loss is None:
        return False
    during = loss.scaled[(loss.steps >= steps[0]) & (loss.steps <= steps[-1])]
    trend = trend_of(during)
    return trend.z < limits.falls_z and -trend.change > limits.min_fall


RULE = Rule(
    id="zero-learning-rate",
    family="learning-rate",
    severity=Severity.ERROR,
    needs=(Need("learning-rate", points="min_points"),),
    since="0.1.0",
    title="The learning rate is above zero",
    failure_title="Learning rate of zero",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=("schedule-mismatch",),
)

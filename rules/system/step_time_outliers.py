"""Some steps take several times as long as usual, and together they cost time.

## What it finds
Intervals between logged points of more than 3 times the median, that do not come at regular steps, and their share of
the whole time.

## Why it matters
Hiccups of data loading, garbage collection, a shared device or a slow network add up unseen.

## How it is detected
The time above the median of all intervals longer than 3 medians is added up; more than 5 % of the whole is a warning.
Intervals at regular distances (checkpoints, ends of epochs) are left out, those beside a validation value unless they
are 3 times as long as others, and long pauses, of which the rule stall speaks.

## When it is a false alarm
Batches of very different size or length, just-in-time compilation for each new shape.

## What to do
Profile a few hundred steps: time waiting for data against time computing. Raise the number of loader workers or
prefetched batches, pin memory, cache remote files, sort sequences by length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Rule, Severity
from ..statistics.events import is_regular
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Bools
    from ..view.pace import Pace
    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_intervals: int = limit(
        50, "enough for the median not to be one of the outliers, and for a share of 5 % to be two of them"
    )
    limit_ratio: float = limit(3.0, "")
    pause_ratio: float = limit(
        1.5, "from here on an interval is looked at as a pause that may be regular; evaluations vary in length"
    )
    size_ratio: float = limit(2.0, "regular pauses are of one size: what is twice as long is something else")
    max_share: float = limit(0.05, "")
    min_lost_s: float = limit(10.0, "nobody waits for less")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all irregular long intervals together."""
    pace = run.even_pace
    if len(pace.seconds) < limits.min_intervals:
        raise InsufficientDataError(
            f"{len(pace.seconds)} of {limits.min_intervals} even intervals with wall times that it takes"
        )
    median = float(np.median(pace.per_step))
    is_slow = _irregular(pace, limits) & ~run.is_evaluation_time(pace, limits.limit_ratio)
    lost = float((pace.seconds - median * pace.spans)[is_slow].sum())
    share = lost / max(float(pace.seconds.sum()), 1e-12)
    if share <= limits.max_share or lost < limits.min_lost_s:
        return
    steps = pace.steps[is_slow]
    worst = int(pace.steps[np.flatnonzero(is_slow)[np.argmax(pace.per_step[is_slow])]])
    yield Finding(
        message=f"{len(steps)} of {len(pace.steps)} intervals take more than {limits.limit_ratio:.0f} times as long as usual "
        f"and cost {lost:,.0f} s, {share:.0%} of the time; the worst before step {worst:,}",
        confidence=0.85,
        metric=run.timed_curve_name,
        steps=(int(steps[0]), int(steps[-1])),
        evidence={
            "slow_interval_count": float(len(steps)),
            "usual_s_per_step": median,
            "lost_s": lost,
            "time_share": share,
        },
        remedies=(
            "profile a few hundred steps: time waiting for data against time computing",
            "raise the loader's workers and prefetched batches; cache remote files",
        ),
        cited=tuple(steps[:50].tolist()),
    )


def _irregular(pace: Pace, limits: Limits) -> Bools:
    """The slow intervals without stalls, and without those that come at regular distances, which are of one size."""
    median = np.median(pace.per_step)
    is_slow = (pace.per_step > limits.limit_ratio * median) & ~pace.is_stalled
    for is_pause in (is_slow, pace.per_step > limits.pause_ratio * median):
        if not is_slow.any():
            break
        is_usual = is_pause & (pace.seconds <= limits.size_ratio * np.median(pace.seconds[is_pause]))
        if is_regular(pace.steps[is_usual], float(np.median(pace.spans))):
            is_slow = is_slow & ~is_usual
    return is_slow


RULE = Rule(
    id="step-time-outliers",
    family="system",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="Steps take about the same time",
    failure_title="Slow steps",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "stall",
        "slowdown",
    ),
    suits_boosting=True,
    needs_all_rows=True,
)

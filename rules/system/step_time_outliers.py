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

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Rule, Severity
from ..statistics.events import is_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Bools
    from ..pace import Pace
    from ..view import RunView

MIN_INTERVALS = 50  # enough for the median not to be one of the outliers, and for a share of 5 % to be two of them
LIMIT_RATIO = 3.0
PAUSE_RATIO = 1.5  # from here on an interval is looked at as a pause that may be regular; evaluations vary in length
SIZE_RATIO = 2.0  # regular pauses are of one size: what is twice as long is something else
MAX_SHARE = 0.05
MIN_LOST_S = 10.0  # nobody waits for less


def check(run: RunView) -> Iterator[Finding]:
    """Yield at most one finding: all irregular long intervals together."""
    pace = run.even_pace
    if len(pace.seconds) < MIN_INTERVALS:
        raise InsufficientDataError(
            f"{len(pace.seconds)} of {MIN_INTERVALS} even intervals with wall times that it takes"
        )
    median = float(np.median(pace.per_step))
    is_slow = _irregular(pace) & ~run.is_evaluation_time(pace, LIMIT_RATIO)
    lost = float((pace.seconds - median * pace.spans)[is_slow].sum())
    share = lost / max(float(pace.seconds.sum()), 1e-12)
    if share <= MAX_SHARE or lost < MIN_LOST_S:
        return
    steps = pace.steps[is_slow]
    worst = int(pace.steps[np.flatnonzero(is_slow)[np.argmax(pace.per_step[is_slow])]])
    yield Finding(
        message=f"{len(steps)} of {len(pace.steps)} intervals take more than {LIMIT_RATIO:.0f} times as long as usual "
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
        causes=("stall", "slowdown"),
        remedies=(
            "profile a few hundred steps: time waiting for data against time computing",
            "raise the loader's workers and prefetched batches; cache remote files",
        ),
        cited=tuple(steps[:50].tolist()),
    )


def _irregular(pace: Pace) -> Bools:
    """The slow intervals without stalls, and without those that come at regular distances, which are of one size."""
    median = np.median(pace.per_step)
    is_slow = (pace.per_step > LIMIT_RATIO * median) & ~pace.is_stalled
    for is_pause in (is_slow, pace.per_step > PAUSE_RATIO * median):
        if not is_slow.any():
            break
        is_usual = is_pause & (pace.seconds <= SIZE_RATIO * np.median(pace.seconds[is_pause]))
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
    needs_all_rows=True,
)

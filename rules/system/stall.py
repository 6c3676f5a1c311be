"""Training paused at irregular steps.

## What it finds
Pauses between two logged points that are at least 20 times as long as usual and do not come at regular steps.

## Why it matters
The hardware was idle but allocated: a slow file system, a data loader that hung, a suspended machine, another job on
the same device.

## How it is detected
An interval between two logged points counts as a pause if it lasts at least 20 times as long as the median interval,
20 times as long as its steps usually take, and 30 seconds. Pauses at regular distances (checkpoints), pauses next to
a validation value, unless they are 20 times as long as other such intervals, and the time between a crash and a
restart do not count. The finding is reported as info if the pauses cost less than 5% of the time and less than 10
minutes, or less than 1% of the time.

## When it is a false alarm
A laptop in sleep mode, a job that was suspended on purpose, a long evaluation that happens only once or twice.

## What to do
Compare the wall times with those of backups, other jobs and maintenance; check the data loader's workers and the file
system. Log the time that each step waits for its data to see the cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.events import is_regular
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_intervals: int = limit(20, "fewer do not give a reliable median length", unit="intervals")
    min_ratio: float = limit(
        20.0,
        "of the usual time; evaluations and checkpoints take up to 11 times as long",
        unit="ratio",
        source="measured on logs of real training runs",
    )
    min_pause: float = limit(30.0, "shorter pauses are noise on a shared machine", unit="seconds")
    warning_share: float = limit(0.05, "larger losses are worth a warning", unit="%")
    warning_lost: float = limit(
        600.0, "a loss of 10 minutes is worth a warning, unless the run is long", unit="seconds"
    )
    warning_share_of_long: float = limit(
        0.01, "a loss of 10 minutes is not worth a warning in a run of 17 hours or more", unit="%"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all irregular pauses together."""
    pace = run.pace
    if len(pace.seconds) < limits.min_intervals:
        raise InsufficientDataError(
            f"needs at least {limits.min_intervals} intervals with wall times, has {len(pace.seconds)}"
        )
    median = float(np.median(pace.seconds))
    is_stalled = pace.is_stalled(limits.min_ratio, limits.min_pause)
    is_stalled &= ~run.is_evaluation_time(pace, limits.min_ratio)
    steps, seconds = pace.steps[is_stalled], pace.seconds[is_stalled]
    if len(steps) == 0 or is_regular(steps, float(np.median(pace.spans))):
        return
    lost = float((seconds - pace.usual_seconds[is_stalled]).sum())
    share = lost / float(pace.seconds.sum())
    is_costly = share >= limits.warning_share or (lost >= limits.warning_lost and share >= limits.warning_share_of_long)
    longest = int(np.argmax(seconds))
    count = "1 pause" if len(steps) == 1 else f"{len(steps)} pauses, the longest"
    yield Finding(
        message=f"{count} of {seconds[longest]:,.0f} s before step {int(steps[longest]):,} "
        f"(the median interval takes {median:.3g} s); {lost:,.0f} s lost, {share:.0%} of the time",
        confidence=0.9,
        metric=run.timed_curve_name,
        steps=(int(steps[0]), int(steps[-1])),
        evidence={
            "pause_count": float(len(steps)),
            "longest_s": float(seconds[longest]),
            "usual_s": median,
            "lost_s": lost,
            "time_share": share,
        },
        severity=Severity.WARNING if is_costly else Severity.INFO,
        remedies=(
            f"check other jobs on the machine and its storage before step {int(steps[longest]):,}",
            "check the data loader: number of workers, timeouts, remote files",
        ),
        cited=tuple(steps.tolist()),
    )


RULE = Rule(
    id="stall",
    family="system",
    severity=Severity.WARNING,
    needs=(Need(None, points=0),),
    since="0.1.0",
    title="No long pauses",
    failure_title="Stalls",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need(None, "validation"), Need(None, "test")),
    facts=("wall times",),
    suits_boosting=True,
    needs_all_rows=True,
)

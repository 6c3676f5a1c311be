"""The training stood still for a while.

## What it finds
Pauses between two logged points that are far longer than usual and do not come at regular steps.

## Why it matters
The hardware was paid for and did nothing: a slow file system, a data loader that hung, a suspended machine, another
job on the same device.

## How it is detected
An interval between two logged points counts if it lasts at least 20 times as long as the median interval, and as its
steps usually take, and at least 30 seconds. Pauses at regular distances (checkpoints) are left out, those beside a
validation value unless they are 20 times as long as others, and those between a crash and a restart. It is an information if the pauses cost less than a twentieth
of the time and either less than ten minutes or less than a hundredth of it.

## When it is a false alarm
A laptop that slept, a job that was suspended on purpose, a long evaluation that comes only once or twice.

## What to do
Compare the clock times with those of backups, neighbours' jobs and maintenance; look at the data loader's workers and
at the file system. With timestamps of data loading in the log the cause would show.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Rule, Severity
from ..statistics.events import is_regular
from ..thresholds import limit
from ..view.pace import STALL_RATIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_intervals: int = limit(20, "")
    min_share: float = limit(0.05, "of the time: less is noise of a shared machine")
    min_lost_s: float = limit(600.0, "ten minutes are worth a look, unless the run took a day")
    min_share_of_long: float = limit(0.01, "ten minutes are worth a look, unless the run took a day")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all irregular pauses together."""
    pace = run.pace
    if len(pace.seconds) < limits.min_intervals:
        raise InsufficientDataError(
            f"{len(pace.seconds)} of {limits.min_intervals} intervals with wall times that it takes"
        )
    median = float(np.median(pace.seconds))
    is_stalled = pace.is_stalled & ~run.is_evaluation_time(pace, STALL_RATIO)
    steps, seconds = pace.steps[is_stalled], pace.seconds[is_stalled]
    if len(steps) == 0 or is_regular(steps, float(np.median(pace.spans))):
        return
    lost = float((seconds - pace.usual_seconds[is_stalled]).sum())
    share = lost / float(pace.seconds.sum())
    is_costly = share >= limits.min_share or (lost >= limits.min_lost_s and share >= limits.min_share_of_long)
    longest = int(np.argmax(seconds))
    count = "1 pause" if len(steps) == 1 else f"{len(steps)} pauses"
    yield Finding(
        message=f"{count}, the longest of {seconds[longest]:,.0f} s before step {int(steps[longest]):,} "
        f"(usual: {median:.3g} s); {lost:,.0f} s lost, {share:.0%} of the time",
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
            f"look at what else ran on the machine and its storage before step {int(steps[longest]):,}",
            "check the data loader: number of workers, time-outs, remote files",
        ),
        cited=tuple(steps.tolist()),
    )


RULE = Rule(
    id="stall",
    family="system",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="No long pauses",
    failure_title="Stalls",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    suits_boosting=True,
    needs_all_rows=True,
)

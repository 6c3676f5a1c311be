"""Some steps take several times as long as usual, and together they cost a relevant share of the time.

## What it finds
Intervals between logged points that take more than 3 times the median and do not come at regular steps, and their share
of the whole time.

## Why it matters
Delays from data loading, garbage collection, a shared device or a slow network add up unnoticed.

## How it is detected
The time above the median is summed over all intervals that take more than 3 times the median; the sum has to exceed
5% of the whole time, and 10 seconds. Intervals at regular distances and of similar length (checkpoints, ends of
epochs) do not count, and neither do intervals next to a validation value, unless they take 3 times as long as other
such intervals. Where the log has too few intervals with wall times but holds the times of steps (`step_time`), these are judged
in the same way, but for those next to a validation value; slow steps at regular distances count there, too: a checkpoint for which training
waits, a loader that runs empty. If single long pauses dominate, `stall`
reports them; a finding of at least the same severity replaces this one.

## When it is a false alarm
Batches of very different size or length, just-in-time compilation for each new shape.

## What to do
Profile a few hundred steps: compare the time waiting for data with the compute time. Use more loader workers or
prefetch more batches, pin memory, cache remote files, sort sequences by length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.events import is_regular
from ..thresholds import limit, thresholds
from ..view.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Bools, Floats, Ints
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_intervals: int = limit(50, "with fewer, one or two slow intervals are 5% of the time", unit="intervals")
    min_ratio: float = limit(3.0, "batches of different size stay below", unit="ratio")
    pause_ratio: float = limit(
        1.5,
        "of the median; shorter intervals are not tested for regularity, because step times vary this much",
        unit="ratio",
    )
    size_ratio: float = limit(2.0, "of the median pause; a longer one is not part of a regular series", unit="ratio")
    min_share: float = limit(0.05, "less time is not worth the effort", unit="%")
    min_lost: float = limit(10.0, "less time is not worth the effort, even in a short run", unit="seconds")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all irregular long intervals together, or all slow steps."""
    pace = run.even_pace
    times = max((c for c in run.curves("step-time") if _is_of_steps(c)), key=len, default=None)
    longest = max(len(pace.seconds), len(times) if times is not None else 0)
    if longest < limits.min_intervals:
        raise InsufficientDataError(
            f"needs at least {limits.min_intervals} intervals of equal length with wall times, has {len(pace.seconds)}"
        )
    if len(pace.seconds) >= limits.min_intervals:
        usual = float(np.median(pace.per_step))
        is_slow = _irregular(pace, limits) & ~run.is_evaluation_time(pace, limits.min_ratio)
        lost = pace.seconds - usual * pace.spans
        if finding := _finding(
            "intervals", run.timed_curve_name, pace.steps, is_slow, lost, pace.seconds, usual, limits
        ):
            yield finding
        return
    if times is not None and len(times) >= limits.min_intervals:
        usual = float(np.median(times.values))
        spans = np.maximum(np.diff(times.steps, prepend=times.steps[0] - 1), 1)
        holds = run.holds_evaluation(Pace(times.steps, spans, times.values * spans))
        is_slow = (times.values > limits.min_ratio * usual) & ~holds
        lost = times.values - usual
        if finding := _finding("logged steps", times.name, times.steps, is_slow, lost, times.values, usual, limits):
            yield finding


def _is_of_steps(times: CurveView) -> bool:
    """Whether a curve holds seconds of training steps."""
    return times.split in ("train", "none") and times.is_positive and "ms" not in words_of(times.tag)


def _finding(
    what: str,
    name: str,
    steps: Ints,
    is_slow: Bools,
    lost_seconds: Floats,
    seconds: Floats,
    usual: float,
    limits: Limits,
) -> Finding | None:
    """The finding about slow intervals or steps; None if they cost too little."""
    lost = float(lost_seconds[is_slow].sum())
    share = lost / max(float(seconds.sum()), 1e-12)
    if share <= limits.min_share or lost < limits.min_lost:
        return None
    slow = steps[is_slow]
    worst = int(slow[np.argmax(lost_seconds[is_slow])])
    return Finding(
        message=f"{len(slow)} of {len(steps)} {what} take more than {limits.min_ratio:g} times as long as the median "
        f"and cost {lost:,.0f} s, {share:.0%} of the time; the slowest ends at step {worst:,}",
        confidence=0.85,
        metric=name,
        steps=(int(slow[0]), int(slow[-1])),
        evidence={
            "slow_interval_count": float(len(slow)),
            "usual_s_per_step": usual,
            "lost_s": lost,
            "time_share": share,
        },
        remedies=(
            "profile a few hundred steps: compare the time waiting for data with the compute time",
            "use more loader workers, prefetch more batches, cache remote files",
        ),
        cited=tuple(slow[:50].tolist()),
    )


def _irregular(pace: Pace, limits: Limits) -> Bools:
    """The slow intervals without those at regular distances and of similar length."""
    median = np.median(pace.per_step)
    is_slow = pace.per_step > limits.min_ratio * median
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
    needs=(Need(None, points=0),),
    since="0.1.0",
    title="Step times are uniform",
    failure_title="Slow steps",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("step-time"), Need(None, "validation"), Need(None, "test")),
    facts=("wall times",),
    yields_to=("stall",),
    causes=("slowdown",),
    suits_boosting=True,
    needs_all_rows=True,
)

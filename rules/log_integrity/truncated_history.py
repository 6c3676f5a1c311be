"""The beginning of the log is missing, or the log holds only a sample of its points.

## What it finds
A first logged step long after the beginning of the run, and logs that are a random sample of all points.

## Why it matters
The first steps cannot be judged: the initial loss, the warm-up, the total progress. A best value in the missing part
is lost. In a sampled log, spikes may be missing.

## How it is detected
The earliest step of all curves is at least 10 logging intervals and at least 2% of the last step; the interval is the
median distance between the points of the densest curve, 80% of whose distances must be within half of it. If the
curves have the same number of points although they begin at different steps, each has only its last points. A CSV
downloaded from TensorBoard that has exactly as many points as TensorBoard keeps (1,000 by default), at uneven
distances, is a random sample, reported as info.

## When it is a false alarm
A run that continues from a checkpoint and its step, with the first part in another log (reported as info if the
hyperparameters name a checkpoint); a logger that starts late on purpose.

## What to do
Put the log of the first part into the same folder: both are then read as one run. Append to the log instead of
writing it from a fixed-size buffer; audit the event files instead of an export from the browser.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

SAMPLES = frozenset((100, 500, 1000, 10_000))  # TensorBoard's default, and common values of its --samples_per_plugin
SAMPLED_FORMAT = "tensorboard-csv"
_CONTINUED = re.compile(
    r"resume|restart|continue|checkpoint_path|ckpt_path|load_(?:ckpt|checkpoint)|start_(?:step|epoch|iter)",
    re.IGNORECASE,
)


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "fewer points do not show the logging interval", unit="points")
    min_intervals: float = limit(
        10.0, "logging may begin after a warm-up or one evaluation, rarely later", unit="intervals"
    )
    min_share: float = limit(0.02, "of the last step; a smaller missing part does no harm", unit="%")
    min_even_share: float = limit(
        0.8, "of the distances between points; with fewer equal distances, a curve has no logging interval", unit="%"
    )
    max_deviation: float = limit(
        0.5, "of the median distance; distances of one and two intervals differ by more", unit="%"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding for the run."""
    curves = [
        c for c in run.all_curves if c.curve.axis in ("step", "epoch") and len(c.all_steps) and not c.curve.statistic
    ]
    if not curves:
        raise NotApplicableError("no curve is logged by step or epoch")
    long_ones = [c for c in curves if len(c.all_steps) >= limits.min_points]
    if not long_ones:
        longest = max(len(c.all_steps) for c in curves)
        raise InsufficientDataError(f"a curve needs at least {limits.min_points} points, has {longest}")
    axis = max(long_ones, key=lambda c: len(c.all_steps)).unit
    on_axis = [c for c in long_ones if c.unit == axis]
    earliest = min(int(c.all_steps[0]) for c in curves if c.unit == axis)
    densest = min(on_axis, key=lambda c: c.interval)
    interval = densest.interval
    last = max(int(c.all_steps[-1]) for c in on_axis)
    if (
        earliest >= limits.min_intervals * interval
        and earliest >= limits.min_share * last
        and _is_even(densest, limits)
    ):
        yield _missing_beginning(run, densest, earliest, interval, last, limits)
    elif run.run.format == SAMPLED_FORMAT:
        sampled = [
            c for c in on_axis if len(c.all_steps) in SAMPLES and np.isfinite(c.interval) and not _is_even(c, limits)
        ]
        if sampled:
            yield _sample(max(sampled, key=lambda c: len(c.all_steps)))


def _missing_beginning(
    run: RunView, curve: CurveView, earliest: int, interval: float, last: int, limits: Limits
) -> Finding:
    known = [c for c in run.all_curves if c.unit == curve.unit and len(c.all_steps) >= limits.min_points]
    counts, firsts = {len(c.all_steps) for c in known}, {int(c.all_steps[0]) for c in known}
    is_buffer = len(counts) == 1 and len(firsts) > 1
    is_continued = any(_CONTINUED.search(key) and value for key, value in run.hyperparameters.items())
    missing = earliest / interval
    kept = f"; each curve has only its last {counts.pop():,} points" if is_buffer else ""
    meant = "; the hyperparameters name a checkpoint from which it continues" if is_continued and not is_buffer else ""
    return Finding(
        message=f"the log begins at {curve.unit} {earliest:,}, {missing:,.0f} logging intervals after the beginning: "
        f"the first {earliest / max(last, 1):.0%} of the run is missing{kept or meant}",
        confidence=0.95 if is_buffer else 0.8,
        metric=curve.name,
        steps=(earliest, earliest),
        evidence={
            "first_step": float(earliest),
            "logging_interval": interval,
            "missing_share": earliest / max(last, 1),
        },
        severity=Severity.INFO if meant else Severity.WARNING,
        remedies=(
            "put the log of the first part into the same folder: both are then read as one run",
            "append to the log instead of writing it from a fixed-size buffer",
        ),
        cited=(earliest,),
    )


def _sample(curve: CurveView) -> Finding:
    points = len(curve.all_steps)
    return Finding(
        message=f"{curve.name} has exactly {points:,} points at uneven distances: TensorBoard exported a random sample, "
        "in which spikes may be missing",
        confidence=0.9,
        metric=curve.name,
        steps=(int(curve.all_steps[0]), int(curve.all_steps[-1])),
        evidence={"point_count": float(points), "median_interval": curve.interval},
        severity=Severity.INFO,
        remedies=("audit the event files instead, or start TensorBoard with --samples_per_plugin scalars=0",),
    )


def _is_even(curve: CurveView, limits: Limits) -> bool:
    gaps = np.diff(curve.different_steps)
    return (
        len(gaps) > 0
        and float((np.abs(gaps - median(gaps)) <= limits.max_deviation * median(gaps)).mean()) >= limits.min_even_share
    )


RULE = Rule(
    id="truncated-history",
    family="log-integrity",
    severity=Severity.WARNING,
    needs=(Need(None, points=0),),
    since="0.1.0",
    title="The log starts at the beginning of the run",
    failure_title="Truncated history",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=(
        "reinforcement",
    ),  # off-policy agents first collect experience and start to log when they start to learn
    judges_whole_log=True,
    suits_boosting=True,
    needs_all_rows=True,
)

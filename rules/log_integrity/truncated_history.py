"""The beginning of the log is missing, or the log keeps only a part of its points.

## What it finds
A first logged step far behind the beginning of the training, and logs that were thinned out at random.

## Why it matters
What happened in the first steps decides much, and cannot be judged: the initial loss, the warm-up, how much was
learned. A best value that was cut off is lost. In a thinned log spikes are missing.

## How it is detected
The earliest step of all curves lies 10 or more logging intervals behind the beginning, and makes up at least 2 % of
the last step; the interval is the median distance between the points of the densest curve. If the curves end with the
same number of points although they begin at different steps, each kept its last points only. A CSV downloaded from
TensorBoard that has exactly as many points as TensorBoard keeps (1,000 unless told otherwise), at distances that are
uneven multiples of one interval, is a random sample: this is an information.

## When it is a false alarm
A training that goes on from a checkpoint and counts on, with its first part in another log (an information where the
settings speak of a checkpoint); a logger that was meant to start late.

## What to do
Put the first part beside this one: logs of one folder are read together. Write the log as lines that are appended
instead of from a buffer of fixed length; export from the event files themselves instead of from the browser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, NotApplicableError, Rule, Severity
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView

SAMPLES = frozenset(
    (100, 500, 1000, 10_000)
)  # TensorBoard's default, and what its --samples_per_plugin is often set to
SAMPLED_FORMAT = "tensorboard-csv"
_CONTINUED = re.compile(
    r"resume|restart|continue|checkpoint_path|ckpt_path|load_(?:ckpt|checkpoint)|start_(?:step|epoch|iter)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "from which an interval is known")
    min_intervals: float = limit(
        10.0, "logging may begin after a warm-up or one evaluation; seldom after ten intervals"
    )
    min_share: float = limit(0.02, "of the last step: what is missing has to matter")
    even: float = limit(0.8, "share of the distances that are the usual one; else the curve tells of no interval")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding for the run."""
    curves = [
        c for c in run.all_curves if c.curve.axis in ("step", "epoch") and len(c.all_steps) and not c.curve.statistic
    ]
    if not curves:
        raise NotApplicableError("no curve is logged by steps or epochs")
    long_ones = [c for c in curves if len(c.all_steps) >= limits.min_points]
    if not long_ones:
        raise InsufficientDataError(f"no curve has {limits.min_points} points")
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
        yield _beginning_missing(run, densest, earliest, interval, last, limits)
    elif run.run.format == SAMPLED_FORMAT:
        sampled = [
            c for c in on_axis if len(c.all_steps) in SAMPLES and np.isfinite(c.interval) and not _is_even(c, limits)
        ]
        if sampled:
            yield _sampled(max(sampled, key=lambda c: len(c.all_steps)))


def _beginning_missing(
    run: RunView, curve: CurveView, earliest: int, interval: float, last: int, limits: Limits
) -> Finding:
    known = [c for c in run.all_curves if c.unit == curve.unit and len(c.all_steps) >= limits.min_points]
    counts, firsts = {len(c.all_steps) for c in known}, {int(c.all_steps[0]) for c in known}
    is_buffer = len(counts) == 1 and len(firsts) > 1
    is_continued = any(_CONTINUED.search(key) and value for key, value in run.hyperparameters.items())
    missing = earliest / interval
    kept = f"; each curve keeps its last {counts.pop():,} points only" if is_buffer else ""
    meant = "; the settings speak of a checkpoint that it goes on from" if is_continued and not is_buffer else ""
    return Finding(
        message=f"the log begins at {curve.unit} {earliest:,}, {missing:,.0f} logging intervals behind the beginning: "
        f"the first {earliest / max(last, 1):.0%} of the training is missing{kept or meant}",
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
            "put the log of the first part into the same folder: restarts are read together",
            "append to the log instead of writing it from a buffer of fixed length",
        ),
        cited=(earliest,),
    )


def _sampled(curve: CurveView) -> Finding:
    points = len(curve.all_steps)
    return Finding(
        message=f"{curve.name} has exactly {points:,} points at uneven distances: TensorBoard exports a random sample, "
        "in which spikes are missing",
        confidence=0.9,
        metric=curve.name,
        steps=(int(curve.all_steps[0]), int(curve.all_steps[-1])),
        evidence={"point_count": float(points), "median_interval": curve.interval},
        severity=Severity.INFO,
        remedies=("audit the event files themselves, or start TensorBoard with --samples_per_plugin scalars=0",),
    )


def _is_even(curve: CurveView, limits: Limits) -> bool:
    gaps = np.diff(curve.different_steps)
    return len(gaps) > 0 and float((np.abs(gaps - np.median(gaps)) <= 0.5 * np.median(gaps)).mean()) >= limits.even


RULE = Rule(
    id="truncated-history",
    family="log-integrity",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="The log reaches back to the beginning",
    failure_title="Truncated history",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("reinforcement",),  # off-policy agents collect experience first and log when they begin to learn
    judges_whole_log=True,
    suits_boosting=True,
    needs_all_rows=True,
)

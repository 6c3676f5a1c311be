"""The learning-rate schedule is configured for a different number of steps than the run has.

## What it finds
A gradual decay that ends long before the run, that the end of the run cuts off, or that has passed its end and rises
again.

## Why it matters
If a schedule ends early, the remaining steps change little. If it is cut off, the annealing is missing, often the
cheapest part of the progress. A cosine schedule beyond its end raises the learning rate when it should be lowest.
Usual causes: a schedule stepped per batch instead of per epoch, and a total that ignores gradient accumulation, the
number of workers, or a resume.

## How it is detected
On the main learning rate after its peak, if it decays gradually: over at least 8 different values, none below half of
the previous one. (1) Too short: the learning rate reaches its lowest value, at most 10% of the peak, and stays there
for more than 10% of the run's steps; reported as info if the training loss still falls significantly in that time.
(2) Too long: a run that reached its planned end still has a learning rate above 10% of its peak, and the decay fits a
line or half a cosine wave to zero, to within 1% of the peak, with the zero more than 10% of the steps away. If the
planned number of steps is not logged, it is reported as info. Exponential and inverse-root decays have no end and fit
neither. (3) Passed: from its lowest point, in the second half of the run, the learning rate rises smoothly to more
than 10% of its peak, and the run ends there; a peak after the first 25% of the run makes it a triangular cycle, which
is not reported.

## When it is a false alarm
An intentionally low learning rate after a decay (long phases at 10% of the peak in large pre-training runs), runs
that were meant to continue, an incomplete first triangular cycle.

## What to do
Give the schedule the actual number of steps (epochs times batches per epoch, divided by gradient accumulation), and
call `scheduler.step()` once per such step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.progress import change_of
from ..thresholds import limit, thresholds
from ..view.hyperparameter_names import STEP_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(12, "a decay of 8 values and some points before or after it", unit="points")
    min_decay_points: int = limit(
        8, "fewer different values are a step decay, whose last stage may be long", unit="values"
    )
    gradual: float = limit(0.5, "of the previous value; a larger single change is a step", unit="%")
    low: float = limit(0.1, "of the peak; schedules that anneal end at or below it", unit="%")
    left_share: float = limit(0.1, "of the steps; a shorter tail or missing part costs little", unit="%")
    same: float = limit(1e-3, "of the peak; values this close are equal up to rounding", unit="%")
    max_misfit: float = limit(0.01, "of the peak; rounded values of the two shapes deviate less", unit="%")
    min_decayed: float = limit(0.05, "of the peak; the beginning of a decay fits any shape", unit="%")
    plan_reached: float = limit(0.97, "of the planned steps; the last interval need not be logged", unit="%")
    fall_z: float = limit(
        3.0, "a significant fall of the loss: the low learning rate still trains", unit="standard errors"
    )
    late_low: float = limit(0.5, "of the run; an earlier minimum belongs to another kind of schedule", unit="%")
    late_peak: float = limit(0.25, "of the run; a later peak belongs to a triangular cycle, not to a warm-up", unit="%")
    min_rise_points: int = limit(4, "fewer do not show whether the rise is smooth", unit="points")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main learning rate."""
    rate = run.learning_rate
    points = 0 if rate is None else len(rate)
    if rate is None or points < limits.min_points:
        raise InsufficientDataError(f"the main learning rate needs at least {limits.min_points} points, has {points}")
    peak = float(rate.values.max())
    if peak <= 0:
        return
    # the last point at the peak: constant stretches before a decay are part of many schedules
    start = int(np.flatnonzero(rate.values >= (1 - limits.same) * peak)[-1])
    after = rate.values[start:] / peak
    finding = (
        _ends_early(run, rate, start, after, limits)
        or _cut_off(run, rate, start, after, limits)
        or _climbs_again(rate, start, after, limits)
    )
    if finding is not None:
        yield finding


def _is_gradual(values: Floats, limits: Limits) -> bool:
    """Whether a curve falls in many small steps and never rises; the last steps may be large relative changes of small values."""
    steps = np.diff(values)
    is_big = values[:-1] > 2 * limits.low
    falls = values[1:][is_big] >= limits.gradual * values[:-1][is_big]
    distinct = 1 + np.count_nonzero(-steps > limits.same)
    return bool((steps <= limits.same).all() and falls.all() and distinct >= limits.min_decay_points)


def _share(rate: CurveView, first: int, last: int) -> float:
    """Share of the run's steps between two rows."""
    return float(rate.steps[last] - rate.steps[first]) / max(float(rate.steps[-1] - rate.steps[0]), 1.0)


def _ends_early(run: RunView, rate: CurveView, start: int, after: Floats, limits: Limits) -> Finding | None:
    low = float(after.min())
    end = int(np.argmax(after <= low + limits.same))
    left = _share(rate, start + end, len(rate) - 1)
    if (
        low > limits.low
        or left <= limits.left_share
        or (after[end:] > low + limits.same).any()
        or not _is_gradual(after[: end + 1], limits)
    ):
        return None
    step, last = int(rate.steps[start + end]), int(rate.steps[-1])
    still_falls = _loss_falls(run, rate, step, limits)
    return _finding(
        rate, (step, last),
        f"{rate.name} reaches its lowest value, {rate.values[-1]:.3g}, at {rate.unit} {step:,} and stays there for the last "
        f"{left:.0%} of the run" + (", while the loss still falls" if still_falls else ""),
        {"share_left": left, "lowest_share": low}, 0.85, Severity.INFO if still_falls else Severity.WARNING,
    )  # fmt: skip


def _loss_falls(run: RunView, rate: CurveView, step: int, limits: Limits) -> bool:
    loss = run.loss("train")
    if loss is None or loss.unit != rate.unit:
        return False
    change = change_of(loss.scaled[loss.steps >= step], loss.noise)
    return change.change < -limits.fall_z * change.error


def _cut_off(run: RunView, rate: CurveView, start: int, after: Floats, limits: Limits) -> Finding | None:
    if after[-1] <= limits.low or after[-1] > 1 - limits.min_decayed or not _is_gradual(after, limits):
        return None
    planned = run.hyperparameter(*STEP_KEYS)
    reached = float(run.last_step)
    if run.run.is_cut_short or (planned and rate.unit == "step" and reached < limits.plan_reached * planned):
        return None  # a truncated run cuts off its schedule as well
    steps = rate.steps[start:].astype(float)
    half_cosine = np.arccos(np.clip(2 * after - 1, -1, 1)) / -math.pi + 1
    horizon = max(_zero_of(steps, after, limits), _zero_of(steps, half_cosine, limits))
    missing = (horizon - steps[-1]) / max(horizon - float(rate.steps[0]), 1.0)
    if missing <= limits.left_share:
        return None
    step, last = int(rate.steps[start]), int(rate.steps[-1])
    return _finding(
        rate, (step, last),
        f"{rate.name} ends at {after[-1]:.0%} of its peak: it would reach zero at {rate.unit} {horizon:,.0f}, but the run ends "
        f"at {last:,}",
        {"end_share": float(after[-1]), "horizon": horizon, "missing_share": missing},
        0.85 if planned else 0.6, Severity.WARNING if planned else Severity.INFO,
    )  # fmt: skip


def _zero_of(steps: Floats, shape: Floats, limits: Limits) -> float:
    """Step at which a line through a falling curve reaches zero; 0 if the curve is not a line."""
    coefficients = np.polynomial.Polynomial.fit(steps, shape, 1).convert().coef.tolist()
    level, slope, *_ = [*coefficients, 0.0]  # a slope of 0 is left out
    misfit = float(np.abs(level + slope * steps - shape).max())
    return -level / slope if slope < 0 and misfit <= limits.max_misfit else 0.0


def _climbs_again(rate: CurveView, start: int, after: Floats, limits: Limits) -> Finding | None:
    low = int(np.argmin(after))
    rise = after[low:]
    if len(rise) < limits.min_rise_points or not rise[0] <= limits.low < rise[-1] < 1 - limits.min_decayed:
        return None
    is_smooth = np.diff(rise).min() >= -limits.same and np.diff(rise).max() <= limits.gradual * rise[-1]
    is_late = _share(rate, 0, start + low) >= limits.late_low
    has_late_peak = _share(rate, 0, start) > limits.late_peak
    if not is_smooth or not is_late or has_late_peak or not _is_gradual(after[: low + 1], limits):
        return None
    step, last = int(rate.steps[start + low]), int(rate.steps[-1])
    return _finding(
        rate, (step, last),
        f"{rate.name} is lowest at {rate.unit} {step:,} and rises again to {rise[-1]:.0%} of its peak at the end: "
        "the schedule has passed its end",
        {"end_share": float(rise[-1]), "share_after": _share(rate, start + low, len(rate) - 1)}, 0.75, Severity.WARNING,
    )  # fmt: skip


def _finding(
    rate: CurveView, steps: tuple[int, int], message: str, evidence: dict[str, float], confidence: float, severity:
        Severity
) -> Finding:  # fmt: skip
    return Finding(
        message=message,
        confidence=confidence,
        metric=rate.name,
        steps=steps,
        evidence=evidence,
        severity=severity,
        remedies=(
            "give the schedule the actual number of steps: epochs x steps per epoch, divided by gradient accumulation",
            "call scheduler.step() once per such step",
        ),
        cited=steps,
    )


RULE = Rule(
    id="schedule-mismatch",
    family="learning-rate",
    severity=Severity.WARNING,
    needs=(Need("learning-rate", points="min_points"),),
    since="0.1.0",
    title="The schedule matches the run length",
    failure_title="Schedule mismatch",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "train"),),
    causes=("resume-discontinuity",),
    judges_end=True,
)

"""The learning rate jumps in the middle of the run to a value above all earlier ones.

## What it finds
A learning rate that grows at least threefold from one logged point to the next, after the beginning, to a value above
every earlier one.

## Why it matters
Optimizer state and weights are adapted to the old learning rate; a sudden increase often destabilises training. The
usual cause is a resume that restored the weights but not the schedule.

## How it is detected
Single points are compared, after the first 10% of the points. A warm restart, which returns to an earlier peak, is not
reported; neither is a warm-up: a point counts only if it is also at least three times as high as the rise before it
leads to, which matters where points are logged unevenly.

## When it is a false alarm
A second training phase with an intentionally larger learning rate.

## What to do
Restore optimizer and schedule from the checkpoint together with the weights, and give the schedule the same number of
steps; if the higher learning rate is intended, warm up to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.checkpoints import restart_before
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats, Ints
    from ..view.run_view import RunView

MIN_STEEPER = 1.02  # of the slope before: less is rounding
MAX_FOLDS = 20.0  # of e, so that no number overflows
MAX_POWER = 3.0  # of a warm-up: a line, a parabola, half a cosine rise no faster


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "the first tenth, which is not judged, is then at least one point", unit="points")
    min_ratio: float = limit(3.0, "a warm-up or a cyclic schedule rises less between two logged points", unit="ratio")
    early_share: float = limit(0.1, "of the points; a schedule may begin with a few coarse steps", unit="%")
    above_peak: float = limit(
        1.05, "of the earlier peak; a warm restart returns to it, and rounding stays below", unit="ratio"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the largest jump of the main learning rate."""
    rate = run.learning_rate
    points = 0 if rate is None else len(rate)
    if rate is None or points < limits.min_points:
        raise InsufficientDataError(f"the main learning rate needs at least {limits.min_points} points, has {points}")
    values = rate.values
    peaks = np.maximum.accumulate(values)[:-1]
    ratios = np.divide(values[1:], values[:-1], out=np.ones(points - 1), where=values[:-1] > 0)
    is_jump = (ratios >= limits.min_ratio) & (values[1:] > limits.above_peak * peaks)
    is_jump &= values[1:] >= limits.min_ratio * _continued(rate.steps, values)
    is_jump[: round(limits.early_share * points)] = False
    if not is_jump.any():
        return
    row = 1 + int(np.argmax(np.where(is_jump, ratios, 0)))
    step = int(rate.steps[row])
    yield Finding(
        message=f"{rate.name} jumps from {values[row - 1]:.3g} to {values[row]:.3g} at {rate.unit} {step:,}; "
        f"its earlier peak is {peaks[row - 1]:.3g}",
        confidence=0.9,
        metric=rate.name,
        steps=(int(rate.steps[row - 1]), step),
        evidence={
            "before": float(values[row - 1]),
            "after": float(values[row]),
            "ratio": float(ratios[row - 1]),
            "peak_before": float(peaks[row - 1]),
        },
        remedies=(
            "restore optimizer and schedule together with the weights when resuming",
            restart_before(rate, step, f" with the learning rate of {values[row - 1]:.3g}"),
        ),
        cited=(int(rate.steps[row - 1]), step),
    )


def _continued(steps: Ints, values: Floats) -> Floats:
    """Where each next point would be if the rise before it went on, float64 [n - 1]; 0 where the rate did not rise.

    A warm-up is a line, a power of the step, or an exponential if it gets steeper, as the last interval says.
    """
    x, y = (np.log(np.maximum(part, tiny)) for part, tiny in ((steps - steps[0] + 1.0, 1.0), (values, 1e-300)))
    slopes = np.divide(np.diff(y), np.diff(x), out=np.zeros(len(x) - 1), where=np.diff(x) > 0)
    is_rising = (np.diff(values) > 0) & (values[:-1] > 0)
    powers = np.where(is_rising, np.minimum(slopes, MAX_POWER), 0.0)
    lines = np.divide(np.diff(values), np.diff(steps), out=np.zeros(len(x) - 1), where=np.diff(steps) > 0)
    continued = np.zeros(len(values) - 1)
    ahead = np.diff(steps)[1:]
    by_power = values[1:-1] * np.exp(powers[:-1] * np.diff(x)[1:])
    by_line = values[1:-1] + np.maximum(lines[:-1], 0) * ahead
    logs = np.divide(np.diff(y), np.diff(steps), out=np.zeros(len(x) - 1), where=np.diff(steps) > 0)
    is_steeper = np.r_[False, lines[1:] > MIN_STEEPER * lines[:-1]][:-1]  # as an exponential warm-up does
    by_share = values[1:-1] * np.exp(np.where(is_steeper, np.clip(logs[:-1] * ahead, 0, MAX_FOLDS), 0))
    continued[1:] = np.where(is_rising[:-1], np.maximum(np.maximum(by_power, by_line), by_share), 0.0)
    return continued


RULE = Rule(
    id="learning-rate-jump",
    family="learning-rate",
    severity=Severity.WARNING,
    needs=(Need("learning-rate", points="min_points"),),
    since="0.1.0",
    title="The learning rate does not jump",
    failure_title="Learning-rate jump",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=("resume-discontinuity",),
)

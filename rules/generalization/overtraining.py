"""The best validation loss came in the first half of the run; the rest brought no improvement.

## What it finds
The step of the best validation loss, and the share of the steps and of the time after it.

## Why it matters
Stopping there would have given the same or a better model for a fraction of the compute.

## How it is detected
The best window of the validation loss (median of a twentieth of the evaluations, at least 3) lies in the first half
of the run, and the loss had fallen until then, by 1% and by 4 standard errors. If a validation score improves after
that window, by more than 3 standard errors, the rest of the run was useful and nothing is reported. The finding is
reported as info if the loss stays level, and as a warning if its end is worse than the best window by more than 3
standard errors and 1%. If overfitting fires with at least the same severity, this finding is folded into it.

## When it is a false alarm
Averaged weights (SWA, EMA), a learning-rate decay that had not started yet, double descent.

## What to do
Use early stopping, with a patience longer than the noise of the evaluations, and keep the best checkpoint. Or plan
the learning-rate schedule for the shorter run: a decay within it is often better than either.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.best import logged_best_row
from ..shared.digits import percent
from ..statistics.change import rebound_of
from ..statistics.exponentials import exp
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(12, "four windows of 3", unit="evaluations")
    best_before: float = limit(0.5, "if the best is later, early stopping saves less than half of the run", unit="%")
    min_descent: float = limit(0.01, "a loss that never fell has no best checkpoint", unit="%")
    descent_z: float = limit(4.0, "a smaller fall may be the noise of a window", unit="standard errors")
    worse_z: float = limit(3.0, "below, the end may be as good as the best", unit="standard errors")
    worse_rise: float = limit(0.01, "a smaller rise makes the last checkpoint as good as the best", unit="%")
    score_gain_z: float = limit(3.0, "below, a gain of the score may be noise", unit="standard errors")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    validation = run.loss("validation")
    if validation is None:
        raise InsufficientDataError("cannot determine the main validation loss")
    rebound, rise = validation.rebound, validation.rise_share
    descent = float(validation.scaled[0]) - rebound.best
    window_error = validation.noise.of_mean(window_points(len(validation)))
    if descent <= max(limits.min_descent, limits.descent_z * window_error):
        return  # it never improved: there is no best step to stop at
    best_row = logged_best_row(validation, rebound.best_row)
    start, best_step, last = (int(validation.steps[i]) for i in (0, best_row, -1))
    after_best = (last - best_step) / max(last - start, 1)
    if after_best <= 1 - limits.best_before or _has_improving_score(run, best_step, limits):
        return
    is_worse = rebound.z > limits.worse_z and rise > limits.worse_rise
    hours = _hours(validation, best_step)
    time = f" ({_duration(hours)})" if math.isfinite(hours) else ""
    best, end = (exp(level) if validation.is_positive else level for level in (rebound.best, rebound.end))
    yield Finding(
        message=f"{validation.name} is best around {validation.unit} {best_step:,} ({best:.3g}, smoothed); the remaining "
        f"{after_best:.0%} of the run{time} {'brought nothing' if rise < 0.0005 else f'ends {percent(rise)} above it, at {end:.3g}'}",
        confidence=0.85 if is_worse else 0.75,
        metric=validation.name,
        steps=(best_step, last),
        evidence={
            "best": best,
            "end": end,
            "after_best_share": after_best,
            "rise_share": rise,
            "z": min(rebound.z, 1e6),
        }
        | ({"hours_after_best": hours} if math.isfinite(hours) else {}),
        severity=Severity.WARNING if is_worse else Severity.INFO,
        remedies=(
            f"stop early: {validation.unit} {best_step:,} was enough",
            "or decay the learning rate within the shorter run",
        ),
        cited=(best_step,),
    )


def _has_improving_score(run: RunView, best_step: int, limits: Limits) -> bool:
    """Whether a validation score ends better than at the best loss."""
    for score in run.scores_beside_loss("validation"):
        if score.direction == "unknown":
            continue
        sign = -1.0 if score.direction == "higher" else 1.0
        since = sign * score.scaled[score.steps >= best_step]
        if rebound_of(since[::-1], score.noise).z > limits.score_gain_z:  # backwards, a gain is a rebound from the best
            return True
    return False


def _duration(hours: float) -> str:
    return (
        f"{hours:.2g} h" if hours >= 1 else f"{f'{60 * hours:.2g} min' if 60 * hours >= 1 else f'{3600 * hours:.2g} s'}"
    )


def _hours(curve: CurveView, best_step: int) -> float:
    after = curve.curve.wall_time[curve.curve.step >= best_step]
    known = after[np.isfinite(after)]
    return float(known.max() - known.min()) / 3600 if len(known) else math.nan


RULE = Rule(
    id="overtraining",
    family="generalization",
    severity=Severity.INFO,
    needs=(Need("loss", "validation", points="min_evaluations"),),
    since="0.1.0",
    title="The run ends soon after its best evaluation",
    failure_title="Overtraining",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("score", "validation"),),
    excluded_tasks=("adversarial", "reinforcement"),
    yields_to=("overfitting", "divergence"),
    judges_end=True,
)

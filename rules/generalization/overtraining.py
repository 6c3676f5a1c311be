"""The best validation loss came in the first half of the run; the rest brought no improvement.

## What it finds
The step of the best validation loss, and the share of the steps and of the time that came after it.

## Why it matters
Stopping there would have given the same or a better model for a fraction of the compute.

## How it is detected
The best window of the validation loss (median of a twentieth of the evaluations, at least 3) lies in the first half of
the run, and no later window is better. It is reported as info if the loss stays level, and as a warning if the end is
worse than the best by more than 3 standard errors and 1%. Where the rule overfitting fires, this finding is folded into
it.

## When it is a false alarm
Averaged weights (SWA, EMA) or a decay of the learning rate that would still have come, double descent, and runs that
go on for a score that still improves.

## What to do
Stop early, with a patience of about as many evaluations as the noise needs, and keep the best checkpoint. Or plan the
learning-rate schedule for the shorter run: a decay within it often beats both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.change import rebound_of
from ..statistics.windows import window_points
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(12, "four windows of 3", unit="evaluations")
    best_before: float = limit(0.5, "later, early stopping saves less than half of the run", unit="%")
    min_descent: float = limit(0.01, "a loss that never fell has no best checkpoint", unit="%")
    descent_sigmas: float = limit(
        4.0, "the same above the noise: standard errors of a window's mean", unit="standard errors"
    )
    worse_z: float = limit(3.0, "the end is worse, not merely level", unit="standard errors")
    worse_rise: float = limit(0.01, "worse by something that matters", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    validation = run.loss("validation")
    if validation is None:
        raise InsufficientDataError("cannot tell which validation loss is the main one")
    rebound, rise = validation.rebound, validation.rise_share
    descent = float(validation.scaled[0]) - rebound.best
    if descent <= max(
        limits.min_descent, limits.descent_sigmas * validation.noise.of_mean(window_points(len(validation)))
    ):
        return  # it never got better: there is no best to stop at
    start, best_step, last = (int(validation.steps[i]) for i in (0, rebound.best_row, -1))
    spent = (last - best_step) / max(last - start, 1)
    if spent <= 1 - limits.best_before or _a_score_improves(run, best_step, limits):
        return
    is_worse = rebound.z > limits.worse_z and rise > limits.worse_rise
    hours = _hours(validation, best_step)
    time = f" ({hours:.2g} hours)" if math.isfinite(hours) else ""
    yield Finding(
        message=f"the best {validation.name}, {validation.values[rebound.best_row]:.4g}, came at {validation.unit} {best_step:,}; "
        f"{spent:.0%} of the run{time} came after it and ended {rise:+.1%}",
        confidence=0.85 if is_worse else 0.75,
        metric=validation.name,
        steps=(best_step, last),
        evidence={"after_best_share": spent, "rise_share": rise, "z": min(rebound.z, 1e6)}
        | ({"hours_after_best": hours} if math.isfinite(hours) else {}),
        severity=Severity.WARNING if is_worse else Severity.INFO,
        remedies=(
            f"stop early: {validation.unit} {best_step:,} was enough",
            "or plan the learning-rate decay within the shorter run",
        ),
        cited=(best_step,),
    )


def _a_score_improves(run: RunView, best_step: int, limits: Limits) -> bool:
    """Whether a validation score ends better than it was when the loss was best."""
    for score in run.curves("score", "validation"):
        since = score.steps >= best_step
        if score.direction == "unknown" or np.count_nonzero(since) < limits.min_evaluations // 2:
            continue
        sign = 1.0 if score.direction == "higher" else -1.0
        gain = rebound_of(sign * score.scaled[since][::-1], score.noise)
        if gain.z > limits.worse_z:  # read backwards, a rebound is an improvement
            return True
    return False


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
    title="The run ends soon after its best",
    failure_title="Overtraining",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("score", "validation"),),
    excluded_tasks=("adversarial", "reinforcement"),
    yields_to=("overfitting",),
    judges_training=True,
    judges_end=True,
)

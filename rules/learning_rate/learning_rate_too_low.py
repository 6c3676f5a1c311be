"""The loss falls in proportion to the learning rates spent: the training has hardly begun.

## What it finds
A loss that has lost less than a third of its first value and that falls as much for each unit of learning rate at the
end as at the beginning.

## Why it matters
A training that gets anywhere finds the easy part first, and then each unit of learning rate brings less. One that
still brings the same has moved so little that the loss is a straight line to it: with a larger rate the same steps
lead farther.

## How it is detected
The logarithm of the validation loss (the training loss, without one) is looked at over the sum of the learning rates
up to each point instead of over the steps, from the first largest rate, after the warm-up, for as long as the rate
stays above half of it: annealing brings a fall of its own. The fall over the last third of that sum has to be at least
80 % of the fall over the first third, and beyond 3 standard errors each; the whole fall is less than a third but more
than 5 standard errors. A training loss that has halved, or a score above 0.8, tells of a fall before the first
evaluation. It is an information for a fine-tuning, which is meant to move little.

## When it is a false alarm
Losses with a high floor that is reached at an even pace; a training that is cut off early on
purpose.

## What to do
Raise the peak learning rate by 3 to 10 (a range test shows how far), and check that gradient clipping and weight decay do not
hold the steps down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import has_good_score
from ..shared.progress import has_halved, hold_beginning
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(12, "")
    max_fall: float = limit(math.log(1.5), "a third of the loss: a training that has come farther has begun")
    even_share: float = limit(
        0.8, "An exponential fall to its floor leaves less than 30 % of the first third to the last, a power law half."
    )
    third_sigmas: float = limit(3.0, "")
    whole_sigmas: float = limit(5.0, "")
    annealed: float = limit(0.5, "of the largest rate")
    late_peak: float = limit(0.5, "share of the run: a rate that still rises then has no schedule to judge")


class Falls(NamedTuple):
    """Falls of the logarithm of the loss: over the first and the last third of the summed rates, and in all."""

    first: float
    last: float
    whole: float
    error: float


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss, or else the training loss."""
    rate = run.learning_rate
    losses = [c for c in (run.loss("validation"), run.loss("train")) if c is not None]
    if rate is None or not losses:
        raise NotApplicableError("no loss that is meant to fall is logged")
    loss = next(
        (c for c in losses if len(c) >= limits.min_points and c.is_positive and c.curve.axis == rate.curve.axis), None
    )
    if loss is None:
        raise InsufficientDataError(
            f"no positive loss has the {limits.min_points} points that it takes, at the steps of the rate"
        )
    hold_beginning(run, loss)
    falls = _falls(loss, rate, limits)
    has_begun = has_halved(run.loss("train")) or has_good_score(run)
    is_slow = falls.whole < limits.max_fall and falls.last >= limits.even_share * falls.first and not has_begun
    is_sure = (
        min(falls.first, falls.last) > limits.third_sigmas * falls.error
        and falls.whole > limits.whole_sigmas * falls.error
    )
    if not (is_slow and is_sure):
        return
    first, last = int(loss.steps[0]), int(loss.steps[-1])
    yield Finding(
        message=f"{loss.name} has fallen from {loss.values[0]:.4g} to {loss.values[-1]:.4g} only, and the last third of the "
        f"learning rates spent brought as much as the first ({-falls.last:.1%} and {-falls.first:.1%})",
        confidence=0.7,
        metric=loss.name,
        steps=(first, last),
        evidence={
            "first": float(loss.values[0]),
            "last": float(loss.values[-1]),
            "fall_first_third": falls.first,
            "fall_last_third": falls.last,
            "peak": float(rate.values.max()),
        },
        severity=Severity.INFO if run.run.task == "fine-tuning" else Severity.WARNING,
        remedies=(
            f"raise the learning rate by 3 to 10 (its peak is {rate.values.max():.3g}); a range test shows how far",
            "check that gradient clipping and weight decay do not hold the steps down",
        ),
    )


def _falls(loss: CurveView, rate: CurveView, limits: Limits) -> Falls:
    """Falls over thirds of the summed learning rates, from the first largest rate until it is annealed."""
    peak_row = int(np.argmax(rate.values))
    peak_step = rate.steps[peak_row]
    if peak_step > rate.steps[0] + limits.late_peak * (rate.steps[-1] - rate.steps[0]):
        raise InsufficientDataError("the learning rate still rises in the second half of the log")
    is_annealed = (rate.steps > peak_step) & (rate.values < limits.annealed * rate.values[peak_row])
    end_step = rate.steps[np.argmax(is_annealed)] if is_annealed.any() else loss.steps[-1]
    is_high = (loss.steps >= peak_step) & (loss.steps <= end_step)
    values, steps = loss.scaled[is_high], loss.steps[is_high]
    sums = np.concatenate(([0.0], np.cumsum(np.maximum(rate.values[:-1], 0.0) * np.diff(rate.steps.astype(float)))))
    spent = np.interp(steps, rate.steps, sums)
    if len(values) < limits.min_points or not 0 < spent[-1] - spent[0] < np.inf:
        raise InsufficientDataError("too few points of the loss between the warm-up and the annealing")
    part = np.minimum(((spent - spent[0]) / (spent[-1] - spent[0]) * 6).astype(int), 5)
    counts = np.bincount(part, minlength=6)
    if counts.min() == 0:
        raise InsufficientDataError("too few points of the loss while the learning rate is high")
    means = np.bincount(part, values, minlength=6) / counts
    whole = float(loss.scaled[0] - loss.scaled[-max(len(loss) // 6, 1) :].mean())
    error = loss.noise.of_mean(int(counts.min())) * math.sqrt(2)
    return Falls(float(means[0] - means[2]), float(means[3] - means[5]), whole, error)


RULE = Rule(
    id="learning-rate-too-low",
    family="learning-rate",
    severity=Severity.WARNING,
    needs=(Need("learning-rate", points=2),),
    since="0.1.0",
    title="The learning rate moves the loss",
    failure_title="Learning rate too low",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement", "diffusion"),
    causes=(
        "clipping-saturation",
        "frozen-weights",
        "vanishing-gradients",
        "zero-learning-rate",
    ),
    judges_end=True,
)

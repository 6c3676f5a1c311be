"""The loss falls in proportion to the sum of the learning rates: the run is still in its initial phase.

## What it finds
A loss that is still above two thirds of its first value and that falls as much per unit of learning rate at the end as
at the beginning.

## Why it matters
A model learns the easy part first, so the progress per unit of learning rate normally decreases. If it stays
constant, the weights have moved so little that the loss is nearly linear; a larger learning rate makes more progress
in the same steps.

## How it is detected
The logarithm of the validation loss (or of the training loss, if there is none) is taken as a function of the summed
learning rates instead of the steps, from the peak of the learning rate after the warm-up until it first falls below
50% of the peak, because annealing itself lowers the loss. The fall over the last third of that sum has to be at least
80% of the fall over the first third, both beyond 3 standard errors; the whole fall is less than a third of the loss
and beyond 5 standard errors. A training loss that has halved, or a score above 80%, shows progress before the first
evaluation, and nothing is reported. For fine-tuning, which should change the weights little, it is reported as info.

## When it is a false alarm
Losses with a high floor that is approached at a constant rate; a run stopped early on purpose.

## What to do
Raise the peak learning rate by 3 to 10 (a range test shows how far), and check that gradient clipping and weight decay
do not limit the updates.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import AnyOf, Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.chance import has_good_score
from ..shared.digits import percent
from ..shared.progress import has_halved, hold_beginning, may_be_even
from ..statistics.exponentials import expm1
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(12, "two for each sixth of the summed learning rates", unit="points")
    max_fall: float = limit(1 / 3, "of the loss; a larger fall is past the initial phase", unit="%")
    even_share: float = limit(
        0.8,
        "of the fall over the first third; an exponential fall to a floor leaves at most 30% for the last third, "
        "a power law half",
        unit="%",
    )
    third_z: float = limit(
        3.0, "each third has to fall significantly, otherwise noise looks constant", unit="standard errors"
    )
    whole_z: float = limit(5.0, "of the whole fall; a loss that does not fall is not learning", unit="standard errors")
    annealed: float = limit(0.5, "of the peak learning rate; below, annealing lowers the loss", unit="%")
    late_peak: float = limit(0.5, "of the run; a later peak leaves no schedule to judge", unit="%")
    late_start: float = limit(
        0.1, "of the run; a log that begins later does not show the first fall of the loss", unit="%"
    )
    begun_level: float = limit(
        0.5, "of the first training loss; below, the model learned before the first evaluation", unit="%"
    )
    good_score: float = limit(0.8, "a score above shows that the task is mostly solved", unit="%")


class Falls(NamedTuple):
    """Falls of the logarithm of the loss: over the first and the last third of the summed learning rates, and in total."""

    first: float
    last: float
    whole: float
    error: float


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss, or else the training loss."""
    rate = run.learning_rate
    losses = [c for c in (run.loss("validation"), run.loss("train")) if c is not None and len(c) >= limits.min_points]
    loss = next((c for c in losses if rate is not None and c.is_positive and c.unit == rate.unit), None)
    if rate is None or loss is None:
        raise InsufficientDataError(
            f"no positive loss has {limits.min_points} points on the same axis as the learning rate"
        )
    hold_beginning(run, loss, limits.late_start)
    falls = _falls(loss, rate, limits)
    has_begun = has_halved(run.loss("train"), limits.begun_level) or has_good_score(run, limits.good_score)
    is_even = falls.last >= limits.even_share * falls.first
    is_sure = min(falls.first, falls.last) > limits.third_z * falls.error and falls.whole > limits.whole_z * falls.error
    if has_begun or falls.whole >= -math.log1p(-limits.max_fall) or falls.whole <= 0:
        return
    if not is_even:
        if may_be_even(falls.first, falls.last, limits.even_share, falls.error):
            raise InsufficientDataError("too few points, or too noisy, to tell whether the loss falls evenly")
        return
    if not is_sure:
        raise InsufficientDataError("the loss falls evenly, but by no more than its noise in so few points")
    first, last = int(loss.steps[0]), int(loss.steps[-1])
    peak = float(rate.values.max())
    yield Finding(
        message=f"{loss.name} has only fallen from {loss.values[0]:.3g} to {loss.values[-1]:.3g}, at a constant rate: it fell "
        f"by {percent(-expm1(-falls.first))} over the first third of the summed learning rates, by "
        f"{percent(-expm1(-falls.last))} over the last",
        confidence=0.7,
        metric=loss.name,
        steps=(first, last),
        evidence={
            "first": float(loss.values[0]),
            "last": float(loss.values[-1]),
            "fall_first_third": falls.first,
            "fall_last_third": falls.last,
            "peak": peak,
        },
        severity=Severity.INFO if run.run.task == "fine-tuning" else Severity.WARNING,
        remedies=(
            f"raise the learning rate by 3 to 10 (its peak is {peak:.3g}); a range test shows how far",
            "check that gradient clipping and weight decay do not limit the updates",
        ),
    )


def _falls(loss: CurveView, rate: CurveView, limits: Limits) -> Falls:
    """Falls over thirds of the summed learning rates, from the first largest rate until it is annealed."""
    peak_row = int(np.argmax(rate.values))
    peak_step = rate.steps[peak_row]
    if peak_step > rate.steps[0] + limits.late_peak * (rate.steps[-1] - rate.steps[0]):
        raise InsufficientDataError("the learning rate is still rising late in the log")
    is_annealed = (rate.steps > peak_step) & (rate.values < limits.annealed * rate.values[peak_row])
    end_step = rate.steps[np.argmax(is_annealed)] if is_annealed.any() else loss.steps[-1]
    is_high = (loss.steps >= peak_step) & (loss.steps <= end_step)
    values, steps = loss.scaled[is_high], loss.steps[is_high]
    if len(values) < limits.min_points:
        raise InsufficientDataError(
            f"the loss needs at least {limits.min_points} points between warm-up and annealing, has {len(values)}"
        )
    sums = np.concatenate(([0.0], np.cumsum(np.maximum(rate.values[:-1], 0.0) * np.diff(rate.steps.astype(float)))))
    sums = np.interp(steps, rate.steps, sums)
    if not 0 < sums[-1] - sums[0] < np.inf:
        raise InsufficientDataError("the sum of the learning rates at the points of the loss is not positive")
    sixth = np.minimum(((sums - sums[0]) / (sums[-1] - sums[0]) * 6).astype(int), 5)
    counts = np.bincount(sixth, minlength=6)
    if counts.min() == 0:
        raise InsufficientDataError("one sixth of the summed learning rates contains no point of the loss")
    means = np.bincount(sixth, values, minlength=6) / counts
    whole = float(loss.scaled[0] - loss.scaled[-max(len(loss) // 6, 1) :].mean())
    error = loss.noise.of_mean(int(counts.min())) * math.sqrt(2)
    return Falls(float(means[0] - means[2]), float(means[3] - means[5]), whole, error)


RULE = Rule(
    id="learning-rate-too-low",
    family="learning-rate",
    severity=Severity.WARNING,
    needs=(
        Need("learning-rate", points=2),
        AnyOf((Need("loss", "validation", points="min_points"), Need("loss", "train", points="min_points"))),
    ),
    since="0.1.0",
    title="The learning rate is high enough",
    failure_title="Learning rate too low",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("score"),),
    excluded_tasks=("adversarial", "reinforcement", "diffusion"),
    causes=(
        "clipping-saturation",
        "frozen-weights",
        "vanishing-gradients",
        "zero-learning-rate",
    ),
    judges_end=True,
)

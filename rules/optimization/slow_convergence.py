"""The loss falls slowly and at a constant rate: the run is still in its initial phase.

## What it finds
A loss that has fallen by less than half and falls as fast at the end as at the beginning.

## Why it matters
Progress normally slows down, because the model learns the easy part first. If it has not slowed down, the run is far
from convergence: a larger learning rate would have made much more progress in the same steps.

## How it is detected
On the logarithm of the validation loss (less noisy), or of the training loss without one. The loss falls
significantly over the whole run (Mann-Kendall over 10 block means, 2.5 standard errors), the fall over the last third
is at least 60% of the fall over the first third and 0.1% of the loss, the whole fall and that of the training loss
are less than 50%, and the learning rate ends above half of its peak. A run with a score above 80% is past its initial
phase, whatever its loss. If no learning rate is logged, annealing may cause the late fall: the finding is then
reported as info if a hyperparameter names such a schedule, or if the loss did not fall as evenly over the middle of the run,
by at least 60% of the fall over the first third. A log that begins after 10% of the run is not judged.

## When it is a false alarm
Fine-tuning, and pre-training stopped early on purpose; losses with a high floor that cannot be halved.

## What to do
Raise the learning rate by 3 to 10 (a range test shows how far), check the warm-up and gradient clipping, which may
limit the updates, or train longer.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import AnyOf, Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.chance import has_good_score
from ..shared.digits import percent
from ..shared.progress import has_halved, hold_beginning, may_be_even
from ..statistics.change import trend_of
from ..statistics.exponentials import expm1
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ..view.hyperparameter_names import names_annealing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(12, "two for each sixth of the run", unit="points")
    max_fall: float = limit(0.5, "of the loss; a larger fall is past the initial phase", unit="%")
    even_share: float = limit(
        0.6, "of the fall over the first third; an exponential fall to its floor leaves less than 30%", unit="%"
    )
    fall_z: float = limit(
        2.5, "of the whole fall, by Mann-Kendall; noise alone exceeds it in 0.6% of runs", unit="standard errors"
    )
    min_fall: float = limit(0.001, "of the loss over the last third; a smaller fall is negligible", unit="%")
    annealed: float = limit(0.5, "of the peak learning rate; below, annealing may have lowered the loss", unit="%")
    late_start: float = limit(
        0.1, "of the run; a log that begins later does not show the first fall of the loss", unit="%"
    )
    good_score: float = limit(0.8, "a score above shows that the task is mostly solved", unit="%")


class Falls(NamedTuple):
    """Falls of the logarithm of the loss: over the first, the middle and the last third of the run, and in total."""

    first: float
    middle: float
    last: float
    whole: float


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss, or else the training loss."""
    losses = [c for c in (run.loss("validation"), run.loss("train")) if c is not None and len(c) >= limits.min_points]
    if not losses:
        raise InsufficientDataError(f"no loss that should decrease has {limits.min_points} points")
    loss = losses[0]
    hold_beginning(run, loss, limits.late_start)
    if not loss.is_positive:
        raise InsufficientDataError("the loss is not positive, so relative change is undefined")
    if run.rate_left is not None and run.rate_left < limits.annealed:
        return
    has_begun = has_halved(run.loss("train"), 1 - limits.max_fall) or has_good_score(run, limits.good_score)
    falls = _falls(loss)
    if has_begun:
        return
    if not _is_slow(falls, limits):
        error = loss.noise.of_mean(len(loss) // 6) * math.sqrt(2)
        is_small = limits.min_fall < falls.last and falls.whole < -math.log1p(-limits.max_fall)
        if is_small and falls.first > 0 and may_be_even(falls.first, falls.last, limits.even_share, error):
            raise InsufficientDataError("too few points, or too noisy, to tell whether the loss falls evenly")
        return
    if not trend_of(loss.scaled).z < -limits.fall_z:
        raise InsufficientDataError("the loss falls evenly, but by no more than its noise in so few points")
    if trend_of(loss.scaled[-max(len(loss) // 3, 4) :]).change >= 0:
        return
    rate = run.learning_rate
    is_even = falls.middle >= limits.even_share * falls.first
    may_be_annealed = rate is None and (not is_even or names_annealing(run.hyperparameters))
    begin, end = float(loss.values[0]), float(loss.values[-1])
    used = f" (it is {rate.values[-1]:.3g})" if rate is not None else ""
    yield Finding(
        message=f"{loss.name} has only fallen from {begin:.3g} to {end:.3g}, at a constant rate: by {percent(-expm1(-falls.first))} "
        f"over the first third of the run, by {percent(-expm1(-falls.last))} over the last",
        confidence=0.8,
        metric=loss.name,
        steps=(int(loss.steps[0]), int(loss.steps[-1])),
        evidence={
            "first": begin,
            "last": end,
            "fall_first_third": falls.first,
            "fall_last_third": falls.last,
            "fall": falls.whole,
        },
        severity=Severity.INFO if may_be_annealed else Severity.WARNING,
        remedies=(
            f"raise the learning rate by 3 to 10{used}; a range test shows how far",
            "check that warm-up and gradient clipping do not limit the updates",
            "train longer: the loss has not begun to level off",
        ),
    )


def _falls(loss: CurveView) -> Falls:
    """The outer thirds from the mean of one sixth of the run to that of the next but one, the middle by its two such pairs."""
    values = loss.scaled
    means = [float(np.mean(values[i * len(values) // 6 : (i + 1) * len(values) // 6])) for i in range(6)]
    whole = median(values[:3]) - median(values[-3:])
    middle = (means[1] - means[3] + means[2] - means[4]) / 2
    return Falls(means[0] - means[2], middle, means[3] - means[5], whole)


def _is_slow(falls: Falls, limits: Limits) -> bool:
    """Whether a loss falls evenly and not far."""
    is_even = falls.last >= limits.even_share * falls.first > 0
    is_small = falls.last > limits.min_fall and falls.whole < -math.log1p(-limits.max_fall)
    return is_even and is_small


RULE = Rule(
    id="slow-convergence",
    family="optimization",
    severity=Severity.WARNING,
    needs=(
        AnyOf(
            (
                Need("loss", "validation", points="min_points"),
                Need("loss", "train", points="min_points"),
                Need("perplexity", "validation", points="min_points"),
                Need("perplexity", "train", points="min_points"),
            )
        ),
    ),
    since="0.1.0",
    title="The loss has levelled off",
    failure_title="Slow convergence",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement", "diffusion"),
    reads=(Need("loss"), Need("learning-rate"), Need("score")),
    causes=(
        "learning-rate-too-low",
        "clipping-saturation",
        "frozen-weights",
        "vanishing-gradients",
    ),
    answers=("learning",),
    judges_end=True,
)

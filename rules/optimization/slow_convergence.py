"""The loss falls so slowly and evenly that the training has only begun.

## What it finds
A loss that has lost less than half of its first value and falls as fast at the end as at the beginning.

## Why it matters
A training that gets anywhere slows down, because the easy part comes first. One that has not slowed down is far from
its end: with a larger learning rate the same steps would have led much farther.

## How it is detected
On the logarithm of the validation loss (less noisy), or the training loss without one. The fall over the last third
of the run has to be significant (Mann-Kendall on blocks, 0.6 %) and at least 60 % of the fall over the first third,
the whole fall, and that of the training loss, less than a half, and the learning rate still above half of its peak. A
run with a score above 0.8 is past its beginning, however its loss falls. Where no learning rate is logged it may be its
decay that makes the loss fall late, and the finding is an information only. A log that begins late in the training is
left undecided.

## When it is a false alarm
Fine-tuning, and pre-training cut off early on purpose; losses with a high floor that cannot be halved.

## What to do
Raise the learning rate by 3 to 10 (a range test shows how far), check the warm-up and gradient clipping, which may
hold the steps down, or train longer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import has_good_score
from ..shared.progress import has_halved, hold_beginning
from ..statistics.change import trend_of
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(12, "")
    max_fall: float = limit(math.log(2), "")
    even_share: float = limit(
        0.6, "an exponential fall to its floor leaves less than 30 % of the first third to the last"
    )
    falls_z: float = limit(-2.5, "")
    min_fall: float = limit(0.001, "of the loss over the last third: less is no fall that anybody waits for")
    annealed: float = limit(0.5, "")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss, or else the training loss."""
    losses = [c for c in (run.loss("validation"), run.loss("train")) if c is not None]
    if not losses:
        raise NotApplicableError("no loss that is meant to fall is logged")
    loss = next((c for c in losses if len(c) >= limits.min_points), None)
    if loss is None:
        raise InsufficientDataError(f"no loss has the {limits.min_points} points that it takes")
    hold_beginning(run, loss)
    if not loss.is_positive:
        raise InsufficientDataError("the loss is not positive, so that no share of it can be told")
    rate = run.learning_rate
    if rate is not None and float(rate.values[-1]) < limits.annealed * float(rate.values.max()):
        return
    falls = _falls(loss, limits)
    if falls is None or has_halved(run.loss("train")) or has_good_score(run):
        return
    first_fall, last_fall, whole = falls
    begin, end = float(loss.values[0]), float(loss.values[-1])
    used = f" (it is {rate.values[-1]:.3g})" if rate is not None else ""
    yield Finding(
        message=f"{loss.name} has fallen from {begin:.4g} to {end:.4g} only, and in the last third of the run as fast as in "
        f"the first ({-last_fall:.1%} and {-first_fall:.1%})",
        confidence=0.8,
        metric=loss.name,
        steps=(int(loss.steps[0]), int(loss.steps[-1])),
        evidence={
            "first": begin,
            "last": end,
            "fall_first_third": first_fall,
            "fall_last_third": last_fall,
            "fall": whole,
        },
        severity=Severity.INFO if rate is None else Severity.WARNING,
        remedies=(
            f"raise the learning rate by 3 to 10{used}; a range test shows how far",
            "check that warm-up and gradient clipping do not hold the steps down",
            "train longer: the loss has not begun to level off",
        ),
    )


def _falls(loss: CurveView, limits: Limits) -> tuple[float, float, float] | None:
    """Log falls over the first third, the last third, and the whole run; None if they are not those of a slow run."""
    values = loss.scaled
    third = len(values) // 3
    last = trend_of(values[-max(third, 4) :])
    means = [float(np.mean(values[i * len(values) // 6 : (i + 1) * len(values) // 6])) for i in range(6)]
    first_fall, last_fall = means[0] - means[2], means[3] - means[5]
    whole = float(np.median(values[:3]) - np.median(values[-3:]))
    is_even = last_fall >= limits.even_share * first_fall > 0
    overall = trend_of(values)
    if not (is_even and last_fall > limits.min_fall and whole < limits.max_fall):
        return None
    return (first_fall, last_fall, whole) if overall.z < limits.falls_z and last.change < 0 else None


RULE = Rule(
    id="slow-convergence",
    family="optimization",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="The loss has levelled off",
    failure_title="Slow convergence",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement", "diffusion"),
    reads=(Need("loss", "train"),),
    causes=(
        "learning-rate-too-low",
        "clipping-saturation",
        "frozen-weights",
        "vanishing-gradients",
    ),
    judges_training=True,
    judges_end=True,
)

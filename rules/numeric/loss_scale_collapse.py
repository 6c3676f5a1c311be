"""The loss scale of mixed precision falls to nothing: gradients overflow in every step.

## What it finds
A dynamic loss scale that ends far below where it stood, at 1 or less, or 256 times lower for a lasting time.

## Why it matters
A dynamic scale is halved and the step is skipped whenever a gradient overflows. A scale that keeps falling means that
steps are skipped again and again, and that small gradients are rounded to zero in those that are not.

## How it is detected
The last 5 points, at least, are all at or below 1, after a scale of 256 or more: an error. If they stay below 1/256 of
the median before, but above 1, it is a warning. A scale that is constant, as with bfloat16, is never judged.

## When it is a false alarm
A log that ends within a short burst of overflows from which the scale would have recovered.

## What to do
Train in bfloat16, or keep softmax, normalisation and the loss in float32. Lower the learning rate, and look for the
first NaN or infinity in the loss and the gradient norm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(12, "enough that what came before the last points has a level")
    last_points: int = limit(5, "one overflow halves the scale once; it is doubled again after some 2,000 good steps")
    dynamic_scale: float = limit(256.0, "2^8; frameworks start at 2^16 or above")
    collapse: float = limit(2.0**-8, "of the level before: eight overflows that nothing made up for")
    no_scale: float = limit(1.0, "below it, scaling makes gradients smaller")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the loss scale with the most points."""
    scale = max(run.curves("loss-scale"), key=len)
    if len(scale) < limits.min_points:
        raise InsufficientDataError(
            f"the loss scale has {len(scale)} of {limits.min_points} finite points that it takes"
        )
    before = scale.values[: -limits.last_points]
    level = median(before)
    is_low = scale.values <= max(limits.no_scale, limits.collapse * level)
    if float(before.max()) < limits.dynamic_scale or not is_low[-limits.last_points :].all():
        return
    high = np.flatnonzero(~is_low)
    first = int(scale.steps[high[-1] + 1])
    end = float(scale.values[-1])
    is_gone = bool((scale.values[-limits.last_points :] <= limits.no_scale).all())
    yield Finding(
        message=f"{scale.name} falls from {float(before.max()):.3g} to {end:.3g} and stays there from {scale.unit} {first:,} on",
        confidence=0.95 if is_gone else 0.85,
        metric=scale.name,
        steps=(first, int(scale.steps[-1])),
        evidence={"highest": float(before.max()), "end": end},
        severity=Severity.ERROR if is_gone else Severity.WARNING,
        remedies=(
            "train in bfloat16, or keep softmax, normalisation and loss in float32",
            f"lower the learning rate, and look for what overflows at {scale.unit} {first:,}",
        ),
        cited=(first,),
    )


RULE = Rule(
    id="loss-scale-collapse",
    family="numeric",
    severity=Severity.ERROR,
    needs=(Need("loss-scale", points="min_points"),),
    since="0.1.0",
    title="The loss scale does not collapse",
    failure_title="Loss scale collapsed",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "non-finite",
        "exploding-gradients",
        "gradient-bursts",
        "learning-rate-too-high",
    ),
    suits_boosting=True,
    judges_end=True,
)

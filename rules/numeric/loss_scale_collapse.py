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

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.medians import median

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view import RunView

MIN_POINTS = 12  # enough that what came before the last points has a level
LAST_POINTS = 5  # one overflow halves the scale once; it is doubled again after some 2,000 good steps
DYNAMIC_SCALE = 256.0  # 2^8; frameworks start at 2^16 or above
COLLAPSE = 2.0**-8  # of the level before: eight overflows that nothing made up for
NO_SCALE = 1.0  # below it, scaling makes gradients smaller


def check(run: RunView) -> Iterator[Finding]:
    """Yield at most one finding: on the loss scale with the most points."""
    scale = max(run.curves("loss-scale"), key=len)
    if len(scale) < MIN_POINTS:
        raise InsufficientDataError(f"the loss scale has {len(scale)} of {MIN_POINTS} finite points that it takes")
    before = scale.values[:-LAST_POINTS]
    level = median(before)
    is_low = scale.values <= max(NO_SCALE, COLLAPSE * level)
    if float(before.max()) < DYNAMIC_SCALE or not is_low[-LAST_POINTS:].all():
        return
    high = np.flatnonzero(~is_low)
    first = int(scale.steps[high[-1] + 1])
    end = float(scale.values[-1])
    is_gone = bool((scale.values[-LAST_POINTS:] <= NO_SCALE).all())
    yield Finding(
        message=f"{scale.name} falls from {float(before.max()):.3g} to {end:.3g} and stays there from {scale.unit} {first:,} on",
        confidence=0.95 if is_gone else 0.85,
        metric=scale.name,
        steps=(first, int(scale.steps[-1])),
        evidence={"highest": float(before.max()), "end": end},
        severity=Severity.ERROR if is_gone else Severity.WARNING,
        causes=("non-finite", "exploding-gradients", "learning-rate-too-high"),
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
    needs=(Need("loss-scale", points=MIN_POINTS),),
    since="0.1.0",
    title="The loss scale does not collapse",
    failure_title="Loss scale collapsed",
    doc=__doc__ or "",
    check=check,
    judges_end=True,
)

"""The dynamic loss scale of mixed precision collapses because gradients overflow repeatedly.

## What it finds
A dynamic loss scale that ends at 1 or less, or at less than 1/256 of its usual value.

## Why it matters
Whenever a gradient overflows, the scaler skips the step and halves the scale. If the scale keeps falling, many steps
are skipped, and small gradients underflow to zero in the other steps.

## How it is detected
The scale must be 256 or more before the last 5 points, which shows that it is dynamic. It is an error if the last 5
points are all at or below 1, and a warning if they are all at or below 1/256 of the median before them. A constant
scale, as with bfloat16, never fires.

## When it is a false alarm
The log ends during a short burst of overflows from which the scale would have recovered.

## What to do
Train in bfloat16, or compute softmax, normalisation and the loss in float32. Lower the learning rate, and find the
first NaN or infinity in the loss and the gradient norm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(12, "leaves at least 7 points before the last 5 to estimate the usual scale", unit="points")
    last_points: int = limit(
        5,
        "a single overflow halves the scale once, so a few low points after a halving are normal",
        unit="points",
    )
    dynamic_scale: float = limit(
        256.0,
        "minimum scale of dynamic loss scaling: dynamic scalers start far above it",
        source="PyTorch GradScaler starts at 2^16",
    )
    min_fall: float = limit(
        256.0,
        "usual scale over the last one: eight overflows without regrowth in between",
        unit="ratio",
    )
    lost_scale: float = limit(1.0, "scale at which small gradients are no longer above the float16 underflow")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the loss scale with the most points."""
    scale = max(run.curves("loss-scale"), key=len)
    before = scale.values[: -limits.last_points]
    level = median(before)
    low = max(limits.lost_scale, level / limits.min_fall)
    is_low = scale.values <= low
    highest = float(before.max())
    if highest < limits.dynamic_scale or not is_low[-limits.last_points :].all():
        return
    first = int(scale.steps[np.flatnonzero(~is_low)[-1] + 1])
    end = float(scale.values[-1])
    is_lost = bool((scale.values[-limits.last_points :] <= limits.lost_scale).all())
    yield Finding(
        message=f"{scale.name} falls from {highest:,.6g} to {end:.3g} and stays at or below {low:.3g} from {scale.unit} {first:,} on",
        confidence=0.95 if is_lost else 0.85,
        metric=scale.name,
        steps=(first, int(scale.steps[-1])),
        evidence={"highest": highest, "end": end},
        severity=Severity.ERROR if is_lost else Severity.WARNING,
        remedies=(
            "train in bfloat16, or compute softmax, normalisation and the loss in float32",
            f"lower the learning rate, and find the overflow around {scale.unit} {first:,}",
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

"""The gradient is exactly zero while the learning rate is not.

## What it finds
A gradient norm of the whole model that is exactly 0.0 for a lasting part of the run.

## Why it matters
No update happens except weight decay. Nothing that needs a gradient can be learned in those steps.

## How it is detected
At least 5 points and at least 20 % of all points of the gradient norm are exactly zero. Where the learning rate is
logged, only points with a rate above zero count.

## When it is a false alarm
A phase that is frozen on purpose; a norm logged with few digits of a model that has converged (then it was small
before).

## What to do
Check that the loss depends on parameters that require gradients (no `detach()`, `no_grad()` or `.item()` on the way),
that labels are not all masked, that the loss does not saturate at zero, and that not all units are dead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_zeros: int = limit(5, "")
    min_share: float = limit(0.2, "")
    faded: float = limit(
        1e-3, "of the peak before: a norm that fades to rounding was learned away, one that drops was cut"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the whole-model gradient norm."""
    norms = [c for c in run.curves("gradient-norm") if not c.layer and len(c) >= limits.min_zeros]
    for norm in norms[:1]:
        is_zero = norm.values == 0
        if run.learning_rate is not None:
            is_zero &= ~(run.learning_rate.at_each(norm.steps) == 0)
        first = int(np.argmax(is_zero))
        if is_zero.sum() < limits.min_zeros or is_zero.mean() < limits.min_share:
            continue
        if first and norm.values[first - 1] < limits.faded * norm.values[:first].max():
            continue
        steps = norm.steps[is_zero]
        yield Finding(
            message=f"{norm.name} is exactly 0 at {int(is_zero.sum())} of {len(norm)} points, first at {norm.unit} {int(steps[0]):,}",
            confidence=0.93,
            metric=norm.name,
            steps=(int(steps[0]), int(steps[-1])),
            evidence={"zero_points": float(is_zero.sum()), "zero_share": float(is_zero.mean())},
            remedies=(
                "check that the loss reaches parameters that require gradients: no detach(), no_grad() or item() between",
                "check that not all labels are masked and not all units are dead",
            ),
            cited=(int(steps[0]),),
        )


RULE = Rule(
    id="zero-gradient",
    family="numeric",
    severity=Severity.ERROR,
    needs=(Need("gradient-norm", points="min_zeros"),),
    since="0.1.0",
    title="The gradient is not zero",
    failure_title="Zero gradient",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "dead-units",
        "masked-nan",
    ),
    suits_boosting=True,
)

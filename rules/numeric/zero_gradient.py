"""The gradient is exactly zero while the learning rate is not.

## What it finds
A gradient norm of the whole model that is exactly 0.0 in a substantial part of the run.

## Why it matters
In those steps nothing but weight decay changes the weights: the model does not learn.

## How it is detected
At least 5 points and at least 20% of all points of the gradient norm are exactly zero. If the learning rate is
logged, points with a learning rate of zero do not count. The norm must not have decayed gradually: the last value
before the first zero is at least 0.1% of the largest one before it.

## When it is a false alarm
A phase in which all weights are frozen on purpose; a norm logged with few digits while the model fits the data
perfectly.

## What to do
Check that the loss depends on parameters that require gradients (no `detach()`, `no_grad()` or `.item()` between
them), that not all labels are masked, that the loss does not saturate at zero, and that not all units are dead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_zeros: int = limit(5, "batches with only masked labels cause single zeros", unit="points")
    min_share: float = limit(0.2, "fewer lost steps hardly slow down training", unit="%")
    min_share_of_peak: float = limit(
        1e-3, "a norm that is already smaller before the first zero decays below the logged digits", unit="%"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the whole-model gradient norm."""
    norms = [c for c in run.curves("gradient-norm") if not c.layer]
    if not norms:
        raise NotApplicableError("no gradient norm of the whole model is logged")
    norm = next((c for c in norms if len(c) >= limits.min_zeros), None)
    if norm is None:
        raise InsufficientDataError(
            f"gradient norm of the whole model needs at least {limits.min_zeros} points, has {max(map(len, norms))}"
        )
    is_zero = norm.values == 0
    if run.learning_rate is not None:
        is_zero &= run.learning_rate.at_each(norm.steps) != 0
    count, first = int(is_zero.sum()), int(np.argmax(is_zero))
    if count < limits.min_zeros or count / len(norm) < limits.min_share:
        return
    if first and norm.values[first - 1] < limits.min_share_of_peak * norm.values[:first].max():
        return
    steps = norm.steps[is_zero]
    yield Finding(
        message=f"{norm.name} is exactly 0 at {count:,} of {len(norm):,} points, first at {norm.unit} {int(steps[0]):,}",
        confidence=0.93,
        metric=norm.name,
        steps=(int(steps[0]), int(steps[-1])),
        evidence={"zero_points": float(count), "zero_share": count / len(norm)},
        remedies=(
            "check that the loss depends on parameters that require gradients: no detach(), no_grad() or item() between",
            "check that not all labels are masked and that not all units are dead",
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
    reads=(Need("learning-rate"),),
    causes=(
        "dead-units",
        "masked-nan",
    ),
    suits_boosting=True,
)

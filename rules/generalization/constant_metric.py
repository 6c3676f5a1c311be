"""The validation loss is identical to the last digit in consecutive evaluations while training continues.

## What it finds
A validation loss with exactly the same value in 5 or more consecutive evaluations, up to the end.

## Why it matters
Either the evaluation does not use the current weights (a stale copy, a cached result, an old checkpoint), or the
weights do not change. In both cases the metric is not informative.

## How it is detected
The last 5 or more values of the validation loss are equal to one part in a billion, are not zero, and have at least 5
significant digits: with fewer, values repeat because of rounding. The training loss takes at least 5 different values
over these evaluations.

## When it is a false alarm
A loss that has converged and is averaged over a validation set without any randomness.

## What to do
Evaluate the model in training, not an earlier copy; clear caches of predictions; check that the optimizer steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.distinct import distinct
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(
        5, "fewer equal values occur by chance or at the end of a schedule", unit="evaluations"
    )
    same: float = limit(
        1e-9, "relative difference: covers the rounding of float64 and of its printed form", unit="ratio"
    )
    min_digits: int = limit(5, "significant digits of the value: with fewer, values repeat because of rounding")
    min_train_values: int = limit(
        5, "different training losses over these evaluations: training continues", unit="values"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    loss, train = run.loss("validation"), run.loss("train")
    if loss is None or train is None:
        raise InsufficientDataError("cannot determine the main validation and training losses")
    values = loss.values
    differs = np.flatnonzero(np.abs(values - values[-1]) > limits.same * abs(values[-1]))
    first = int(differs[-1]) + 1 if len(differs) else 0
    count = len(values) - first
    if count < limits.min_evaluations or values[-1] == 0:
        return
    meanwhile = train.values[train.steps >= loss.steps[first]]
    if len(distinct(meanwhile)) < limits.min_train_values:
        return
    digits = _significant_digits(float(values[-1]))
    if digits < limits.min_digits:
        raise InsufficientDataError(
            f"needs a validation loss of at least {limits.min_digits} digits, has {digits}: it may repeat because of rounding"
        )
    yield Finding(
        message=f"{loss.name} is exactly {values[-1]:.7g} in its last {count} evaluations, while {train.name} varies",
        confidence=0.93,
        metric=loss.name,
        steps=(int(loss.steps[first]), int(loss.steps[-1])),
        evidence={
            "value": float(values[-1]),
            "evaluation_count": float(count),
            "all_evaluation_count": float(len(values)),
        },
        remedies=(
            "evaluate the model in training, not a copy, and clear caches of predictions",
            "check that the optimizer changes the weights",
        ),
    )


def _significant_digits(value: float) -> int:
    mantissa = f"{abs(value):.9e}".partition("e")[0]
    return len(mantissa.replace(".", "").rstrip("0"))


RULE = Rule(
    id="constant-metric",
    family="generalization",
    severity=Severity.ERROR,
    needs=(Need("loss", "validation", points="min_evaluations"), Need("loss", "train", points="min_evaluations")),
    since="0.1.0",
    title="The validation loss varies",
    failure_title="Constant validation loss",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "not-learning",
        "frozen-weights",
        "zero-learning-rate",
    ),
    judges_end=True,
)

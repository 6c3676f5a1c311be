"""The validation loss is the same to the last digit, evaluation after evaluation, while the training goes on.

## What it finds
A validation loss that repeats its value exactly in 5 or more evaluations in a row, up to the end.

## Why it matters
Either the evaluation does not see the current weights (a stale copy, a cached result, an old checkpoint), or the
weights do not change. In both cases the metric says nothing about the training.

## How it is detected
Values are compared to 1 part in a thousand million; a loss at exactly zero does not count. The training loss has to
vary meanwhile.

## When it is a false alarm
A loss logged with two or three digits that has converged.

## What to do
Evaluate the model that is trained, not a copy made before; empty caches of predictions; check that the optimizer
steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(5, "")
    same: float = limit(1e-9, "")
    few_digits: int = limit(5, "significant digits that a repeated value must show: fewer repeat by rounding")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    loss, train = run.loss("validation"), run.loss("train")
    if loss is None or train is None:
        raise InsufficientDataError("no main loss could be told among the validation and training losses")
    values = loss.values
    differs = np.flatnonzero(np.abs(values - values[-1]) > limits.same * abs(values[-1]))
    first = int(differs[-1]) + 1 if len(differs) else 0
    count = len(values) - first
    meanwhile = train.values[train.steps >= loss.steps[first]]
    if count < limits.min_evaluations or values[-1] == 0 or len(set(meanwhile.tolist())) < limits.min_evaluations:
        return
    if len(f"{values[-1]:.10g}".replace(".", "").lstrip("0")) < limits.few_digits:
        raise InsufficientDataError(
            "the validation loss is logged with too few digits to tell repetition from rounding"
        )
    yield Finding(
        message=f"{loss.name} is exactly {values[-1]:.6g} in its last {count} evaluations, while {train.name} varies",
        confidence=0.93,
        metric=loss.name,
        steps=(int(loss.steps[first]), int(loss.steps[-1])),
        evidence={
            "value": float(values[-1]),
            "evaluation_count": float(count),
            "all_evaluation_count": float(len(values)),
        },
        remedies=(
            "evaluate the model that is trained, not a copy, and empty caches of predictions",
            "check that the optimizer changes the weights at all",
        ),
    )


RULE = Rule(
    id="constant-metric",
    family="generalization",
    severity=Severity.ERROR,
    needs=(Need("loss", "validation", points="min_evaluations"), Need("loss", "train", points="min_evaluations")),
    since="0.1.0",
    title="Evaluations differ",
    failure_title="Constant validation loss",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "not-learning",
        "frozen-weights",
        "zero-learning-rate",
    ),
    judges_training=True,
    judges_end=True,
)

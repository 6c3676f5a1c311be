"""The model predicts one class for all samples, and this class changes: the accuracy alternates between two values.

## What it finds
A validation accuracy of a two-class task that is a in some evaluations and 1 - a in the others.

## Why it matters
At each evaluation all samples get the same prediction. The model has learned nothing from the inputs; the predicted
class depends on the last batches.

## How it is detected
The validation accuracy has at least 8 evaluations, at least 90% of which have one of two values, each at least twice.
The two add up to 1 (100%), and the lower one is above 2%. A model with the same prediction for all samples has a
cross entropy of at least h(a) = -a ln a - (1-a) ln(1-a), where a is its accuracy; the training and the validation
loss must not end below 85% of this bound for the higher value. The training accuracy, if it is logged, must not
exceed the higher value by more than 10 percentage points. If class-collapse fires as an error, this finding is
folded into it.

## When it is a false alarm
A validation set of a few samples, whose accuracy has few possible values.

## What to do
Shuffle the training data, lower the learning rate, and compare the confusion matrices of two evaluations. Check that
inputs are normalised and that labels match their inputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..statistics.distinct import distinct_rows
from ..thresholds import limit, thresholds
from ._repeated_values import CAUSES, is_accuracy, is_better_than_one_answer, scores_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(8, "fewer values add up by chance", unit="evaluations")
    min_each: int = limit(2, "of each value: a single one may be chance", unit="evaluations")
    same_share: float = limit(
        0.9, "of all evaluations: one during a change of the predicted class may differ", unit="%"
    )
    lowest: float = limit(0.02, "below, an accuracy is constant because it cannot fall further", unit="%")
    sum_margin: float = limit(1e-4, "the two values are complements up to the logged digits", unit="%")
    entropy_share: float = limit(
        0.85, "below 1, because class frequencies differ between training and validation data", unit="%"
    )
    train_margin: float = limit(0.1, "a model that separates training samples predicts more than one class", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first accuracy that alternates."""
    for accuracy in scores_of(run, is_accuracy, "accuracy", limits.min_evaluations):
        if finding := _alternation(run, accuracy, limits):
            yield finding
            return


def _alternation(run: RunView, accuracy: CurveView, limits: Limits) -> Finding | None:
    values = accuracy.values / accuracy.percent_scale
    levels, _, counts = distinct_rows(values)
    order = np.argsort(counts)[::-1][:2]
    share = float(counts[order].sum() / len(values))
    if len(levels) == 1 or counts[order].min() < limits.min_each or share < limits.same_share:
        return None
    low, high = sorted(levels[order].tolist())
    if abs(low + high - 1) > limits.sum_margin or low <= limits.lowest:
        return None
    if is_better_than_one_answer(run, high, entropy_share=limits.entropy_share, train_margin=limits.train_margin):
        return None
    full = accuracy.percent_scale
    return Finding(
        message=f"{accuracy.name} is {low * full:.3g} or {high * full:.3g}, which add up to {full:g}, in {share:.0%} of "
        f"{len(values)} evaluations: the model alternates between two constant predictions",
        confidence=0.9,
        metric=accuracy.name,
        steps=(int(accuracy.steps[0]), int(accuracy.steps[-1])),
        evidence={"value_low": low * full, "value_high": high * full, "evaluation_share": share},
        remedies=(
            "shuffle the training data, so that each batch contains both classes",
            "lower the learning rate, and check that inputs are normalised",
            "compare the confusion matrices of two evaluations",
        ),
    )


RULE = Rule(
    id="alternating-predictions",
    family="generalization",
    severity=Severity.ERROR,
    needs=(Need("score", "validation", points="min_evaluations"),),
    since="0.1.0",
    title="The accuracy does not alternate between two values",
    failure_title="Alternating predictions",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "train"), Need("loss", "validation"), Need("score", "train")),
    yields_to=("class-collapse",),
    causes=CAUSES,
    judges_end=True,
    formerly="class-collapse",
)

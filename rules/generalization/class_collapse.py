"""The model predicts the same class for every sample: the validation accuracy stands still while the loss moves.

## What it finds
A validation accuracy that is exactly the same, evaluation after evaluation, up to the end, while the loss shows that
the model learned no more than how frequent the classes are.

## Why it matters
An accuracy equal to the share of the largest class looks good on unbalanced data, and means that the model learned
nothing but that share.

## How it is detected
One value of a validation accuracy makes up at least 90% of the evaluations in a stretch up to the end: at least 5 of
them and a fifth of all. It lies between 2% and 95%. A model that gives the same answer for every sample has a
cross-entropy of at least h(a) = -a ln a - (1-a) ln(1-a), where a is its accuracy; the end of the training and of the
validation loss must not be below 85% of it. And one of these must hold: the stretch begins within the first tenth (or
the first 3 evaluations) and the loss fell by 2% since the beginning; it fell by as much within the stretch; the
accuracy was better by 5 percentage points before; the value is one over the number of classes. Where the values fit a
validation set of 200 samples or fewer, whose accuracy easily stays the same, the rule needs 10 evaluations and a fall
by 10% since the beginning or by 10 percentage points, and the finding is a warning. The training accuracy, if it is
logged, must not exceed the value by more than 10 percentage points. Where constant-metric is found as well, this
finding is folded into it.

## When it is a false alarm
A tiny validation set whose accuracy has few possible values, with a loss that is not a plain cross-entropy.

## What to do
Look at the confusion matrix and at accuracy per class; weight the loss or sample classes evenly; judge by balanced
accuracy, macro F1 or AUC. Check that labels belong to inputs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import Finding, Need, Rule, Severity
from ..statistics.medians import moving_median
from ..thresholds import limit, thresholds
from ..view.digits import counted_on
from ..view.hyperparameter_names import CLASS_KEYS
from ._repeated_values import (
    CAUSES,
    REMEDIES,
    fall_of_loss,
    is_accuracy,
    is_better_than_one_answer,
    last_stretch,
    scores_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.run_view import CurveView, RunView
    from ._repeated_values import Stretch


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(5, "fewer equal values come by chance", unit="evaluations")
    min_share: float = limit(0.2, "of all evaluations: a shorter stretch is a pause of the training", unit="%")
    same_share: float = limit(0.9, "of the evaluations in the stretch: an evaluation on the way may differ", unit="%")
    start_share: float = limit(0.1, "a stretch that begins so early began with the run", unit="%")
    start_evaluations: int = limit(3, "the same for short runs", unit="evaluations")
    lowest: float = limit(0.02, "below, an accuracy is constant because nothing is left to lose", unit="%")
    highest: float = limit(0.95, "above, an accuracy is constant because little is left to win", unit="%")
    loss_fall: float = limit(
        0.02, "the model is trained at all; the share of two classes can be as near to chance as that", unit="%"
    )
    entropy_share: float = limit(
        0.85, "below 1, since classes are not equally frequent in training and validation data", unit="%"
    )
    accuracy_lost: float = limit(0.05, "of all samples: evaluations of one model differ by less", unit="%")
    chance_margin: float = limit(
        1e-4, "a count of equally frequent classes is exact up to the digits of a log", unit="%"
    )
    train_margin: float = limit(0.1, "a model that separates training samples has not collapsed", unit="%")
    few_samples: int = limit(200, "one of them is half a percent: such accuracies often repeat", unit="values")
    few_samples_evaluations: int = limit(10, "there 5 equal accuracies come by chance", unit="evaluations")
    few_samples_loss_fall: float = limit(0.1, "there a loss has to fall more while the accuracy repeats", unit="%")
    few_samples_accuracy_lost: float = limit(0.1, "there evaluations of one model differ more", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first accuracy that stands still."""
    for accuracy in scores_of(run, is_accuracy, "accuracy", limits.min_evaluations):
        if finding := _collapse(run, accuracy, limits):
            yield finding
            return


def _collapse(run: RunView, accuracy: CurveView, limits: Limits) -> Finding | None:
    values = accuracy.values / accuracy.full
    least = max(limits.min_evaluations, math.ceil(limits.min_share * len(values)))
    stretch = last_stretch(values, least, limits.same_share)
    if stretch is None or not limits.lowest < stretch.level < limits.highest:
        return None
    if is_better_than_one_answer(
        run, stretch.level, entropy_share=limits.entropy_share, train_margin=limits.train_margin
    ):
        return None
    count = len(values) - stretch.first
    is_few = counted_on(values, limits.few_samples) is not None
    if is_few and count < limits.few_samples_evaluations:
        return None
    is_from_start = stretch.first <= max(limits.start_share * len(values), limits.start_evaluations)
    fall = fall_of_loss(run, int(accuracy.steps[0 if is_from_start else stretch.first]))
    is_trained = fall >= (limits.few_samples_loss_fall if is_few else limits.loss_fall)
    best_before = _best_before(values, stretch)
    lost = limits.few_samples_accuracy_lost if is_few else limits.accuracy_lost
    classes = run.setting(*CLASS_KEYS)
    if classes and classes > 1 and abs(stretch.level - 1 / classes) < limits.chance_margin:
        reason = f", what one of {classes:.0f} equally frequent classes gives"
    elif best_before >= stretch.level + lost:
        reason = f", after {best_before * accuracy.full:.4g} before"
    elif is_trained and (is_from_start or not is_few):
        reason = f" while the loss falls by {fall:.0%}"
    else:
        return None
    at = stretch.level * accuracy.full
    return Finding(
        message=f"{accuracy.name} is exactly {at:.6g} in {stretch.share:.0%} of the last {count} evaluations{reason}: "
        "the model may give one answer for every sample",
        confidence=0.8 if is_few else 0.9,
        metric=accuracy.name,
        steps=(int(accuracy.steps[stretch.first]), int(accuracy.steps[-1])),
        evidence={
            "value": at,
            "evaluation_share": stretch.share,
            "evaluation_count": float(count),
            "fall_of_loss": fall,
        },
        severity=Severity.WARNING if is_few else Severity.ERROR,
        remedies=REMEDIES,
    )


def _best_before(values: Floats, stretch: Stretch) -> float:
    """Best accuracy before the stretch, over three evaluations; minus infinity if there are none."""
    return float(moving_median(values[: stretch.first], 3).max(initial=-math.inf))


RULE = Rule(
    id="class-collapse",
    family="generalization",
    severity=Severity.ERROR,
    needs=(Need("score", "validation", points="min_evaluations"),),
    since="0.1.0",
    title="Predictions move with the loss",
    failure_title="Class collapse",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "train"), Need("loss", "validation"), Need("score", "train")),
    yields_to=("constant-metric",),
    causes=CAUSES,
    judges_training=True,
    judges_end=True,
)

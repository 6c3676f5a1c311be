"""The model predicts the same class for every sample: the validation accuracy is constant while the loss changes.

## What it finds
A validation accuracy that is exactly the same in consecutive evaluations up to the end, while the loss shows that the
model learned only the class frequencies.

## Why it matters
An accuracy equal to the share of the largest class looks good on imbalanced data, but means that the model learned
only that share.

## How it is detected
One value of a validation accuracy makes up at least 90% of the evaluations in a stretch up to the end: at least 5 of
them and a fifth of all. It lies between 2% and 99%. A model with the same prediction for all samples has a cross
entropy of at least h(a) = -a ln a - (1-a) ln(1-a), where a is its accuracy; the training and the validation loss must
not end below 85% of this bound. In addition, one of these must hold: the stretch begins within the first tenth (or
the first 3 evaluations), and the loss fell by 2% since the beginning; the loss fell by 2% within the stretch; the
accuracy was 5 percentage points better before; the value is one over the number of classes. If the values fit a
validation set of 200 samples or fewer, whose accuracy often repeats, the rule needs 10 evaluations and a fall of the
loss by 10% since the beginning or of the accuracy by 10 percentage points, and the finding is a warning. The training
accuracy, if it is logged, must not exceed the value by more than 10 percentage points. Above 95%, where good models
repeat themselves, the finding is a warning, and it takes 10 evaluations, none of them before at a higher accuracy, losses
not below the bound itself, and a training accuracy that is within a point. If the validation loss is the same in all
evaluations of the stretch as well, the evaluation or the weights do not change: see constant-metric.

## When it is a false alarm
A tiny validation set whose accuracy has few possible values, with a loss that is not a plain cross entropy.

## What to do
Check the confusion matrix and the per-class accuracy; weight the loss or sample the classes evenly; evaluate balanced
accuracy, macro F1 or AUC. Check that labels match their inputs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.distinct import distinct
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
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView
    from ._repeated_values import Stretch


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(5, "fewer equal values occur by chance", unit="evaluations")
    min_share: float = limit(0.2, "of all evaluations: a shorter stretch may be temporary", unit="%")
    same_share: float = limit(0.9, "of the evaluations in the stretch: single evaluations may differ", unit="%")
    start_share: float = limit(0.1, "a stretch that begins this early has lasted from the start", unit="%")
    start_evaluations: int = limit(3, "the same for short runs", unit="evaluations")
    lowest: float = limit(0.02, "below, an accuracy is constant because it cannot fall further", unit="%")
    sure: float = limit(0.95, "above, a good model may repeat its accuracy because little is left to improve", unit="%")
    highest: float = limit(
        0.99, "above, an accuracy is constant because little improvement is possible: 1% of other classes", unit="%"
    )
    loss_fall: float = limit(
        0.02,
        "shows that the model is training; with two classes, learning their frequencies may lower the loss only this much",
        unit="%",
    )
    entropy_share: float = limit(
        0.85, "below 1, because class frequencies differ between training and validation data", unit="%"
    )
    accuracy_lost: float = limit(0.05, "of all samples: evaluations of the same model differ by less", unit="%")
    chance_margin: float = limit(1e-4, "1/C of equally frequent classes is exact up to the logged digits", unit="%")
    train_margin: float = limit(0.1, "a model that separates training samples has not collapsed", unit="%")
    near_margin: float = limit(0.01, "the same above 95%: hardly a sample is then separated", unit="%")
    few_samples: int = limit(200, "one sample is half a percent: such accuracies often repeat", unit="values")
    few_samples_evaluations: int = limit(10, "with few samples, 5 equal accuracies occur by chance", unit="evaluations")
    few_samples_loss_fall: float = limit(
        0.1, "with few samples, the loss has to fall more while the accuracy repeats", unit="%"
    )
    few_samples_accuracy_lost: float = limit(
        0.1, "with few samples, evaluations of the same model differ more", unit="%"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first accuracy that is constant."""
    for accuracy in scores_of(run, is_accuracy, "accuracy", limits.min_evaluations):
        if finding := _collapse(run, accuracy, limits):
            yield finding
            return


def _collapse(run: RunView, accuracy: CurveView, limits: Limits) -> Finding | None:
    values = accuracy.values / accuracy.percent_scale
    least = max(limits.min_evaluations, math.ceil(limits.min_share * len(values)))
    stretch = last_stretch(values, least, limits.same_share)
    if stretch is None or not limits.lowest < stretch.level < limits.highest:
        return None
    is_sure = stretch.level < limits.sure
    entropy_share, margin = (limits.entropy_share, limits.train_margin) if is_sure else (1.0, limits.near_margin)
    is_frozen = _is_frozen(run.loss("validation"), int(accuracy.steps[stretch.first]))
    if is_frozen or is_better_than_one_answer(run, stretch.level, entropy_share=entropy_share, train_margin=margin):
        return None
    count = len(values) - stretch.first
    is_few = counted_on(values, limits.few_samples) is not None
    if (is_few or not is_sure) and count < limits.few_samples_evaluations:
        if stretch.first == 0:
            raise InsufficientDataError(
                f"{accuracy.name} repeats in {count} evaluations; of so few samples or so high, that takes {limits.few_samples_evaluations}"
            )
        return None
    if not is_sure and bool((values > stretch.level).any()):
        return None
    is_from_start = stretch.first <= max(limits.start_share * len(values), limits.start_evaluations)
    fall = fall_of_loss(run, int(accuracy.steps[0 if is_from_start else stretch.first]))
    is_trained = fall >= (limits.few_samples_loss_fall if is_few else limits.loss_fall)
    best_before = _best_before(values, stretch)
    lost = limits.few_samples_accuracy_lost if is_few else limits.accuracy_lost
    classes = run.hyperparameter(*CLASS_KEYS)
    if classes and classes > 1 and abs(stretch.level - 1 / classes) < limits.chance_margin:
        reason = f", the share of one of {classes:.0f} equally frequent classes"
    elif best_before >= stretch.level + lost:
        reason = f", after {best_before * accuracy.percent_scale:.3g} before"
    elif is_trained and (is_from_start or not is_few):
        reason = f" while the loss falls by {fall:.0%}"
    else:
        return None
    at = stretch.level * accuracy.percent_scale
    return Finding(
        message=f"{accuracy.name} has exactly the same value ({at:.3g}) in {stretch.share:.0%} of the last {count} evaluations{reason}: "
        "the model may predict one class for every sample",
        confidence=0.8 if is_few or not is_sure else 0.9,
        metric=accuracy.name,
        steps=(int(accuracy.steps[stretch.first]), int(accuracy.steps[-1])),
        evidence={
            "value": at,
            "evaluation_share": stretch.share,
            "evaluation_count": float(count),
            "fall_of_loss": fall,
        },
        severity=Severity.WARNING if is_few or not is_sure else Severity.ERROR,
        remedies=REMEDIES,
    )


def _is_frozen(loss: CurveView | None, since: int) -> bool:
    """Whether a loss has one value, as printed, from a step on."""
    return loss is not None and len(distinct(loss.values[loss.steps >= since])) == 1


def _best_before(values: Floats, stretch: Stretch) -> float:
    """Best accuracy before the stretch, over three evaluations; minus infinity if there are none."""
    return float(moving_median(values[: stretch.first], 3).max(initial=-math.inf))


RULE = Rule(
    id="class-collapse",
    family="generalization",
    severity=Severity.ERROR,
    needs=(Need("score", "validation", points="min_evaluations"),),
    since="0.1.0",
    title="Predictions change with the loss",
    failure_title="Class collapse",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "train"), Need("loss", "validation"), Need("score", "train")),
    causes=CAUSES,
    judges_end=True,
)

"""The accuracy is nearly perfect, but the loss stays far above the level of a model with this accuracy.

## What it finds
A classification loss that has levelled off high although nearly all predictions are correct, and whether its level is
the lowest possible one if softmax is applied twice.

## Why it matters
A loss that cannot fall gives small gradients in the wrong direction: training is slow, the probabilities are useless,
and a good accuracy hides the fault.

## How it is detected
Over the last fifth of the run the training accuracy is at least 95%, while the training loss is flat (its 90%
interval within 2%) and above 0.9. A calibrated model with 95% accuracy has at most 0.2. If the loss lies within 2% of
ln(e + C - 1) - 1, for C from the hyperparameters or for a whole number C that also fits the first loss within 15%,
the cause is a softmax before a loss that applies softmax itself: with probabilities as logits no lower value is
possible. The same holds at a lower accuracy: each correct prediction then costs ln(e + C - 1) - 1 and each wrong one
1 more, so that loss and accuracy add up to ln(e + C - 1). If this holds within 2% over the last third, with a first
loss within 5% of ln C and at least 3 classes, and the loss is 25% above that of a perfectly calibrated model, it is
reported as well.

## When it is a false alarm
Strong label smoothing or mixup, whose targets cannot be fitted exactly; regularisation terms added to the loss.

## What to do
Pass the inputs that the loss expects: logits for `CrossEntropyLoss` and for Keras with `from_logits=True`,
probabilities for Keras without. Log the terms of the loss separately.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.chance import class_count
from ..shared.digits import percent
from ..statistics.change import trend_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


REMEDIES = (
    "pass logits, not probabilities, to the loss: remove the softmax before it, or set from_logits=False in Keras",
    "log the terms of the loss separately, and compare its value on one batch with a manual computation",
)
MAX_FIRST = 20.0  # upper limit for a first loss to be interpreted as ln C; e^20 is more classes than any model has


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(15, "3 of the accuracy in the last fifth", unit="points")
    end_share: float = limit(0.2, "of the run, over which accuracy and loss must have settled", unit="%")
    min_end: int = limit(5, "of the loss in that part; a trend needs 4", unit="points")
    high_accuracy: float = limit(0.95, "a calibrated model with this accuracy has a loss of at most 0.2", unit="%")
    high_loss: float = limit(
        0.9, "label smoothing of 0.1 leaves 0.5 at 10 classes and 1.1 at 1,000, at an accuracy of 100%", unit="nats"
    )
    flat: float = limit(0.02, "of the loss; a larger change means that it still falls", unit="%")
    floor_tolerance: float = limit(0.02, "of ln(e + C - 1) - 1; slightly uncertain predictions add as much", unit="%")
    whole_tolerance: float = limit(
        0.2,
        "of the computed number of classes to a whole one; a floor met within 1% gives 10 classes within 0.2",
        unit="classes",
    )
    chance_tolerance: float = limit(
        0.15, "between the first loss and ln C; the first loss may be a mean over the first epoch", unit="%"
    )
    late_share: float = limit(
        1 / 3, "of the run, for the sum of loss and accuracy: their noise has to cancel", unit="%"
    )
    sum_tolerance: float = limit(0.02, "of ln(e + C - 1); slightly uncertain predictions add as much", unit="%")
    calibrated_ratio: float = limit(
        1.25, "of the loss to that of a calibrated model; an overconfident model comes close", unit="ratio"
    )
    first_tolerance: float = limit(
        0.05, "between the first loss and ln C; ln 8 and ln 9 differ by 6%, so it alone gives up to 8 classes", unit="%"
    )
    min_classes: int = limit(3, "with two, an overconfident model looks the same", unit="classes")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    loss = run.loss("train")
    accuracies = [s for s in run.curves("score", "train") if "acc" in s.tag.lower() and len(s) >= limits.min_points]
    if loss is None or loss.role != "loss" or not accuracies:
        raise InsufficientDataError(f"no training loss and accuracy of {limits.min_points} points are logged together")
    accuracy = accuracies[0]
    reached = median(_last(accuracy, limits.end_share)) / accuracy.percent_scale
    if reached < limits.high_accuracy:
        classes = _classes_of_sum(run, loss, accuracy, limits)
        if classes:
            yield _softmax_twice(loss, accuracy, classes, limits)
        return
    end = _last(loss, limits.end_share, limits.min_end)
    level, trend = median(end), trend_of(end)
    if level < limits.high_loss or not max(abs(trend.low), abs(trend.high)) <= limits.flat * level:
        return
    classes = _classes_of_floor(run, loss, level, limits)
    cause = (
        f"; that is ln(e + {classes} - 1) - 1, the lowest loss of {classes} classes when softmax is applied twice"
        if classes
        else ""
    )
    yield Finding(
        message=f"{loss.name} stays at {level:.3g} although {accuracy.name} is {reached * accuracy.percent_scale:.3g}{cause}",
        confidence=0.95 if classes else 0.75,
        metric=loss.name,
        steps=(int(loss.steps[-len(end)]), int(loss.steps[-1])),
        evidence={"loss": level, "accuracy": reached} | ({"class_count": float(classes)} if classes else {}),
        remedies=REMEDIES,
    )


def _last(curve: CurveView, share: float, points: int = 1) -> Floats:
    """The values of the last part of a curve, with a minimum number of points."""
    return curve.values[-max(points, int(len(curve) * share)) :]


def _classes_of_sum(run: RunView, loss: CurveView, accuracy: CurveView, limits: Limits) -> int | None:
    """Number of classes for which loss and accuracy add up as with softmax applied twice; None if they do not."""
    first = float(loss.values[0])
    classes = int(class_count(run) or round(exp(min(first, MAX_FIRST))))
    if classes < limits.min_classes or abs(first - math.log(classes)) > limits.first_tolerance * math.log(classes):
        return None
    level, reached = _level_and_accuracy(loss, accuracy, limits)
    if not 0 < reached < 1:
        return None
    calibrated = -reached * math.log(reached) - (1 - reached) * math.log((1 - reached) / max(classes - 1, 1))
    expected = math.log(math.e + classes - 1)
    is_sum = abs(level + reached - expected) <= limits.sum_tolerance * expected
    return classes if is_sum and level > limits.calibrated_ratio * calibrated else None


def _level_and_accuracy(loss: CurveView, accuracy: CurveView, limits: Limits) -> tuple[float, float]:
    """Means of the loss and of the accuracy, 0 to 1, over the late part of the run."""
    level, reached = (float(_last(curve, limits.late_share).mean()) for curve in (loss, accuracy))
    return level, reached / accuracy.percent_scale


def _softmax_twice(loss: CurveView, accuracy: CurveView, classes: int, limits: Limits) -> Finding:
    level, reached = _level_and_accuracy(loss, accuracy, limits)
    expected = math.log(math.e + classes - 1)
    return Finding(
        message=f"{loss.name} ({level:.3g}) and {accuracy.name} ({percent(reached)}) add up to {level + reached:.3g} over the last "
        f"{limits.late_share:.0%} of the run; softmax applied twice gives ln(e + {classes} - 1) = {expected:.3g}",
        confidence=0.85,
        metric=loss.name,
        steps=(int(loss.steps[-len(_last(loss, limits.late_share))]), int(loss.steps[-1])),
        evidence={"loss": level, "accuracy": reached, "class_count": float(classes)},
        remedies=REMEDIES,
    )


def _classes_of_floor(run: RunView, loss: CurveView, level: float, limits: Limits) -> int | None:
    """Number of classes whose lowest loss with softmax applied twice is met; None if it is not that."""
    known = class_count(run)
    fitting = exp(level + 1) - math.e + 1
    classes = int(known or max(round(fitting), 2))
    floor = math.log(math.e + classes - 1) - 1
    is_met = abs(level - floor) <= limits.floor_tolerance * floor
    is_whole = abs(fitting - classes) <= limits.whole_tolerance
    is_first = abs(float(loss.values[0]) - math.log(classes)) <= limits.chance_tolerance * math.log(classes)
    return classes if is_met and (known or (is_whole and is_first)) else None


RULE = Rule(
    id="loss-floor",
    family="optimization",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points="min_points"), Need("score", "train", points="min_points")),
    since="0.1.0",
    title="The loss is consistent with the accuracy",
    failure_title="Loss floor",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)

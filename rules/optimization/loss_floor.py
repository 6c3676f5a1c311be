"""The accuracy is nearly perfect, but the loss stays far above what such an accuracy allows.

## What it finds
A classification loss that has levelled off high although nearly all answers are right, and whether its level is the
one that applying softmax twice leads to.

## Why it matters
A loss that cannot fall gives small, badly directed gradients: training is slow, probabilities are useless, and the
true fault stays hidden behind a good accuracy.

## How it is detected
The training accuracy of the last fifth of the run is at least 95 % while the training loss there is flat (its 90 %
interval within 2 %) and above 0.9. A model that is right 95 times in 100 needs 0.2 at most. If the loss lies within 2
% of ln(e + C - 1) - 1, for C from the settings or for a whole number C that also fits the first loss, the cause is
softmax before a loss that applies softmax itself: with probabilities as logits no lower value exists. The same is seen
where the accuracy is lower: each right answer then costs ln(e + C - 1) - 1 and each wrong one 1 more, so that loss and
accuracy add up to ln(e + C - 1). If they do within 2 % over the last third, with a first loss of ln C, and the loss is
a quarter above that of a model which is as sure as it is right, that is reported as well, from three classes on.

## When it is a false alarm
Strong label smoothing or mixup, whose targets cannot be met exactly; regularisation terms that are added to the loss.

## What to do
Give the loss what it wants: logits for `CrossEntropyLoss` and for Keras with `from_logits=True`, probabilities for
Keras without. Log the parts of a loss one by one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.change import trend_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..thresholds import limit
from ..view.hyperparameter_names import CLASS_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView


REMEDIES = (
    "give the loss logits, not probabilities: remove the softmax before it, or set from_logits=False in Keras",
    "log the parts of the loss one by one, and its value on one batch computed by hand",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(15, "")
    high_accuracy: float = limit(0.95, "")
    high_loss: float = limit(
        0.9, "nats; label smoothing of 0.1 leaves 0.5 at 10 classes and 1.1 at 1,000, at an accuracy of 100 %"
    )
    flat: float = limit(0.02, "")
    floor_tolerance: float = limit(0.02, "")
    whole_tolerance: float = limit(0.2, "of a number of classes, told from a floor that is met to 1 %")
    late_share: float = limit(1 / 3, "of the run")
    sum_tolerance: float = limit(0.02, "of ln(e + C - 1); predictions that are not quite certain add as much")
    above_calibrated: float = limit(
        1.25, "times the loss of a model that is as sure as it is right; one that is too sure comes near"
    )
    first_tolerance: float = limit(0.05, "of ln C: by the first loss alone a number of classes is told up to 8")
    min_classes: int = limit(3, "with two, a model that is too sure of its answers looks the same")
    chance_tolerance: float = limit(0.15, "of the first loss, which may be a mean over the first epoch")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    loss = run.loss("train")
    accuracy = next(
        (s for s in run.curves("score", "train") if "acc" in s.tag.lower() and len(s) >= limits.min_points), None
    )
    if loss is None or accuracy is None:
        raise InsufficientDataError("no training loss and accuracy of enough points are logged together")
    unit = accuracy.full
    reached = median(accuracy.values[-max(1, len(accuracy) // 5) :]) / unit
    late = loss.values[-max(5, len(loss) // 5) :]
    level = median(late)
    if reached < limits.high_accuracy:
        classes = _classes_of_sum(run, loss, accuracy, limits)
        if classes:
            yield _doubled(loss, accuracy, classes, limits)
        return
    if level < limits.high_loss:
        return
    trend = trend_of(late)
    if not -limits.flat * level <= trend.low <= trend.high <= limits.flat * level:
        return
    classes = _classes_of_floor(run, loss, level, limits)
    cause = f"; that is ln(e + {classes} - 1) - 1, where softmax applied twice ends" if classes else ""
    yield Finding(
        message=f"{loss.name} stays at {level:.4g} although {accuracy.name} is {reached * unit:.4g}{cause}",
        confidence=0.95 if classes else 0.75,
        metric=loss.name,
        steps=(int(loss.steps[-len(late)]), int(loss.steps[-1])),
        evidence={"loss": level, "accuracy": reached} | ({"class_count": float(classes)} if classes else {}),
        remedies=REMEDIES,
    )


def _classes_of_sum(run: RunView, loss: CurveView, accuracy: CurveView, limits: Limits) -> int | None:
    """Number of classes for which loss and accuracy add up as a doubled softmax makes them; None if they do not."""
    known = run.setting(*CLASS_KEYS)
    classes = int(known) if known else round(exp(min(float(loss.values[0]), 20.0)))
    if classes < limits.min_classes or abs(
        float(loss.values[0]) - math.log(classes)
    ) > limits.first_tolerance * math.log(classes):
        return None
    level, reached = (_late(c, limits) for c in (loss, accuracy))
    reached /= accuracy.full
    if not 0 < reached < 1:
        return None
    unsure = -reached * math.log(reached) - (1 - reached) * math.log((1 - reached) / max(classes - 1, 1))
    certain = math.log(math.e + classes - 1)
    is_sum = abs(level + reached - certain) <= limits.sum_tolerance * certain
    return classes if is_sum and level > limits.above_calibrated * unsure else None


def _late(curve: CurveView, limits: Limits) -> float:
    return float(np.mean(curve.values[-max(5, int(len(curve) * limits.late_share)) :]))


def _doubled(loss: CurveView, accuracy: CurveView, classes: int, limits: Limits) -> Finding:
    level, reached = _late(loss, limits), _late(accuracy, limits)
    return Finding(
        message=f"{loss.name} ({level:.4g}) and {accuracy.name} ({reached:.4g}) add up to ln(e + {classes} - 1) in the last third "
        "of the run, as they do where softmax is applied twice",
        confidence=0.85,
        metric=loss.name,
        steps=(int(loss.steps[-int(len(loss) * limits.late_share)]), int(loss.steps[-1])),
        evidence={"loss": level, "accuracy": reached / accuracy.full, "class_count": float(classes)},
        remedies=REMEDIES,
    )


def _classes_of_floor(run: RunView, loss: CurveView, level: float, limits: Limits) -> int | None:
    """Number of classes whose floor of a doubled softmax is met; None if it is not that."""
    known = run.setting(*CLASS_KEYS)
    fitting = exp(level + 1) - math.e + 1
    classes = int(known) if known else round(fitting)
    if classes < 2:
        return None
    floor = math.log(math.e + classes - 1) - 1
    is_met = abs(level - floor) <= limits.floor_tolerance * floor
    is_backed = known is not None or (
        abs(fitting - classes) <= limits.whole_tolerance
        and abs(float(loss.values[0]) - math.log(classes)) <= limits.chance_tolerance * math.log(classes)
    )
    return classes if is_met and is_backed else None


RULE = Rule(
    id="loss-floor",
    family="optimization",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points="min_points"), Need("score", "train", points="min_points")),
    since="0.1.0",
    title="The loss fits the accuracy",
    failure_title="Loss floor",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    judges_training=True,
)

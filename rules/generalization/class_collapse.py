"""The model predicts the same class whatever it sees: the validation accuracy stands still while the loss moves.

## What it finds
A validation accuracy that is exactly the same, evaluation after evaluation, up to the end, while the loss says that
the model learned no more than how frequent the classes are; an accuracy that flips between a share and its complement;
an F1 score, overlap, precision or recall that stays at exactly one value.

## Why it matters
An accuracy equal to the share of the largest class looks good on unbalanced data and means that the model learned
nothing but that share. So does an overlap (IoU, Dice) or an F1 score of one answer for everything.

## How it is detected
One value of a validation accuracy makes up at least 90 % of the evaluations in a stretch up to the end: at least 5 of
them and a fifth of all. It lies between 2 % and 95 %. Whoever gives the same answer for every sample has a
cross-entropy of at least h(a) = -a ln a - (1-a) ln(1-a), where a is the share that this answer gets right; the end of
the training and of the validation loss must not be below 85 % of it. And one of these must hold: the stretch begins
within the first tenth (or the first 3 evaluations) and the loss fell by 2 % since the beginning; it fell by as much
within the stretch; the accuracy was better by 5 points before; the value is one over the number of classes. Where the
values fit a validation set of 200 samples or fewer, whose accuracy easily stays the same, it takes 10 evaluations, a
fall of 10 % since the beginning or 10 points, and is only a warning. The training accuracy, if it is logged, must not
exceed the value by more than 10 points. A validation loss that is the same to the last digit, too, is left to constant-metric. An F1 score, an overlap, a precision or a recall that is the same
from the beginning on takes 10 evaluations and a fall of the loss by 2 %, since no loss follows from its value.

## When it is a false alarm
A tiny validation set whose accuracy has few possible values, with a loss that is not a plain cross-entropy.

## What to do
Look at the confusion matrix and at accuracy per class; weight the loss or sample classes evenly; judge by balanced
accuracy, macro F1 or AUC. Check that labels belong to inputs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, Need, Rule, Severity
from ..statistics.medians import median, moving_median
from ..thresholds import limit
from ..view.digits import counted_on
from ..view.hyperparameter_names import CLASS_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.run_view import CurveView, RunView

HIT_WORDS = frozenset("f1 precision recall mcc dice iou miou".split())  # zero where nothing is found

REMEDIES = (
    "look at the confusion matrix: which classes are never predicted?",
    "weight the loss or sample the classes evenly; judge by balanced accuracy or macro F1",
)
CAUSES = (
    "zero-learning-rate",
    "learning-rate-too-high",
    "divergence",
    "dead-units",
    "vanishing-gradients",
    "not-learning",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(5, "")
    min_share: float = limit(0.2, "of the evaluations that the stretch makes up")
    few_samples_evaluations: int = limit(10, "")
    same_share: float = limit(0.9, "")
    start_share: float = limit(0.1, "a stretch that begins so early began with the run")
    start_evaluations: int = limit(3, "a stretch that begins so early began with the run")
    lowest: float = limit(0.02, "at the bounds an accuracy is constant because nothing is left to win or lose")
    highest: float = limit(0.95, "at the bounds an accuracy is constant because nothing is left to win or lose")
    loss_fall: float = limit(
        0.02, "that the model is trained at all; the prior of two classes can be as near to chance as that"
    )
    few_samples_loss_fall: float = limit(0.1, "")
    entropy_share: float = limit(
        0.85, "below 1, since classes are not equally frequent in training and validation data"
    )
    accuracy_lost: float = limit(0.05, "of all samples: more than evaluations of one model differ")
    few_samples_accuracy_lost: float = limit(0.1, "")
    chance_margin: float = limit(1e-4, "a count of equally frequent classes is exact up to the digits of a log")
    train_margin: float = limit(0.1, "a model that tells training samples apart has not collapsed")
    flip_evaluations: int = limit(8, "")
    same_loss: float = limit(1e-9, "relative")


class Stretch(NamedTuple):
    """Evaluations from a row to the end in which one value makes up nearly all."""

    first: int
    level: float
    share: float


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first score that stands still."""
    for score in run.curves("score", "validation"):
        if len(score) < limits.min_evaluations or score.direction != "higher":
            continue
        words = set(words_of(score.tag))
        is_accuracy = any(word.startswith("acc") or word == "top" for word in words)
        finding = _constant(run, score, limits) or _flipping(run, score, limits) if is_accuracy else None
        if words & HIT_WORDS:
            finding = finding or _nothing_found(run, score, limits) or _same_hits(run, score, limits)
        if finding:
            yield finding
            return


def _constant(run: RunView, score: CurveView, limits: Limits) -> Finding | None:
    values = score.values / score.full
    stretch = _last_stretch(values, limits)
    if (
        stretch is None
        or not limits.lowest < stretch.level < limits.highest
        or _tells_apart(run, stretch.level, limits)
    ):
        return None
    if _is_of_one_model(run, int(score.steps[stretch.first]), limits):
        return None
    count = len(values) - stretch.first
    is_from_start = stretch.first <= max(limits.start_share * len(values), limits.start_evaluations)
    is_few = counted_on(values) is not None
    if is_few and count < limits.few_samples_evaluations:
        return None
    fall = _fall_of_loss(run, int(score.steps[0 if is_from_start else stretch.first]))
    reason = _reason(run, stretch, values, fall if is_from_start or not is_few else 0.0, is_few=is_few, limits=limits)
    if not reason:
        return None
    at = stretch.level * score.full
    return Finding(
        message=f"{score.name} is exactly {at:.4g} in {stretch.share:.0%} of the last {count} evaluations {reason}",
        confidence=0.8 if is_few else 0.9,
        metric=score.name,
        steps=(int(score.steps[stretch.first]), int(score.steps[-1])),
        evidence={
            "value": at,
            "evaluation_share": stretch.share,
            "evaluation_count": float(count),
            "fall_of_loss": fall,
        },
        severity=Severity.WARNING if is_few else Severity.ERROR,
        remedies=REMEDIES,
    )


def _is_of_one_model(run: RunView, step: int, limits: Limits) -> bool:
    """Whether the validation loss is the same to the last digit, too: then nothing is trained, or a copy is evaluated.

    An accuracy may have stood still for an evaluation or two before that.
    """
    loss = run.loss("validation")
    late = loss.values[loss.steps >= step] if loss is not None else np.empty(0)
    if len(late) < limits.start_evaluations:
        return False
    return float(np.mean(np.abs(late - late[-1]) <= limits.same_loss * abs(float(late[-1])))) >= limits.same_share


def _reason(run: RunView, stretch: Stretch, values: Floats, fall: float, limits: Limits, *, is_few: bool) -> str:
    """What says that the value is that of one answer for all; "" if nothing does."""
    before = moving_median(values[: stretch.first], 3)
    classes = run.setting(*CLASS_KEYS)
    if classes and classes > 1 and abs(stretch.level - 1 / classes) < limits.chance_margin:
        return f"- one in {classes:.0f}, what a single answer gets right"
    lost = limits.few_samples_accuracy_lost if is_few else limits.accuracy_lost
    if len(before) and float(before.max()) >= stretch.level + lost:
        return f"after {float(before.max()):.3g} before"
    return (
        f"while the loss falls by {fall:.0%}"
        if fall >= (limits.few_samples_loss_fall if is_few else limits.loss_fall)
        else ""
    )


def _flipping(run: RunView, score: CurveView, limits: Limits) -> Finding | None:
    """A finding if a binary classifier answers now all this, now all that."""
    values = score.values / score.full
    levels, counts = np.unique(values, return_counts=True)
    order = np.argsort(counts)[::-1]
    if len(values) < limits.flip_evaluations or len(levels) < 2 or counts[order[1]] < 2:
        return None
    first, second = float(levels[order[0]]), float(levels[order[1]])
    share = float(counts[order[:2]].sum() / len(values))
    if (
        share < limits.same_share
        or abs(first + second - 1) > limits.chance_margin
        or min(first, second) <= limits.lowest
    ):
        return None
    if _tells_apart(run, max(first, second), limits):
        return None
    return Finding(
        message=f"{score.name} is either {first * score.full:.4g} or {second * score.full:.4g}, which add up to all samples, "
        f"in {share:.0%} of the evaluations: all samples get one answer, now this, now that",
        confidence=0.9,
        metric=score.name,
        steps=(int(score.steps[0]), int(score.steps[-1])),
        evidence={"value": first * score.full, "value_complement": second * score.full, "evaluation_share": share},
        severity=Severity.ERROR,
        remedies=REMEDIES,
    )


def _nothing_found(run: RunView, score: CurveView, limits: Limits) -> Finding | None:
    """A finding if a score that counts hits ends at exactly zero although the loss fell."""
    stretch = _last_stretch(score.values, limits)
    if stretch is None or stretch.level != 0 or 2 * stretch.first > len(score):
        return None
    fall = _fall_of_loss(run, int(score.steps[0]))
    if fall < limits.loss_fall:
        return None
    count = len(score) - stretch.first
    return Finding(
        message=f"{score.name} is exactly zero in {stretch.share:.0%} of the last {count} evaluations although the loss falls by {fall:.0%}: "
        "the class that it counts is never predicted rightly",
        confidence=0.85,
        metric=score.name,
        steps=(int(score.steps[stretch.first]), int(score.steps[-1])),
        evidence={"evaluation_share": stretch.share, "evaluation_count": float(count), "fall_of_loss": fall},
        severity=Severity.WARNING,
        remedies=("check the threshold of the metric, and which label counts as positive", *REMEDIES),
    )


def _same_hits(run: RunView, score: CurveView, limits: Limits) -> Finding | None:
    """A finding if a score that counts hits has had one value since the beginning although the loss fell."""
    values = score.values / score.full
    stretch = _last_stretch(values, limits)
    if (
        stretch is None
        or not limits.lowest < stretch.level < limits.highest
        or len(values) - stretch.first < limits.few_samples_evaluations
    ):
        return None
    is_from_start = stretch.first <= max(limits.start_share * len(values), limits.start_evaluations)
    first = int(score.steps[stretch.first])
    fall = _fall_of_loss(run, int(score.steps[0]))
    if not is_from_start or fall < limits.loss_fall or _is_of_one_model(run, first, limits):
        return None
    kind = HIT_WORDS & set(words_of(score.tag))
    in_training = [c for c in run.curves("score", "train") if kind == HIT_WORDS & set(words_of(c.tag)) and len(c)]
    if any(float(np.median(c.values)) / c.full > stretch.level + limits.train_margin for c in in_training):
        return None
    at = stretch.level * score.full
    return Finding(
        message=f"{score.name} is exactly {at:.4g} in {stretch.share:.0%} of {len(values)} evaluations although the loss "
        f"falls by {fall:.0%}: everything may get the same answer",
        confidence=0.85,
        metric=score.name,
        steps=(first, int(score.steps[-1])),
        evidence={"value": at, "evaluation_share": stretch.share, "fall_of_loss": fall},
        severity=Severity.WARNING,
        remedies=REMEDIES,
    )


def _last_stretch(values: Floats, limits: Limits) -> Stretch | None:
    """The longest stretch up to the end, beginning with its value, in which that value makes up 90 %."""
    least = max(limits.min_evaluations, math.ceil(limits.min_share * len(values)))
    levels, counts = np.unique(values[-least:], return_counts=True)
    level = float(levels[np.argmax(counts)])
    is_same = values == level
    share = np.cumsum(is_same[::-1])[::-1] / np.arange(len(values), 0, -1)
    rows = np.flatnonzero(is_same & (share >= limits.same_share))
    rows = rows[rows <= len(values) - least]
    return Stretch(int(rows[0]), level, float(share[rows[0]])) if len(rows) else None


def _fall_of_loss(run: RunView, since: int) -> float:
    """Largest relative fall of the main losses since a step; 0 if none falls."""
    falls = [0.0]
    for loss in (run.loss("validation"), run.loss("train")):
        if loss is not None and loss.is_positive:
            after = loss.values[loss.steps >= since]
            if len(after) > 1:
                falls.append(1 - float(np.median(after[-3:]) / after[0]))
    return max(falls)


def _tells_apart(run: RunView, level: float, limits: Limits) -> bool:
    """Whether losses or training accuracies are better than one answer for all samples can be."""

    def late(curve: CurveView) -> float:
        return median(curve.values[-max(1, len(curve) // 5) :])

    entropy = -level * math.log(level) - (1 - level) * math.log(1 - level)
    losses = [loss for split in ("train", "validation") if (loss := run.loss(split)) is not None and len(loss)]
    accuracies = [s for s in run.curves("score", "train") if "acc" in s.tag.lower() and len(s)]
    return any(late(loss) < limits.entropy_share * entropy for loss in losses) or any(
        late(accuracy) / accuracy.full > level + limits.train_margin for accuracy in accuracies
    )


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
    causes=(
        "zero-learning-rate",
        "learning-rate-too-high",
        "divergence",
        "dead-units",
        "vanishing-gradients",
        "not-learning",
    ),
    judges_training=True,
    judges_end=True,
)

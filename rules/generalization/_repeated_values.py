"""Validation scores that repeat one value, as for a model with the same prediction for every sample."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import InsufficientDataError, NotApplicableError
from ..statistics.distinct import distinct_rows
from ..statistics.medians import median

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

HIT_WORDS = frozenset("f1 precision recall mcc dice iou miou".split())  # zero if no positive is found

REMEDIES = (
    "check in the confusion matrix which classes are never predicted",
    "weight the loss or sample the classes evenly; evaluate balanced accuracy or macro F1",
)
CAUSES = (
    "zero-learning-rate",
    "learning-rate-too-high",
    "early-blow-up",
    "divergence",
    "dead-units",
    "vanishing-gradients",
    "not-learning",
)


class Stretch(NamedTuple):
    """Evaluations from a row to the end in which one value makes up nearly all."""

    first: int
    level: float
    share: float


def is_accuracy(words: set[str]) -> bool:
    """Whether the words of a tag name an accuracy."""
    return any(word.startswith("acc") or word == "top" for word in words)


def is_hit_score(words: set[str]) -> bool:
    """Whether the words of a tag name a score that counts the positives found: F1, precision, recall, an overlap."""
    return bool(words & HIT_WORDS)


def scores_of(run: RunView, is_kind: Callable[[set[str]], bool], kind: str, min_evaluations: int) -> list[CurveView]:
    """Validation scores of a kind with enough evaluations; raises if none is logged, or none is long enough."""
    scores = [
        score
        for score in run.curves("score", "validation")
        if score.direction == "higher" and is_kind(set(words_of(score.tag)))
    ]
    if not scores:
        raise NotApplicableError(f"no validation {kind} is logged")
    longest = max(map(len, scores))
    if longest < min_evaluations:
        raise InsufficientDataError(f"validation {kind} needs at least {min_evaluations} points, has {longest}")
    return [score for score in scores if len(score) >= min_evaluations]


def last_stretch(values: Floats, least: int, same_share: float) -> Stretch | None:
    """The longest stretch up to the end, of at least so many evaluations, that begins with a value and repeats it."""
    levels, _, counts = distinct_rows(values[-least:])
    level = float(levels[np.argmax(counts)])
    is_same = values == level
    share = np.cumsum(is_same[::-1])[::-1] / np.arange(len(values), 0, -1)
    rows = np.flatnonzero(is_same & (share >= same_share))
    rows = rows[rows <= len(values) - least]
    return Stretch(int(rows[0]), level, float(share[rows[0]])) if len(rows) else None


def fall_of_loss(run: RunView, since: int) -> float:
    """Largest relative fall of the main losses since a step; 0 if none falls."""
    falls = [0.0]
    for loss in (run.loss("validation"), run.loss("train")):
        if loss is not None and loss.is_positive:
            after = loss.values[loss.steps >= since]
            if len(after):
                falls.append(1 - float(np.median(after[-3:]) / after[0]))
    return max(falls)


def is_better_than_one_answer(run: RunView, level: float, *, entropy_share: float, train_margin: float) -> bool:
    """Whether a loss or a training accuracy is better than a constant prediction with a given accuracy allows."""
    entropy = -level * math.log(level) - (1 - level) * math.log(1 - level)
    losses = [loss for split in ("train", "validation") if (loss := run.loss(split)) is not None and len(loss)]
    accuracies = [s for s in run.curves("score", "train") if "acc" in s.tag.lower() and len(s)]
    return any(late_level(loss) < entropy_share * entropy for loss in losses) or any(
        late_level(accuracy) / accuracy.percent_scale > level + train_margin for accuracy in accuracies
    )


def late_level(curve: CurveView) -> float:
    """Median of the last fifth of a curve."""
    return median(curve.values[-max(1, len(curve) // 5) :])

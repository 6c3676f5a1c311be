"""Chance level: the loss of a model that has learned nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.words import words_of
from ..statistics.medians import median
from ..view.hyperparameter_names import CLASS_KEYS
from ..view.main_losses import is_error

if TYPE_CHECKING:
    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

START_SHARE = 0.02  # of the run: a later first point, or a mean over an epoch, is not the start
START_POINTS = 3
MIN_POINTS = 25  # of a curve: with fewer, the first point holds more than its first steps
MIN_CLASSES = 2  # a single class is not a classification
GOOD_SCORE = 0.8  # of a score between 0 and 1: above, the task is mostly solved, whatever the loss


def class_count(run: RunView) -> float | None:
    """Number of classes or of tokens in the hyperparameters; None if it is not logged."""
    classes = run.hyperparameter(*CLASS_KEYS)
    return classes if classes and MIN_CLASSES <= classes < math.inf else None


def chance_level_loss(run: RunView, loss: CurveView) -> float:
    """Chance-level loss: ln C of a cross entropy if the number of classes is known, otherwise the first values of the log.

    The smaller of the two if both are known, because a bad initialisation has a higher loss than chance. NaN if the log
    begins too late, or the loss is not positive.
    """
    if not loss.is_positive or loss.role != "loss":
        return math.nan
    classes = None if is_error(loss) else class_count(run)
    chance = math.log(classes) if classes else math.nan
    is_start = loss.curve.axis == "step" and loss.steps[0] <= START_SHARE * run.last_step and len(loss) >= MIN_POINTS
    first = max(float(loss.values[0]), median(loss.values[:START_POINTS])) if is_start else math.nan
    return float(np.fmin(chance, first))


def shares_of(score: CurveView) -> Floats | None:
    """The values of a score between 0 and 1, or of an accuracy in percent as fractions, float64 [m]; None for others."""
    if not len(score) or score.direction != "higher" or score.values.min() < 0:
        return None
    is_accuracy = any(word.startswith("acc") or word == "top" for word in words_of(score.tag))
    shares = score.values / (score.percent_scale if is_accuracy else 1.0)
    return shares if shares.max() <= 1 else None


def has_good_score(run: RunView, good_score: float = GOOD_SCORE) -> bool:
    """Whether any score between 0 and 1 ends above a good one."""
    ends = [shares[-max(1, len(shares) // 3) :] for c in run.curves("score") if (shares := shares_of(c)) is not None]
    return any(median(end) > good_score for end in ends)

"""The validation loss or score is identical to the last digit in consecutive evaluations while training continues.

## What it finds
A validation loss with exactly the same value in 5 or more consecutive evaluations, up to the end; a validation score that
is the same at every evaluation of the run.

## Why it matters
Either the evaluation does not use the current weights (a stale copy, a cached result, an old checkpoint), or the
weights do not change, or the score cannot change: of other classes, of a target that is no class. In all cases the metric
is not informative.

## How it is detected
The last 5 or more values of the validation loss are equal to one part in a billion, are not zero, and have at least 5
significant digits: with fewer, values repeat because of rounding. 3 digits are enough for 20 or more evaluations over
which the training loss falls by at least 30%. The training loss takes at least 5 different values over these evaluations,
and is not below 0.1% of its first value, where nothing changes the weights any more.
A score other than F1, precision, recall or an overlap, which zero-score and constant-score judge, is the same at all of
at least 10 evaluations and not perfect. That is a warning; an error if the same score on training data improves
significantly; and info if most of the other validation scores vary. Where no validation score is logged, those of other or
no split are judged; if all of them, at least 2, are zero at all of 20 or more points, nothing is ever right: an error. If class-collapse fires with at least the same
severity, this finding is folded into it.

## When it is a false alarm
A loss that has converged and is averaged over a validation set without any randomness; an accuracy of a few samples; a
detector whose first correct boxes come late.

## What to do
Evaluate the model in training, not an earlier copy; clear caches of predictions; check that the optimizer steps. Check
that training and validation data have the same classes, and that the score fits the target: an accuracy says nothing about
a continuous target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import AnyOf, Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.partners import partner_of
from ..statistics.change import trend_of
from ..statistics.distinct import distinct
from ..thresholds import limit, thresholds
from ._repeated_values import is_hit_score

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

SMALLEST = 3  # equal evaluations that may be the beginning of more


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
    few_digits: int = limit(3, "of a value that repeats this long, while the training loss falls: 0.8210 is one")
    long_evaluations: int = limit(20, "equal by rounding: only where nothing changes", unit="evaluations")
    train_fall: float = limit(
        0.3, "of the training loss meanwhile: a validation loss follows it by some digits", unit="%"
    )
    min_score_evaluations: int = limit(10, "a score of few samples may repeat at the beginning", unit="evaluations")
    trend_z: float = limit(
        2.33, "a trend of the training score that occurs by chance in 1% of runs, one-sided", unit="standard errors"
    )
    zero_points: int = limit(
        20, "points at which all scores are zero: a detector may find nothing at first", unit="points"
    )
    vanished: float = limit(
        1e-3, "of the first training loss: the gradients of a smaller one hardly move a weight", unit="%"
    )
    min_train_values: int = limit(
        5, "different training losses over these evaluations: training continues", unit="values"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss, else on a validation score."""
    train = run.loss("train")
    if train is None:
        raise InsufficientDataError("cannot determine the main training loss")
    try:
        finding = _of_loss(run, train, limits)
    except InsufficientDataError:
        finding = _of_score(run, train, limits)
        if finding is None:
            raise
    finding = finding or _of_score(run, train, limits)
    if finding is not None:
        yield finding


def _of_loss(run: RunView, train: CurveView, limits: Limits) -> Finding | None:
    loss = run.loss("validation")
    if loss is None or len(loss) < SMALLEST:
        return None
    values = loss.values
    differs = np.flatnonzero(np.abs(values - values[-1]) > limits.same * abs(values[-1]))
    first = int(differs[-1]) + 1 if len(differs) else 0
    count = len(values) - first
    if values[-1] == 0:
        return None
    if count < limits.min_evaluations:
        if first == 0:
            raise InsufficientDataError(
                f"all {count} evaluations are equal; that they are frozen takes {limits.min_evaluations}"
            )
        return None
    meanwhile = train.values[train.steps >= loss.steps[first]]
    if len(distinct(meanwhile)) < limits.min_train_values:
        return None
    if float(meanwhile.max()) < limits.vanished * float(train.values[0]):
        raise InsufficientDataError("the training loss is nearly zero, so nothing changes the model any more")
    digits = _significant_digits(float(values[-1]))
    is_long = count >= limits.long_evaluations and 1 - meanwhile[-1] / meanwhile[0] >= limits.train_fall
    least = limits.few_digits if is_long else limits.min_digits
    if digits < least:
        raise InsufficientDataError(
            f"needs a validation loss of at least {least} digits, has {digits}: it may repeat because of rounding"
        )
    return Finding(
        message=f"{loss.name} has exactly the same value ({values[-1]:.3g}) in its last {count} evaluations, while {train.name} varies",
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


def _of_score(run: RunView, train: CurveView, limits: Limits) -> Finding | None:
    scores = [c for c in run.scores_beside_loss("validation") if len(c) >= limits.min_score_evaluations and not c.layer]
    if not scores and not run.curves("score", "validation"):
        scores = [c for c in run.scores_beside_loss("train") if len(c) >= limits.min_score_evaluations and not c.layer]
    frozen = [c for c in scores if (c.values == c.values[0]).all()]
    judged = [c for c in frozen if c.direction == "higher" and not is_hit_score(set(words_of(c.tag)))]
    judged = [c for c in judged if c.values[0] != c.percent_scale]
    score = next(iter(judged), None)
    if score is None or len(distinct(train.values)) < limits.min_train_values:
        return None
    partner = partner_of(run, score, "train")
    has_learned = partner is not None and trend_of(partner.values).z > limits.trend_z
    beside = (
        f", while {partner.name} improves" if partner is not None and has_learned else f", while {train.name} varies"
    )
    is_common = 2 * len(frozen) >= len(scores)
    zeros = [c for c in scores if len(c) >= limits.zero_points and not c.values.any()]
    is_zero = len(zeros) == len(scores) > 1
    return Finding(
        message=f"{score.name} has exactly the same value ({score.values[0]:.3g}) at all {len(score)} evaluations{beside}",
        confidence=0.9,
        metric=score.name,
        steps=(int(score.steps[0]), int(score.steps[-1])),
        evidence={"value": float(score.values[0]), "evaluation_count": float(len(score))},
        severity=Severity.INFO if not is_common else Severity.ERROR if has_learned or is_zero else Severity.WARNING,
        remedies=(
            "check that training and validation data have the same classes and labels: shuffle before splitting"
            if has_learned
            else "check that the score fits the target: an accuracy says nothing about a continuous target (regression)",
            "evaluate the model in training, not a copy, and clear caches of predictions",
        ),
    )


def _significant_digits(value: float) -> int:
    mantissa = f"{abs(value):.9e}".partition("e")[0]
    return len(mantissa.replace(".", "").rstrip("0"))


RULE = Rule(
    id="constant-metric",
    family="generalization",
    severity=Severity.ERROR,
    needs=(
        AnyOf(
            (
                Need("loss", "validation", points="min_evaluations"),
                Need("score", points="min_score_evaluations"),
            )
        ),
        Need("loss", "train", points="min_evaluations"),
    ),
    since="0.1.0",
    title="Validation loss and scores vary",
    failure_title="Constant validation metric",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("score", "train"),),
    yields_to=("class-collapse",),
    causes=(
        "not-learning",
        "frozen-weights",
        "zero-learning-rate",
    ),
    judges_end=True,
)

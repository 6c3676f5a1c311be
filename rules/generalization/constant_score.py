"""An F1 score or an overlap is constant from the start of the run: the prediction may be the same for all inputs.

## What it finds
An F1 score, precision, recall or overlap (IoU, Dice) on validation data that is exactly the same at every evaluation
from the start, although the loss falls.

## Why it matters
A nonzero score looks like a result. If it never changes, the model makes the same prediction for every sample or
pixel and has not learned the task that the score measures.

## How it is detected
One value makes up at least 90% of at least 10 evaluations, from an early one (within the first tenth, or the first 3)
to the end. It lies between 2% and 95%, and a main loss falls by at least 2% from the first evaluation to the end. The
same score on training data, if it is logged, must not exceed the value by more than 10 percentage points. If
class-collapse, alternating-predictions or constant-metric fires as well, this finding is folded into it.

## When it is a false alarm
A score computed on a few samples, or with a threshold that no prediction has crossed yet.

## What to do
Check the confusion matrix or the predicted masks; weight the loss or sample the classes evenly; check the threshold
of the metric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...parsers.meaning.words import words_of
from ..base import AnyOf, Finding, Need, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ._repeated_values import CAUSES, HIT_WORDS, REMEDIES, fall_of_loss, is_hit_score, last_stretch, scores_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(
        10, "the value implies no lower bound for the loss, so only repetition counts", unit="evaluations"
    )
    same_share: float = limit(0.9, "of the evaluations in the stretch: single evaluations may differ", unit="%")
    start_share: float = limit(0.1, "a stretch that begins this early has lasted from the start", unit="%")
    start_evaluations: int = limit(3, "the same for short runs", unit="evaluations")
    lowest: float = limit(0.02, "below, the score is judged by zero-score", unit="%")
    highest: float = limit(0.95, "above, a score is constant because little improvement is possible", unit="%")
    loss_fall: float = limit(0.02, "shows that the model is training", unit="%")
    train_margin: float = limit(0.1, "a model that separates training samples predicts more than one class", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first score that never changes."""
    for score in scores_of(run, is_hit_score, "F1, precision, recall or overlap", limits.min_evaluations):
        values = score.values / score.percent_scale
        latest_start = int(max(limits.start_share * len(values), limits.start_evaluations))
        stretch = last_stretch(values, max(limits.min_evaluations, len(values) - latest_start), limits.same_share)
        if stretch is None or not limits.lowest < stretch.level < limits.highest:
            continue
        fall = fall_of_loss(run, int(score.steps[0]))
        if fall < limits.loss_fall or _training_level(run, score) > stretch.level + limits.train_margin:
            continue
        at, count = stretch.level * score.percent_scale, len(values) - stretch.first
        yield Finding(
            message=f"{score.name} has exactly the same value ({at:.3g}) in {stretch.share:.0%} of the last {count} evaluations although the loss "
            f"falls by {fall:.0%}: the prediction may be the same for all inputs",
            confidence=0.85,
            metric=score.name,
            steps=(int(score.steps[stretch.first]), int(score.steps[-1])),
            evidence={"value": at, "evaluation_share": stretch.share, "fall_of_loss": fall},
            remedies=REMEDIES,
        )
        return


def _training_level(run: RunView, score: CurveView) -> float:
    """Median of the same score on training data, as a share, the best of several; 0 if it is not logged."""
    kind = HIT_WORDS & set(words_of(score.tag))
    same = [c for c in run.curves("score", "train") if HIT_WORDS & set(words_of(c.tag)) == kind and len(c)]
    return max((median(c.values) / c.percent_scale for c in same), default=0.0)


RULE = Rule(
    id="constant-score",
    family="generalization",
    severity=Severity.WARNING,
    needs=(
        Need("score", "validation", points="min_evaluations"),
        AnyOf((Need("loss", "train"), Need("loss", "validation"))),
    ),
    since="0.1.0",
    title="F1 scores and overlaps vary",
    failure_title="Constant score",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("score", "train"),),
    yields_to=("class-collapse", "alternating-predictions", "constant-metric"),
    causes=CAUSES,
    judges_end=True,
    formerly="class-collapse",
)

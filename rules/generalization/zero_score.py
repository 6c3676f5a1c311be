"""An F1 score, precision, recall or overlap is exactly zero: the positive class is never found.

## What it finds
A validation score that counts hits (F1, precision, recall, MCC, IoU, Dice) and is exactly zero over the second half of
the run, although the loss falls.

## Why it matters
The model never predicts the positive class, or the metric uses another class as positive. If the class is rare, a
falling loss and a high accuracy hide this.

## How it is detected
Zero makes up at least 90% of the evaluations in a stretch up to the end: at least 5 of them and half of all. A main
loss falls by at least 2% from the first evaluation to the end. If class-collapse, alternating-predictions or
constant-metric fires as well, this finding is folded into it.

## When it is a false alarm
A rare class that the model starts to predict only late in training.

## What to do
Check the threshold of the metric and which label counts as positive. Check the confusion matrix; weight the loss or
sample the classes evenly.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import AnyOf, Finding, Need, Rule, Severity
from ..thresholds import limit, thresholds
from ._repeated_values import CAUSES, REMEDIES, fall_of_loss, is_hit_score, last_stretch, scores_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(5, "at the beginning of a run nothing is found yet", unit="evaluations")
    min_share: float = limit(
        0.5, "of all evaluations: a score may start at zero, or drop to zero temporarily", unit="%"
    )
    same_share: float = limit(0.9, "of the evaluations in the stretch: single hits occur by chance", unit="%")
    loss_fall: float = limit(0.02, "shows that the model is training", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first score that is zero."""
    for score in scores_of(run, is_hit_score, "F1, precision, recall or overlap", limits.min_evaluations):
        least = max(limits.min_evaluations, math.ceil(limits.min_share * len(score)))
        stretch = last_stretch(score.values, least, limits.same_share)
        if stretch is None or stretch.level != 0:
            continue
        fall = fall_of_loss(run, int(score.steps[0]))
        if fall < limits.loss_fall:
            continue
        count = len(score) - stretch.first
        yield Finding(
            message=f"{score.name} is exactly zero in {stretch.share:.0%} of the last {count} evaluations although the loss "
            f"falls by {fall:.0%}: the positive class is never found",
            confidence=0.85,
            metric=score.name,
            steps=(int(score.steps[stretch.first]), int(score.steps[-1])),
            evidence={"evaluation_share": stretch.share, "evaluation_count": float(count), "fall_of_loss": fall},
            remedies=("check the threshold of the metric, and which label counts as positive", *REMEDIES),
        )
        return


RULE = Rule(
    id="zero-score",
    family="generalization",
    severity=Severity.WARNING,
    needs=(
        Need("score", "validation", points="min_evaluations"),
        AnyOf((Need("loss", "train"), Need("loss", "validation"))),
    ),
    since="0.1.0",
    title="F1 scores and overlaps are above zero",
    failure_title="Zero score",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    yields_to=("class-collapse", "alternating-predictions", "constant-metric"),
    causes=CAUSES,
    judges_end=True,
    formerly="class-collapse",
)

"""The model predicts the same classes whatever it sees: the validation accuracy never moves while the loss falls.

## What it finds
A validation accuracy that is exactly the same in nearly all evaluations, below what a good model reaches, while the
loss keeps changing.

## Why it matters
An accuracy equal to the share of the largest class looks good on unbalanced data and means that the model learned
nothing but that share.

## How it is detected
The most frequent value of a validation accuracy makes up at least 90 % of the evaluations after the first tenth, lies
between 2 % and 95 %, and was never exceeded by more than one counted sample (the smallest difference between two
values), while the validation or training loss falls by at least 10 % over the same evaluations. The training
accuracy, if it is logged, must not exceed it by more than 10 points.

## When it is a false alarm
A tiny validation set whose accuracy has few possible values.

## What to do
Look at the confusion matrix and at accuracy per class; weight the loss or sample classes evenly; judge by balanced
accuracy, macro F1 or AUC. Check that labels belong to inputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view import CurveView, RunView

MIN_EVALUATIONS = 10
SAME_SHARE = 0.9
LOWEST, HIGHEST = 0.02, 0.95  # at the bounds an accuracy is constant because nothing is left to win or lose
LOSS_FALL = 0.1
TRAIN_MARGIN = 0.1  # a model that tells training samples apart has not collapsed


def check(run: RunView) -> Iterator[Finding]:
    """Yield at most one finding: on the first accuracy that is constant."""
    for score in run.curves("score", "validation"):
        if "acc" not in score.tag.lower() or len(score) < MIN_EVALUATIONS:
            continue
        unit = score.full
        values = score.values / unit
        late = values[len(values) // 10 :]
        levels, counts = np.unique(late, return_counts=True)
        level, share = float(levels[np.argmax(counts)]), float(counts.max() / len(late))
        if share < SAME_SHARE or not LOWEST < level < HIGHEST:
            continue
        fall = _fall_of_loss(run, int(score.steps[len(values) // 10]))
        if fall < LOSS_FALL or _tells_training_apart(run, level):
            continue
        yield Finding(
            message=f"{score.name} is exactly {level * unit:.4g} in {share:.0%} of the evaluations while the loss falls by {fall:.0%}",
            confidence=0.85,
            metric=score.name,
            steps=(int(score.steps[len(values) // 10]), int(score.steps[-1])),
            evidence={"value": level * unit, "evaluation_share": share, "fall_of_loss": fall},
            remedies=(
                "look at the confusion matrix: which classes are never predicted?",
                "weight the loss or sample the classes evenly; judge by balanced accuracy or macro F1",
            ),
        )
        return


def _fall_of_loss(run: RunView, since: int) -> float:
    """Largest relative fall of the main losses since a step; 0 if none falls."""
    falls = [0.0]
    for loss in (run.loss("validation"), run.loss("train")):
        if loss is not None and loss.is_positive:
            after = loss.values[loss.steps >= since]
            if len(after) > 1:
                falls.append(1 - float(np.median(after[-3:]) / after[0]))
    return max(falls)


def _tells_training_apart(run: RunView, level: float) -> bool:
    def late(score: CurveView) -> float:
        return float(np.median(score.values[-max(1, len(score) // 5) :])) / score.full

    scores = [s for s in run.curves("score", "train") if "acc" in s.tag.lower() and len(s)]
    return any(late(score) > level + TRAIN_MARGIN for score in scores)


RULE = Rule(
    id="class-collapse",
    family="generalization",
    severity=Severity.WARNING,
    needs=(Need("score", "validation", points=MIN_EVALUATIONS),),
    since="0.1.0",
    title="Predictions move with the loss",
    failure_title="Class collapse",
    doc=__doc__ or "",
    check=check,
)

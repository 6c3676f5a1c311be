"""The validation score is perfect nearly from the start: too good to be true.

## What it finds
A validation accuracy (or a similar score) at its maximum nearly from the start.

## Why it matters
Real data hold mistakes and ambiguous cases. A perfect score on unseen data is nearly always a leak: the label hides
in a feature, or validation samples are in the training set. The model will fail where it is used.

## How it is detected
At least 5 evaluations, of which at least 85 %, the last one included, are at 1 (or 100 %), for a score that is a
share of right answers. It is worded as a possibility: the log alone cannot tell a leak from an easy task.

## When it is a false alarm
Toy problems, synthetic data, and tiny validation sets that are truly easy.

## What to do
Look for duplicates between the splits, split by group (patient, user, source, time), and train on one feature at a
time to find the one that gives the label away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view import RunView

MIN_EVALUATIONS = 5
PERFECT = 0.99999  # of the maximum
MIN_SHARE = 0.85  # of the evaluations: what has to be learned takes longer to be learned without a mistake
SHARES = ("acc", "f1", "auc", "auroc", "dice", "iou", "map")


def check(run: RunView) -> Iterator[Finding]:
    """Yield at most one finding: on the first score that is perfect."""
    for score in run.curves("score", "validation"):
        if score.direction != "higher" or len(score) < MIN_EVALUATIONS:
            continue
        if not any(name in score.tag.lower() for name in SHARES):
            continue
        is_perfect = score.values >= PERFECT * score.full
        if not is_perfect[-1] or is_perfect.mean() < MIN_SHARE:
            continue
        first = int(score.steps[int(np.argmax(is_perfect))])
        yield Finding(
            message=f"{score.name} is perfect in {is_perfect.mean():.0%} of the evaluations, from {score.unit} {first:,} on: "
            "possibly a leak of validation data or labels",
            confidence=0.7,
            metric=score.name,
            steps=(first, int(score.steps[-1])),
            evidence={"evaluation_share": float(is_perfect.mean()), "evaluation_count": float(len(score))},
            remedies=(
                "look for duplicates between training and validation data, and split by group",
                "train on one feature at a time to find one that gives the label away",
            ),
            cited=(first,),
        )
        return


RULE = Rule(
    id="suspicious-perfection",
    family="generalization",
    severity=Severity.WARNING,
    needs=(Need("score", "validation", points=MIN_EVALUATIONS),),
    since="0.1.0",
    title="The validation score leaves room for mistakes",
    failure_title="Suspiciously perfect",
    doc=__doc__ or "",
    check=check,
)

"""Only training data are measured: nothing tells whether the model works on data that it has not seen.

## What it finds
A log of 50 or more training losses without any value of validation or test data.

## Why it matters
A training loss falls also while a model memorises. Overfitting, a leak or a broken preprocessing of new data cannot
be seen, neither by a person nor by the other rules.

## How it is detected
No curve is named after validation or test data, by its tag or its folder, and no score of unknown split is logged.
A run within its first epoch is left alone: it sees every sample once, so that its training loss is one on unseen data.

## When it is a false alarm
The validation is logged elsewhere, or its names are unknown to trainlint: `trainlint inspect` shows how each tag was
read.

## What to do
Hold back some data and evaluate on them a few times an epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView

HELD_OUT = ("validation", "test")


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(50, "shorter logs are trials of a pipeline")


def check(run: RunView, _limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    if any(curve.split in HELD_OUT for curve in run.all_curves):
        return
    if any(curve.split == "none" and curve.role in ("score", "perplexity", "reward") for curve in run.all_curves):
        raise InsufficientDataError("a score is logged of which the split is unknown")
    loss = run.loss("train")
    if loss is None:
        raise InsufficientDataError("no main training loss could be told")
    epochs = loss.epochs[np.isfinite(loss.epochs)]
    if len(epochs) and epochs.max() - np.floor(epochs.min()) <= 1 and len(np.unique(epochs)) > 1:
        raise NotApplicableError("within its first epoch a training loss is one on unseen data")
    yield Finding(
        message=f"{len(loss)} values of {loss.name} are logged, and none of validation or test data",
        confidence=0.8,
        metric=loss.name,
        steps=(int(loss.steps[0]), int(loss.steps[-1])),
        evidence={"training_point_count": float(len(loss))},
        remedies=(
            "hold back some data and evaluate on them a few times an epoch",
            "if the validation is logged under another name, state its split: see `trainlint inspect`",
        ),
    )


RULE = Rule(
    id="missing-validation",
    family="generalization",
    severity=Severity.INFO,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="Unseen data are evaluated",
    failure_title="No validation",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
    judges_training=True,
)

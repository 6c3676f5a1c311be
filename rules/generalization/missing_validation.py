"""The log has no validation values: it does not show how the model performs on unseen data.

## What it finds
A log of 50 or more training losses without any value on validation or test data.

## Why it matters
A training loss also falls while a model memorises. Overfitting, data leakage and broken preprocessing of new data are
then invisible.

## How it is detected
Neither the tag nor the folder of any curve names validation or test data, and no score of unknown split is logged.
Runs of at most one epoch are not judged: they use every sample once, so their training loss is a loss on unseen data.

## When it is a false alarm
The validation values are logged elsewhere, or their tags are not recognised: `trainlint inspect` shows how each tag
is interpreted.

## What to do
Hold out some data and evaluate on it a few times per epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.distinct import distinct
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView

HELD_OUT = ("validation", "test")


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(50, "shorter logs are usually tests of a pipeline", unit="points")
    max_epochs: float = limit(1.0, "within the first epoch a training loss is a loss on unseen data", unit="epochs")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    if any(curve.split in HELD_OUT for curve in run.all_curves):
        return
    for curve in run.all_curves:
        if curve.split == "none" and curve.role in ("score", "perplexity", "reward"):
            raise InsufficientDataError(f"cannot determine whether {curve.name} is measured on unseen data")
    loss = run.loss("train")
    if loss is None:
        raise InsufficientDataError("cannot determine the main training loss")
    epochs = loss.epochs[np.isfinite(loss.epochs)]
    if len(distinct(epochs)) > 1 and epochs.max() - np.floor(epochs.min()) <= limits.max_epochs:
        raise NotApplicableError("within its first epoch a training loss is a loss on unseen data")
    yield Finding(
        message=f"{len(loss):,} values of {loss.name} are logged, but none on validation or test data",
        confidence=0.8,
        metric=loss.name,
        steps=(int(loss.steps[0]), int(loss.steps[-1])),
        evidence={"training_point_count": float(len(loss))},
        remedies=(
            "hold out some data and evaluate on it a few times per epoch",
            "if validation values are logged under another name, declare their split: see `trainlint inspect`",
        ),
    )


RULE = Rule(
    id="missing-validation",
    family="generalization",
    severity=Severity.INFO,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The model is evaluated on unseen data",
    failure_title="Missing validation",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need(None),),
    excluded_tasks=("adversarial", "reinforcement"),
)

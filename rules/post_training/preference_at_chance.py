"""Preference pairs are ranked no better than at chance level.

## What it finds
Preference optimisation (DPO and its variants) that does not learn to rank the chosen above the rejected answer.

## Why it matters
By chance, half of the pairs are ranked correctly. A run that stays at this level has learned nothing about the
preferences.

## How it is detected
Over the second half of at least 20 points the mean share of correctly ranked training pairs (`rewards/accuracies` in
TRL, `acc` in OpenRLHF) is within 5 percentage points of 50%, with a standard error of at most 2 points, and not more than 2
standard errors better than in the first half.

## When it is a false alarm
Preference data without agreement between annotators.

## What to do
Check that chosen and rejected answers are not swapped, and that the prompt is masked. Raise the learning rate.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.digits import percent
from ..thresholds import limit, thresholds
from ._curves import ranking_accuracy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView

CHANCE = 0.5  # for one of two answers


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "ten in the second half, for the standard error of its mean", unit="points")
    max_distance: float = limit(0.05, "percentage points from 50%; a larger difference shows learning", unit="%")
    max_error: float = limit(
        0.02, "standard error of the share in percentage points; a larger one leaves the distance unknown", unit="%"
    )
    max_gain: float = limit(
        2.0, "from the first to the second half; a larger gain shows learning", unit="standard errors"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the share of correctly ranked training pairs."""
    curve = ranking_accuracy(run, "train")
    if curve is None:
        raise NotApplicableError("no share of correctly ranked training pairs (rewards/accuracies) is logged")
    if len(curve) < limits.min_points:
        raise InsufficientDataError(f"{curve.name} needs at least {limits.min_points} points, has {len(curve)}")
    values = curve.values / curve.percent_scale
    row = len(values) // 2
    half = values[row:]
    share, error = float(half.mean()), float(half.std()) / math.sqrt(len(half))
    gain = share - float(values[:row].mean())
    if abs(share - CHANCE) > limits.max_distance or error > limits.max_error or gain > limits.max_gain * error:
        return
    yield Finding(
        message=f"{curve.name} is {percent(share)} on average over the second half of the run: preference pairs are ranked at chance level",
        confidence=0.8,
        metric=curve.name,
        steps=(int(curve.steps[row]), int(curve.steps[-1])),
        evidence={"correctly_ranked_share": share, "standard_error": error},
        remedies=(
            "check that chosen and rejected answers are not swapped, and that prompts are masked",
            "raise the learning rate or beta",
        ),
    )


RULE = Rule(
    id="preference-at-chance",
    family="post-training",
    severity=Severity.WARNING,
    needs=(Need("score", "train", points="min_points"),),
    since="0.1.0",
    title="Preference pairs are ranked better than by chance",
    failure_title="Preferences at chance level",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("statistic"),),
    causes=("zero-learning-rate", "frozen-policy"),
    formerly="reward-model-saturation",
)

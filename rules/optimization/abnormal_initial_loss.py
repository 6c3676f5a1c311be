"""The first loss of a classifier is far above that of guessing.

## What it finds
A first training loss several times the logarithm of the number of classes.

## Why it matters
A fresh classifier should give every class about the same probability. Far above that it is confidently wrong: weights
or inputs are scaled wrongly, and the first steps are spent, and units killed, to undo it.

## How it is detected
The first logged training loss (within the first 2 % of the run) is divided by ln C. C comes from a hyperparameter
(`num_classes`, ...); without one, but with an accuracy in the log, ln 100,000 = 11.5 is taken, more than any usual
number of classes. A ratio above 3 is a warning.

## When it is a false alarm
Losses that are summed over the batch or over positions, weighted losses, heads that start with a learned bias, a log
whose first point is not the beginning.

## What to do
Initialise the last layer near zero, scale the inputs to unit variance, use an initialisation that fits the activation
(He, Xavier), and check whether the loss is a mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base import Finding, Need, NotApplicableError, Rule, Severity
from ..thresholds import limit
from ..view.hyperparameter_names import CLASS_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    limit_ratio: float = limit(3.0, "")
    many_classes: int = limit(100_000, "")
    early_share: float = limit(0.02, "")
    early_steps: int = limit(10, "")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first point of the main training loss."""
    loss = run.loss("train")
    if loss is None or not len(loss):
        raise NotApplicableError("no training loss is logged")
    has_accuracy = any(c.role == "score" and "acc" in c.tag.lower() for c in run.all_curves)
    classes = run.setting(*CLASS_KEYS) or (limits.many_classes if has_accuracy else None)
    if classes is None or classes < 2:
        raise NotApplicableError(
            "not known to be a classification: neither a number of classes nor an accuracy is logged"
        )
    if loss.curve.axis != "step" or loss.steps[0] > max(limits.early_share * run.last_step, limits.early_steps):
        raise NotApplicableError("the first point of the loss is a mean over an epoch, or not the beginning")
    first, chance = float(loss.values[0]), math.log(classes)
    if first <= limits.limit_ratio * chance:
        return
    known = f"ln {classes:,.0f}" if classes != limits.many_classes else "that of 100,000 classes"
    yield Finding(
        message=f"{loss.name} starts at {first:.4g}; guessing would give {chance:.3g} ({known})",
        confidence=0.85,
        metric=loss.name,
        steps=(int(loss.steps[0]), int(loss.steps[0])),
        evidence={"first": first, "chance": chance, "ratio": first / chance},
        remedies=(
            "initialise the last layer near zero, and scale the inputs to unit variance",
            "use an initialisation that fits the activation (He for ReLU), and check that the loss is a mean, not a sum",
        ),
        cited=(int(loss.steps[0]),),
    )


RULE = Rule(
    id="abnormal-initial-loss",
    family="optimization",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="The first loss is that of guessing",
    failure_title="Abnormal initial loss",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "train"),),
    judges_training=True,
)

"""The loss sits at the value of guessing: the logarithm of the number of classes.

## What it finds
A cross entropy that stays at ln C over the second half of the run, where C is the number of classes, and an accuracy,
if one is logged, that stays at 1/C.

## Why it matters
The model gives every class the same probability: it has learned nothing about the inputs.

## How it is detected
As a test of equivalence: over the last half, every one of 5 block means of the training loss, or of the validation
loss, lies within 2 % of ln C. C comes from a hyperparameter (`num_classes`, `num_labels`, `vocab_size`, ...) or,
without one, from loss and accuracy together: C = exp(loss) rounded, where the accuracy is 1/C to within 30 %. Where
accuracies of the same split are logged they must be near chance; then the loss may also lie up to 15 % above ln C, as
it does for a model that is still unlearning its first, random answers.

## When it is a false alarm
Classes of very unequal size, whose chance level is the entropy of the class shares and lies lower, are missed rather
than falsely reported. A model that is meant to be uncertain (label noise) may end there rightly.

## What to do
Check that labels belong to inputs, that the last layer gets gradients, that activations are not all dead or
saturated, that the loss gets logits if it wants logits, and that the learning rate is neither zero nor far too high.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.windows import block_means
from ..thresholds import limit
from ..view.hyperparameter_names import CLASS_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "")
    tolerance: float = limit(
        0.02, "of ln C: initialisation noise and label smoothing move the loss by less, one learned class by more"
    )
    blocks: int = limit(5, "")
    above: float = limit(0.15, "of ln C, where an accuracy shows that nothing is known")
    meets: float = limit(
        0.3, "of 1/C: two standard errors of 400 samples at C = 10; 4 classes at 0.25 are not 7 at 0.14"
    )
    max_inferred_classes: int = limit(1000, "beyond, an accuracy can no longer be told from 1/C")
    accuracy_margin: float = limit(
        0.1, "of the way from chance to perfect: two standard errors of 100 samples at C = 10 are 0.06"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the training loss, or on the validation loss if there is no other."""
    losses = [c for c in (run.loss("train"), run.loss("validation")) if c is not None]
    if not losses:
        raise NotApplicableError("no loss is logged")
    usable = [c for c in losses if len(c) >= limits.min_points]
    if not usable:
        raise InsufficientDataError(f"no loss has the {limits.min_points} points that it takes")
    known = run.setting(*CLASS_KEYS)
    if known is None and not _late_accuracies(run, losses[0]):
        raise NotApplicableError("the number of classes is not logged, and no accuracy from which it could be told")
    for loss in usable:
        finding = _finding(run, loss, known, limits)
        if finding:
            yield finding
            return


def _finding(run: RunView, loss: CurveView, known: float | None, limits: Limits) -> Finding | None:
    half = loss.values[len(loss) // 2 :]
    accuracies = _late_accuracies(run, loss)
    classes = known or _inferred_classes(median(half), accuracies, limits)
    if classes is None or classes < 2:
        return None
    chance = math.log(classes)
    ratios = block_means(half, limits.blocks) / chance
    above = limits.above if accuracies else limits.tolerance
    if not bool(np.all((ratios >= 1 - limits.tolerance) & (ratios <= 1 + above))):
        return None
    limit = 1 / classes + limits.accuracy_margin * (1 - 1 / classes)
    if any(value > limit for value in accuracies):
        return None
    middle, last = int(loss.steps[len(loss) // 2]), int(loss.steps[-1])
    level = median(half)
    accuracy = f", accuracy {accuracies[0]:.3g}" if accuracies else ""
    return Finding(
        message=f"{loss.name} stays at {level:.4g}, and ln {classes:.0f} = {chance:.4g}{accuracy}: this is guessing",
        confidence=0.95 if accuracies else 0.85,
        metric=loss.name,
        steps=(middle, last),
        evidence={"loss": level, "chance": chance, "class_count": classes}
        | ({"accuracy": accuracies[0]} if accuracies else {}),
        remedies=(
            "check that inputs and labels belong together (shuffle both with the same order)",
            "look at gradients and activations layer by layer: zero or constant ones cut the signal",
            "try a learning rate 10 times lower and 10 times higher, and to overfit one batch",
        ),
    )


def _late_accuracies(run: RunView, loss: CurveView) -> list[float]:
    """Medians of the last half of every accuracy between 0 and 1 of the loss's split, of all splits if it has none."""
    every = [
        c
        for c in run.curves("score")
        if "acc" in c.tag.lower() and len(c) and 0 <= c.values.min() <= c.values.max() <= 1
    ]
    scores = [c for c in every if c.split in (loss.split, "none")] or every
    return [median(c.values[len(c) // 2 :]) for c in scores]


def _inferred_classes(level: float, accuracies: list[float], limits: Limits) -> float | None:
    """Number of classes whose chance loss and chance accuracy are both met; None if they contradict."""
    if not accuracies or not 0.5 < level < math.log(limits.max_inferred_classes):
        return None
    classes = round(exp(level))
    return float(classes) if abs(accuracies[0] * classes - 1) <= limits.meets else None


RULE = Rule(
    id="stuck-at-chance",
    family="optimization",
    severity=Severity.ERROR,
    needs=(),
    since="0.1.0",
    title="The loss is better than guessing",
    failure_title="Stuck at chance",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "train"),),
    causes=(
        "vanishing-gradients",
        "dead-units",
        "zero-learning-rate",
        "learning-rate-too-high",
        "not-learning",
    ),
    judges_training=True,
)

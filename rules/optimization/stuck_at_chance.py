"""The loss stays at chance level: the logarithm of the number of classes.

## What it finds
A cross entropy that stays at ln C over the second half of the run, where C is the number of classes, and an accuracy,
if one is logged, that stays at 1/C.

## Why it matters
The model predicts a uniform distribution over the classes: it has learned nothing from the inputs.

## How it is detected
By an equivalence test: over the last half of the run, each of 5 block means of the training loss, or of the
validation loss, lies within 2% of ln C. C comes from a hyperparameter (`num_classes`, `num_labels`, `vocab_size`,
...) or, without one, from loss and accuracy together: C = exp(loss) rounded, at most 1,000, if the accuracy is 1/C to
within 30%. If accuracies of the same split are logged, they must be near chance, at most 10% of the way to 100%; then
the loss may also lie up to 15% above ln C, as it does while a model unlearns its random initial predictions.

## When it is a false alarm
Noisy labels can make a uniform prediction optimal. With imbalanced classes the chance level is lower (the entropy of
the class frequencies): such runs are missed rather than falsely reported.

## What to do
Check that labels match their inputs, that the last layer receives gradients, that activations are not all dead or
saturated, that the loss receives logits if it expects logits, and that the learning rate is neither zero nor far too
high.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import class_count, shares_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.windows import block_means
from ..thresholds import limit, thresholds
from ..view.main_losses import is_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


EVALUATION = (
    "check that the model that is evaluated is the one that is trained, and that validation data are prepared "
    "as training data are: the training data are learned"
)


STUCK = (
    "check that labels match their inputs (shuffle both in the same order)",
    "inspect gradients and activations layer by layer: zero or constant ones block the signal",
    "try learning rates 10 times lower and 10 times higher, and try to overfit one batch",
)


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "one for each block of the last half", unit="points")
    late_share: float = limit(0.5, "of the run; a slow start may stay at chance for some time", unit="%")
    blocks: int = limit(5, "a loss that only passes through ln C fails in some block", unit="blocks")
    tolerance: float = limit(
        0.02,
        "of ln C; initialisation noise and label smoothing move the loss by less, one learned class by more",
        unit="%",
    )
    above: float = limit(0.15, "of ln C, if an accuracy at chance confirms the finding", unit="%")
    inferred_tolerance: float = limit(
        0.3,
        "of 1/C; two standard errors of 400 samples at C = 10; a loss of 1.93 (7 classes) beside an accuracy of 0.22 "
        "(4 or 5) is not at chance",
        unit="%",
    )
    max_inferred_classes: int = limit(1000, "above, an accuracy cannot be distinguished from 1/C", unit="classes")
    accuracy_margin: float = limit(
        0.1, "of the way from chance to perfect; two standard errors of 100 samples at C = 10 are 6%", unit="%"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the training loss, or on the validation loss if the other is not at chance."""
    logged = run.loss("train"), run.loss("validation")
    losses = [c for c in logged if c is not None and c.role == "loss" and not is_error(c)]
    if not losses:
        raise NotApplicableError("no loss that should decrease is logged")
    if class_count(run) is None and not _fractions(run):
        raise NotApplicableError("neither the number of classes nor an accuracy between 0 and 1 is logged")
    for loss in losses:
        finding = _finding(run, loss, limits)
        if finding and len(loss) < limits.min_points:
            raise InsufficientDataError(
                f"{loss.name} looks like chance, but needs at least {limits.min_points} points, has {len(loss)}"
            )
        if finding:
            yield finding
            return


def _finding(run: RunView, loss: CurveView, limits: Limits) -> Finding | None:
    half = loss.values[_late(loss, limits)]
    if not len(half):
        return None
    accuracies = [(c.name, median(shares[_late(c, limits)])) for c, shares in _accuracies(run, loss)]
    level = median(half)
    classes = class_count(run) or _inferred_classes(level, [value for _, value in accuracies], limits)
    if classes is None:
        return None
    chance = math.log(classes)
    ratios = block_means(half, min(limits.blocks, len(half))) / chance
    if ratios.min() < 1 - limits.tolerance or ratios.max() > 1 + (limits.above if accuracies else limits.tolerance):
        return None
    best = 1 / classes + limits.accuracy_margin * (1 - 1 / classes)
    if any(value > best for _, value in accuracies):
        return None
    of_train = [(c.name, median(s[_late(c, limits)])) for c, s in _fractions(run) if c.split == "train"]
    learned = [(name, value) for name, value in of_train if value > best and loss.split != "train"]
    beside = [f"; {name} is {value:.3g}" for name, value in (*accuracies[:1], *learned[:1])]
    return Finding(
        message=f"{loss.name} stays at {level:.3g}, and a uniform prediction over {classes:,.0f} classes has a loss of "
        f"{chance:.3g}" + "".join(beside),
        confidence=0.95 if accuracies else 0.85,
        metric=loss.name,
        steps=(int(loss.steps[_late(loss, limits)][0]), int(loss.steps[-1])),
        evidence={"loss": level, "chance": chance, "class_count": classes}
        | ({"accuracy": accuracies[0][1]} if accuracies else {})
        | ({"train_accuracy": learned[0][1]} if learned else {}),
        remedies=(
            *(
                (
                    EVALUATION,
                    "compare the labels of validation and training data: classes, their order, shuffling of one of both",
                )
                if learned
                else STUCK
            ),
        ),
    )


def _late(curve: CurveView, limits: Limits) -> slice:
    return slice(int((1 - limits.late_share) * len(curve)), None)


def _fractions(run: RunView) -> list[tuple[CurveView, Floats]]:
    """Every accuracy with its values as fractions."""
    named = [c for c in run.curves("score") if "acc" in c.tag.lower()]
    return [(c, shares) for c in named if (shares := shares_of(c)) is not None]


def _accuracies(run: RunView, loss: CurveView) -> list[tuple[CurveView, Floats]]:
    """Accuracies of the same split as the loss, of all splits if it has none."""
    every = _fractions(run)
    return [pair for pair in every if pair[0].split in (loss.split, "none")] or every


def _inferred_classes(level: float, accuracies: list[float], limits: Limits) -> float | None:
    """Number of classes whose chance-level loss and accuracy are both met; None if they contradict."""
    classes = round(exp(level))
    if not accuracies or not 2 <= classes <= limits.max_inferred_classes:
        return None
    return float(classes) if abs(accuracies[0] * classes - 1) <= limits.inferred_tolerance else None


RULE = Rule(
    id="stuck-at-chance",
    family="optimization",
    severity=Severity.ERROR,
    needs=(AnyOf((Need("loss", "train", points="min_points"), Need("loss", "validation", points="min_points"))),),
    since="0.1.0",
    title="The loss is better than chance",
    failure_title="Stuck at chance",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("score"),),
    causes=(
        "vanishing-gradients",
        "dead-units",
        "zero-learning-rate",
        "learning-rate-too-high",
        "early-blow-up",
        "not-learning",
        "constant-metric",
    ),
    answers=("learning",),
    judges_end=True,
)

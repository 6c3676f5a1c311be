"""The first loss of a classifier is far above the loss of a uniform prediction.

## What it finds
A first training loss several times the logarithm of the number of classes, which is the loss of a uniform prediction.

## Why it matters
An untrained classifier should give every class about the same probability. A loss far above that means confidently
wrong predictions: weights or inputs have the wrong scale. The first steps only correct this, and may kill units.

## How it is detected
The first logged training loss (at one of the first 10 steps, or within the first 2% of the run) is divided by ln C. The
number of classes C comes from a hyperparameter (`num_classes`, ...); without one, but with an accuracy in the log, the
rule takes 100,000 classes (ln C = 11.5), more than classifiers usually have, and does not judge a loss whose first
points are all nearly as high: it may be a sum. A ratio above 3 is a warning. Losses of sequences (CTC) are sums and are not judged, nor
are errors other than a cross entropy; a perplexity is judged by its logarithm.

## When it is a false alarm
Losses summed over the batch or over positions, weighted losses, a last layer with a learned bias.

## What to do
Initialise the last layer near zero, scale the inputs to unit variance, use an initialisation that matches the
activation function (He, Xavier), and check that the loss is a mean.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import class_count
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ..view.main_losses import is_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView

SEQUENCE_WORDS = frozenset("ctc rnnt transducer".split())


@thresholds
class Limits:
    """Thresholds of this rule."""

    limit_ratio: float = limit(
        3.0,
        "of the first loss to ln C; at 10 classes, logits of standard deviation 1 give 1.2, of 4 they give 2.8",
        unit="ratio",
        source="mean cross entropy of 20,000 draws of Gaussian logits",
    )
    many_classes: int = limit(
        100_000, "assumed if their number is not logged; classifiers rarely have more", unit="classes"
    )
    first_points: int = limit(5, "the first steps correct a bad initialisation", unit="points")
    corrected: float = limit(
        0.8, "of the first loss, by the median of the first points; a sum falls as evenly as any loss", unit="%"
    )
    early_share: float = limit(0.02, "of the run; a later first point is not the initial loss", unit="%")
    early_steps: int = limit(10, "loggers often write every 10 steps; 10 updates hardly change the loss", unit="steps")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first point of the main training loss."""
    loss = run.loss("train")
    if loss is None:
        raise NotApplicableError("no training loss that should decrease is logged")
    if loss.role != "loss" or is_error(loss):
        raise NotApplicableError("the training loss is no cross entropy: its first value has no known level")
    if any(SEQUENCE_WORDS & set(words_of(c.tag)) for c in run.curves("loss")):
        raise NotApplicableError("a loss of sequences is a sum over their steps: its first value has no known level")
    known = class_count(run)
    if known is None and not any("acc" in c.tag.lower() for c in run.curves("score")):
        raise NotApplicableError(
            "not known to be a classification task: neither the number of classes nor an accuracy is logged"
        )
    step = int(loss.steps[0])
    if loss.curve.axis != "step" or step > max(limits.early_share * run.last_step, limits.early_steps):
        raise NotApplicableError("the first point of the loss is an epoch mean, or comes too late in the run")
    classes = known or limits.many_classes
    first, chance = float(loss.values[0]), math.log(classes)
    if first <= limits.limit_ratio * chance:
        return
    if known is None and median(loss.values[: limits.first_points]) > limits.corrected * first:
        raise InsufficientDataError(
            "the loss starts high and stays there: without the number of classes, it may be a sum"
        )
    yield Finding(
        message=f"{loss.name} starts at {first:.3g}, {first / chance:.3g} times the loss of a uniform prediction over "
        f"{classes:,.0f} classes ({chance:.3g})" + ("" if known else "; the number of classes is not logged"),
        confidence=0.85,
        metric=loss.name,
        steps=(step, step),
        evidence={"first": first, "chance": chance, "ratio": first / chance},
        remedies=(
            "initialise the last layer near zero, and scale the inputs to unit variance",
            "use an initialisation that matches the activation function (He for ReLU), and check that the loss is a mean, not a sum",
        ),
        cited=(step,),
    )


RULE = Rule(
    id="abnormal-initial-loss",
    family="optimization",
    severity=Severity.WARNING,
    needs=(Need("loss", "train"),),
    since="0.1.0",
    title="The initial loss is that of a uniform prediction",
    failure_title="Abnormal initial loss",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss"), Need("score")),
    yields_to=("reduction-mismatch",),
)

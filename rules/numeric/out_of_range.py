"""A metric has a value that its definition does not allow.

## What it finds
Accuracies and similar shares below 0 or above 1 (or 100, as percentages), perplexities below 1, and a classification
loss below zero.

## Why it matters
A number that cannot be is computed wrongly, and whatever is chosen by it is chosen wrongly. A negative cross entropy
means that the model gives probabilities where the loss wants their logarithms, and that the optimizer follows
nonsense.

## How it is detected
Values are looked at one by one. A share whose median is above 1 is taken for percentages, unless percentages so low
cannot be: an accuracy that never comes to half of what guessing scores (100 / C where the number of classes C is known), to
half of what its own loss allows (the mean probability of the right answer is at least exp(-loss)), or to a twentieth of
another accuracy that is logged as a fraction. A loss counts as a
classification loss if its name says cross entropy, or if an accuracy is logged beside it; other losses (densities, bounds,
actor-critic) may well be negative.

## When it is a false alarm
An accuracy beside a loss that has negative parts on purpose (an entropy bonus, a contrastive term).

## What to do
Look at how the metric is reduced (sum against mean, batches of unequal size, percent against fraction), and whether
the loss gets what it wants: `nll_loss` wants log-probabilities, `cross_entropy` wants logits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, NotApplicableError, Rule, Severity
from ..shared.chance import class_count
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView

SHARES = ("acc", "f1", "auc", "auroc", "precision", "recall", "iou", "dice", "map", "top1", "top5")
CROSS_ENTROPIES = ("cross_entropy", "crossentropy", "cross entropy", "bce", "celoss", "ce loss", "ce_loss")


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    rounding: float = limit(1e-6, "of float32 sums")
    other_share: float = limit(
        0.1, "of an accuracy that is logged as a fraction: no split is twenty times worse than another"
    )
    impossible: float = limit(
        0.5, "of the least accuracy: a model may be right less often than it is sure, or than guessing"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield one finding for each kind of impossible value, on the curve with most of them."""
    accuracies = [c for c in run.all_curves if c.role == "score" and "acc" in c.tag.lower()]
    bounded = [
        c for c in run.all_curves
        if len(c) and (c.role == "perplexity" or (c.direction == "higher" and any(s in c.tag.lower() for s in SHARES)))
    ]  # fmt: skip
    losses = [
        c for c in run.all_curves
        if c.role == "loss" and c.direction == "lower" and len(c)
        and (accuracies or any(name in c.tag.lower() for name in CROSS_ENTROPIES))
    ]  # fmt: skip
    if not bounded and not losses:
        raise NotApplicableError("no metric with known bounds is logged")
    for kind in (bounded, losses):
        bounds = {curve.name: _bounds(run, curve, limits) for curve in kind}
        worst = max(kind, key=lambda c: int(_is_out(c, bounds[c.name], limits).sum()), default=None)
        if worst is not None and _is_out(worst, bounds[worst.name], limits).any():
            yield _finding(worst, bounds[worst.name], limits)


def _bounds(run: RunView, curve: CurveView, limits: Limits) -> tuple[float, float]:
    if curve.role == "loss":
        return 0.0, np.inf
    if curve.role == "perplexity":
        return 1.0, np.inf
    is_percent = float(np.median(curve.values)) > 1 + limits.rounding
    is_percent = is_percent and not float(curve.values.max()) < limits.impossible * 100 * _least_accuracy(
        run, curve, limits
    )
    return 0.0, 100.0 if is_percent else 1.0


def _least_accuracy(run: RunView, score: CurveView, limits: Limits) -> float:
    """Share of right answers by guessing, by the loss of the same split, or a tenth of another accuracy; 0 if unknown."""
    if "acc" not in score.tag.lower():
        return 0.0
    classes, loss = class_count(run), run.loss(score.split)
    is_known = loss is not None and loss.is_positive and loss.role == "loss" and run.run.task == "classification"
    by_loss = (
        float(np.exp(-np.median(loss.values[-max(len(loss) // 3, 1) :]))) if loss is not None and is_known else 0.0
    )
    others = [
        c
        for c in run.curves("score")
        if "acc" in c.tag.lower() and len(c) and 0 <= c.values.min() <= c.values.max() <= 1
    ]
    beside = max((float(np.median(c.values)) for c in others), default=0.0)
    return max(1 / classes if classes else 0.0, by_loss, limits.other_share * beside)


def _is_out(curve: CurveView, bounds: tuple[float, float], limits: Limits) -> np.ndarray:
    low, high = bounds
    return (curve.values < low - limits.rounding) | (curve.values > high * (1 + limits.rounding))


def _finding(curve: CurveView, bounds: tuple[float, float], limits: Limits) -> Finding:
    is_out = _is_out(curve, bounds, limits)
    low, high = bounds
    values = curve.values[is_out]
    extreme = float(values[np.argmax(np.abs(values))])
    allowed = f"between {low:g} and {high:g}" if np.isfinite(high) else f"at least {low:g}"
    steps = curve.steps[is_out]
    wants = (
        "give the loss what it wants: nll_loss log-probabilities, cross_entropy logits"
        if curve.role == "loss"
        else "check how the metric is averaged: sum against mean, percent against fraction, batches of unequal size"
    )
    return Finding(
        message=f"{curve.name} is {extreme:.4g} at its worst and has to be {allowed}; {len(values)} of {len(curve)} points",
        confidence=0.95,
        metric=curve.name,
        steps=(int(steps[0]), int(steps[-1])),
        evidence={"extreme": extreme, "points_out_of_range": float(len(values)), "logged_points": float(len(curve))},
        remedies=(wants, "compute the metric by hand for one batch and compare"),
        cited=(int(steps[int(np.argmax(np.abs(values)))]),),
    )


RULE = Rule(
    id="out-of-range",
    family="numeric",
    severity=Severity.ERROR,
    needs=(),
    since="0.1.0",
    title="Metrics stay within their bounds",
    failure_title="Impossible values",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    suits_boosting=True,
)

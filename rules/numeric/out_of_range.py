"""A metric has a value outside its valid range.

## What it finds
Accuracies and similar scores below 0 or above 1 (above 100 for percentages), perplexities below 1, and classification
losses below zero.

## Why it matters
The metric is computed incorrectly, so model selection by it is unreliable. A negative cross entropy means that the
model outputs probabilities but the loss expects log-probabilities: the optimizer minimises the wrong quantity.

## How it is detected
Every value is checked. A score whose median is above 1 is interpreted as a percentage unless it would then be
implausibly low: an accuracy that never reaches 50% of the chance level (100 / C for C classes, if C is logged) or of
the level implied by its loss (the mean probability of the correct class is at least exp(-loss)), or that is below 10%
of another accuracy logged as a fraction. A loss is a classification loss if its name says cross entropy or an
accuracy is logged beside it; other losses (densities, bounds, actor-critic) may be negative.

## When it is a false alarm
An accuracy beside a loss that has negative terms on purpose (an entropy bonus, a contrastive term).

## What to do
Check how the metric is reduced (sum or mean, batches of unequal size, percent or fraction), and whether the loss gets
the inputs it expects: `nll_loss` expects log-probabilities, `cross_entropy` expects logits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import AnyOf, Finding, Need, NotApplicableError, Rule, Severity
from ..shared.chance import class_count
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Bools, Split
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

SHARES = ("acc", "f1", "auc", "auroc", "precision", "recall", "iou", "dice", "map", "top1", "top5")
CROSS_ENTROPIES = ("cross_entropy", "crossentropy", "cross entropy", "bce", "celoss", "ce loss", "ce_loss")


@thresholds
class Limits:
    """Thresholds of this rule."""

    rounding: float = limit(
        1e-6, "excess over a bound explained by float32 rounding, as a share of the upper bound or of 1"
    )
    min_share_of_other: float = limit(
        0.1, "the accuracy of one split is rarely ten times lower than that of another", unit="%"
    )
    min_share_of_expected: float = limit(
        0.5, "an accuracy may be below the level of its confidence or of guessing, but not half of it", unit="%"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding for scores and one for losses, on the curve with most values out of range."""
    accuracies = [c for c in run.curves("score") if _is_accuracy(c)]
    bounded = [c for c in (*filter(_is_share, run.curves("score")), *run.curves("perplexity")) if len(c)]
    losses = [
        c for c in run.curves("loss")
        if c.direction == "lower" and len(c) and (accuracies or any(name in c.tag.lower() for name in CROSS_ENTROPIES))
    ]  # fmt: skip
    if not bounded and not losses:
        raise NotApplicableError("no metric with known bounds is logged")
    best = max((median(c.values) for c in accuracies if _is_fraction(c)), default=0.0)
    for kind in (bounded, losses):
        bounds = {id(curve): _bounds(run, curve, best, limits) for curve in kind}
        out = [(int(_is_out(c, bounds[id(c)], limits).sum()), c) for c in kind]
        count, worst = max(out, key=lambda each: each[0], default=(0, None))
        if worst is not None and count:
            yield _finding(worst, bounds[id(worst)], limits)


def _is_accuracy(curve: CurveView) -> bool:
    return "acc" in curve.tag.lower()


def _is_fraction(curve: CurveView) -> bool:
    """Whether all values lie between 0 and 1."""
    return len(curve) > 0 and 0 <= curve.values.min() <= curve.values.max() <= 1


def _is_share(curve: CurveView) -> bool:
    """Whether a curve is a score between 0 and 1, or 0 and 100."""
    return curve.direction == "higher" and any(name in curve.tag.lower() for name in SHARES)


def _bounds(run: RunView, curve: CurveView, best: float, limits: Limits) -> tuple[float, float]:
    if curve.role == "loss":
        return 0.0, np.inf
    if curve.role == "perplexity":
        return 1.0, np.inf
    if median(curve.values) <= 1 + limits.rounding:
        return 0.0, 1.0
    lowest = 100 * limits.min_share_of_expected * _expected_accuracy(run, curve, best, limits)
    return 0.0, 1.0 if float(curve.values.max()) < lowest else 100.0


def _expected_accuracy(run: RunView, score: CurveView, best: float, limits: Limits) -> float:
    """Accuracy as a fraction by guessing, by the loss of the same split, or by the best other accuracy; 0 if unknown."""
    if not _is_accuracy(score):
        return 0.0
    classes = class_count(run)
    by_guessing = 1 / classes if classes else 0.0
    return max(by_guessing, _accuracy_by_loss(run, score.split), limits.min_share_of_other * best)


def _accuracy_by_loss(run: RunView, split: Split) -> float:
    """Mean probability of the right answer that the last third of a cross entropy implies, at least; 0 if unknown."""
    loss = run.loss(split)
    if loss is None or loss.role != "loss" or not loss.is_positive or run.run.task != "classification":
        return 0.0
    return float(np.exp(-median(loss.values[-max(len(loss) // 3, 1) :])))


def _is_out(curve: CurveView, bounds: tuple[float, float], limits: Limits) -> Bools:
    low, high = bounds
    return (curve.values < low - limits.rounding) | (curve.values > high * (1 + limits.rounding))


def _finding(curve: CurveView, bounds: tuple[float, float], limits: Limits) -> Finding:
    is_out = _is_out(curve, bounds, limits)
    low, high = bounds
    values, steps = curve.values[is_out], curve.steps[is_out]
    row = int(np.argmax(np.maximum(low - values, values - high)))
    extreme = float(values[row])
    allowed = f"between {low:g} and {high:g}" if np.isfinite(high) else f"at least {low:g}"
    remedy = (
        "pass the inputs that the loss expects: log-probabilities to nll_loss, logits to cross_entropy"
        if curve.role == "loss"
        else "check how the metric is averaged: sum or mean, percent or fraction, batches of unequal size"
    )
    return Finding(
        message=f"{curve.name} is {extreme:.3g} at {curve.unit} {int(steps[row]):,} but must be {allowed}; "
        f"{len(values):,} of {len(curve):,} points are out of range",
        confidence=0.95,
        metric=curve.name,
        steps=(int(steps[0]), int(steps[-1])),
        evidence={"extreme": extreme, "points_out_of_range": float(len(values)), "logged_points": float(len(curve))},
        remedies=(remedy, "compute the metric manually for one batch and compare"),
        cited=(int(steps[row]),),
    )


RULE = Rule(
    id="out-of-range",
    family="numeric",
    severity=Severity.ERROR,
    needs=(AnyOf((Need("score", points=0), Need("perplexity", points=0), Need("loss", points=0))),),
    since="0.1.0",
    title="Metrics are within their valid range",
    failure_title="Values out of range",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    suits_boosting=True,
    needs_all_values=True,
)

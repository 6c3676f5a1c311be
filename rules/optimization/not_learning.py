"""The training loss makes no progress from the first point to the last.

## What it finds
A training loss that does not fall below its initial level over the whole run, while no score improves.

## Why it matters
The model does not learn, and more steps will not help: the path from the loss to the weights is broken, or no update
reaches the weights.

## How it is detected
By an equivalence test, not by a lack of significance: the 90% interval of the total change (Theil-Sen over 10 block
means) must lie above -2% of the loss, and no block may lie below the first 3 points by more than 2% plus 3 standard
errors. If a block does, the model has learned something; a rise by more than 10% is a divergence. If the training
loss is too noisy for that, but does not change significantly, the validation loss decides by the same test; or, if the
interval lies above -15% of the loss, a score of the same data with 100 points or more, whose interval of the change lies
within 3 percentage points: then the finding is a warning. Otherwise the run is undecided. A run is not reported if a score improves by 5 percentage points (5% of its first value, if the
score is not a fraction), or is above 60% from the start (the validation score, if logged; at least 20 percentage
points above chance). With fewer than 12 points the loss alone is not enough: a score that does not improve must be
logged as well, and the finding is a warning.

## When it is a false alarm
Fine-tuning of a model that already fits the data; losses that need not decrease. A log that begins after 10% of the
run is not judged.

## What to do
Check that the optimizer has the model's parameters, that `step()` is called, that the loss is not detached, and that
labels match their inputs; try to overfit a single batch. Then try learning rates 10 times higher and lower.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import class_count, shares_of
from ..shared.digits import percent
from ..shared.progress import hold_beginning
from ..statistics.change import trend_of
from ..statistics.exponentials import expm1
from ..statistics.medians import median
from ..statistics.windows import block_means
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(4, "the 90% interval of 4 points is the whole range of their slopes", unit="points")
    min_points_alone: int = limit(
        12, "without a score; with fewer points the interval is too wide or unreliable", unit="points"
    )
    min_progress: float = limit(
        0.02, "of the loss; cross entropy at chance varies by less, the slowest useful run falls by more", unit="%"
    )
    noisy_progress: float = limit(
        0.15, "of the loss, where a score beside it stays level: hardly any loss falls by more without it", unit="%"
    )
    score_points: int = limit(100, "block means of ten points are then known to a few percent", unit="points")
    level_score: float = limit(0.03, "of all samples; less is no progress worth a training", unit="%")
    max_rise: float = limit(0.10, "of the loss; a larger rise is a divergence", unit="%")
    first_points: int = limit(3, "an initial drop may be over within the first block", unit="points")
    drop_z: float = limit(
        3.0,
        "of the first points; the best of 10 blocks rarely lies further below them by chance",
        unit="standard errors",
    )
    late_start: float = limit(0.1, "of the run; a log that begins later may show only a flat end", unit="%")
    good_score: float = limit(0.6, "from the start; the model was already trained", unit="%")
    above_chance: float = limit(
        0.2, "minimum distance of such a score from chance, if the number of classes is logged", unit="%"
    )
    score_z: float = limit(2.0, "by Mann-Kendall; a rise this significant is learning", unit="standard errors")
    min_score_gain: float = limit(0.05, "a random model reaches smaller gains by chance", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    loss = run.loss("train")
    if loss is None:
        raise NotApplicableError("no training loss that should decrease is logged")
    hold_beginning(run, loss, limits.late_start)
    is_short = len(loss) < limits.min_points_alone
    if is_short and not _scores(run, limits):
        raise InsufficientDataError(
            f"train loss needs at least {limits.min_points_alone} points without a score, has {len(loss)}"
        )
    unit = 1.0 if loss.is_positive else median(np.abs(loss.values))
    if not loss.is_positive and (unit == 0 or loss.values.max() > 0):
        raise InsufficientDataError("the loss is zero or takes both signs, so relative change is undefined")
    values = loss.scaled / unit
    trend = trend_of(values)
    has_fallen = trend.high < 0 and -trend.change > limits.min_progress
    has_risen = trend.low > 0 and trend.change > limits.max_rise
    reach = limits.min_progress + limits.drop_z * loss.noise.of_mean(limits.first_points) / unit
    if has_fallen or has_risen or _largest_drop(values, limits) > reach:
        return
    is_noisy = -trend.low > limits.min_progress
    level_score = _level_score(run, limits) if is_noisy and -trend.low <= limits.noisy_progress else ""
    if is_noisy and not level_score and not _is_validation_level(run, limits):
        raise InsufficientDataError("the loss is too noisy to distinguish no progress from slow progress")
    if _has_learned_score(run, limits):
        return
    first, last = float(loss.values[0]), float(loss.values[-1])
    change, low, high = (expm1(c) if loss.is_positive else c for c in (trend.change, trend.low, trend.high))
    also = f"; {level_score or 'the validation loss'} does not change" if is_noisy else ""
    yield Finding(
        message=f"{loss.name} goes from {first:.3g} to {last:.3g} in {len(loss):,} points: no progress "
        f"(change {percent(change, '+')}, 90% interval {percent(low, '+')} to {percent(high, '+')}{also})",
        confidence=0.8 if is_short else 0.92,
        metric=loss.name,
        steps=(int(loss.steps[0]), int(loss.steps[-1])),
        evidence={"first": first, "last": last, "change_share": change, "change_low": low, "change_high": high},
        severity=Severity.WARNING if is_short or level_score else Severity.ERROR,
        remedies=(
            (
                "check that the optimizer has the model's parameters, that backward() and step() are called, and that "
                "the loss is not detached"
            ),
            "try to overfit one batch: if that fails the fault is in the code, not in the hyperparameters",
            "check that labels match their inputs, then try learning rates 10 times higher and lower",
        ),
    )


def _largest_drop(values: Floats, limits: Limits) -> float:
    """How far the lowest block lies below the first points."""
    return median(values[: limits.first_points]) - float(block_means(values).min())


def _level_score(run: RunView, limits: Limits) -> str:
    """Name of a training score in shares that stays within a few points of its level; "" if there is none."""
    for score in run.curves("score", "train"):
        shares = shares_of(score)
        if shares is None or len(shares) < limits.score_points:
            continue
        trend = trend_of(shares)
        if max(-trend.low, trend.high) <= limits.level_score:
            return score.name
    return ""


def _is_validation_level(run: RunView, limits: Limits) -> bool:
    """Whether the validation loss, which is less noisy than a training loss of single batches, stays at its initial level."""
    loss = run.loss("validation")
    if loss is None or not loss.is_positive or len(loss) < limits.min_points_alone:
        return False
    trend = trend_of(loss.scaled)
    is_level = -limits.min_progress < trend.low and trend.high < limits.max_rise
    return is_level and _largest_drop(loss.scaled, limits) <= limits.min_progress


def _scores(run: RunView, limits: Limits) -> list[CurveView]:
    return [c for c in run.curves("score") if c.direction == "higher" and len(c) >= limits.min_points]


def _has_learned_score(run: RunView, limits: Limits) -> bool:
    """Whether a score improves, or was good from the start: then the model learned, in this run or before."""
    good = max(limits.good_score, 1 / (class_count(run) or math.inf) + limits.above_chance)
    scores = _scores(run, limits)
    judged = [score for score in scores if score.split == "validation"] or scores
    for score in scores:
        shares = shares_of(score)
        is_good = shares is not None and median(shares[: max(1, len(score) // 5)]) > good
        trend = trend_of(score.values if shares is None else shares)
        least = limits.min_score_gain * (1.0 if shares is not None else abs(float(score.values[0])))
        if (is_good and score in judged) or (trend.z > limits.score_z and trend.change > least):
            return True
    return False


RULE = Rule(
    id="not-learning",
    family="optimization",
    severity=Severity.ERROR,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The training loss makes progress",
    failure_title="Not learning",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "validation"), Need("score")),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=(
        "vanishing-gradients",
        "zero-learning-rate",
        "zero-gradient",
        "frozen-weights",
        "dead-units",
        "learning-rate-too-low",
        "clipping-saturation",
    ),
    answers=("learning",),
    judges_end=True,
)

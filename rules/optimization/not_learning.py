"""The training loss makes no progress from the first point to the last.

## What it finds
A training loss that does not fall below where it began, over the whole run, while no score improves.

## Why it matters
Nothing is learned. More steps will not help; something between loss and weights is broken, or no step ever reaches
the weights.

## How it is detected
As a test of equivalence, not as a missing significance: the 90 % interval of the total change (Theil-Sen over 10
block means) must lie above -2 % of the loss, and no block may lie below the first 3 points by more than 2 % plus 3
standard errors. What was learned and lost again, or rises by more than 10 %, is a divergence. Where the noise is too
large for that, a validation loss may stand for it that meets the same test, while no change of the training loss is more
than its noise; else the run is undecided. A run whose accuracy improves, or is good from the start (that of validation, where it
is logged), is not judged to be stuck. With fewer than 12 points the loss alone does not suffice: an accuracy that does
not improve has to stand beside it, and the finding is a warning.

## When it is a false alarm
Fine-tuning of a model that already fits; losses that need not fall. A log that begins late in a training is left
undecided.

## What to do
Check that the optimizer was given the model's parameters and that `step()` is called, that the loss is not detached,
that labels belong to inputs, and try to overfit a single batch. Then try learning rates 10 times higher and lower.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import class_count
from ..shared.progress import hold_beginning
from ..statistics.change import trend_of
from ..statistics.medians import median
from ..statistics.windows import block_means
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(4, "of 4 the 90 % interval is the whole range of their slopes")
    many_points: int = limit(12, "of 4 the 90 % interval is the whole range of their slopes")
    min_progress: float = limit(
        0.02, "of the loss: cross entropy at chance wanders by less, the slowest useful training moves more"
    )
    max_rise: float = limit(0.10, "of the loss: what climbs farther diverges")
    first_points: int = limit(3, "an initial drop may be over within the first block")
    good_score: float = limit(0.6, "of a score between 0 and 1, held from the start: the model came trained")
    above_chance: float = limit(0.2, "of a score between 0 and 1, held from the start: the model came trained")
    score_z: float = limit(2.0, "")
    min_score_gain: float = limit(0.05, "")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    loss = run.loss("train")
    if loss is None:
        raise NotApplicableError("no training loss that is meant to fall is logged")
    hold_beginning(run, loss)
    is_short = len(loss) < limits.many_points
    if is_short and not _scores(run, limits):
        raise InsufficientDataError(f"{len(loss)} of {limits.many_points} points that it takes without a score")
    values, unit = loss.scaled, 1.0
    if not loss.is_positive:
        unit = median(np.abs(values))
        if unit == 0 or (values.min() < 0 < values.max()):
            raise InsufficientDataError("the loss takes both signs, so that no share of it can be told")
    trend = trend_of(values)
    error = loss.noise.of_mean(limits.first_points)
    drop = (median(values[: limits.first_points]) - float(block_means(values).min())) / unit
    falls = trend.high < 0 and -trend.change / unit > limits.min_progress
    climbs = trend.low > 0 and trend.change / unit > limits.max_rise
    if falls or climbs or drop > limits.min_progress + 3 * error / unit:
        return
    if -trend.low / unit > limits.min_progress and not _validation_stands(run, limits):
        raise InsufficientDataError("the loss is too noisy to tell no progress from slow progress")
    if _score_speaks_against(run, limits):
        return
    first, last = float(loss.values[0]), float(loss.values[-1])
    yield Finding(
        message=f"{loss.name} goes from {first:.4g} to {last:.4g} in {len(loss)} points: no progress "
        f"(change {trend.change / unit:+.1%}, 90 % interval {trend.low / unit:+.1%} to {trend.high / unit:+.1%})",
        confidence=0.8 if is_short else 0.92,
        metric=loss.name,
        steps=(int(loss.steps[0]), int(loss.steps[-1])),
        evidence={"first": first, "last": last, "change_share": trend.change / unit, "change_low": trend.low / unit},
        severity=Severity.WARNING if is_short else Severity.ERROR,
        remedies=(
            (
                "check that the optimizer holds the model's parameters, that backward() and step() are called, and that "
                "the loss is not detached"
            ),
            "try to overfit one batch: if that fails the fault is in the code, not in the settings",
            "check that inputs and labels belong together, then try learning rates 10 times higher and lower",
        ),
    )


def _validation_stands(run: RunView, limits: Limits) -> bool:
    """Whether the validation loss, which is less noisy than a training loss by the batch, surely stays where it began."""
    loss = run.loss("validation")
    if loss is None or not loss.is_positive or len(loss) < limits.many_points:
        return False
    trend = trend_of(loss.scaled)
    drop = median(loss.scaled[: limits.first_points]) - float(block_means(loss.scaled).min())
    is_level = -limits.min_progress < trend.low <= trend.high < limits.max_rise
    return is_level and drop <= limits.min_progress


def _scores(run: RunView, limits: Limits) -> list[CurveView]:
    return [c for c in run.curves("score") if c.direction == "higher" and len(c) >= limits.min_points]


def _score_speaks_against(run: RunView, limits: Limits) -> bool:
    """Whether a score improves, or was good from the start: then something was learned, here or before."""
    good = max(limits.good_score, 1 / (class_count(run) or math.inf) + limits.above_chance)
    scores = _scores(run, limits)
    held_out = [score for score in scores if score.split == "validation"]
    for score in scores:
        is_fraction = float(score.values.min()) >= 0 and float(score.values.max()) <= 1
        is_good = is_fraction and median(score.values[: max(1, len(score) // 5)]) > good
        if is_good and (score in held_out or not held_out):
            return True
        trend = trend_of(score.values)
        span = 1.0 if is_fraction else max(abs(float(score.values[0])), 1e-12)
        if not math.isnan(trend.z) and trend.z > limits.score_z and trend.change > limits.min_score_gain * span:
            return True
    return False


RULE = Rule(
    id="not-learning",
    family="optimization",
    severity=Severity.ERROR,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The training loss makes progress",
    failure_title="Nothing is learned",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=(
        "vanishing-gradients",
        "zero-learning-rate",
        "zero-gradient",
        "frozen-weights",
        "stuck-at-chance",
    ),
    judges_training=True,
    judges_end=True,
)

"""The loss was still falling when the run ended: a longer training would have gone further.

## What it finds
A validation loss (or a training loss, where there is no other) that falls surely at the end of the run, and what it
would gain in a quarter more steps.

## Why it matters
Compared with a finished run this one looks worse than it is. Results from before the loss levels off say more about
the patience than about the method.

## How it is detected
A line through the last fifth of the points of the logarithm of the loss (at least 6): the weak end of its 90 %
interval has to fall, and to gain more than 5 % of the loss if it went on for a quarter of the run. From its middle third
to its last it has to fall at least a third as far as from its first to its middle, or else the fall is ending by itself. A
learning rate that was annealed below a fifth of its peak ends the run by plan; where none is logged, a setting that
names such a schedule, or a fall that surely speeds up at the end, tells of it. Runs that were cut off, that crashed,
or that end before 95 % of the steps they were planned for are not judged.

## When it is a false alarm
A budget that is fixed on purpose, as in a comparison of methods; pre-training, whose loss falls for ever.

## What to do
Train longer, with the learning-rate schedule stretched to the new length, or keep the length and raise the rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base import Finding, InsufficientDataError, NotApplicableError, Rule, Severity
from ..shared.progress import change_of
from ..statistics.exponentials import expm1
from ..statistics.windows import block_means
from ..thresholds import limit
from ..view.hyperparameter_names import STEP_KEYS, names_annealing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(12, "")
    end_share: int = limit(5, "the last fifth")
    min_end: int = limit(6, "the last fifth")
    more: float = limit(0.25, "of the run: the extension that a gain is told for")
    min_gain: float = limit(
        0.05,
        "of the loss: a quarter more of compute is seldom worth less; 1 % is met by 17 % of 225 tuned runs, 5 % by 10 %",
    )
    even_share: float = limit(1 / 3, "of the fall before")
    annealed: float = limit(0.2, "of the peak learning rate")
    surely: float = limit(3.0, "standard errors, so that chance does not hide one run in twenty that falls evenly")
    complete_share: float = limit(0.95, "")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss, or else the training loss."""
    if run.run.is_cut_short or run.run.incidents:
        raise NotApplicableError("the run was cut off: that it was not finished is known")
    if run.learning_rate is None and names_annealing(run.hyperparameters):
        raise InsufficientDataError("the settings name a schedule that is not logged, and may have ended by plan")
    losses = [c for c in (run.loss("validation"), run.loss("train")) if c is not None]
    if not losses:
        raise NotApplicableError("no loss that is meant to fall is logged")
    loss = next((c for c in losses if len(c) >= limits.min_points and c.is_positive), None)
    if loss is None:
        raise InsufficientDataError(f"no positive loss has the {limits.min_points} points that it takes")
    planned = run.setting(*STEP_KEYS)
    if planned and loss.curve.axis == "step" and loss.steps[-1] < limits.complete_share * planned:
        raise NotApplicableError("the run ended before its planned number of steps")
    if not loss.is_finite[-1] or (run.rate_left is not None and run.rate_left < limits.annealed):
        return
    count = max(len(loss) // limits.end_share, limits.min_end)
    end = loss.scaled[-count:]
    change = change_of(end, loss.noise)
    gain = -change.high * limits.more * len(loss) / count
    first_mean, middle_mean, last_mean = block_means(end, 3)
    older, newer = first_mean - middle_mean, middle_mean - last_mean
    if run.rate_left is None and _speeds_up(loss, count, limits):
        return
    if not (math.isfinite(gain) and gain > limits.min_gain and newer > limits.even_share * max(older, 0.0)):
        return
    likely = -change.change * limits.more * len(loss) / count
    first, last = int(loss.steps[-count]), int(loss.steps[-1])
    yield Finding(
        message=f"{loss.name} still falls at the end ({-change.change:.1%} since {loss.unit} {first:,}): a quarter more steps "
        f"would bring up to {-expm1(-likely):.1%}, surely {-expm1(-gain):.1%} if it goes on like that",
        confidence=0.8,
        metric=loss.name,
        steps=(first, last),
        evidence={"fall": -change.change, "fall_least": -change.high, "gain_share": gain},
        remedies=(
            "train longer, with the learning-rate schedule stretched to the new length",
            "or raise the learning rate, and anneal it within the steps that there are",
        ),
    )


def _speeds_up(loss: CurveView, count: int, limits: Limits) -> bool:
    """Whether the loss falls faster at the end than before: then its learning rate is being annealed, logged or not."""
    end, before = change_of(loss.scaled[-count:], loss.noise), change_of(loss.scaled[-2 * count : -count], loss.noise)
    return end.change - before.change < -limits.surely * math.hypot(end.error, before.error)


RULE = Rule(
    id="undertrained",
    family="optimization",
    severity=Severity.INFO,
    needs=(),
    since="0.1.0",
    title="The loss has levelled off at the end",
    failure_title="Undertrained",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement", "diffusion"),
    causes=(
        "learning-rate-too-low",
        "slow-convergence",
    ),
    judges_training=True,
)

"""Answers grow several times longer without a gain that would justify it.

## What it finds
A mean length of sampled answers that ends at several times its first level, while the reward or the held-out score does not rise.

## Why it matters
Longer answers cost more time and memory in each step, and end at the length limit. Reward models often prefer long answers, and
losses that are averaged over tokens punish long wrong answers less: length then grows for its own sake.

## How it is detected
The median of the last window of the length (a twentieth of at least 20 points, at least 3) is at least 3 times that of the first
one, beyond 6 standard errors: a warning; from 2 times it is info. Answers also grow where a model learns to reason: the finding
needs a reward that has not risen, by 4 standard errors, since the length began to grow (from 1.5 times its first level on), or a
held-out score that has not risen although the reward has. Without any held-out score, a reward that has risen excuses it.

## When it is a false alarm
Prompts that become harder in the course of the run.

## What to do
Read long answers. Penalise length or give no reward to truncated answers, use a loss that is normalised by a constant, and lower the
learning rate.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.digits import amount
from ..shared.rewards import CHANGED_Z, ChangeLimits, course, reward_of
from ..statistics.change import rebound_of
from ..statistics.medians import median
from ..statistics.noise import noise_of
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds
from ._curves import longest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

BEGUN = 1.5  # times the first length; less is the scatter of the prompts


@thresholds
class Limits(ChangeLimits):
    """Thresholds of this rule."""

    min_points: int = limit(20, "six windows of 3", unit="points")
    info_growth: float = limit(2.0, "of the length; healthy runs double it while they learn", unit="ratio")
    min_growth: float = limit(
        3.0, "of the length without a gain; most of the cost of a step is then wasted", unit="ratio"
    )
    min_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")
    min_evaluations: int = limit(8, "of a held-out score that has to have risen", unit="evaluations")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the mean length of answers."""
    curve = longest(run, "completion-length", limits.min_points)
    if not curve.is_positive:
        return
    window = window_points(len(curve))
    first, end = median(curve.values[:window]), median(curve.values[-window:])
    logs = np.log(curve.values)
    rise = rebound_of(logs, noise_of(logs))
    growth = end / first
    if growth < limits.info_growth or math.log(growth) <= limits.min_z * noise_of(logs).of_mean(window) * math.sqrt(2):
        return
    step = _begin(curve, first)
    why = _without_gain(run, step, limits)
    if not why:
        return
    yield Finding(
        message=f"{curve.name} grows from {amount(first)} to {amount(end)} tokens, {growth:.2g} times its first level, most of it from "
        f"{curve.unit} {step:,} on, {why}",
        confidence=0.85 if growth >= limits.min_growth else 0.7,
        metric=curve.name,
        steps=(step, int(curve.steps[-1])),
        evidence={"first": first, "end": end, "growth": growth, "z": min(rise.z, 1e6)},
        severity=Severity.WARNING if growth >= limits.min_growth else Severity.INFO,
        remedies=(
            "penalise length, or give no reward to truncated answers, and read some of the long ones",
            "use a loss that is normalised by a constant rather than by the length of each answer",
        ),
        cited=(step,),
    )


def _begin(curve: CurveView, first: float) -> int:
    """The step after which the length stays above its first level."""
    short = np.flatnonzero(curve.values < BEGUN * first)
    return int(curve.steps[min(int(short[-1]) + 1, len(curve) - 1)] if len(short) else curve.steps[0])


def _without_gain(run: RunView, step: int, limits: Limits) -> str:
    """What did not improve while the answers grew; "" if something did."""
    reward = reward_of(run)
    if reward is None or len(reward) < limits.min_points:
        raise InsufficientDataError(
            f"the answers have grown; whether that pays takes a reward of {limits.min_points} points"
        )
    gain = course(reward)
    if not gain.has_risen(limits) or not _rises(reward, step):
        return f"while {reward.name} does not rise"
    held_out = [
        c for c in (*run.curves("score", "validation"), *run.curves("reward", "validation")) if c.direction == "higher"
    ]
    judged = [c for c in held_out if len(c) >= limits.min_evaluations and c is not reward]
    if judged and not any(course(c).rise_z > CHANGED_Z / 2 for c in judged):
        return f"while {judged[0].name} does not rise"
    return ""


def _rises(reward: CurveView, step: int) -> bool:
    """Whether the reward is higher at the end than around a step, beyond its noise."""
    window = window_points(len(reward))
    row = min(max(int((reward.steps <= step).sum()), window), len(reward) - window)
    change = float(np.mean(reward.values[-window:]) - np.mean(reward.values[row - window : row]))
    return change > 2 * math.sqrt(2) * noise_of(reward.values).of_mean(window)


RULE = Rule(
    id="length-runaway",
    family="post-training",
    severity=Severity.WARNING,
    needs=(Need("completion-length", points="min_points"),),
    since="0.1.0",
    title="Answers keep a length that pays",
    failure_title="Length runaway",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("reward"), Need("reward", "validation"), Need("score", "validation")),
    causes=("policy-divergence", "entropy-collapse"),
    judges_end=True,
)

"""The reward never improves on its initial level.

## What it finds
A reward whose best level is within the noise around its initial level, and that does not fall either.

## Why it matters
Either the policy does not learn, or it was already optimal: in both cases the run was useless.

## How it is detected
The best window of the reward is at most 2 standard errors above the first one (relative to a random walk, as in
reward-collapse), and at most 30% of the reward. For a larger rise the rule does not decide; from 4 standard errors,
the reward has risen. It is reported as info, because a policy may be good from the start, and as a warning if an exploration rate
(epsilon) of at least 50% is logged first: such a policy begins with random actions. An exactly constant reward means that all episodes were equal, for example because the goal is
never reached: a warning.

## When it is a false alarm
A run that continues with a trained policy, or a hard exploration task that was stopped before the first success.

## What to do
Inspect episodes: check that the agent receives the reward, and before the episode ends. Check the scale of the
rewards, the discount (its horizon is 1 / (1 - gamma) steps) and the exploration; a sparse reward may need shaping,
demonstrations or a curriculum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.rewards import NO_POLICY, CourseLimits, course_of
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView

EXPLORATION = frozenset({"exploration", "epsilon"})


@thresholds
class Limits(CourseLimits):
    """Thresholds of this rule."""

    min_points: int = limit(30, "ten windows of 3: with fewer the noise is unknown", unit="points")
    min_exploration: float = limit(0.5, "of the first actions are random: the policy is untrained", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main reward."""
    course = course_of(run, limits.min_points)
    if course.has_risen(limits) or course.has_fallen(limits):
        return
    if course.may_have_risen(limits):
        raise InsufficientDataError(f"the reward rises by {course.rise_z:.1f} standard errors, which may be noise")
    reward = course.curve
    is_constant = float(np.ptp(reward.values)) == 0
    yield Finding(
        message=f"{reward.name} is {reward.values[0]:.3g} at every point"
        if is_constant
        else f"{reward.name} starts at {course.first:.3g} and is {course.best:.3g} at best, a rise within its noise",
        confidence=0.95 if is_constant else 0.8,
        metric=reward.name,
        steps=(int(reward.steps[0]), int(reward.steps[-1])),
        evidence={"first": course.first, "best": course.best, "end": course.end, "rise_z": course.rise_z},
        severity=Severity.WARNING if is_constant or _begins_random(run, limits) else Severity.INFO,
        remedies=(
            "inspect some episodes: check which behaviour is rewarded, and whether the policy ever shows it",
            "scale the rewards to about 1, and check the discount and the sign of the advantage",
            "if the reward is sparse, explore more or shape it; a policy that was good from the start needs no more training",
        ),
    )


def _begins_random(run: RunView, limits: Limits) -> bool:
    """Whether an exploration rate is logged, the share of random actions, and it begins high: then the policy is new."""
    rates = [
        c for c in run.curves()
        if len(c) and EXPLORATION & set(words_of(c.tag)) and c.values.min() >= 0 and c.values.max() <= 1
    ]  # fmt: skip
    settings = [  # a rate that never changes is read as one
        value for name, value in run.hyperparameters.items()
        if {"exploration", "rate"} <= set(words_of(name)) and isinstance(value, (int, float))
    ]  # fmt: skip
    begins = [*(float(c.values[0]) for c in rates), *(value for value in settings if value <= 1)]
    return any(value >= limits.min_exploration for value in begins)


RULE = Rule(
    id="reward-stagnation",
    family="reinforcement",
    severity=Severity.INFO,
    needs=(Need("reward", points="min_points"),),
    reads=(Need(None),),
    since="0.1.0",
    title="The reward improves",
    failure_title="Reward stagnation",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=NO_POLICY,
    causes=(
        "non-finite",
        "policy-divergence",
        "entropy-collapse",
        "value-failure",
        "zero-learning-rate",
    ),
    answers=("learning",),
    judges_end=True,
)

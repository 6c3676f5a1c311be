"""The reward is no better at any time of the run than in the beginning.

## What it finds
A reward whose best level does not stand out of the noise around its first one, and that does not fall either.

## Why it matters
Either the policy does not learn at all, or it was already as good as it gets: in both cases the run brought nothing.

## How it is detected
The best window of the reward lies less than 2 standard errors above the first one (as in reward-collapse: against a
random walk with the steps of this curve), and less than 30 % of the reward. A larger or less noisy rise is
not decided. An exactly constant reward says that no episode ever differed from the others, as when the goal was never
reached.

## When it is a false alarm
A run that goes on with a trained policy, or one that was stopped before the first success of a hard exploration.

## What to do
Look at episodes: does the reward reach the agent, and does it come before the episode ends? Check the scale of the
rewards, the discount (1 / (1 - gamma) steps is how far it looks ahead) and the exploration; a sparse reward may
need shaping, demonstrations or a curriculum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.rewards import MIN_POINTS, NO_POLICY, course_of
from ..thresholds import NoLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


def check(run: RunView, _limits: NoLimits) -> Iterator[Finding]:
    """Yield at most one finding: on the main reward."""
    course = course_of(run)
    if course.has_risen or course.has_fallen:
        return
    if course.may_have_risen:
        raise InsufficientDataError(f"the reward rises by {course.rise_z:.1f} standard errors: too little to tell")
    reward = course.curve
    is_constant = float(np.ptp(reward.values)) == 0
    yield Finding(
        message=f"{reward.name} is {reward.values[0]:.4g} at every point"
        if is_constant
        else f"{reward.name} starts at {course.first:.4g} and is {course.best:.4g} at best, within its noise",
        confidence=0.95 if is_constant else 0.8,
        metric=reward.name,
        steps=(int(reward.steps[0]), int(reward.steps[-1])),
        evidence={"first": course.first, "best": course.best, "end": course.end, "rise_z": course.rise_z},
        remedies=(
            "look at some episodes: what is rewarded, and does the policy ever get there",
            "scale the rewards to about 1, and check the discount and the sign of the advantage",
            "if the reward is sparse, explore more or shape it; a policy that was good from the start needs no more training",
        ),
    )


RULE = Rule(
    id="reward-stagnation",
    family="reinforcement",
    severity=Severity.INFO,
    needs=(Need("reward", points=MIN_POINTS),),
    since="0.1.0",
    title="The reward improves",
    failure_title="Reward stagnation",
    doc=__doc__ or "",
    check=check,
    limits=NoLimits(),
    excluded_tasks=NO_POLICY,
    causes=(
        "non-finite",
        "policy-divergence",
        "entropy-collapse",
        "value-failure",
        "zero-learning-rate",
    ),
    judges_training=True,
    judges_end=True,
)

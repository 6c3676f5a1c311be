"""The reward falls far below its best level and stays there.

## What it finds
The step with the best reward, what share of the gain is lost at the end, and whether that is more than the noise of
episodes.

## Why it matters
The policy at the end is worse than one that the run already had. In reinforcement learning a bad update spoils the data
of the next one: a policy that has collapsed seldom comes back.

## How it is detected
The reward is averaged in at most 100 blocks, and the mean of the last window (a twentieth of them, at least 3) is
compared with that of the best. Most loggers write means over the last 100 episodes, which wander like a random walk with
no policy behind it: the fall has to exceed 4 times what a walk with the steps of this curve would do on the way (or 4
standard errors, where neighbouring points are independent). It has to be 30 % of the gain over the first window; where
nothing had been gained, a tenth of the reward. When 90 % of the gain is lost, it is an error.

## When it is a false alarm
A task that becomes harder during the run (a curriculum, self-play against a stronger opponent), a reward whose
definition changed, an exploration that was turned up again.

## What to do
Keep the checkpoint of the best step. Lower the learning rate towards the end, lower the clip range or the number of
epochs on each rollout, and stop an update when its KL divergence exceeds the target.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base import Finding, Need, Rule, Severity
from ..shared.rewards import LOST_SHARE, MIN_POINTS, NO_POLICY, course_of
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    ruined_share: float = limit(0.9, "the run ends about where it began")
    min_fall: float = limit(
        0.1, "of the reward, where nothing had been gained: the first policy is no achievement to lose a little of"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main reward."""
    course = course_of(run)
    lost = course.lost_share
    if not course.has_fallen or lost < LOST_SHARE:
        return
    fall = course.best - course.end
    if not course.has_risen and fall < limits.min_fall * max(abs(course.best), abs(course.end)):
        return
    reward = course.curve
    lost_text = f"{min(lost, 1):.0%} of what it had gained" if course.has_risen else "below where it began"
    yield Finding(
        message=f"{reward.name} falls from {course.best:.4g} around {reward.unit} {course.best_step:,} to {course.end:.4g} at the end, "
        + lost_text,
        confidence=min(0.97, 0.85 + 0.02 * min(course.fall_z - 4, 6)),
        metric=reward.name,
        steps=(course.best_step, int(reward.steps[-1])),
        evidence={
            "first": course.first,
            "best": course.best,
            "end": course.end,
            "lost_gain_share": min(lost, 1e6),
            "z": min(course.fall_z, 1e6),
        },
        severity=Severity.ERROR if lost >= limits.ruined_share else Severity.WARNING,
        remedies=(
            f"keep the checkpoint around {reward.unit} {course.best_step:,}, not the last one",
            "lower the learning rate towards the end, and take fewer epochs on each rollout",
            "stop an update when its KL divergence exceeds the target (0.01 to 0.02 is usual)",
        ),
        cited=(course.best_step,),
    )


RULE = Rule(
    id="reward-collapse",
    family="reinforcement",
    severity=Severity.WARNING,
    needs=(Need("reward", points=MIN_POINTS),),
    since="0.1.0",
    title="The reward ends near its best",
    failure_title="Reward collapse",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=NO_POLICY,
    causes=(
        "non-finite",
        "policy-divergence",
        "entropy-collapse",
        "value-failure",
        "learning-rate-jump",
    ),
    judges_training=True,
    judges_end=True,
)

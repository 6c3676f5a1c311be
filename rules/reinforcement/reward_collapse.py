"""The reward falls far below its best level and stays there.

## What it finds
The step with the best reward, the share of the gain that is lost at the end, and whether the loss exceeds the noise
of the episodes.

## Why it matters
The final policy is worse than an earlier one. In reinforcement learning, a bad update degrades the data of the next
one: a collapsed policy rarely recovers.

## How it is detected
The reward is averaged in at most 100 blocks, and the mean of the last window (a twentieth of them, at least 3) is
compared with that of the best. Most loggers write means over the last 100 episodes, which vary like a random walk
even for a constant policy: the fall has to exceed 4 times the standard deviation of a random walk with the steps of
this curve (or 4 standard errors, if neighbouring points are independent). It has to be 30% of the gain over the first
window, or 10% of the reward if there was no gain. A loss of 90% of the gain is an error.

## When it is a false alarm
A task that becomes harder during the run (a curriculum, self-play against a stronger opponent), a changed reward
definition, exploration that was increased again.

## What to do
Keep the checkpoint of the best step. Lower the learning rate towards the end, lower the clip range or the number of
epochs per rollout, and stop an update when its KL divergence exceeds the target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Finding, Need, Rule, Severity
from ..shared.rewards import NO_POLICY, ChangeLimits, course_of
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits(ChangeLimits):
    """Thresholds of this rule."""

    min_points: int = limit(30, "minimum evidence for a collapse: ten windows of 3", unit="points")
    min_lost_share: float = limit(0.3, "of the gain; less is normal fluctuation of a policy near its best", unit="%")
    ruined_share: float = limit(0.9, "of the gain: the final reward is close to the initial one", unit="%")
    min_fall: float = limit(
        0.1, "of the reward, if there was no gain: an initial policy may lose a little without harm", unit="%"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main reward."""
    course = course_of(run, limits.min_points)
    lost, has_risen = course.lost_share, course.has_risen(limits)
    if not course.has_fallen(limits) or lost < limits.min_lost_share:
        return
    if not has_risen and course.best - course.end < limits.min_fall * max(abs(course.best), abs(course.end)):
        return
    reward = course.curve
    yield Finding(
        message=f"{reward.name} falls from {course.best:.3g} around {reward.unit} {course.best_step:,} to {course.end:.3g} at the end: "
        + (
            f"it loses {min(lost, 1):.0%} of its gain"
            if has_risen
            else "it never improved, and it ends below its initial level"
        ),
        confidence=min(0.97, 0.85 + 0.02 * min(course.fall_z - limits.min_change_z, 6)),
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
            "lower the learning rate towards the end, and use fewer epochs per rollout",
            "stop an update when its KL divergence exceeds the target (0.01 to 0.02 is usual)",
        ),
        cited=(course.best_step,),
    )


RULE = Rule(
    id="reward-collapse",
    family="reinforcement",
    severity=Severity.WARNING,
    needs=(Need("reward", points="min_points"),),
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
        "kl-runaway",
        "entropy-collapse",
        "truncated-answers",
        "length-runaway",
        "value-failure",
        "learning-rate-jump",
    ),
    answers=("stability",),
    judges_end=True,
)

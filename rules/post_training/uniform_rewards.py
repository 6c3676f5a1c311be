"""For most prompts, all sampled answers get the same reward.

## What it finds
Training with group-relative rewards (GRPO and its variants) in which the answers to most prompts have equal rewards.

## Why it matters
The advantage of an answer is its reward minus the mean of its group. If all answers get the same reward, all
advantages are zero: these prompts cost compute and give no gradient.

## How it is detected
The median share of prompts with equal rewards (`frac_reward_zero_std` in TRL) over the last 30% of at least 20 points
exceeds 80%. If the reward has risen by 4 standard errors, the prompts have become too easy: reported as info.

## When it is a false alarm
A data set that is kept on purpose after most of its prompts are solved.

## What to do
Remove prompts that are always or never solved, reward partial success, and sample more answers per prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Finding, Need, Rule, Severity
from ..shared.rewards import ChangeLimits, course, reward_of
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ._curves import late_rows, longest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits(ChangeLimits):
    """Thresholds of this rule."""

    min_points: int = limit(20, "the last 30% then holds 6 points, enough for a median", unit="points")
    late_share: float = limit(0.3, "last part of the run, which is judged; a batch may be uniform by chance", unit="%")
    max_uniform: float = limit(0.8, "above, fewer than one in five prompts gives a gradient", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the share of prompts with equal rewards."""
    curve = longest(run, "uniform-reward-fraction", limits.min_points)
    rows = late_rows(curve, limits.late_share)
    share = median(curve.values[rows]) / curve.percent_scale
    if share <= limits.max_uniform:
        return
    reward = reward_of(run)
    is_solved = reward is not None and len(reward) >= limits.min_points and course(reward).has_risen(limits)
    why = "; the reward has risen, so the prompts have become too easy" if is_solved else ""
    yield Finding(
        message=f"all answers to a prompt get the same reward for {share:.0%} of the prompts ({curve.name}, median of the last "
        f"{limits.late_share:.0%} of the run), which give no gradient{why}",
        confidence=0.8,
        metric=curve.name,
        steps=(int(curve.steps[rows][0]), int(curve.steps[-1])),
        evidence={"uniform_share": share},
        severity=Severity.INFO if is_solved else Severity.WARNING,
        remedies=(
            "remove prompts that are always or never solved, or sample until each prompt has answers of both kinds",
            "reward partial success, or sample more answers per prompt at a higher temperature",
        ),
    )


RULE = Rule(
    id="uniform-rewards",
    family="post-training",
    severity=Severity.WARNING,
    needs=(Need("uniform-reward-fraction", points="min_points"),),
    since="0.1.0",
    title="Answers to one prompt get different rewards",
    failure_title="Uniform rewards",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("reward"),),
    causes=("entropy-collapse", "policy-divergence"),
    formerly="reward-model-saturation",
)

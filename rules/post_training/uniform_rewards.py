"""For most prompts, all sampled answers get the same reward.

## What it finds
Training with group-relative rewards (GRPO and its variants) in which the answers to most prompts have equal rewards.

## Why it matters
The advantage of an answer is its reward minus the mean of its group. If all answers get the same reward, all
advantages are zero: these prompts cost compute and give no gradient.

## How it is detected
The median share of prompts with equal rewards (`frac_reward_zero_std` in TRL) over the last 30% of at least 20 points
exceeds 80%. If the reward has risen by 4 standard errors, and no longer differs from batch to batch by more than 5%, the
prompts have become too easy: reported as info. If it does differ, prompts with less reward remain, whose answers are all
alike as well. Where this share is
not logged, the spread of rewards in a group (`reward_std`) has to be at most 1% of the reward, or without it the reward exactly the
same at each of the last points.

## When it is a false alarm
A data set that is kept on purpose after most of its prompts are solved.

## What to do
Remove prompts that are always or never solved, reward partial success, and sample more answers per prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.rewards import ChangeLimits, course, has_unsolved_prompts, is_on_answers, reward_of
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ._curves import late_rows, longest, trained_reward

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView

_SPREAD = {"reward", "std"}


@thresholds
class Limits(ChangeLimits):
    """Thresholds of this rule."""

    min_points: int = limit(20, "the last 30% then holds 6 points, enough for a median", unit="points")
    late_share: float = limit(0.3, "last part of the run, which is judged; a batch may be uniform by chance", unit="%")
    max_spread: float = limit(
        0.01, "of the reward; advantages are then the noise of the reward, if not exactly zero", unit="%"
    )
    max_uniform: float = limit(0.8, "above, fewer than one in five prompts gives a gradient", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the share of prompts with equal rewards, else on the spread of rewards, else on the reward."""
    if not is_on_answers(run):
        raise NotApplicableError("no answers of a language model are logged")
    if not any(map(len, run.curves("uniform-reward-fraction"))):
        yield from _of_spread(run, limits)
        return
    curve = longest(run, "uniform-reward-fraction", limits.min_points)
    rows = late_rows(curve, limits.late_share)
    share = median(curve.values[rows]) / curve.percent_scale
    if share <= limits.max_uniform:
        return
    reward = reward_of(run)
    has_risen = reward is not None and len(reward) >= limits.min_points and course(reward).has_risen(limits)
    is_solved = has_risen and reward is not None and not has_unsolved_prompts(reward)
    why = "; the reward has risen, so the prompts have become too easy" if is_solved else ""
    if has_risen and not is_solved:
        why = "; the reward has risen, but still differs from batch to batch: prompts with less reward remain, and are not learned"
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


def _of_spread(run: RunView, limits: Limits) -> Iterator[Finding]:
    """A spread of rewards in a group near zero, or a reward that is exactly the same at each of the last points."""
    reward = trained_reward(run)
    if reward is None or len(reward) < limits.min_points:
        raise InsufficientDataError(f"no reward of training has {limits.min_points} points")
    late = reward.values[late_rows(reward, limits.late_share)]
    level = abs(median(late))
    spreads = [c for c in run.curves("statistic") if set(words_of(c.tag)) >= _SPREAD and len(c) >= limits.min_points]
    curve = max(spreads, key=len, default=reward)
    left = median(curve.values[late_rows(curve, limits.late_share)]) if spreads else float(np.ptp(late))
    if left > (limits.max_spread * level if spreads else 0.0):
        return
    text = (
        f"the rewards of answers to a prompt have a spread of {left:.2g} ({curve.name}, median of the last {limits.late_share:.0%} of "
        f"the run) around {level:.3g}"
        if spreads
        else f"{reward.name} is {late[0]:.3g} at each of the last {len(late)} points: all answers get the same reward"
    )
    rows = late_rows(curve, limits.late_share)
    yield Finding(
        message=f"{text}, which gives no gradient",
        confidence=0.8,
        metric=curve.name,
        steps=(int(curve.steps[rows][0]), int(curve.steps[-1])),
        evidence={"spread": left, "reward": level},
        remedies=(
            "check that the reward function or the reward model tells answers apart, and that its output is not clipped",
            "reward partial success, or sample more answers per prompt at a higher temperature",
        ),
    )


RULE = Rule(
    id="uniform-rewards",
    family="post-training",
    severity=Severity.WARNING,
    needs=(AnyOf((Need("uniform-reward-fraction", points="min_points"), Need("reward", points="min_points"))),),
    since="0.1.0",
    title="Answers to one prompt get different rewards",
    failure_title="Uniform rewards",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(
        Need("reward"),
        Need("score"),
        Need("statistic"),
        Need("completion-length"),
        Need("truncated-fraction"),
        Need("policy-ratio"),
    ),
    causes=("entropy-collapse", "policy-divergence"),
    formerly="reward-model-saturation",
)

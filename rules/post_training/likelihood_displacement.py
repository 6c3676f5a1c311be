"""Preference optimisation makes the chosen answers less likely, together with the rejected ones.

## What it finds
An implicit reward of the chosen answers that falls by more than the margin over the rejected answers grows.

## Why it matters
Preference losses see only the difference of the two answers. Where both lose likelihood, their mass moves to answers that are in
no pair, often worse ones, while margin and accuracy look as they should (Pal et al. 2024; Razin et al. 2024).

## How it is detected
The median of the last 30% of the implicit reward of chosen answers (`rewards/chosen` in TRL: beta times the logarithm of how much
more likely the answer became) is at most -2, and the loss exceeds the margin that was gained. Of a log without these two, the
margin is that of the two rewards. Below -1, or below half of the margin, it is info. The fall has to exceed 6 standard errors.

## When it is a false alarm
A beta far above the usual 0.1, by which the rewards are multiplied.

## What to do
Add a likelihood term for the chosen answers (`rpo_alpha`, DPO-positive), lower the learning rate, raise beta, or leave out pairs
whose answers are nearly alike.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..statistics.noise import noise_of
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds
from ._curves import chosen_likelihood, implicit_rewards, late_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView

BOTH = 2  # answers of a pair


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "the last 30% then holds 6 points", unit="points")
    late_share: float = limit(0.3, "last part of the run, which is judged", unit="%")
    info_lost: float = limit(1.0, "of reward: with a beta of 0.1 the answers are e^10 times less likely")
    min_lost: float = limit(2.0, "of reward; published healthy runs lose less than one", source="TRL and Zephyr logs")
    info_share: float = limit(0.5, "of the margin", unit="ratio")
    min_share: float = limit(
        1.0, "of the margin: the chosen answers then lose more than sets the two apart", unit="ratio"
    )
    min_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the implicit reward of the chosen answers."""
    rewards = implicit_rewards(run)
    if len(rewards) < BOTH:
        raise NotApplicableError("the rewards of chosen and of rejected answers are not logged")
    chosen, rejected = rewards
    shorter = min(rewards, key=len)
    if len(shorter) < limits.min_points:
        raise InsufficientDataError(f"{shorter.name} needs at least {limits.min_points} points, has {len(shorter)}")
    rows = late_rows(chosen, limits.late_share)
    level, other = median(chosen.values[rows]), median(rejected.values[late_rows(rejected, limits.late_share)])
    margin = level - other
    error = noise_of(chosen.values).of_mean(window_points(len(chosen))) * math.sqrt(2)
    if (
        level > -limits.info_lost
        or margin <= 0
        or -level < limits.info_share * margin
        or -level <= limits.min_z * error
    ):
        return
    is_clear = level <= -limits.min_lost and -level >= limits.min_share * margin
    likelihood = chosen_likelihood(run)
    beside = ""
    if likelihood is not None and len(likelihood) >= limits.min_points:
        window = window_points(len(likelihood))
        then, now = median(likelihood.values[:window]), median(likelihood.values[-window:])
        beside = f"; {likelihood.name} goes from {then:.3g} to {now:.3g}"
    yield Finding(
        message=f"{chosen.name} is {level:.3g} in the last {limits.late_share:.0%} of the run (median), for a margin of {margin:.3g} over "
        f"{rejected.name}: the chosen answers lose likelihood as the rejected ones do{beside}",
        confidence=0.85 if is_clear else 0.7,
        metric=chosen.name,
        steps=(int(chosen.steps[rows][0]), int(chosen.steps[-1])),
        evidence={"chosen_reward": level, "rejected_reward": other, "margin": margin},
        severity=Severity.WARNING if is_clear else Severity.INFO,
        remedies=(
            "add a likelihood term for the chosen answers (rpo_alpha in TRL), or raise beta",
            "lower the learning rate, and leave out pairs whose answers are nearly alike",
        ),
    )


RULE = Rule(
    id="likelihood-displacement",
    family="post-training",
    severity=Severity.WARNING,
    needs=(AnyOf((Need("reward-margin"), Need("statistic", points="min_points"))),),
    since="0.1.0",
    title="Chosen answers keep their likelihood",
    failure_title="Likelihood displacement",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("statistic"), Need("unknown")),
    causes=("divergence", "early-blow-up", "learning-rate-too-high", "preference-memorised"),
    judges_end=True,
)

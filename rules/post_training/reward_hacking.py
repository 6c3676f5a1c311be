"""The reward of training rises while what it stands for falls: the policy exploits the reward.

## What it finds
A reward of training that rises while a score or reward of held-out data, or one of the terms that it is the sum of, falls.

## Why it matters
A reward model or a reward function is only a proxy. A policy that is optimised against it finds answers with a high reward
that are worse, and the curve of the reward looks better than ever (Gao et al. 2023).

## How it is detected
The median of the last window of a held-out score (a twentieth of at least 8 evaluations, at least 3) lies more than 4 standard
errors and 10% below its best window, and the reward of training is higher at the end than around the step of that best,
by 4 standard errors over the whole run. A fall of half of the improvement and 20% of the best level, beyond 6 standard errors,
is an error. A term (`rewards/<function>/mean`) has to fall by 30%, below its first level.

## When it is a false alarm
Held-out prompts of another kind; a term that is meant to be given up, such as a bonus for short answers.

## What to do
Keep the checkpoint of the best held-out level and read answers of later ones. Raise the KL penalty, bound the reward, add what
is missing in it, or ask several reward models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.rewards import NO_POLICY, ChangeLimits, Course, course
from ..statistics.change import rebound_of
from ..statistics.medians import median
from ..statistics.noise import noise_of
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds
from ._curves import trained_reward

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits(ChangeLimits):
    """Thresholds of this rule."""

    min_points: int = limit(30, "of the reward of training: ten windows of 3", unit="points")
    min_evaluations: int = limit(8, "two windows of 3 and some evaluations between them", unit="evaluations")
    min_fall_z: float = limit(
        4.0, "of the held-out level; healthy noise stays below", unit="standard errors", source="simulated healthy runs"
    )
    min_fall: float = limit(0.1, "of the best held-out level; less may be the scatter of the prompts", unit="%")
    error_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")
    error_fall: float = limit(0.2, "of the best held-out level", unit="%")
    error_lost: float = limit(0.5, "of the held-out improvement", unit="%")
    min_term_fall: float = limit(0.3, "of the first level of a term; less is traded for other terms", unit="%")


class Fall(NamedTuple):
    """How far a held-out score ends below its best: levels, step of the best, share of the best, of the gain, and z."""

    curve: CurveView
    step: int
    best: float
    end: float
    share: float
    lost: float
    z: float


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the held-out score that falls most, else on a term of the reward."""
    reward = trained_reward(run)
    if reward is None or len(reward) < limits.min_points:
        raise InsufficientDataError(f"no reward of training has {limits.min_points} points")
    held_out = [c for c in _held_out(run) if len(c) >= limits.min_evaluations]
    terms = [c for c in run.curves("reward") if c is not reward and _is_term(c, reward, limits)]
    if not held_out and not terms:
        raise InsufficientDataError(f"no held-out score or reward has {limits.min_evaluations} evaluations")
    gain = course(reward)
    if not gain.has_risen(limits):
        return
    falls = [fall for c in held_out if _is_clear(fall := _fall_of(c), limits) and _rises_since(reward, fall.step)]
    if falls:
        yield _on_held_out(max(falls, key=lambda f: f.z), reward, limits)
        return
    fallen = [term for c in terms if (term := course(c)).has_fallen(limits) and _is_given_up(term, limits)]
    if fallen and not gain.has_fallen(limits):
        yield _on_term(max(fallen, key=lambda term: term.fall_z), gain)


def _held_out(run: RunView) -> list[CurveView]:
    found = [*run.curves("score", "validation"), *run.curves("reward", "validation")]
    return [c for c in found if c.direction == "higher" and not c.layer]


def _is_term(curve: CurveView, reward: CurveView, limits: Limits) -> bool:
    return (
        curve.split == reward.split
        and curve.direction == "higher"
        and not curve.layer
        and len(curve) >= limits.min_points
    )


def _fall_of(curve: CurveView) -> Fall:
    values = -curve.values
    rebound = rebound_of(values, noise_of(values))
    best, end = -rebound.best, -rebound.end
    gain = best - median(curve.values[: window_points(len(curve))])
    lost = rebound.rise / gain if gain > 0 else float("inf")
    step = int(curve.steps[rebound.best_row])
    return Fall(curve, step, best, end, rebound.rise / max(abs(best), abs(end), 1e-12), lost, rebound.z)


def _is_clear(fall: Fall, limits: Limits) -> bool:
    return fall.z > limits.min_fall_z and fall.share >= limits.min_fall


def _rises_since(reward: CurveView, step: int) -> bool:
    """Whether the reward is higher at the end than it was around a step."""
    window = window_points(len(reward))
    row = min(max(int((reward.steps <= step).sum()), window), len(reward) - window)
    return median(reward.values[-window:]) > median(reward.values[row - window : row])


def _is_given_up(term: Course, limits: Limits) -> bool:
    """Whether a term that was given is not given any more; penalties, below zero, may grow with the reward."""
    return term.first > 0 and term.end < (1 - limits.min_term_fall) * term.first


def _on_held_out(fall: Fall, reward: CurveView, limits: Limits) -> Finding:
    is_large = fall.share >= limits.error_fall and fall.lost >= limits.error_lost and fall.z > limits.error_z
    window = window_points(len(reward))
    row = min(max(int((reward.steps <= fall.step).sum()), window), len(reward) - window)
    before, end = median(reward.values[row - window : row]), median(reward.values[-window:])
    return Finding(
        message=f"{reward.name} rises from {before:.3g} around {fall.curve.unit} {fall.step:,} to {end:.3g} at the end, while "
        f"{fall.curve.name} falls from {fall.best:.3g} to {fall.end:.3g} (medians of several points): the policy exploits the reward",
        confidence=0.9 if is_large else 0.85,
        metric=fall.curve.name,
        steps=(fall.step, int(fall.curve.steps[-1])),
        evidence={"best": fall.best, "end": fall.end, "fall_share": fall.share, "lost_gain_share": min(fall.lost, 1e6),
                  "z": min(fall.z, 1e6), "reward_then": before, "reward_end": end},
        severity=Severity.ERROR if is_large else Severity.WARNING,
        remedies=(
            f"keep the checkpoint around {fall.curve.unit} {fall.step:,}, and read answers of the last one for what the reward misses",
            "raise the KL penalty, bound the reward, or ask several reward models",
        ),
        cited=(fall.step,),
    )  # fmt: skip


def _on_term(term: Course, whole: Course) -> Finding:
    curve = term.curve
    return Finding(
        message=f"{curve.name} falls from {term.best:.3g} around {curve.unit} {term.best_step:,} to {term.end:.3g} at the end, while "
        f"{whole.curve.name} rises from {whole.first:.3g} to {whole.end:.3g}: this part of the reward is given up for the others",
        confidence=0.85,
        metric=curve.name,
        steps=(term.best_step, int(curve.steps[-1])),
        evidence={
            "best": term.best,
            "end": term.end,
            "z": min(term.fall_z, 1e6),
            "reward_first": whole.first,
            "reward_end": whole.end,
        },
        severity=Severity.WARNING,
        remedies=(
            "lower the weight of the terms that are easy, such as the format, or give them only with a right answer",
            f"keep the checkpoint around {curve.unit} {term.best_step:,}",
        ),
        cited=(term.best_step,),
    )


RULE = Rule(
    id="reward-hacking",
    family="post-training",
    severity=Severity.WARNING,
    needs=(Need("reward", points="min_points"),),
    since="0.1.0",
    title="Held-out scores follow the reward",
    failure_title="Reward hacking",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("score"), Need("score", "validation"), Need("reward", "validation")),
    excluded_tasks=NO_POLICY,
    causes=("kl-runaway", "policy-divergence"),
    answers=("generalization",),
    judges_end=True,
)

"""The value function does not learn to predict the returns.

## What it finds
An explained variance that stays at zero or below although the error of the value function is as large as ever, or an
error of the value function that explodes while the reward does not improve.

## Why it matters
Advantages are returns minus predicted values. With a useless value function they are mostly noise, and the policy learns
slowly, if at all.

## How it is detected
The second half of the explained variance is cut into 5 blocks: none has a median above 0.05. That is normal for a
policy that has solved its task, since its returns hardly vary any more: a value loss below half of its first level
clears it, and where no value loss is logged, a reward that has risen. Nothing clears an explained variance of exactly zero
throughout: the value is then the same in all states. Separately: a value loss that ends at 100
times its best level, more than 6 standard errors above it, while the reward did not rise, or lost 30 % of
its gain. A loss that grows with the square of rising rewards is no failure.

## When it is a false alarm
Returns that cannot be predicted: the first step of a bandit, an opponent that chooses at random.

## What to do
Normalise rewards or returns, raise the weight of the value loss, give the value function its own network or a higher
learning rate, and check that bootstrapping at time limits is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, NotApplicableError, Rule, Severity
from ..shared.rewards import NO_POLICY, course, reward_of
from ..statistics.medians import median
from ..statistics.windows import window_points
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..shared.rewards import Course
    from ..view.run_view import CurveView, RunView

_VALUE_WORDS = frozenset("value values vf v critic td".split())


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "ten in the second half: two a block")
    blocks: int = limit(5, "")
    limit_explained: float = limit(
        0.05, "a value function without any training signal still reached 0.02 in single updates"
    )
    learnt_share: float = limit(0.5, "of the first value loss: the value function has learnt something")
    constant: float = limit(1e-5, "rounding in float32 of a share that is zero")
    exploded: float = limit(
        np.log(100.0), "rewards that grow tenfold do this; more needs a policy that improves beyond that"
    )
    limit_z: float = limit(6.0, "")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the explained variance, else on the value loss."""
    explained = max(run.curves("explained-variance"), key=len, default=None)
    losses = [
        c for c in run.curves("loss") if _VALUE_WORDS & set(words_of(c.tag)) and c.split != "validation" and len(c)
    ]
    loss = max(losses, key=len, default=None)
    if explained is None and loss is None:
        raise NotApplicableError("neither the explained variance nor the loss of a value function is logged")
    reward = reward_of(run)
    gain = course(reward) if reward is not None and len(reward) >= limits.min_points else None
    usable = [c for c in (explained, loss) if c is not None and len(c) >= limits.min_points]
    if not usable:
        raise InsufficientDataError(
            f"fewer than {limits.min_points} points of the explained variance or the value loss"
        )
    if (
        explained in usable
        and explained is not None
        and (
            _is_constant(explained, limits) or (_is_useless(explained, limits) and not _is_excused(loss, gain, limits))
        )
    ):
        yield _useless(explained, loss)
    elif loss in usable and loss is not None and _has_exploded(loss, limits):
        if gain is None:
            raise InsufficientDataError("the value loss grows, as it may with rewards, which are not logged")
        if gain.may_have_risen:
            raise InsufficientDataError(
                "the value loss grows, as it may with a reward that rises, and the reward is too noisy to tell"
            )
        if not gain.has_kept:
            yield _exploded(loss, gain)


def _is_useless(explained: CurveView, limits: Limits) -> bool:
    half = explained.values[len(explained) // 2 :]
    return max(median(part) for part in np.array_split(half, limits.blocks)) <= limits.limit_explained


def _is_constant(explained: CurveView, limits: Limits) -> bool:
    """Whether one value is predicted for all states; whatever a network makes of its input, it explains a little or less."""
    return bool(np.all(np.abs(explained.values[len(explained) // 2 :]) < limits.constant))


def _is_excused(loss: CurveView | None, gain: Course | None, limits: Limits) -> bool:
    """Whether the returns hardly vary any more, so that nothing is left to explain."""
    if loss is not None and len(loss) >= limits.min_points:
        first = median(loss.values[: window_points(len(loss))])
        return median(loss.values[len(loss) // 2 :]) <= limits.learnt_share * first
    return gain is None or gain.has_risen


def _has_exploded(loss: CurveView, limits: Limits) -> bool:
    return loss.is_positive and loss.rebound.z > limits.limit_z and loss.rebound.rise > limits.exploded


def _useless(explained: CurveView, loss: CurveView | None) -> Finding:
    row = len(explained) // 2
    level = median(explained.values[row:])
    evidence = {"explained_variance": max(level, -1e6)}
    if loss is not None and len(loss):
        evidence |= {"value_loss_first": float(loss.values[0]), "value_loss_end": float(loss.values[-1])}
    return Finding(
        message=f"{explained.name} is {level:.2g} in the second half of the run: the value function predicts no better than a constant",
        confidence=0.85,
        metric=explained.name,
        steps=(int(explained.steps[row]), int(explained.steps[-1])),
        evidence=evidence,
        remedies=(
            "normalise rewards or returns: a value function cannot follow returns of thousands",
            "raise the weight of the value loss, or give the value function its own network or learning rate",
            "check that it gets the same observations as the policy, and that time limits are bootstrapped",
        ),
    )


def _exploded(loss: CurveView, gain: Course) -> Finding:
    rebound = loss.rebound
    step = int(loss.steps[rebound.best_row])
    times = float(np.exp(min(rebound.rise, 600.0)))
    return Finding(
        message=f"{loss.name} grows {times:.3g} times after {loss.unit} {step:,} although {gain.curve.name} does not improve "
        f"({gain.first:.3g} at first, {gain.end:.3g} at the end)",
        confidence=0.85,
        metric=loss.name,
        steps=(step, int(loss.steps[-1])),
        evidence={"growth": times, "z": min(rebound.z, 1e6), "reward_first": gain.first, "reward_end": gain.end},
        remedies=(
            "lower the learning rate of the value function, and clip its gradients",
            "update the target network more slowly, or use the smaller of two value functions",
            "normalise rewards or returns",
        ),
        cited=(step,),
    )


RULE = Rule(
    id="value-failure",
    family="reinforcement",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="The value function predicts the returns",
    failure_title="Failed value function",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=NO_POLICY,
    causes=(
        "non-finite",
        "policy-divergence",
        "zero-gradient",
        "learning-rate-too-high",
        "learning-rate-jump",
        "exploding-gradients",
    ),
    judges_training=True,
)

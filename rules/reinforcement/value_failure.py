"""The value function does not learn to predict the returns.

## What it finds
An explained variance that stays at zero or below while the value loss does not fall, or a value loss that explodes
while the reward does not improve.

## Why it matters
Advantages are returns minus predicted values. With a useless value function they are mostly noise, and the policy learns
slowly, if at all.

## How it is detected
The second half of at least 20 points of the explained variance is divided into 5 blocks, none of which has a median
above 5%. This is normal for a policy that has solved its task, because its returns hardly vary any more: a value loss
below 50% of its first level is therefore clear, and so is a reward that has risen by 4 standard errors if no value
loss is logged. An explained variance of exactly zero over the whole half is always reported: the value is then the
same in all states. Separately: a value loss that ends at 100 times its best level, more than 6 standard errors above
it, while the reward did not rise, or lost 30% of its gain (undecided if the reward may have risen, by 2 standard
errors or 30%). A value loss that grows with the square of rising rewards is normal: where it grows 100 times more than that, the
gain of the reward does not excuse it. The only loss of an agent whose log names an exploration rate or Q values is one.

## When it is a false alarm
Unpredictable returns: a bandit, an opponent that acts at random.

## What to do
Normalise rewards or returns, raise the weight of the value loss, give the value function its own network or a higher
learning rate, and check the bootstrapping at time limits.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.rewards import NO_POLICY, KeptLimits, course, reward_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..shared.rewards import Course
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

# Words of what a log of Q-learning holds beside its loss: how often it acts at random, and its values.
_ACTS_BY_VALUES = frozenset("exploration epsilon q qvalue qvalues".split())
_VALUE_WORDS = frozenset("value values vf v critic td".split())


@thresholds
class Limits(KeptLimits):
    """Thresholds of this rule."""

    min_points: int = limit(20, "ten in the second half: two per block", unit="points")
    blocks: int = limit(
        5, "of the second half; a value function that learns late is visible in the last", unit="blocks"
    )
    max_explained: float = limit(
        0.05, "a value function without any training signal still reached 2% in single updates", unit="%"
    )
    max_loss_share: float = limit(0.5, "of the first value loss: the value function has learned", unit="%")
    constant: float = limit(1e-5, "rounding in float32 of an explained variance of zero", unit="")
    min_growth: float = limit(
        100.0,
        "of the value loss; rewards that grow tenfold also cause this, but then the policy improves",
        unit="ratio",
    )
    min_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the explained variance, else on the value loss."""
    explained = max(run.curves("explained-variance"), key=len, default=None)
    is_only = len(run.curves("loss")) == 1 and _acts_by_values(run)
    losses = [
        c
        for c in run.curves("loss")
        if (_is_of_values(c) or (is_only and c.direction != "higher")) and c.split != "validation" and len(c)
    ]
    loss = max(losses, key=len, default=None)
    logged = [c for c in (explained, loss) if c is not None]
    if not logged:
        raise NotApplicableError("neither the explained variance nor the loss of a value function is logged")
    reward = reward_of(run)
    gain = course(reward) if reward is not None and len(reward) >= limits.min_points else None
    usable = [c for c in logged if len(c) >= limits.min_points]
    if not usable:
        raise InsufficientDataError(
            f"explained variance or value loss needs at least {limits.min_points} points, has {max(map(len, logged))}"
        )
    if explained in usable and explained is not None and _fails_to_explain(explained, loss, gain, limits):
        yield _useless(explained, loss)
    elif loss in usable and loss is not None and _has_exploded(loss, limits):
        if gain is not None and loss.rebound.rise > math.log(limits.min_growth) + 2 * math.log(_growth_of(gain)):
            yield _exploded(loss, gain, limits)
            return
        if gain is None:
            raise InsufficientDataError(
                "the value loss grows, which rising rewards can explain, but no reward is logged"
            )
        if gain.may_have_risen(limits):
            raise InsufficientDataError(
                "the value loss grows, which rising rewards can explain, but the reward is too noisy to tell"
            )
        if not gain.has_kept(limits):
            yield _exploded(loss, gain, limits)


def _is_of_values(loss: CurveView) -> bool:
    """Whether a loss is that of a value function by its name."""
    return bool(_VALUE_WORDS & set(words_of(loss.tag)))


def _acts_by_values(run: RunView) -> bool:
    """Whether an agent acts by its values: its only loss is then theirs."""
    return any(_ACTS_BY_VALUES & set(words_of(c.tag)) for c in run.run.all_curves)


def _fails_to_explain(explained: CurveView, loss: CurveView | None, gain: Course | None, limits: Limits) -> bool:
    if _is_constant(explained, limits):
        return True
    return _is_useless(explained, limits) and not _is_excused(loss, gain, limits)


def _is_useless(explained: CurveView, limits: Limits) -> bool:
    half = explained.values[len(explained) // 2 :]
    return max(median(part) for part in np.array_split(half, limits.blocks)) <= limits.max_explained


def _is_constant(explained: CurveView, limits: Limits) -> bool:
    """Whether one value is predicted for all states; a network that depends on its input explains a little, or less than nothing."""
    return bool(np.all(np.abs(explained.values[len(explained) // 2 :]) < limits.constant))


def _is_excused(loss: CurveView | None, gain: Course | None, limits: Limits) -> bool:
    """Whether the returns hardly vary any more, so there is no variance to explain."""
    if loss is not None and len(loss) >= limits.min_points:
        first = median(loss.values[: window_points(len(loss))])
        return median(loss.values[len(loss) // 2 :]) <= limits.max_loss_share * first
    return gain is None or gain.has_risen(limits)


def _has_exploded(loss: CurveView, limits: Limits) -> bool:
    return loss.is_positive and loss.rebound.z > limits.min_z and loss.rebound.rise > math.log(limits.min_growth)


def _growth_of(gain: Course) -> float:
    """How many times the scale of the rewards grows, at least 1; a squared error grows with the square of it.

    The scale at first is that of the first rewards, or of their scatter where they are near zero.
    """
    values = gain.curve.values
    scatter = float(values[: max(window_points(len(values)), len(values) // 10)].std())
    first = max(abs(gain.first), scatter, 1e-12)
    return max(max(abs(gain.best), abs(gain.end)) / first, 1.0)


def _useless(explained: CurveView, loss: CurveView | None) -> Finding:
    row = len(explained) // 2
    level = median(explained.values[row:])
    evidence = {"explained_variance": max(level, -1e6)}
    if loss is not None and len(loss):
        evidence |= {"value_loss_first": float(loss.values[0]), "value_loss_end": float(loss.values[-1])}
    return Finding(
        message=f"{explained.name} has a median of {level:.2g} in the second half of the run: the value function predicts hardly better than a constant",
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


def _exploded(loss: CurveView, gain: Course, limits: Limits) -> Finding:
    fate = "has no lasting gain" if not gain.has_kept(limits) else "grows too little to explain it"
    rebound = loss.rebound
    step = int(loss.steps[rebound.best_row])
    times = exp(rebound.rise)
    return Finding(
        message=f"{loss.name} grows {times:.3g} times from its best window at {loss.unit} {step:,} although {gain.curve.name} {fate} "
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
    needs=(AnyOf((Need("explained-variance"), Need("loss"))),),
    since="0.1.0",
    title="The value function predicts the returns",
    failure_title="Value function failure",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("reward"),),
    excluded_tasks=NO_POLICY,
    causes=(
        "non-finite",
        "policy-divergence",
        "zero-gradient",
        "learning-rate-too-high",
        "learning-rate-jump",
        "exploding-gradients",
    ),
)

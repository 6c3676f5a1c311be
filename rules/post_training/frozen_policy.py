"""The policy is never updated: it stays equal to its reference model, or to the policy that collected the data.

## What it finds
Training on rewards or preferences in which the divergence from the reference model, or the implicit rewards of preference
pairs, are zero to rounding at every point; or in which updates do not change the policy and the reward stays as it was.

## Why it matters
All computation is spent on sampling and evaluating the first model. Gradients and a learning rate may be logged as usual: the
optimiser then updates weights that are not those that answer.

## How it is detected
The divergence from the reference model is below 1e-6 nats at 95% of at least 10 points, that of updates (`approx_kl`) below
1e-8 nats, or the ratio of new to old probabilities within 1e-6 of 1. Of preference pairs, the rewards of both answers are
below 1e-6 after the first point. A reward that has risen or fallen by 4 standard errors shows a policy that moves. A single
update per batch has a ratio of one by construction: without a divergence from the reference model that is zero too, the
finding is a warning, and needs a reward that does not rise. Without answers of a language model (their lengths, groups of
them), it also needs an entropy of the policy that is the same at all points to one part in a million.

## When it is a false alarm
Updates that are smaller than the rounding of half precision over the whole log.

## What to do
Check that the optimiser holds the parameters of the model that samples, that updated weights are copied to the inference engine,
that adapters are trainable and active, and that the reference model is a copy; in preference optimisation that beta is not zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.rewards import ChangeLimits, course, is_on_answers, reward_of
from ..thresholds import limit, thresholds
from ._curves import implicit_rewards

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits(ChangeLimits):
    """Thresholds of this rule."""

    min_points: int = limit(10, "a warm-up of the learning rate is then over", unit="points")
    min_share: float = limit(0.95, "of the points; a resumed run may evaluate one with other weights", unit="%")
    max_reference_nats: float = limit(
        1e-6, "rounding in float32, summed over an answer; moving policies are at 1e-4 and more", unit="nats"
    )
    max_update_nats: float = limit(1e-8, "rounding in float32; moving policies are at 1e-6 and more", unit="nats")
    max_ratio_distance: float = limit(1e-6, "rounding in float32", unit="ratio")
    max_entropy_change: float = limit(1e-6, "of the entropy; rounding in float32", unit="%")
    max_implicit_reward: float = limit(1e-6, "rounding in float32 of log-likelihoods times beta")


class Still(NamedTuple):
    """A quantity that shows that the policy does not move."""

    curve: CurveView
    what: str
    is_of_reference: bool


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the quantity that shows it most directly."""
    moves = [answer for curve in _witnesses(run) if (answer := _still(curve, limits)) is not None]
    pairs = [c for c in implicit_rewards(run) if len(c) >= limits.min_points]
    is_of_answers = is_on_answers(run)
    if not pairs and not is_of_answers and not _is_entropy_frozen(run, limits):
        raise NotApplicableError(
            "neither answers of a language model nor preference pairs are logged, nor an entropy that never changes"
        )
    if not moves and not pairs:
        raise InsufficientDataError(f"no divergence or ratio of policies has {limits.min_points} points")
    if pairs and all(_is_near_zero(c.values[1:], limits.max_implicit_reward, limits) for c in pairs):
        yield _finding(
            Still(pairs[0], "the implicit reward of an answer, is zero", is_of_reference=True), Severity.ERROR, ""
        )
        return
    if not moves or not all(moves) or (pairs and not is_of_answers):  # one that moves is enough
        return
    stills = [still for still in moves if isinstance(still, Still)]
    of_reference = next((still for still in stills if still.is_of_reference), None)
    reward = reward_of(run)
    gain = course(reward) if reward is not None and len(reward) >= limits.min_points else None
    if gain is not None and (gain.has_risen(limits) or gain.has_fallen(limits)):
        return
    if gain is None and of_reference is None:
        raise InsufficientDataError("updates do not change the policy, but no reward shows whether it learns")
    text = f", and {gain.curve.name} does not rise beyond its noise" if gain is not None else ""
    yield _finding(of_reference or stills[0], Severity.ERROR if of_reference else Severity.WARNING, text)


def _witnesses(run: RunView) -> list[CurveView]:
    found = [*run.curves("kl"), *run.curves("approx-kl"), *run.curves("policy-ratio")]
    return [c for c in found if c.split != "validation"]


def _still(curve: CurveView, limits: Limits) -> Still | bool | None:
    """What does not move, False if it moves, None if too few points show it."""
    if len(curve) < limits.min_points:
        return None
    if curve.role == "policy-ratio":
        is_still = _is_near_zero(curve.values - 1, limits.max_ratio_distance, limits)
        return is_still and Still(curve, "the ratio of new to old probabilities, is one", is_of_reference=False)
    if curve.role == "approx-kl":
        is_still = _is_near_zero(curve.values, limits.max_update_nats, limits)
        return is_still and Still(curve, "the divergence of updates, is zero", is_of_reference=False)
    is_still = _is_near_zero(curve.values, limits.max_reference_nats, limits)
    return is_still and Still(curve, "the divergence from the reference model, is zero", is_of_reference=True)


def _is_entropy_frozen(run: RunView, limits: Limits) -> bool:
    """Whether an entropy of the policy is logged that has one value: no update changed it."""
    entropies = [c for c in run.curves("entropy") if len(c) >= limits.min_points and c.split != "validation"]
    return bool(entropies) and all(
        float(np.ptp(c.values)) <= limits.max_entropy_change * float(np.abs(c.values).max()) for c in entropies
    )


def _is_near_zero(values: Floats, limit: float, limits: Limits) -> bool:
    return bool((np.abs(values) <= limit).mean() >= limits.min_share)


def _finding(still: Still, severity: Severity, beside: str) -> Finding:
    curve = still.curve
    if curve.role in ("statistic", "reward-margin"):
        remedies = (
            "check that the reference model is a copy with its own weights, and that beta is not zero",
            "check that the optimiser holds the trained parameters, and that adapters are active in training",
        )
    else:
        remedies = (
            "check that the optimiser holds the parameters of the model that samples, and that adapters are trainable",
            "copy the updated weights to the inference engine after each update",
        )
    return Finding(
        message=f"{curve.name}, {still.what} to rounding at {len(curve):,} points (at most {np.abs(curve.values).max():.2g}){beside}: "
        "the policy is not updated",
        confidence=0.95 if severity is Severity.ERROR else 0.8,
        metric=curve.name,
        steps=(int(curve.steps[0]), int(curve.steps[-1])),
        evidence={"largest": float(np.abs(curve.values).max()), "points": float(len(curve))},
        severity=severity,
        remedies=remedies,
    )


RULE = Rule(
    id="frozen-policy",
    family="post-training",
    severity=Severity.ERROR,
    needs=(
        AnyOf(
            (
                Need("kl", points="min_points"),
                Need("approx-kl", points="min_points"),
                Need("policy-ratio", points="min_points"),
                Need("reward-margin", points="min_points"),
                Need("statistic", points="min_points"),
            )
        ),
    ),
    since="0.1.0",
    title="The policy moves",
    failure_title="Frozen policy",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(
        Need("reward"),
        Need("entropy"),
        Need("completion-length"),
        Need("truncated-fraction"),
        Need("uniform-reward-fraction"),
    ),
    causes=("zero-learning-rate", "zero-gradient", "uniform-rewards", "non-finite"),
)

"""Updates move the policy too far from the policy that collected the data.

## What it finds
A KL divergence between the policy before and after an update, a clip fraction or a policy ratio far beyond what
trust-region methods allow, over a large part of the run; or a single update after which the policy never changes
again.

## Why it matters
PPO and similar methods estimate the gain of an update from samples of the old policy. The estimate is valid only near
the old policy: further away it is noise, and the update is as likely to destroy the policy as to improve it.

## How it is detected
The moving median over 20% of the run (at least 5 points) of the KL divergence exceeds 0.1 nats, ten times the target
of 0.01 that Spinning Up, RLlib and RSL-RL use (or ten times the target in the hyperparameters, if higher): a warning.
From 1 nat, the probability of an action changes by a factor of e on average, against the 1.2 at which PPO clips: an
error. So is a single update of 1 nat after which the divergence is zero for at least 20% of the run: the policy has
become deterministic and receives no gradient. A clip fraction above 50%, or a ratio outside 0.5 to 2, over the same
window is a warning; a ratio outside 0.1 to 10 is an error (the TRL documentation calls 2, 1000 and 0.1 too drastic).

## When it is a false alarm
A divergence from something other than the previous policy, such as a reference model, under a misleading name;
methods that reuse old data on purpose and correct for it.

## What to do
Lower the learning rate, use fewer epochs per rollout or larger batches, set a target KL divergence at which an update
stops, and check that the clip range is about 0.2 and that advantages are normalised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import AnyOf, Finding, Need, Rule, Severity
from ..shared.rewards import NO_POLICY
from ..statistics.medians import median, moving_median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats, Role
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(5, "for a median that a single update does not affect", unit="points")
    stretch_share: float = limit(
        0.2, "of the run; shorter peaks, in a warm-up or when the policy learns a new skill, are normal", unit="%"
    )
    max_target_ratio: float = limit(
        10.0,
        "of the KL divergence over its target; healthy runs reach 3.2 in the median of a window, 27 in single updates",
        unit="ratio",
        source="32 healthy runs of PPO",
    )
    usual_target: float = limit(0.01, "target KL divergence", unit="nats", source="Spinning Up, RLlib, RSL-RL")
    severe_nats: float = limit(1.0, "an action's probability changes by a factor of e on average", unit="nats")
    frozen_nats: float = limit(1e-7, "rounding in float32 of log-probabilities that do not change", unit="nats")
    max_clipped: float = limit(
        0.5, "healthy runs reach at most 35% in single updates", unit="%", source="32 healthy runs of PPO"
    )
    max_ratio: float = limit(2.0, "or its inverse; PPO clips at 1.2", unit="ratio", source="TRL documentation")
    severe_ratio: float = limit(10.0, "or its inverse", unit="ratio", source="TRL documentation")


class Excess(NamedTuple):
    """A window of updates that are too large: rows of the curve, its level there, and the exceeded limit."""

    curve: CurveView
    first: int
    last: int
    level: float
    limit: float
    severity: Severity
    is_frozen_after: bool = False


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the most severe of the quantities that are logged."""
    roles: tuple[Role, ...] = ("approx-kl", "clip-fraction", "policy-ratio")
    curves = [max(logged, key=len) for role in roles if (logged := [c for c in run.curves(role) if len(c)])]
    usable = [c for c in curves if len(c) >= limits.min_points]
    found = [excess for curve in usable if (excess := _excess(run, curve, limits)) is not None]
    if found:
        yield _finding(max(found, key=lambda e: e.severity))


def _excess(run: RunView, curve: CurveView, limits: Limits) -> Excess | None:
    if curve.role == "approx-kl":
        target = run.hyperparameter("target_kl", "kl_target", "desired_kl", "max_kl") or limits.usual_target
        limit = limits.max_target_ratio * max(target, limits.usual_target)
        lasting = _lasting(curve, curve.values, limit, max(limits.severe_nats, limit), limits)
        return lasting if lasting and lasting.severity is Severity.ERROR else _destroyed(curve, limits) or lasting
    if curve.role == "clip-fraction":
        return _lasting(curve, curve.values / curve.percent_scale, limits.max_clipped, np.inf, limits)
    if not curve.is_positive:
        return None
    return _lasting(curve, np.exp(np.abs(np.log(curve.values))), limits.max_ratio, limits.severe_ratio, limits)


def _lasting(curve: CurveView, values: Floats, limit: float, severe: float, limits: Limits) -> Excess | None:
    """The worst stretch of a fifth of the run, if its median is beyond the limit."""
    window = max(limits.min_points, round(limits.stretch_share * len(values)))
    levels = moving_median(values, window)
    if levels.max() <= limit:
        return None
    row, level = int(np.argmax(levels)), float(levels.max())
    severity = Severity.ERROR if level >= severe else Severity.WARNING
    return Excess(curve, row, row + window - 1, level, limit, severity)


def _destroyed(curve: CurveView, limits: Limits) -> Excess | None:
    """One update of more than a nat, and none at all for the rest of the run."""
    is_large = curve.values >= limits.severe_nats
    if not is_large.any():
        return None
    row = int(np.flatnonzero(is_large)[-1])
    rest = curve.values[row + 1 :]
    if len(rest) < max(limits.min_points, limits.stretch_share * len(curve)):
        return None
    if median(np.abs(rest)) > limits.frozen_nats:
        return None
    return Excess(curve, row, row, float(curve.values[row]), limits.severe_nats, Severity.ERROR, is_frozen_after=True)


def _finding(excess: Excess) -> Finding:
    curve = excess.curve
    first, last = int(curve.steps[excess.first]), int(curve.steps[excess.last])
    if excess.is_frozen_after:
        message = f"{curve.name} reaches {excess.level:.3g} nats at {curve.unit} {first:,}, and the policy no longer changes afterwards"
    else:
        unit = {"approx-kl": " nats", "policy-ratio": " (or its inverse)"}.get(curve.role, "")
        message = f"{curve.name} has a median of {excess.level:.3g}{unit} from {curve.unit} {first:,} to {last:,}, above {excess.limit:.3g}"
    return Finding(
        message=message,
        confidence=0.95 if excess.severity is Severity.ERROR else 0.85,
        metric=curve.name,
        steps=(first, int(curve.steps[-1]) if excess.is_frozen_after else last),
        evidence={"level": min(excess.level, 1e300), "limit": excess.limit},
        severity=excess.severity,
        remedies=(
            "lower the learning rate 3 to 10 times",
            "use fewer epochs per rollout, and stop an update at a target KL divergence of 0.01 to 0.02",
            "check that the clip range is about 0.2 and that advantages are normalised",
        ),
        cited=(first,),
    )


RULE = Rule(
    id="policy-divergence",
    family="reinforcement",
    severity=Severity.ERROR,
    needs=(
        AnyOf(
            (
                Need("approx-kl", points="min_points"),
                Need("clip-fraction", points="min_points"),
                Need("policy-ratio", points="min_points"),
            )
        ),
    ),
    since="0.1.0",
    title="Updates stay near the policy that collected the data",
    failure_title="Policy divergence",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=NO_POLICY,
    causes=(
        "learning-rate-jump",
        "learning-rate-too-high",
        "exploding-gradients",
    ),
    answers=("stability",),
)

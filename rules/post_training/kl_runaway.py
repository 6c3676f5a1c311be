"""The KL divergence from the reference model grows without bound late in the run.

## What it finds
A divergence of the policy from its reference model that ends at 10 times its level in the middle of the run; from 100 times on
it is an error.

## Why it matters
The reward model is only valid near the reference model. A policy that moves away quickly usually exploits errors of
the reward model: the reward grows while the answers get worse.

## How it is detected
The median of the last window (a twentieth of at least 20 points, at least 3) is at least 10 times the median of the
middle third of the run, and lies more than 6 standard errors above the lowest window. A steady growth counts as well if it
ends at 20 nats or more, at least 1.5 times the median of the middle third, while the entropy of the policy has fallen
below 10% of its first window. A tag "kl" counts as a divergence from a reference model only if other post-training metrics, or
the divergence of updates, are logged as well.

## When it is a false alarm
A reference model that is replaced during the run, or a KL penalty that is disabled on purpose.

## What to do
Raise the KL penalty, lower the learning rate, or stop earlier; inspect answers of the last checkpoints.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import AnyOf, Finding, Need, Rule, Severity
from ..statistics.medians import median
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds
from ._curves import longest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "the middle third then holds 6 points, enough for a median", unit="points")
    min_growth: float = limit(
        10.0,
        "relative to the middle of the run; the divergence starts at zero and usually grows until then",
        unit="ratio",
    )
    error_growth: float = limit(
        100.0, "relative to the middle of the run; hardly any mass is left where the reward model holds", unit="ratio"
    )
    far_nats: float = limit(
        20.0, "of an answer; rewards of most trained policies peak between 2 and 10 nats", unit="nats",
        source="Gao et al. 2023, Scaling laws for reward model overoptimization",
    )  # fmt: skip
    steady_growth: float = limit(1.5, "relative to the middle of the run: it has not levelled off", unit="ratio")
    entropy_left: float = limit(0.1, "of the first window: nearly the same answer to each prompt", unit="%")
    min_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the divergence from the reference model."""
    curve = longest(run, "kl", limits.min_points)
    if not curve.is_positive:
        return
    third = len(curve) // 3
    middle = median(curve.values[third : 2 * third])
    end = median(curve.values[-window_points(len(curve)) :])
    is_steady = end >= limits.far_nats and end >= limits.steady_growth * middle and _has_narrowed(run, limits)
    if (end < limits.min_growth * middle and not is_steady) or curve.rebound.z <= limits.min_z:
        return
    yield Finding(
        message=f"{curve.name}, the divergence from the reference model, ends at {end:.3g}, {end / middle:.3g} times its median "
        "in the middle third of the run",
        confidence=0.8,
        metric=curve.name,
        steps=(int(curve.steps[2 * third]), int(curve.steps[-1])),
        evidence={"middle": middle, "end": end, "z": min(curve.rebound.z, 1e6)},
        severity=Severity.ERROR if end >= limits.error_growth * middle else Severity.WARNING,
        remedies=(
            "raise the KL penalty, or lower the learning rate",
            "inspect some answers of the last checkpoints for reward hacking",
        ),
    )


def _has_narrowed(run: RunView, limits: Limits) -> bool:
    """Whether an entropy of the policy has lost most of its first level."""
    for entropy in run.curves("entropy"):
        window = window_points(len(entropy))
        if len(entropy) < limits.min_points or not entropy.is_positive:
            continue
        if median(entropy.values[-window:]) < limits.entropy_left * median(entropy.values[:window]):
            return True
    return False


RULE = Rule(
    id="kl-runaway",
    family="post-training",
    severity=Severity.WARNING,
    needs=(
        Need("kl", points="min_points"),
        AnyOf(
            (
                Need("uniform-reward-fraction"),
                Need("truncated-fraction"),
                Need("completion-length"),
                Need("policy-ratio"),
                Need("approx-kl"),
            )
        ),
    ),
    since="0.1.0",
    title="The policy stays near its reference model",
    failure_title="KL runaway",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("entropy"),),
    causes=("policy-divergence", "learning-rate-jump"),
    formerly="reward-model-saturation",
)

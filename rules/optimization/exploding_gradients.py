"""The gradient norm grows tenfold and stays there, while the loss does not fall.

## What it finds
A gradient norm of the whole model that has grown to ten times its lowest level by the end of the run.

## Why it matters
Such large updates move the weights out of the region where the gradient predicts the loss. Divergence or NaN usually
follows.

## How it is detected
On the logarithm of the norm, in 10 blocks. From the lowest block on (at least 4 blocks), the blocks rise
(Mann-Kendall, 5%), the last one lies 10 times and 6 standard errors above the lowest one, and the training loss did
not fall over these blocks. It is an error if the loss also rises by 10% and beyond 6 standard errors, or if it, or
the norm, is not finite at the end. The absolute size of a norm is not informative: it depends on the model and on the
batch.

## When it is a false alarm
Losses that need not decrease, and a loss scale that changes (if the norm is logged before unscaling).

## What to do
Clip the gradient norm at about its 90th percentile before the growth, lower the learning rate, lengthen the warm-up, and
check the initialisation and normalisation of the layers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..shared.accumulation import reset_advice
from ..shared.checkpoints import restart_before
from ..shared.progress import change_of
from ..statistics.change import trend_of
from ..statistics.exponentials import exp
from ..statistics.windows import TREND_BLOCKS, block_means
from ..thresholds import limit, thresholds
from ._gradient_norm import whole_norm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "two for each of 10 blocks", unit="points")
    min_ratio: float = limit(
        10.0,
        "healthy norms grow up to fivefold as a loss falls: gradients of the few hard samples remain",
        unit="ratio",
    )
    growth_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")
    trend_z: float = limit(1.64, "Mann-Kendall score of a rise at the 5% level", unit="standard errors")
    max_loss_fall: float = limit(
        0.01, "of the logarithm of the loss; if the loss falls meanwhile, the growth is harmless", unit="%"
    )
    loss_rise: float = limit(0.1, "of the loss; a larger rise shows damage", unit="%")
    loss_z: float = limit(6.0, "the rise of the loss is then beyond its noise", unit="standard errors")


class Fate(NamedTuple):
    """The consequence of a growth: the end of the message about it, and whether the run has failed."""

    text: str
    is_ruinous: bool


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the longest norm of the whole model."""
    norm = whole_norm(run, limits.min_points)
    means = block_means(norm.scaled)
    lowest = int(np.argmin(means))
    rise = float(means[-1] - means[lowest])
    error = norm.noise.of_mean(len(norm) // TREND_BLOCKS) * math.sqrt(2)
    trend = trend_of(means[lowest:])  # NaN for fewer than 4 blocks
    if rise < math.log(limits.min_ratio) or rise < limits.growth_z * error or not trend.z > limits.trend_z:
        return
    row = lowest * len(norm) // TREND_BLOCKS
    first, last = int(norm.steps[row]), int(norm.steps[-1])
    fate = _fate(norm, run.loss("train"), first, limits)
    if fate is None:
        return
    low, high = exp(means[lowest]), exp(means[-1])
    usual = float(np.quantile(norm.values[: row + len(norm) // TREND_BLOCKS], 0.9))
    yield Finding(
        message=f"{norm.name} grows from {low:.3g} at {norm.unit} {first:,} to {high:.3g} at the end{fate.text}",
        confidence=0.9 if fate.is_ruinous else 0.8,
        metric=norm.name,
        steps=(first, last),
        evidence={"lowest": low, "end": high, "z": min(rise / error, 1e6) if error > 0 else 1e6},
        severity=Severity.ERROR if fate.is_ruinous else Severity.WARNING,
        remedies=(
            *reset_advice(run),
            f"clip the gradient norm at about {usual:.2g}, its 90th percentile before the growth, or lower the learning rate",
            restart_before(norm, first),
            "lengthen the warm-up, and check the initialisation and normalisation of the layers",
        ),
        cited=(first, last),
    )


def _fate(norm: CurveView, loss: CurveView | None, first: int, limits: Limits) -> Fate | None:
    """The consequence of the growth; None if it was harmless."""
    if not norm.is_finite[-1]:
        return Fate(", where it is no longer finite", is_ruinous=True)
    if loss is None or not len(loss):
        return Fate("", is_ruinous=False)
    if not loss.is_finite[-1]:
        return Fate(f", where {loss.name} is no longer finite", is_ruinous=True)
    during = change_of(loss.scaled[loss.steps >= first], loss.noise)
    if during.change > max(math.log1p(limits.loss_rise), limits.loss_z * during.error):
        return Fate(f", while {loss.name} rises", is_ruinous=True)
    return (
        Fate(f", while {loss.name} does not fall", is_ruinous=False) if during.change > -limits.max_loss_fall else None
    )


RULE = Rule(
    id="exploding-gradients",
    family="optimization",
    severity=Severity.WARNING,
    needs=(Need("gradient-norm", points="min_points"),),
    since="0.1.0",
    title="The gradient norm does not grow without bound",
    failure_title="Exploding gradients",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "train"),),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=(
        "learning-rate-jump",
        "learning-rate-too-high",
        "layer-gradient-imbalance",
        "resume-discontinuity",
        "loss-spike",
    ),
    answers=("stability",),
    needs_all_values=True,
)

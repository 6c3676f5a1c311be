"""The gradient norm and the training loss repeatedly spike together.

## What it finds
A few steps at which the gradient norm of the whole model is far above its recent level and the training loss jumps.

## Why it matters
A single large update undoes many others, and one of them may end in divergence or NaN.

## How it is detected
In at least 3 bursts, the norm exceeds 10 times the median of the 11 points before it, by at least 10 sigma of the 51
points before it, and within 2 points the training loss exceeds its own level by 10% and 6 sigma. Bursts within 11
points of each other count as one. If there are more than 6 bursts, and more than 2% of the points, the norm is noisy
and nothing is reported.

## When it is a false alarm
Single corrupt or mislabelled batches: the data are then the cause, and clipping only hides it.

## What to do
Clip the gradient norm at about its 90th percentile, inspect the batches of these steps, and lower the learning rate.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, NotApplicableError, Rule, Severity
from ..statistics.events import groups_of
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ._gradient_norm import whole_norm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Bools
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "11 points for the level and some after it", unit="points")
    level_points: int = limit(11, "before a point, whose median is its recent level; as for loss spikes", unit="points")
    noise_points: int = limit(51, "before a point, which show the noise; as for loss spikes", unit="points")
    min_ratio: float = limit(10.0, "of the recent level; healthy norms scatter less", unit="ratio")
    min_sigmas: float = limit(10.0, "norms have heavy tails, so more than for a loss", unit="sigma")
    loss_rise: float = limit(0.1, "above its recent level; a smaller jump costs little", unit="%")
    loss_sigmas: float = limit(6.0, "beyond the noise of the batches", unit="sigma")
    near_points: int = limit(2, "between norm and loss; a logger may write them a point apart", unit="points")
    min_bursts: int = limit(3, "bursts; one or two are accidents")
    max_bursts: int = limit(6, "bursts; more are noise, if they are also more than the share of the points")
    max_burst_share: float = limit(
        0.02, "of the points; more are noise, if they are also more than the number", unit="%"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the longest norm of the whole model."""
    norm, loss = whole_norm(run, limits.min_points), run.loss("train")
    if loss is None or not loss.is_positive:
        raise NotApplicableError("no positive training loss is logged, so relative change is undefined")
    is_burst = _stands_out(norm, limits.min_sigmas, limits.min_ratio, limits)
    jumps = loss.steps[_stands_out(loss, limits.loss_sigmas, 1 + limits.loss_rise, limits)]
    is_near = np.zeros(len(norm), dtype=bool)
    for row in np.searchsorted(norm.steps, jumps):
        is_near[max(0, int(row) - limits.near_points) : int(row) + limits.near_points + 1] = True
    groups = groups_of(is_burst & is_near, gap=limits.level_points)
    if not limits.min_bursts <= len(groups) <= max(limits.max_burst_share * len(norm), limits.max_bursts):
        return
    rows = [a + int(np.argmax(norm.values[a : b + 1])) for a, b in groups]
    largest = max(rows, key=lambda row: float(norm.values[row]))
    first, last, step = (int(norm.steps[row]) for row in (rows[0], rows[-1], largest))
    usual = median(norm.values)
    yield Finding(
        message=f"{norm.name} bursts {len(groups)} times together with {loss.name}, the largest time at {norm.unit} {step:,} "
        f"to {norm.values[largest]:.3g} (median {usual:.3g})",
        confidence=0.85,
        metric=norm.name,
        steps=(first, last),
        evidence={"burst_count": float(len(groups)), "largest": float(norm.values[largest]), "median": usual},
        remedies=(
            f"clip the gradient norm at about {np.quantile(norm.values, 0.9):.2g}, its 90th percentile",
            f"inspect the batches of these steps, as at {norm.unit} {step:,}",
            "lower the learning rate",
        ),
        cited=(first, last, step),
    )


def _stands_out(curve: CurveView, sigmas: float, ratio: float, limits: Limits) -> Bools:
    level, deviation = curve.trailing_deviation(limits.level_points, limits.noise_points)
    with np.errstate(invalid="ignore"):
        return (deviation > sigmas) & (curve.scaled - level > math.log(ratio))


RULE = Rule(
    id="gradient-bursts",
    family="optimization",
    severity=Severity.WARNING,
    needs=(Need("gradient-norm", points="min_points"), Need("loss", "train", points="min_points")),
    since="0.1.0",
    title="The gradient norm does not burst with the loss",
    failure_title="Bursts of the gradient norm",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
    yields_to=("exploding-gradients",),
    causes=(
        "learning-rate-jump",
        "learning-rate-too-high",
        "resume-discontinuity",
        "loss-spike",
    ),
    needs_all_values=True,
    formerly="exploding-gradients",
)

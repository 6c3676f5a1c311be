"""The gradient grows from layer to layer towards the input, and the loss does not fall.

## What it finds
A series of layers whose first third has a gradient norm 1,000 times that of the last third.

## Why it matters
One learning rate cannot fit all layers: the first ones change too much while the last ones hardly change. The usual
cause is an initialisation with too large weights, without normalisation.

## How it is detected
The norm of each layer is its median over the steps that all layers share; at least 4 steps and 4 layers are needed.
The median over the first third of the layers is 1,000 times that over the last third, the norm falls by half or more
towards the input in at most 10% of the pairs of layers, and the training loss has fallen by less than 10%.

## When it is a false alarm
Layers of very different kinds or sizes whose names look like a series.

## What to do
Use He or Xavier initialisation, or smaller weights; add normalisation layers or residual connections; clip the gradients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.progress import progress_of
from ..shared.series import aligned, series_of, share_falling
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_layers: int = limit(4, "fewer show no growth from layer to layer", unit="layers")
    min_points: int = limit(4, "steps that all layers share; fewer are single batches", unit="points")
    min_ratio: float = limit(1e3, "of first to last third; healthy stacks measured from 0.1 to 10", unit="ratio")
    max_share_falling: float = limit(0.1, "of the pairs of layers; a single layer may deviate", unit="%")
    no_progress: float = limit(
        0.1, "fall of the training loss; a run that makes progress does not have this problem", unit="%"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: for the longest series of layers."""
    layers = series_of(run.layers("gradient-norm"))
    if len(layers) < limits.min_layers:
        raise NotApplicableError(f"no series of {limits.min_layers} or more layers has a gradient norm above zero")
    steps, norms = aligned(layers)
    if len(steps) < limits.min_points:
        raise InsufficientDataError(f"the layers need at least {limits.min_points} common steps, have {len(steps)}")
    progress = progress_of(run.loss("train"))
    if progress is None:
        raise NotApplicableError("no positive training loss is logged, so its progress is unknown")
    medians = np.median(norms, axis=1)
    third = max(1, len(layers) // 3)
    ratio = float(np.median(medians[:third]) / np.median(medians[-third:]))
    if ratio < limits.min_ratio or progress >= limits.no_progress:
        return
    if share_falling(medians[::-1]) > limits.max_share_falling:
        return
    first, last = layers[0], layers[-1]
    yield Finding(
        message=f"the gradient norm grows from {medians[-1]:.2g} in {last.layer} to {medians[0]:.2g} in {first.layer}, and the "
        f"training loss has fallen by {max(progress, 0):.0%}",
        confidence=0.85,
        metric=first.name,
        steps=(int(steps[0]), int(steps[-1])),
        evidence={
            "first_layer": float(medians[0]),
            "last_layer": float(medians[-1]),
            "layer_count": float(len(layers)),
        },
        remedies=(
            "use smaller initial weights, with He or Xavier initialisation",
            "add normalisation layers or residual connections",
            "clip the gradient norm",
        ),
        cited=(int(steps[0]), int(steps[-1])),
    )


RULE = Rule(
    id="layer-gradient-imbalance",
    family="optimization",
    severity=Severity.WARNING,
    needs=(Need("gradient-norm", points="min_points", layers="min_layers"), Need("loss", "train")),
    since="0.1.0",
    title="The gradient does not grow from layer to layer",
    failure_title="Gradients grow from layer to layer",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
    formerly="exploding-gradients",
)

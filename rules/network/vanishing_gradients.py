"""Gradients shrink from layer to layer on their way back until the first layers get none.

## What it finds
Layers numbered along the network whose gradient norms fall by orders of magnitude from the last to the first.

## Why it matters
The first layers hardly change: the network trains like a much shallower one on random features, or not at all.

## How it is detected
From the gradient norm of each weight of the longest numbered series of layers, or of all layers in the order of the
log where names carry no numbers (biases left out). At each logged step the median norm of the first third is divided
by that of the last third. A ratio below 1/1000 at more than a fifth of the steps is a warning, if the norm rises with
depth: in at most a tenth of all pairs of layers has the deeper one less than half the norm of the other. It is an
error if the training loss has fallen by less than 10 %. Layers whose gradient is exactly zero are frozen or dead, not
vanishing, and are left out. The global norm alone cannot tell.

## When it is a false alarm
First layers that are fine although their gradients are small, as with optimizers that scale each parameter by itself
(Adam) in networks that are not deep; a series of names that does not follow the network's depth.

## What to do
Use activations that do not saturate (ReLU, GELU instead of sigmoid, tanh), an initialisation made for them (He,
Xavier), residual connections, and normalisation layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.progress import progress_of
from ..shared.series import aligned, series_of, share_falling
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_layers: int = limit(3, "")
    min_points: int = limit(3, "")
    limit_ratio: float = limit(
        1e-3, "of first to last third; healthy stacks measured from 0.1 to 10, saturated ones below 1e-4"
    )
    min_share_of_steps: float = limit(0.2, "")
    max_share_falling: float = limit(
        0.1, "of pairs of layers: the decay goes step by step, down to a floor; one small layer is no decay"
    )
    no_progress: float = limit(0.10, "share of the loss")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: for the longest series of layers."""
    layers = series_of(run.layers("gradient-norm"))
    if len(layers) < limits.min_layers:
        raise NotApplicableError(f"fewer than {limits.min_layers} layers of one network log a gradient norm above zero")
    steps, norms = aligned(layers)
    if len(steps) < limits.min_points:
        raise InsufficientDataError(f"the layers share {len(steps)} of {limits.min_points} logged steps that it takes")
    third = max(1, len(layers) // 3)
    ratio = np.median(norms[:third], axis=0) / np.median(norms[-third:], axis=0)
    is_small = ratio < limits.limit_ratio
    share = float(is_small.mean())
    medians = np.median(norms, axis=1)
    if share <= limits.min_share_of_steps or share_falling(medians) > limits.max_share_falling:
        return
    bad = steps[is_small]
    decades = float(np.log10(medians[-1] / medians[0])) / (len(layers) - 1)
    progress = progress_of(run.loss("train"))
    is_stuck = progress is not None and progress < limits.no_progress
    yield Finding(
        message=f"the gradient norm falls from {medians[-1]:.2g} in {layers[-1].layer} to {medians[0]:.2g} in "
        f"{layers[0].layer}, {decades:.1f} decades a layer, at {share:.0%} of the logged steps",
        confidence=0.97 if is_stuck else 0.8,
        metric=layers[0].name,
        steps=(int(bad[0]), int(bad[-1])),
        evidence={
            "first_layer": float(medians[0]),
            "last_layer": float(medians[-1]),
            "decades_per_layer": decades,
            "step_share": share,
            "layer_count": float(len(layers)),
        },
        severity=Severity.ERROR if is_stuck else Severity.WARNING,
        remedies=(
            "replace sigmoid and tanh by ReLU or GELU, with He or Xavier initialisation",
            "add residual connections or normalisation layers",
            f"check {layers[0].layer} to {layers[min(2, len(layers) - 1)].layer}: they hardly change",
        ),
    )


RULE = Rule(
    id="vanishing-gradients",
    family="network",
    severity=Severity.WARNING,
    needs=(Need("gradient-norm", points="min_points", layers="min_layers"),),
    since="0.1.0",
    title="Gradients reach the first layers",
    failure_title="Vanishing gradients",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "saturated-activations",
        "dead-units",
    ),
    judges_training=True,
)

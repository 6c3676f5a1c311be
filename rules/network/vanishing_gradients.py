"""Gradients shrink from layer to layer towards the input, so the first layers hardly learn.

## What it finds
Layers whose gradient norms fall by orders of magnitude from the last layer to the first.

## Why it matters
The first layers hardly change: the network trains like a much shallower one on random features, or not at all.

## How it is detected
The rule compares the gradient norms of the longest numbered series of weights, or of all weights in log order if the
names have no numbers. At each logged step, the median norm of the first third of the layers is divided by that of the
last third. The ratio is below 0.001 at more than 20% of the steps, and the norm rises with depth: in at most 10% of
all pairs of layers, the deeper one has less than half the norm of the other. It is a warning, and an error if the
training loss has fallen by less than 10%. Layers whose median gradient is exactly zero are skipped: they are frozen
or dead. The global norm is not sufficient.

## When it is a false alarm
Optimizers that scale each parameter separately (Adam) train the first layers of a shallow network well even with small
gradients; a series of names that does not follow the depth of the network.

## What to do
Use activation functions that do not saturate (ReLU or GELU instead of sigmoid or tanh), a matching initialisation
(He, Xavier), residual connections, and normalisation layers.
"""

from __future__ import annotations

import math
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

    min_layers: int = limit(3, "one for each third", unit="layers")
    min_points: int = limit(3, "logged steps that all layers share: one or two batches may be unusual", unit="points")
    min_ratio: float = limit(
        1e-3,
        "median gradient norm of the first third of the layers over that of the last third",
        unit="ratio",
        source="measured: 0.1 to 10 in healthy networks, below 0.0001 in saturated ones",
    )
    min_share_of_steps: float = limit(0.2, "a shorter period hardly affects the first layers", unit="%")
    min_fall: float = limit(
        2.0, "norm over that of a deeper layer: noise and different widths cause smaller ratios", unit="ratio"
    )
    max_share_falling: float = limit(
        0.1, "pairs of layers in which the norm falls with depth: a single small layer is not a trend", unit="%"
    )
    min_progress: float = limit(0.10, "if the loss has fallen by less, the network does not learn", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: for the longest series of layers."""
    layers = series_of(run.layers("gradient-norm"))
    if len(layers) < limits.min_layers:
        raise NotApplicableError(f"fewer than {limits.min_layers} layers of a series have a gradient norm above zero")
    steps, norms = aligned(layers)
    if len(steps) < limits.min_points:
        raise InsufficientDataError(
            f"needs at least {limits.min_points} steps at which every layer is logged, has {len(steps)}"
        )
    third = max(1, len(layers) // 3)
    ratio = np.median(norms[:third], axis=0) / np.median(norms[-third:], axis=0)
    is_small = ratio < limits.min_ratio
    share = float(is_small.mean())
    falling = share_falling(np.median(norms, axis=1), limits.min_fall)
    if share <= limits.min_share_of_steps or falling > limits.max_share_falling:
        return
    bad = steps[is_small]
    first, last = (float(norm) for norm in np.median(norms[[0, -1]][:, is_small], axis=1))
    decades = (math.log10(last) - math.log10(first)) / (len(layers) - 1)
    progress = progress_of(run.loss("train"))
    is_stuck = progress is not None and progress < limits.min_progress
    yield Finding(
        message=f"at {share:.0%} of the logged steps, the gradient norm falls from {last:.2g} in {layers[-1].layer} to "
        f"{first:.2g} in {layers[0].layer} (medians), by {decades:.1f} orders of magnitude per layer",
        confidence=0.97 if is_stuck else 0.8,
        metric=layers[0].name,
        steps=(int(bad[0]), int(bad[-1])),
        evidence={
            "first_layer": first,
            "last_layer": last,
            "decades_per_layer": decades,
            "step_share": share,
            "layer_count": float(len(layers)),
        },
        severity=Severity.ERROR if is_stuck else Severity.WARNING,
        remedies=(
            "replace sigmoid and tanh by ReLU or GELU, with He initialisation",
            "add residual connections or normalisation layers",
            f"check {layers[0].layer} to {layers[third - 1].layer}: their weights hardly change"
            if third > 1
            else f"check {layers[0].layer}: its weights hardly change",
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
    reads=(Need("loss", "train"),),
    causes=(
        "saturated-activations",
        "dead-units",
    ),
)

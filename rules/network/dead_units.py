"""The units of a layer are zero for every input: the layer passes nothing on and gets no gradient.

## What it finds
Layers whose activations are practically all zero over a lasting part of the run.

## Why it matters
A unit whose activation is zero for every input has a gradient of zero: it never comes back by itself. A whole layer
of them cuts the network in two.

## How it is detected
From the share of zero activations of each layer, as logged or from the histogram of its activations. A layer counts
if that share is at least 99 % (90 % where the tag speaks of dead units, which leaves the ordinary sparsity of ReLU
out) in more than a fifth of the points, the last one included. It is an error if nothing at all is left (99.9 %).
Half of all activations being zero is how ReLU works and is not reported.

## When it is a false alarm
Layers that are meant to be that sparse (mixture of experts, large ReLU transformers with up to 98 % zeros), padding
that dominates the batch.

## What to do
Lower the learning rate, since one large step can push all biases below zero, check the initial biases, normalise the
inputs, or use leaky ReLU, GELU or normalisation layers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(3, "")
    dead_share: float = limit(0.99, "of activations; ReLU transformers measured sparse by design stay below")
    dead_share_of_units: float = limit(0.9, "where the tag counts dead units, of which a healthy layer has few")
    nothing_left: float = limit(0.999, "")
    min_share_of_points: float = limit(0.2, "")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all dead layers together, the deadest first."""
    dead = {
        curve.layer: curve
        for curve in run.layers("zero-fraction")
        if len(curve) >= limits.min_points and _is_dead(curve, limits)
    }
    if not dead:
        return
    worst = max(dead.values(), key=lambda c: median(_shares(c)))
    shares = _shares(worst)
    first = int(worst.steps[int(np.argmax(shares >= _limit(worst, limits)))])
    level = median(shares[shares >= _limit(worst, limits)])
    names = ", ".join(list(dead)[:3]) + (f" and {len(dead) - 3} more" if len(dead) > 3 else "")
    since = "from the start" if first == worst.steps[0] else f"from {worst.unit} {first:,} on"
    yield Finding(
        message=f"{level:.1%} of the activations of {worst.layer} are zero {since}; "
        f"{len(dead)} dead layer{'s' * (len(dead) > 1)}: {names}",
        confidence=0.95 if level >= limits.nothing_left else 0.8,
        metric=worst.name,
        steps=(first, int(worst.steps[-1])),
        evidence={"dead_layer_count": float(len(dead)), "zero_share": level, "zero_share_at_start": float(shares[0])},
        severity=Severity.ERROR if level >= limits.nothing_left else Severity.WARNING,
        remedies=(
            "check the initial biases and the scale of the inputs"
            if first == worst.steps[0]
            else f"lower the learning rate, or clip gradients, before {worst.unit} {first:,}",
            "use leaky ReLU or GELU, or normalisation before the activation",
        ),
        cited=(first,),
    )


def _shares(curve: CurveView) -> np.ndarray:
    """Shares between 0 and 1, also where the log has percentages."""
    return curve.values / curve.full


def _limit(curve: CurveView, limits: Limits) -> float:
    return limits.dead_share_of_units if "dead" in curve.tag.lower() else limits.dead_share


def _is_dead(curve: CurveView, limits: Limits) -> bool:
    is_zero = _shares(curve) >= _limit(curve, limits)
    return bool(is_zero[-1]) and float(is_zero.mean()) > limits.min_share_of_points


RULE = Rule(
    id="dead-units",
    family="network",
    severity=Severity.WARNING,
    needs=(Need("zero-fraction", points="min_points", layers=1),),
    since="0.1.0",
    title="Layers are alive",
    failure_title="Dead units",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "learning-rate-too-high",
        "early-loss-explosion",
        "loss-spike",
        "abnormal-initial-loss",
    ),
    judges_training=True,
)

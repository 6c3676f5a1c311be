"""Weights of a layer do not change although it gets gradients and the learning rate is above zero.

## What it finds
Layers whose updates are exactly zero, or whose weight norm is the same to the last digit from save to save.

## Why it matters
The layer is not trained. Often its parameters were never given to the optimizer, or were left frozen after a first
phase of fine-tuning.

## How it is detected
From update ratios, or from the norms of weights, of each layer: at least 3 points, all of them zero or all equal to 1
part in 10 million, while the learning rate, if logged, is above zero. A layer whose gradient norm is logged and is
(near) zero is left out: it does not change because no gradient reaches it, which other rules say better.

## When it is a false alarm
Layers frozen on purpose, as in fine-tuning; position tables and other buffers that are saved with the weights (left
out where their names tell). Nothing is reported if the settings speak of freezing or of adapters.

## What to do
Check that the optimizer was made after the model was complete, from all its parameters, and that `requires_grad` is
True for this layer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..view.run_view import CurveView, RunView

_MEANT = re.compile(r"freez|frozen|lora|peft|adapter", re.IGNORECASE)
_BUFFER = re.compile(r"frozen|running_|num_batches|position|pos_emb|rotary|inv_freq|mask|buffer", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(3, "")
    same: float = limit(1e-7, "relative; float32 rounds at 6e-8, the smallest useful update moves a norm by more")
    no_gradient: float = limit(1e-10, "an update from less is lost in float32 whatever the optimizer")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all frozen layers together."""
    if any(_MEANT.search(key) and value for key, value in run.hyperparameters.items()):
        raise NotApplicableError("the settings speak of freezing or of adapters")
    curves = [c for role in ("update-ratio", "weight-norm") for c in run.layers(role) if len(c) >= limits.min_points]
    if not curves:
        raise NotApplicableError("neither update ratios nor weight norms of layers are logged")
    rate = run.learning_rate
    if rate is not None and float(rate.values.max()) <= 0:
        raise NotApplicableError("the learning rate is zero throughout")
    gradients = {_bare(c.layer): median(c.values) for c in run.layers("gradient-norm") if len(c)}
    judged = {c.layer: c for c in reversed(curves) if not _BUFFER.search(c.layer)}
    frozen = {
        layer: c for layer, c in judged.items() if _is_still(c, limits) and _has_gradient(layer, gradients, limits)
    }
    if not frozen:
        return
    first = min(frozen.values(), key=lambda c: c.layer)
    names = ", ".join(sorted(frozen)[:3]) + (f" and {len(frozen) - 3} more" if len(frozen) > 3 else "")
    everything = " (all that are logged)" if len(frozen) == len(judged) else f" of {len(judged)}"
    yield Finding(
        message=f"{len(frozen)} layer{'s' * (len(frozen) > 1)}{everything} never change: {names}",
        confidence=0.9 if gradients else 0.75,
        metric=first.name,
        steps=(int(first.steps[0]), int(first.steps[-1])),
        evidence={
            "frozen_layer_count": float(len(frozen)),
            "layer_count": float(len(judged)),
            "logged_points": float(len(first)),
        },
        remedies=(
            f"check that the optimizer holds the parameters of {min(frozen)} and that they have requires_grad=True",
            "make the optimizer after the model is complete, and call its step()",
        ),
    )


def _is_still(curve: CurveView, limits: Limits) -> bool:
    if curve.role == "update-ratio":
        return float(np.abs(curve.values).max()) == 0.0
    return float(np.ptp(curve.values)) <= limits.same * float(np.abs(curve.values).max())


def _has_gradient(layer: str, gradients: Mapping[str, float], limits: Limits) -> bool:
    """Whether the layer's gradient is not known to be zero."""
    return gradients.get(_bare(layer), 1.0) > limits.no_gradient


def _bare(layer: str) -> str:
    """Layer name without the parameter's, so that `fc1` and `fc1.weight` meet."""
    return re.sub(r"[./](weight|kernel|histogram)$", "", layer)


RULE = Rule(
    id="frozen-weights",
    family="network",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="All layers change",
    failure_title="Frozen weights",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("weight-norm", layers=1), Need("update-ratio", layers=1)),
    judges_training=True,
)

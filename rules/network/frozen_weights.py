"""The weights of a layer do not change although gradients reach it and the learning rate is above zero.

## What it finds
Layers whose updates are exactly zero, or whose weight norm has the same value at every logged step.

## Why it matters
The layer is not trained. Usual causes: its parameters were never passed to the optimizer, or stayed frozen after the
first phase of fine-tuning.

## How it is detected
The update ratios of the layer are all zero, or its weight norms are all equal within 1 part in 10 million, at 3 or
more points. The learning rate, if logged, is above zero at some point. A layer with a logged gradient norm whose
median is not above 1e-10 is skipped: it does not change because no gradient reaches it. If this holds for all layers
that never change, the rule does not apply.

## When it is a false alarm
Layers that are frozen on purpose, as in fine-tuning: the rule does not apply if a hyperparameter mentions freezing or
adapters. Position tables and other buffers that are logged with the weights are skipped if their names identify them.

## What to do
Check that the optimizer was created after the model was complete, with all its parameters, and that `requires_grad`
is True for this layer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from ..base import AnyOf, Finding, Need, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

_FREEZING = re.compile(r"freez|frozen|lora|peft|adapter", re.IGNORECASE)
_BUFFER = re.compile(r"frozen|running_|num_batches|position|pos_emb|rotary|inv_freq|mask|buffer", re.IGNORECASE)


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(3, "two equal norms may be rounded", unit="points")
    max_change: float = limit(
        1e-7,
        "range of the weight norm over its largest value: float32 rounds at 6e-8, useful updates change the norm by more",
        unit="ratio",
    )
    min_gradient: float = limit(
        1e-10, "median gradient norm: updates from smaller gradients vanish in float32 rounding"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all frozen layers together."""
    freezing = next((key for key, value in run.hyperparameters.items() if _FREEZING.search(key) and value), "")
    if freezing:
        raise NotApplicableError(f"layers may be frozen on purpose: {freezing} = {run.hyperparameters[freezing]}")
    logged = [*run.layers("update-ratio"), *run.layers("weight-norm")]
    curves = [c for c in logged if len(c) >= limits.min_points and not _BUFFER.search(c.layer)]
    if not curves:
        raise NotApplicableError("only buffers, which are not trained, have enough points")
    rate = run.learning_rate
    if rate is not None and float(rate.values.max()) <= 0:
        raise NotApplicableError("the learning rate is zero at all points")
    gradients = {_bare(c.layer): median(c.values) for c in run.layers("gradient-norm") if len(c)}
    judged = {c.layer: c for c in reversed(curves)}  # an update ratio rather than a weight norm
    still = {layer: c for layer, c in judged.items() if _is_still(c, limits)}
    if not still:
        return
    frozen = {layer: c for layer, c in still.items() if _has_gradient(layer, gradients, limits)}
    if not frozen:
        raise NotApplicableError(f"no gradient reaches the layers that never change: {_listed(still)}")
    first = min(frozen.values(), key=lambda c: c.layer)
    yield Finding(
        message=f"{len(frozen):,} of {len(judged):,} logged layers never change{'s' * (len(frozen) == 1)}: {_listed(frozen)}",
        confidence=0.9 if gradients else 0.75,
        metric=first.name,
        steps=(int(first.steps[0]), int(first.steps[-1])),
        evidence={
            "frozen_layer_count": float(len(frozen)),
            "layer_count": float(len(judged)),
            "logged_points": float(len(first)),
        },
        remedies=(
            f"check that the optimizer has the parameters of {min(frozen)} and that they have requires_grad=True",
            "create the optimizer after the model is complete, and call its step()",
        ),
    )


def _listed(layers: Collection[str]) -> str:
    """The first three names, and how many more there are."""
    return ", ".join(sorted(layers)[:3]) + (f" and {len(layers) - 3} more" if len(layers) > 3 else "")


def _is_still(curve: CurveView, limits: Limits) -> bool:
    if curve.role == "update-ratio":
        return float(np.abs(curve.values).max()) == 0.0
    return float(np.ptp(curve.values)) <= limits.max_change * float(np.abs(curve.values).max())


def _has_gradient(layer: str, gradients: Mapping[str, float], limits: Limits) -> bool:
    """Whether a gradient reaches a layer; assumed if it is not logged."""
    return gradients.get(_bare(layer), np.inf) > limits.min_gradient


def _bare(layer: str) -> str:
    """Layer name without the name of the parameter: `fc1` and `fc1.weight` are the same layer."""
    return re.sub(r"[./](weight|kernel|histogram)$", "", layer)


RULE = Rule(
    id="frozen-weights",
    family="network",
    severity=Severity.WARNING,
    needs=(
        AnyOf(
            (
                Need("update-ratio", points="min_points", layers=1),
                Need("weight-norm", points="min_points", layers=1),
            )
        ),
    ),
    since="0.1.0",
    title="All layers are updated",
    failure_title="Frozen weights",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("learning-rate"), Need("gradient-norm", layers=1)),
)

"""The units of a layer output zero for every input: the layer passes no signal and receives no gradient.

## What it finds
Layers with nearly all activations zero in a substantial part of the run, including its end.

## Why it matters
A unit whose activation is zero for every input has a gradient of zero: it never recovers on its own. A whole dead
layer cuts the network in two.

## How it is detected
The share of zero activations of each layer is read from the log or from the histogram of its activations. A layer is
dead if that share is at least 99% in more than 20% of the points, the last point included. If the tag counts dead
units (which excludes the normal sparsity of ReLU), 90% is enough. It is an error if the median of the points above
the threshold is at least 99.9%. If no layer is dead, layers with 95% of zero activations or 50% of dead units in as
many points are reported as info, and as a warning if they lose more than two thirds of their units for good: in at least 90% of the
points from then on. Half of all activations being zero is normal for ReLU and never fires.

## When it is a false alarm
Layers that are sparse by design (mixture of experts; large ReLU transformers have up to 98% zeros), or batches that are
mostly padding.

## What to do
Lower the learning rate, because one large step can push all biases below zero. Check the initial biases, normalise the
inputs, or use leaky ReLU, GELU or normalisation layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..shared.digits import percent
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(3, "one or two batches may be unusual", unit="points")
    min_zero_share: float = limit(
        0.99, "zero activations of a layer; large ReLU transformers reach 98% by design", unit="%"
    )
    min_dead_share: float = limit(0.9, "dead units of a layer; a healthy layer has few", unit="%")
    sparse_zero_share: float = limit(
        0.95, "zero activations worth an info; half of them are usual for ReLU, more in large transformers", unit="%"
    )
    sparse_dead_share: float = limit(0.5, "dead units worth an info: half of the layer is lost", unit="%")
    lost_dead_share: float = limit(
        2 / 3,
        "dead units of a layer worth a warning: a rate that is too high kills up to 40%, and a layer of the rest was enough",
        unit="%",
        source="course notes CS231n, Stanford",
    )
    lasting_share: float = limit(0.9, "of the points from then on: a dead unit does not recover", unit="%")
    error_share: float = limit(0.999, "hardly any signal passes through the layer", unit="%")
    min_share_of_points: float = limit(0.2, "fewer points at the end of a log may be a temporary state", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all dead layers together, else all sparse ones, on the one with the largest share."""
    curves = [curve for curve in run.layers("zero-fraction") if len(curve) >= limits.min_points]
    dead = {curve.layer: curve for curve in curves if _is_at_least(curve, _dead_share(curve, limits), limits)}
    sparse = {curve.layer: curve for curve in curves if _is_at_least(curve, _sparse_share(curve, limits), limits)}
    found, kind = (dead, "dead") if dead else (sparse, "sparse")
    if not found:
        return
    worst = max(found.values(), key=lambda c: median(_shares(c)))
    shares = _shares(worst)
    is_over = shares >= (_dead_share(worst, limits) if dead else _sparse_share(worst, limits))
    row = int(np.argmax(is_over))
    first = int(worst.steps[row])
    level = median(shares[is_over])
    is_error = level >= limits.error_share
    is_lost = _counts_units(worst) and level > limits.lost_dead_share and is_over[row:].mean() >= limits.lasting_share
    names = ", ".join(list(found)[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    what = "units of {} are dead" if _counts_units(worst) else "activations of {} are zero"
    part = "" if is_over[row:].all() else f"at {is_over[row:].mean():.0%} of the points "
    since = f"from the first point on ({worst.unit} {first:,})" if row == 0 else f"from {worst.unit} {first:,} on"
    yield Finding(
        message=f"{percent(level)} of the {what.format(worst.layer)} {part}{since}; "
        f"{len(found)} {kind} layer{'s' * (len(found) > 1)}: {names}",
        confidence=0.95 if is_error else 0.8,
        metric=worst.name,
        steps=(first, int(worst.steps[-1])),
        evidence={
            f"{kind}_layer_count": float(len(found)),
            "zero_share": level,
            "zero_share_at_start": float(shares[0]),
            "point_share": float(is_over[row:].mean()),
        },
        severity=Severity.ERROR if is_error else Severity.WARNING if dead or is_lost else Severity.INFO,
        remedies=(
            "check the initial biases and the scale of the inputs"
            if row == 0
            else f"lower the learning rate, or clip gradients, before {worst.unit} {first:,}",
            "use leaky ReLU or GELU, or normalisation before the activation",
        ),
        cited=(first,),
    )


def _shares(curve: CurveView) -> np.ndarray:
    """Shares between 0 and 1, also if the log has percentages."""
    return curve.values / curve.percent_scale


def _counts_units(curve: CurveView) -> bool:
    return "dead" in curve.tag.lower()


def _dead_share(curve: CurveView, limits: Limits) -> float:
    return limits.min_dead_share if _counts_units(curve) else limits.min_zero_share


def _sparse_share(curve: CurveView, limits: Limits) -> float:
    return limits.sparse_dead_share if _counts_units(curve) else limits.sparse_zero_share


def _is_at_least(curve: CurveView, share: float, limits: Limits) -> bool:
    """Whether the share is reached at the last point and at enough of all points."""
    is_zero = _shares(curve) >= share
    return bool(is_zero[-1]) and float(is_zero.mean()) > limits.min_share_of_points


RULE = Rule(
    id="dead-units",
    family="network",
    severity=Severity.WARNING,
    needs=(Need("zero-fraction", points="min_points", layers=1),),
    since="0.1.0",
    title="No layer is dead",
    failure_title="Dead units",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "learning-rate-too-high",
        "early-blow-up",
        "loss-spike",
        "abnormal-initial-loss",
    ),
)

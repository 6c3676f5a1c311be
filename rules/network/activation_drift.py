"""The activations of a layer keep growing or shrinking.

## What it finds
Layers whose activations grow or shrink by a factor of 10 or more during the run.

## Why it matters
Growing activations saturate the next layers and finally overflow, first in half precision; shrinking activations
weaken the signal. Both continue until training fails, often long after the cause.

## How it is detected
The logged spread (standard deviation, root mean square, norm or mean absolute value) of the activations of each layer
is divided into 10 blocks. The first block is skipped, because every network adjusts its scale there. From the second
block to the last, the spread changes by a factor of 10 or more, with a trend (Mann-Kendall on the means of the blocks,
|z| > 2.5) in the same direction.

## When it is a false alarm
The last layer of a classifier, whose logits grow with its confidence (skipped if the name identifies it); layers that
are initialised to zero on purpose and become active late.

## What to do
Add a normalisation layer before or after the layer, apply weight decay to it, lower the learning rate; in attention,
normalise queries and keys.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.change import trend_of
from ..statistics.exponentials import exp
from ..statistics.windows import TREND_BLOCKS, block_means
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

_SPREADS = frozenset("std rms norm l2 abs".split())
_OUTPUT_WORDS = frozenset("out output outputs head final logit logits classifier".split())


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "one for each block: histograms are logged rarely", unit="points")
    min_factor: float = limit(
        10.0,
        "between the second and the last block; layers of healthy networks stayed below 3",
        unit="ratio",
        source="SageMaker Debugger PoorWeightInitialization uses 10 for spreads that do not match",
    )
    min_z: float = limit(
        2.5,
        "Mann-Kendall score: 9 blocks in perfect order have 3.65, and 1 of 80 random orders exceeds 2.5",
        unit="standard errors",
    )


class Drift(NamedTuple):
    """Change of the logarithm of a layer's spread from the second block to the last, and its trend score."""

    curve: CurveView
    change: float
    z: float

    def is_over(self, limits: Limits) -> bool:
        is_far = abs(self.change) >= math.log(limits.min_factor)
        return is_far and self.z * math.copysign(1, self.change) > limits.min_z


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all drifting layers together, the largest change first."""
    curves = [c for c in run.layers("activation") if len(c) and _is_spread(c)]
    if not curves:
        raise NotApplicableError("no spread of the activations of a hidden layer is logged")
    positive = [c for c in curves if c.is_positive]
    if not positive:
        raise InsufficientDataError("every spread has values of zero or below, so relative change is undefined")
    drifts = [_drift_of(c) for c in positive if len(c) >= limits.min_points]
    if not drifts:
        raise InsufficientDataError(
            f"spread of a layer needs at least {limits.min_points} points, has {max(map(len, positive))}"
        )
    drifting = sorted((d for d in drifts if d.is_over(limits)), key=lambda d: -abs(d.change))
    if not drifting:
        return
    worst = drifting[0]
    curve = worst.curve
    first, last = int(curve.steps[math.ceil(len(curve) / TREND_BLOCKS)]), int(curve.steps[-1])
    names = ", ".join(d.curve.layer for d in drifting[:3])
    names += f" and {len(drifting) - 3} more" if len(drifting) > 3 else ""
    verb = "grow" if worst.change > 0 else "shrink"
    yield Finding(
        message=f"the activations of {curve.layer} {verb} by a factor of {exp(abs(worst.change)):.3g} from {curve.unit} {first:,} "
        f"to {last:,} (block means); {len(drifting)} of {len(drifts)} layers drift: {names}",
        confidence=0.85,
        metric=curve.name,
        steps=(first, last),
        evidence={
            "factor": exp(abs(worst.change)),
            "z": abs(worst.z),
            "drifting_layer_count": float(len(drifting)),
            "layer_count": float(len(drifts)),
        },
        remedies=(
            f"add a normalisation layer before {curve.layer}, or weight decay on its weights",
            "lower the learning rate or lengthen the warm-up; in attention, normalise queries and keys",
        ),
    )


def _is_spread(curve: CurveView) -> bool:
    """Whether the curve measures the size of the activations of a layer that is not the last."""
    if _OUTPUT_WORDS & set(words_of(curve.layer)):
        return False
    return curve.curve.statistic == "std" if curve.curve.statistic else bool(_SPREADS & set(words_of(curve.tag)))


def _drift_of(curve: CurveView) -> Drift:
    blocks = block_means(curve.scaled)[1:]
    return Drift(curve, float(blocks[-1] - blocks[0]), trend_of(blocks, len(blocks)).z)


RULE = Rule(
    id="activation-drift",
    family="network",
    severity=Severity.WARNING,
    needs=(Need("activation", layers=1),),
    since="0.1.0",
    title="Activations keep their scale",
    failure_title="Drifting activations",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "learning-rate-too-high",
        "divergence",
        "exploding-gradients",
        "layer-gradient-imbalance",
        "update-ratio",
    ),
)

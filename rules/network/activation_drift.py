"""The activations of a layer grow or shrink without end.

## What it finds
Layers whose activations become ten times as large, or ten times as small, in the course of the run.

## Why it matters
Growing activations end in overflow, above all in half precision, and saturate what follows; shrinking ones lose what
the layer knew. Both go on until something breaks, often long after the cause.

## How it is detected
The spread (standard deviation, root mean square, norm or mean of absolute values) of the activations of each layer that is logged is cut into
10 blocks; the first, in which every network finds its scale, is left out. Between the second block and the last it has
to change by a factor of 10, monotonously (Mann-Kendall on the blocks, |z| > 2.5).

## When it is a false alarm
The last layer of a classifier, whose logits grow as it gets sure (left out where the name says so); layers that start
from zero on purpose and come into play late.

## What to do
Put a normalisation before or behind the layer, use weight decay on it, lower the learning rate; for attention
normalise queries and keys.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ...parsers.words import words_of
from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.change import trend_of
from ..statistics.exponentials import exp
from ..statistics.windows import TREND_BLOCKS, block_means
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView

_SPREADS = frozenset("std rms norm l2 abs".split())
_MEANT_WORDS = frozenset("out output outputs head final logit logits classifier".split())


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "1 a block: histograms are logged sparsely")
    min_change: float = limit(
        math.log(10.0), "SageMaker Debugger's limit for spreads that do not fit; healthy stacks stay below 3"
    )
    min_z: float = limit(
        2.5, "9 blocks in perfect order have 3.65; in random order 2.5 is passed in 1 of 80 runs, before min-change"
    )


class Drift(NamedTuple):
    """Change of the logarithm of a layer's spread from the second block to the last, and its trend score."""

    curve: CurveView
    change: float
    z: float

    def is_over(self, limits: Limits) -> bool:
        return abs(self.change) >= limits.min_change and abs(self.z) > limits.min_z and self.z * self.change > 0


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all drifting layers together, the farthest first."""
    curves = [c for c in run.layers("activation") if len(c) and _is_spread(c)]
    if not curves:
        raise NotApplicableError("no spread of the activations of a layer is logged")
    drifts = [_drift_of(c) for c in curves if len(c) >= limits.min_points and c.is_positive]
    if not drifts:
        raise InsufficientDataError(f"fewer than {limits.min_points} positive points of each layer")
    drifting = sorted((d for d in drifts if d.is_over(limits)), key=lambda d: -abs(d.change))
    if not drifting:
        return
    worst = drifting[0]
    curve, first_row = worst.curve, len(worst.curve) // TREND_BLOCKS
    names = ", ".join(d.curve.layer for d in drifting[:3])
    names += f" and {len(drifting) - 3} more" if len(drifting) > 3 else ""
    verb = "grow" if worst.change > 0 else "shrink"
    yield Finding(
        message=f"the activations of {curve.layer} {verb} by a factor of {exp(abs(worst.change)):,.3g} between "
        f"{curve.unit} {int(curve.steps[first_row]):,} and {int(curve.steps[-1]):,}; "
        f"{len(drifting)} of {len(drifts)} layers drift: {names}",
        confidence=0.85,
        metric=curve.name,
        steps=(int(curve.steps[first_row]), int(curve.steps[-1])),
        evidence={
            "factor": exp(abs(worst.change)),
            "z": abs(worst.z),
            "drifting_layer_count": float(len(drifting)),
            "layer_count": float(len(drifts)),
        },
        remedies=(
            f"put a normalisation at {curve.layer}, or weight decay on its weights",
            "lower the learning rate, or warm it up; for attention normalise queries and keys",
        ),
    )


def _is_spread(curve: CurveView) -> bool:
    """Whether the curve tells how large activations are, of a layer that is not the last."""
    if _MEANT_WORDS & set(words_of(curve.layer)):
        return False
    return curve.curve.statistic == "std" if curve.curve.statistic else bool(_SPREADS & set(words_of(curve.tag)))


def _drift_of(curve: CurveView) -> Drift:
    blocks = block_means(curve.scaled)[1:]
    return Drift(curve, float(blocks[-1] - blocks[0]), trend_of(blocks, len(blocks)).z)


RULE = Rule(
    id="activation-drift",
    family="network",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="Activations keep their scale",
    failure_title="Drifting activations",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("activation", layers=1),),
    causes=(
        "learning-rate-too-high",
        "divergence",
        "exploding-gradients",
        "update-ratio",
    ),
    judges_training=True,
)

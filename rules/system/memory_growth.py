"""The memory in use grows and grows.

## What it finds
Memory of the device or of the process that rises evenly over the whole run, by a tenth or more.

## Why it matters
A leak ends in an out-of-memory error, often after hours. It also slows a training down long before.

## How it is detected
The first tenth, in which caches fill and the largest batch is met, is left out; the rest is cut into 10 blocks. Each
block but one may rise above the one before, the last third has to rise at three quarters or more of the pace of the
whole, and the last block has to lie 10 % above the first. A peak so far grows with the logarithm of time even where
nothing leaks, that is at less than half its pace in the last third: it does not count.

## When it is a false alarm
Data that are cached in memory on purpose, until all are; sequences, resolutions or models that grow by plan.

## What to do
Log `loss.item()` instead of the loss; detach what is kept in lists; look for metrics that keep all their predictions,
for hooks that are added again and again, and for lists in a dataset that each worker copies when it reads them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..statistics.windows import block_means
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(40, "3 or more in each block")
    start_share: float = limit(0.1, "")
    blocks: int = limit(10, "")
    min_rising: int = limit(8, "of 9 differences between blocks: by chance (order at random) in 1 of 3,600 runs")
    min_rise: float = limit(0.1, "share of the first block; smaller ones fill no device")
    min_late_pace: float = limit(
        0.75, "of the pace of the whole: log t from 0.1 to 1 has 0.46 in its last third, a line 1.0"
    )


class Growth(NamedTuple):
    """Memory after the start and at the end, as logged, and where the looked-at part begins."""

    before: float
    after: float
    row: int

    @property
    def share(self) -> float:
        return (self.after - self.before) / self.before


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the curve that grows most."""
    growing = [
        (curve, growth)
        for curve in run.curves("memory")
        if len(curve) >= limits.min_points and (growth := _growth(curve, limits)) is not None
    ]
    if not growing:
        return
    curve, growth = max(growing, key=lambda pair: pair[1].share)
    first, last = int(curve.steps[growth.row]), int(curve.steps[-1])
    yield Finding(
        message=f"{curve.name} rises from {growth.before:,.4g} to {growth.after:,.4g} ({growth.share:+.0%}) between "
        f"{curve.unit} {first:,} and {last:,} and does not level off",
        confidence=0.85,
        metric=curve.name,
        steps=(first, last),
        evidence={
            "value_before": growth.before,
            "value_after": growth.after,
            "rise_share": growth.share,
            "growing_curve_count": float(len(growing)),
        },
        remedies=(
            "log loss.item(), and detach whatever is kept in a list or a metric",
            "look for hooks, caches and lists of the dataset that grow with every step",
        ),
        cited=(first, last),
    )


def _growth(curve: CurveView, limits: Limits) -> Growth | None:
    row = int(np.ceil(limits.start_share * len(curve)))
    blocks = block_means(curve.values[row:], limits.blocks)
    rises = np.diff(blocks)
    third = limits.blocks // 3
    is_even = rises[-third:].mean() >= limits.min_late_pace * rises.mean()
    if not (int((rises > 0).sum()) >= limits.min_rising and is_even and blocks[0] > 0):
        return None
    growth = Growth(float(blocks[0]), float(blocks[-1]), row)
    return growth if growth.share >= limits.min_rise else None


RULE = Rule(
    id="memory-growth",
    family="system",
    severity=Severity.WARNING,
    needs=(Need("memory", points="min_points"),),
    since="0.1.0",
    title="Memory stays level",
    failure_title="Memory grows",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("reinforcement",),  # replay buffers grow until they are full
    suits_boosting=True,
)

"""Memory use grows over the whole run.

## What it finds
Device or process memory that rises steadily over the whole run, by 10% or more.

## Why it matters
A memory leak ends in an out-of-memory error, often after hours, and slows down training long before that.

## How it is detected
The first 10% of the points, in which caches fill and the largest batch occurs, are excluded; the rest is divided into
10 blocks. The mean has to rise from one block to the next in 8 of 9 cases, the last third has to rise at 75% or more
of the overall pace, and the last block has to be 10% above the first. A running maximum grows with the logarithm of
time even without a leak, at less than half the overall pace in the last third, so it does not count.

## When it is a false alarm
Data cached in memory on purpose; sequences, resolutions or models that grow as planned.

## What to do
Log `loss.item()` instead of the loss; detach tensors that are kept in lists; look for metrics that keep all predictions,
for hooks that are registered repeatedly, and for lists in a dataset, which each worker copies as it reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..shared.digits import amount
from ..statistics.windows import block_means
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(40, "at least 3 in each block, excluding the start", unit="points")
    start_share: float = limit(0.1, "caches fill and the largest batch occurs early", unit="%")
    blocks: int = limit(10, "enough for a trend, and few enough for stable means", unit="blocks")
    min_rising: int = limit(
        8, "of 9 differences between blocks: in random order, 1 of 3,600 runs has this many", unit="blocks"
    )
    min_rise: float = limit(0.1, "a smaller rise over a run rarely fills the memory", unit="%")
    min_late_pace: float = limit(
        0.75, "of the overall pace: log t from 0.1 to 1 has 46% in its last third, a line 100%", unit="%"
    )


class Growth(NamedTuple):
    """Memory after the start and at the end, as logged, and the first row of the judged part."""

    before: float
    after: float
    row: int

    @property
    def share(self) -> float:
        return (self.after - self.before) / self.before


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the curve with the largest growth."""
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
        message=f"{curve.name} rises from {amount(growth.before)} to {amount(growth.after)} ({growth.share:+.0%}) between "
        f"{curve.unit} {first:,} and {last:,} (means of the first and the last of {limits.blocks} blocks) and does not level off",
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
            "log loss.item(), and detach tensors that are kept in a list or a metric",
            "look for hooks, caches and dataset lists that grow with every step",
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
    title="Memory use is stable",
    failure_title="Memory grows",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("reinforcement",),  # replay buffers grow until they are full
    suits_boosting=True,
)

"""The step time increases during the run, gradually or from some point on.

## What it finds
A rise of the time per step by 20% or more over the run.

## Why it matters
The same run could finish sooner. A gradual rise is often a leak: tensors kept in a list, a growing log, fragmented
memory; a jump is often another job on the same machine, or thermal throttling.

## How it is detected
The intervals between logged points are divided into 20 blocks; intervals with an evaluation are excluded if 40 others
remain. The logarithm of the median seconds per step is taken in each block, because single pauses do not affect a
median. The first block, with compilation and warm-up, is excluded. The median of the last quarter of the blocks has
to exceed that of the first by 20%, and the 90% interval of the trend (Theil-Sen over the blocks) has to lie above
zero. In reinforcement learning, where the step time includes the simulator, it is reported as info unless the time
has doubled.

## When it is a false alarm
Sequences or batches that grow on purpose (curriculum, progressive resizing), unfreezing of layers.

## What to do
Monitor memory and CPU use over the run; detach or convert tensors that are kept (`loss.item()`); check the clock
speed and temperature of the device, and other jobs on it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.change import trend_of
from ..statistics.exponentials import exp, expm1
from ..statistics.medians import median, part_medians
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    blocks: int = limit(20, "quarters of 4 and 5 blocks, whose medians a single block does not affect", unit="blocks")
    min_intervals: int = limit(60, "3 in each block: the median of fewer depends on a single pause", unit="intervals")
    min_plain: int = limit(40, "without an evaluation; 2 per block", unit="intervals")
    min_rise: float = limit(0.2, "clock speed and load of a shared machine vary less over a run", unit="%")
    simulator_ratio: float = limit(2.0, "a simulator may need 1.5 times as long for learned behaviour", unit="ratio")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding for the run."""
    pace = run.even_pace
    is_timed = pace.per_step > 0
    if int(is_timed.sum()) < limits.min_intervals:
        raise InsufficientDataError(
            f"needs at least {limits.min_intervals} intervals of equal length with wall times, has {int(is_timed.sum())}"
        )
    is_plain = is_timed & ~run.holds_evaluation(pace)
    is_timed = is_plain if int(is_plain.sum()) >= limits.min_plain else is_timed
    durations, steps = np.log(pace.per_step[is_timed]), pace.steps[is_timed]
    edges = np.array([part[0] for part in np.array_split(np.arange(len(durations)), limits.blocks)])
    blocks = part_medians(durations, edges, np.append(edges[1:], len(durations)))[1:]
    quarter = len(blocks) // 4
    before, after = median(blocks[:quarter]), median(blocks[-quarter:])
    trend = trend_of(blocks, len(blocks))
    if not (after - before > math.log1p(limits.min_rise) and trend.low > 0):
        return
    onset = 1 + int(np.argmax(blocks > (before + after) / 2))
    first = int(steps[onset * len(steps) // limits.blocks])
    is_simulator = run.run.task == "reinforcement" and after - before < math.log(limits.simulator_ratio)
    yield Finding(
        message=f"a step takes {exp(after):.3g} s in the last quarter of the run and {exp(before):.3g} s in the first "
        f"({expm1(after - before):+.0%}), slower from about step {first:,} on",
        confidence=0.88,
        metric=run.timed_curve_name,
        steps=(first, int(steps[-1])),
        evidence={
            "s_per_step_before": exp(before),
            "s_per_step_after": exp(after),
            "ratio": exp(after - before),
        },
        severity=Severity.INFO if is_simulator else Severity.WARNING,
        remedies=(
            "look for tensors that are kept: log loss.item(), detach tensors that go into lists",
            f"check other jobs on the machine, and the clock speed and temperature of the device, from step {first:,} on",
        ),
        cited=(first,),
    )


RULE = Rule(
    id="slowdown",
    family="system",
    severity=Severity.WARNING,
    needs=(Need(None, points=0),),
    since="0.1.0",
    title="The step time does not increase",
    failure_title="Slow-down",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    facts=("wall times",),
    causes=("memory-growth",),
    suits_boosting=True,
)

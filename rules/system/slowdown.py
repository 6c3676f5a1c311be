"""The step time increases during the run, gradually or from some point on.

## What it finds
A rise of the time per step by 20% or more over the run.

## Why it matters
The same run could finish sooner. A gradual rise is often a leak: tensors kept in a list, a growing log, fragmented
memory; a jump is often another job on the same machine, or thermal throttling.

## How it is detected
By wall times, by a logged step time, or by a logged throughput or utilization of the model's FLOPs (MFU), whichever shows
it first. The intervals between logged points, or the logged values, are divided into 20 blocks; intervals with an
evaluation are excluded if 40 others remain. The logarithm of the median seconds per step is taken in each block,
because single pauses do not affect a median. The first block, with compilation and warm-up, is excluded. The median of
the last quarter of the blocks has to exceed that of the first by 20%, and the 90% interval of the trend (Theil-Sen over
the blocks) has to lie above zero. With fewer than 60 intervals, blocks are of two, at least 7 of them, and the rise has
to be 50%. A throughput that is logged and does not fall speaks against it: batches or sequences have grown. In
reinforcement learning, where the step time includes the simulator, it is reported as info unless the time has doubled.

## When it is a false alarm
Sequences or batches that grow on purpose (curriculum, progressive resizing), unfreezing of layers.

## What to do
Monitor memory and CPU use over the run; detach or convert tensors that are kept (`loss.item()`); check the clock
speed and temperature of the device, and other jobs on it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.change import trend_of
from ..statistics.exponentials import exp, expm1
from ..statistics.medians import median, part_medians
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats, Ints
    from ..view.run_view import CurveView, RunView

DURATION_WORDS = frozenset("train time s sec secs seconds elapsed duration iter iteration batch".split())


@thresholds
class Limits:
    """Thresholds of this rule."""

    blocks: int = limit(20, "quarters of 4 and 5 blocks, whose medians a single block does not affect", unit="blocks")
    min_intervals: int = limit(60, "3 in each block: the median of fewer depends on a single pause", unit="intervals")
    min_few: int = limit(14, "seven blocks of 2: their order is random in one of 5,040 cases", unit="intervals")
    min_plain: int = limit(40, "without an evaluation; 2 per block", unit="intervals")
    min_rise: float = limit(0.2, "clock speed and load of a shared machine vary less over a run", unit="%")
    min_rise_of_few: float = limit(0.5, "with fewer than 60 intervals, single pauses weigh more", unit="%")
    simulator_ratio: float = limit(2.0, "a simulator may need 1.5 times as long for learned behaviour", unit="ratio")
    min_kept: float = limit(0.9, "of the first throughput: it did not fall, whatever a step takes", unit="%")


class Durations(NamedTuple):
    """Logarithms of durations, float64 [n], the steps they end at, int64 [n], and what they are called.

    `is_inverse`: they are of a throughput or utilization, so that their negative is what was logged.
    """

    metric: str
    steps: Ints
    logarithms: Floats
    is_inverse: bool = False


class Slower(NamedTuple):
    """Levels of the first and the last quarter on the logarithm, and the step from which on it is slower."""

    before: float
    after: float
    first: int


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding for the run."""
    every = [_of_clock(run, limits), *_of_logged(run)]
    known = [durations for durations in every if len(durations.steps) >= limits.min_few]
    if not known:
        longest = max(len(durations.steps) for durations in every)
        raise InsufficientDataError(
            f"needs at least {limits.min_few} intervals of equal length with wall times, step times or throughputs, has {longest}"
        )
    rates = [d for d in known if d.is_inverse]
    is_kept = any(_median_change(d.logarithms) < -math.log(limits.min_kept) for d in rates)
    for durations in known:
        slower = _slower(durations, limits)
        if slower is not None and (durations.is_inverse or not is_kept):
            yield _finding(run, durations, slower, limits)
            return


def _of_clock(run: RunView, limits: Limits) -> Durations:
    pace = run.even_pace
    is_timed = pace.per_step > 0
    if not is_timed.any():
        return Durations("", pace.steps[is_timed], pace.seconds[is_timed])
    is_plain = is_timed & ~run.holds_evaluation(pace)
    is_timed = is_plain if int(is_plain.sum()) >= limits.min_plain else is_timed
    return Durations("", pace.steps[is_timed], np.log(pace.per_step[is_timed]))


def _of_logged(run: RunView) -> Iterator[Durations]:
    """Logged step times, durations of equal intervals, throughputs and MFU; not those of evaluations."""
    for curve in run.all_curves:
        words = set(words_of(curve.tag))
        is_duration = curve.role == "step-time" or (curve.role == "counter" and words <= DURATION_WORDS and _is_even(curve))
        is_rate = curve.role == "throughput" or (curve.role == "utilization" and "mfu" in words)
        if curve.split in ("train", "none") and curve.is_positive and (is_duration or is_rate):
            yield Durations(curve.name, curve.steps, -curve.scaled if is_rate else curve.scaled, is_rate)


def _is_even(curve: CurveView) -> bool:
    """Whether a time is that of intervals of one length, not a clock that runs on."""
    spans = np.diff(curve.steps)
    return len(spans) > 0 and bool((spans == spans[0]).all()) and bool((np.diff(curve.values) < 0).any())


def _median_change(values: Floats) -> float:
    quarter = max(len(values) // 4, 1)
    return median(values[-quarter:]) - median(values[:quarter])


def _slower(durations: Durations, limits: Limits) -> Slower | None:
    values, steps = durations.logarithms, durations.steps
    is_few = len(values) < limits.min_intervals
    count = len(values) // 2 if is_few else limits.blocks
    edges = np.array([part[0] for part in np.array_split(np.arange(len(values)), count)])
    blocks = part_medians(values, edges, np.append(edges[1:], len(values)))[1:]
    quarter = max(len(blocks) // 4, 1)
    before, after = median(blocks[:quarter]), median(blocks[-quarter:])
    least = limits.min_rise_of_few if is_few else limits.min_rise
    if not (after - before > math.log1p(least) and trend_of(blocks, len(blocks)).low > 0):
        return None
    onset = 1 + int(np.argmax(blocks > (before + after) / 2))
    return Slower(before, after, int(steps[onset * len(steps) // count]))


def _finding(run: RunView, durations: Durations, slower: Slower, limits: Limits) -> Finding:
    before, after, first = slower
    rise = f"({expm1(after - before):+.0%})"
    if not durations.metric:
        said = f"a step takes {exp(after):.3g} s in the last quarter of the run and {exp(before):.3g} s in the first {rise}"
    else:
        sign = -1 if durations.is_inverse else 1
        said = (
            f"{durations.metric} is {exp(sign * after):.4g} in the last quarter of the run and {exp(sign * before):.4g} in the first"
            + (f" (a step takes {exp(after - before):.2f} times as long)" if durations.is_inverse else f" {rise}")
        )
    is_simulator = run.run.task == "reinforcement" and after - before < math.log(limits.simulator_ratio)
    evidence = {"ratio": exp(after - before)}
    if not durations.metric:
        evidence = {"s_per_step_before": exp(before), "s_per_step_after": exp(after)} | evidence
    return Finding(
        message=f"{said}, slower from about step {first:,} on",
        confidence=0.88,
        metric=durations.metric or run.timed_curve_name,
        steps=(first, int(durations.steps[-1])),
        evidence=evidence,
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
    causes=("memory-growth",),
    suits_boosting=True,
)

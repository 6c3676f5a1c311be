"""The step time increases during the run, gradually or from some point on.

## What it finds
A rise of the time per step by 20% or more over the run.

## Why it matters
The same run could finish sooner. A gradual rise is often a leak: tensors kept in a list, a growing log, fragmented
memory; a jump is often another job on the same machine, or thermal throttling.

## How it is detected
The durations are the intervals between logged points that have wall times; else a logged step time, or the time of equal
intervals, or a throughput, or the utilization of the model's FLOPs (MFU). A throughput that is logged and does not fall
speaks against all of them: batches or sequences have grown. Durations are divided into 20 blocks; intervals with an evaluation are excluded if 40 others remain. The logarithm of the median
seconds per step is taken in each block, because single pauses do not affect a median. The first block, with compilation
and warm-up, is excluded. The median of the last quarter of the blocks has to exceed that of the first by 20%, and the
90% interval of the trend (Theil-Sen over the blocks) has to lie above zero. Of 15 to 59 durations, as in a log of
epochs, each is a block: the last two fifths have to be longer than any of the first two fifths, which happens by chance
in 1 of 252 logs, and by 50% in the median. In reinforcement learning, where the step time includes the simulator, it is
reported as info unless the time has doubled.

## When it is a false alarm
Sequences or batches that grow on purpose (curriculum, progressive resizing), unfreezing of layers.

## What to do
Monitor memory and CPU use over the run; detach or convert tensors that are kept (`loss.item()`); check the clock
speed and temperature of the device, and other jobs on it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.digits import amount
from ..statistics.change import trend_of
from ..statistics.exponentials import exp, expm1
from ..statistics.medians import median, part_medians
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats, Ints
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

DURATION_WORDS = frozenset("train time s sec secs seconds elapsed duration iter iteration batch".split())


@thresholds
class Limits:
    """Thresholds of this rule."""

    blocks: int = limit(20, "quarters of 4 and 5 blocks, whose medians a single block does not affect", unit="blocks")
    min_intervals: int = limit(60, "3 in each block: the median of fewer depends on a single pause", unit="intervals")
    min_plain: int = limit(40, "without an evaluation; 2 per block", unit="intervals")
    min_short: int = limit(
        15, "without the first, the first and the last five: so unlike by chance in 1 of 252 logs", unit="intervals"
    )
    min_rise: float = limit(0.2, "clock speed and load of a shared machine vary less over a run", unit="%")
    min_short_rise: float = limit(0.5, "of few intervals; another job that comes for a while costs less", unit="%")
    min_kept: float = limit(0.9, "of the first throughput: it did not fall, whatever a step takes", unit="%")
    simulator_ratio: float = limit(2.0, "a simulator may need 1.5 times as long for learned behaviour", unit="ratio")


class Durations(NamedTuple):
    """Seconds a step over the run, as far as they are known.

    Attributes:
        name: curve that they are taken from.
        steps: int64 [n], rising.
        logarithms: of the seconds a step, or of a number that is proportional to them, float64 [n].
        is_rate: whether the curve counts what is done in a second, of which these are the inverse.
        is_clock: whether they are differences of wall times, in seconds.

    """

    name: str
    steps: Ints
    logarithms: Floats
    is_rate: bool = False
    is_clock: bool = False


class Rise(NamedTuple):
    """Levels before and after, as logarithms, and the row from which on it is slower."""

    before: float
    after: float
    row: int


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding for the run."""
    clocked = _clocked(run, limits)
    known = [d for d in (clocked, *_logged(run)) if len(d.steps) >= limits.min_short]
    if not known:
        raise InsufficientDataError(
            f"needs at least {limits.min_short} intervals of equal length with wall times, or as many logged step times, "
            f"has {len(clocked.steps)}"
        )
    is_kept = any(_fall_of_rate(d.logarithms) < -math.log(limits.min_kept) for d in known if d.is_rate)
    for durations in known:
        if is_kept and not durations.is_rate:
            continue
        if rise := _rise_of(durations.logarithms, limits):
            yield _finding(run, durations, rise, limits)
            return
    if all(len(d.steps) < limits.min_intervals for d in known):
        raise InsufficientDataError(
            f"no steep rise in {max(len(d.steps) for d in known)} intervals; that there is none takes {limits.min_intervals}"
        )


def _clocked(run: RunView, limits: Limits) -> Durations:
    """Seconds a step by wall times, of intervals without an evaluation if enough remain."""
    pace = run.even_pace
    is_timed = pace.per_step > 0
    if not is_timed.any():
        return Durations(run.timed_curve_name, np.empty(0, np.int64), np.empty(0), is_clock=True)
    is_plain = is_timed & ~run.holds_evaluation(pace)
    is_timed = is_plain if int(is_plain.sum()) >= limits.min_plain else is_timed
    return Durations(run.timed_curve_name, pace.steps[is_timed], np.log(pace.per_step[is_timed]), is_clock=True)


def _logged(run: RunView) -> Iterator[Durations]:
    """Step times, times of intervals, throughputs and MFU of the training that the log holds, in this order."""
    roles: tuple[Literal["step-time", "counter", "throughput", "utilization"], ...]
    roles = ("step-time", "counter", "throughput", "utilization")
    for role in roles:
        for curve in run.curves(role):
            words = set(words_of(curve.tag))
            is_meant = {"counter": words <= DURATION_WORDS and _is_of_intervals(curve), "utilization": "mfu" in words}
            if curve.split in ("train", "none") and curve.is_positive and is_meant.get(role, True):
                is_rate = role in ("throughput", "utilization")
                yield Durations(curve.name, curve.steps, -curve.scaled if is_rate else curve.scaled, is_rate)


def _is_of_intervals(time: CurveView) -> bool:
    """Whether a time is that of intervals of one length, not a clock that runs on."""
    spans = np.diff(time.steps)
    return len(spans) > 0 and bool((spans == spans[0]).all()) and bool((np.diff(time.values) < 0).any())


def _fall_of_rate(durations: Floats) -> float:
    """Logarithm of the first fifth of a rate over the last."""
    fifth = max(len(durations) // 5, 1)
    return median(durations[-fifth:]) - median(durations[:fifth])


def _rise_of(logarithms: Floats, limits: Limits) -> Rise | None:
    """How much longer the last durations are than the first, the very first left out; None if it may be chance."""
    count = len(logarithms)
    is_short = count < limits.min_intervals
    parts = count if is_short else limits.blocks
    edges = np.array([part[0] for part in np.array_split(np.arange(count), parts)])
    blocks = part_medians(logarithms, edges, np.append(edges[1:], count))[1:]
    size = 2 * len(blocks) // 5 if is_short else len(blocks) // 4
    before, after = median(blocks[:size]), median(blocks[-size:])
    is_apart = bool(blocks[-size:].min() > blocks[:size].max())
    is_longer = is_apart if is_short else trend_of(blocks, len(blocks)).low > 0
    least = limits.min_short_rise if is_short else limits.min_rise
    if not (is_longer and after - before > math.log1p(least)):
        return None
    onset = 1 + int(np.argmax(blocks > (before + after) / 2))
    return Rise(before, after, onset * count // parts)


def _finding(run: RunView, durations: Durations, rise: Rise, limits: Limits) -> Finding:
    ratio = rise.after - rise.before
    first = int(durations.steps[rise.row])
    before, after = (exp(-level if durations.is_rate else level) for level in (rise.before, rise.after))
    if durations.is_clock:
        change = f"a step takes {after:.3g} s in the last part of the run and {before:.3g} s in the first ({expm1(ratio):+.0%})"
    else:
        change = (
            f"{durations.name} goes from {amount(before)} in the first part of the run to {amount(after)} in the last"
        )
        change += f": a step takes {exp(ratio):.3g} times as long"
    is_simulator = run.run.task == "reinforcement" and ratio < math.log(limits.simulator_ratio)
    return Finding(
        message=f"{change}, slower from about step {first:,} on",
        confidence=0.88,
        metric=durations.name,
        steps=(first, int(durations.steps[-1])),
        evidence={"before": before, "after": after, "ratio": exp(ratio)},
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
    reads=(Need("step-time"), Need("counter"), Need("throughput"), Need("utilization")),
    facts=("wall times",),
    causes=("memory-growth",),
    suits_boosting=True,
)

"""Two processes write the same curve at the same time.

## What it finds
Points of two writers that alternate under one tag, each with steps of its own.

## Why it matters
What looks like one noisy curve is two trainings, or two copies of one. No number of such a log can be trusted, and
checkpoints that go to the same place overwrite each other.

## How it is detected
Either two stretches of a curve, each with rising steps, were written at the same time: sorted by wall time their
points alternate 10 times or more, and their steps overlap by half. Or the steps of one file go back and forth 10 times
or more between two rising sequences, of equal spacing, that share half of their steps with different values. Points
that are the same in both are a copy of the log and do not count, and neither do restarts, which follow each other.

## When it is a false alarm
Hardly ever: a clock that was set back by hours at a restart from the very beginning.

## What to do
Give every run a folder of its own (with the start time and the process in its name), and in distributed training let
only rank 0 write. What is there can be told apart by file and host, or must be discarded.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.words import words_of
from ..base import Finding, InsufficientDataError, NotApplicableError, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Curve, Floats, Ints
    from ..view import RunView

MIN_POINTS = 20  # of a curve
MIN_SWITCHES = 10  # restarts that follow each other give one switch a restart
MIN_OVERLAP = 0.5  # of the shorter one's steps; a restart repeats only what came after its checkpoint
SAME_SPACING = 2.0  # two counters of one process, of batches and of epochs, have different spacings
MAX_WRITERS = 16  # longest stretches of a curve that are compared in pairs
_STEP_WORDS = frozenset("step steps iteration iterations iter iters".split())


class Overlap(NamedTuple):
    """How often two writers alternate, and between which steps (or rows) they do."""

    switches: int
    first: int
    last: int


def check(run: RunView) -> Iterator[Finding]:
    """Yield at most one finding: the curve in which the writers alternate most."""
    curves = [c for c in run.run.all_curves if not c.statistic and len(c) >= MIN_POINTS]
    if not run.run.all_curves:
        raise NotApplicableError("no curve is logged")
    if not curves:
        raise InsufficientDataError(f"no curve has {MIN_POINTS} points")
    found = [(curve, overlap) for curve in curves if (overlap := _overlap(curve)) is not None]
    if not found:
        return
    curve, overlap = max(found, key=lambda pair: pair[1].switches)
    yield Finding(
        message=f"two writers take turns in {curve.name}: {overlap.switches} changes from one to the other between "
        f"{curve.axis}s {overlap.first:,} and {overlap.last:,}, in {len(found)} curve{'s' * (len(found) > 1)}",
        confidence=0.97,
        metric=curve.name,
        steps=(overlap.first, overlap.last),
        evidence={"switch_count": float(overlap.switches), "curve_count": float(len(found))},
        remedies=(
            "give every run a folder of its own; in distributed training let only rank 0 write",
            "separate what is there by file and host, or discard it, and check the checkpoints of both",
        ),
    )


def _overlap(curve: Curve) -> Overlap | None:
    if curve.axis == "row":  # a table whose steps go back so often that they were not taken for its axis
        is_counter = curve.role == "counter" and bool(_STEP_WORDS & set(words_of(curve.tag)[-1:]))
        is_whole = is_counter and bool(np.isfinite(curve.value).all()) and float(np.abs(curve.value).max()) < 2.0**53
        turns = _taking_turns(curve.value.astype(np.int64), None) if is_whole else None
        return turns and Overlap(turns.switches, int(curve.step[0]), int(curve.step[-1]))
    if len(curve.segments) < 2:
        return None
    return _at_one_time(curve) or _taking_turns(curve.step, curve.value)


def _at_one_time(curve: Curve) -> Overlap | None:
    """Two segments of which the wall times and the steps overlap."""
    starts = [segment.start for segment in curve.segments]
    rows = [np.arange(a, b) for a, b in zip(starts, [*starts[1:], len(curve)], strict=True)]
    rows = [r[np.isfinite(curve.wall_time[r])] for r in rows]
    longest = sorted((r for r in rows if len(r) >= MIN_SWITCHES // 2), key=len, reverse=True)[:MAX_WRITERS]
    overlaps = [o for one, other in combinations(longest, 2) if (o := _between(curve, one, other)) is not None]
    return max(overlaps, key=lambda o: o.switches, default=None)


def _between(curve: Curve, one: Ints, other: Ints) -> Overlap | None:
    first, last = _common_range(curve.step[one], curve.step[other])
    shorter = min(np.ptp(curve.step[one]), np.ptp(curve.step[other]))
    if last <= first or last - first < MIN_OVERLAP * shorter:
        return None
    both = np.concatenate((one, other))
    events = np.stack((curve.step[both], curve.wall_time[both]), axis=1)
    if len(np.unique(events, axis=0)) < len(both) - MIN_OVERLAP * min(len(one), len(other)):
        return None  # a copy of the log
    is_other = np.repeat((False, True), (len(one), len(other)))[np.argsort(curve.wall_time[both], kind="stable")]
    switches = int(np.count_nonzero(is_other[1:] != is_other[:-1]))
    return Overlap(switches, first, last) if switches >= MIN_SWITCHES else None


def _taking_turns(steps: Ints, values: Floats | None) -> Overlap | None:
    """A column of steps that is two rising sequences in turn, which share steps."""
    is_back = np.diff(steps) < 0
    if int(is_back.sum()) < MIN_SWITCHES:
        return None
    ahead = _ahead(steps)
    if ahead is None:
        return None
    one, other = steps[ahead], steps[~ahead]
    switches = int(np.count_nonzero(ahead[1:] != ahead[:-1]))
    spacings = [float(np.median(np.diff(s))) if len(s) > 1 else 0.0 for s in (one, other)]
    shared, rows, other_rows = np.intersect1d(one, other, return_indices=True)
    if values is not None:
        differs = values[ahead][rows] != values[~ahead][other_rows]
        shared = shared[differs]
    first, last = _common_range(one, other)
    in_range = min(int(np.count_nonzero((s >= first) & (s <= last))) for s in (one, other))
    is_even = 0 < max(spacings) <= SAME_SPACING * min(spacings)
    if switches >= MIN_SWITCHES and is_even and len(shared) >= max(MIN_OVERLAP * in_range, MIN_SWITCHES // 2):
        return Overlap(switches, int(shared[0]), int(shared[-1]))
    return None


def _ahead(steps: Ints) -> np.ndarray | None:
    """Which rows belong to the writer that is ahead, bool [n]; None if two rising sequences do not suffice."""
    belongs = np.zeros(len(steps), dtype=bool)
    lead, trail = int(steps[0]), -1
    belongs[0] = True
    for row, step in enumerate(steps[1:].tolist(), 1):
        if step > lead:
            lead, belongs[row] = step, True
        elif step > trail:
            trail = step
        else:
            return None
    return belongs


def _common_range(one: Ints, other: Ints) -> tuple[int, int]:
    return int(max(one.min(), other.min())), int(min(one.max(), other.max()))


RULE = Rule(
    id="interleaved-writers",
    family="log-integrity",
    severity=Severity.ERROR,
    needs=(),
    since="0.1.0",
    title="One process writes the log",
    failure_title="Interleaved writers",
    doc=__doc__ or "",
    check=check,
)

"""Two processes write the same curve at the same time.

## What it finds
Alternating points of two or more writers under one tag, each with its own steps.

## Why it matters
An apparently noisy curve comes from two training runs, or from two processes of one run. No value of such a log is
reliable, and checkpoints in the same folder overwrite each other.

## How it is detected
Either several segments of a curve were written at the same time: sorted by wall time, the points of two alternate at
least 10 times, and their steps overlap by 50%. Or the steps go back at least 10 times, between at most 8 rising
sequences; of the two longest, neither has more than twice the spacing of the other, and where they overlap they share
50% of their steps, at least 5, with different values. Equal points in both mean a copy of the log and do not count;
neither do consecutive restarts. Or 90% of the steps, at least 10, are written equally often, and their values form
curves of their own, in the median 3 times as far apart as each moves from one step to the next, that come in another
order at 10% of the steps: one process writes in a fixed order.

## When it is a false alarm
Rarely: a clock that was set back by hours at a restart from the beginning.

## What to do
Use a separate folder for each run (with the start time and the process in its name), and let only rank 0 write in
distributed training. Separate the existing points by file and host, or discard them.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Curve, Floats, Ints
    from ..view.run_view import RunView

_STEP_WORDS = frozenset("step steps iteration iterations iter iters".split())


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "two writers with 10 points each", unit="points")
    min_switches: int = limit(10, "number of changes between the writers; restarts cause one change each")
    min_overlap: float = limit(
        0.5, "of the steps of the shorter one; a restart repeats only the steps after its checkpoint", unit="%"
    )
    min_shared: int = limit(5, "two counters of one process may share a few steps by chance", unit="steps")
    max_spacing: float = limit(
        2.0, "two counters of one process, of batches and of epochs, differ by more", unit="ratio"
    )
    min_paired: float = limit(0.9, "of the steps; one writer may be behind at both ends", unit="%")
    min_distance: float = limit(
        3.0, "of the curves over their changes; several values of one noisy curve come to less than 2", unit="ratio"
    )
    min_reordered: float = limit(0.1, "of the steps: one process writes its values in a fixed order", unit="%")
    max_writers: int = limit(8, "number of processes; one machine rarely has more devices")


class Overlap(NamedTuple):
    """The number of writers, the number of changes between them, and the first and the last step (or row) of a change."""

    writers: int
    switches: int
    first: int
    last: int


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the curve with the most changes between writers."""
    curves = [c for c in run.run.all_curves if not c.statistic and len(c) >= limits.min_points]
    if not curves:
        longest = max((len(c) for c in run.run.all_curves if not c.statistic), default=0)
        raise InsufficientDataError(f"a curve needs at least {limits.min_points} points, has {longest}")
    found = [(curve, overlap) for curve in curves if (overlap := _overlap(curve, limits)) is not None]
    if not found:
        return
    curve, overlap = max(found, key=lambda pair: pair[1].switches)
    yield Finding(
        message=f"{overlap.writers} writers alternate in {curve.name}: {overlap.switches:,} changes from one to another between "
        f"{curve.axis}s {overlap.first:,} and {overlap.last:,}; {len(found)} of {len(curves)} curves are affected",
        confidence=0.97,
        metric=curve.name,
        steps=(overlap.first, overlap.last),
        evidence={
            "writer_count": float(overlap.writers),
            "switch_count": float(overlap.switches),
            "curve_count": float(len(found)),
        },
        remedies=(
            "use a separate folder for each run; in distributed training, let only rank 0 write",
            "separate the points by file and host, or discard them, and check the checkpoints of all writers",
        ),
    )


def _overlap(curve: Curve, limits: Limits) -> Overlap | None:
    if curve.axis == "row":  # a table whose steps decrease too often to be its axis
        is_counter = curve.role == "counter" and bool(_STEP_WORDS & set(words_of(curve.tag)[-1:]))
        is_whole = is_counter and bool(np.isfinite(curve.value).all()) and float(np.abs(curve.value).max()) < 2.0**53
        turns = _taking_turns(curve.value.astype(np.int64), None, limits) if is_whole else None
        return turns and turns._replace(first=int(curve.step[0]), last=int(curve.step[-1]))
    if len(curve.segments) < 2:
        return _side_by_side(curve, limits)
    return _at_one_time(curve, limits) or _taking_turns(curve.step, curve.value, limits)


def _at_one_time(curve: Curve, limits: Limits) -> Overlap | None:
    """Segments whose wall times and steps overlap."""
    starts = [segment.start for segment in curve.segments]
    rows = [np.arange(a, b) for a, b in zip(starts, [*starts[1:], len(curve)], strict=True)]
    rows = [r[np.isfinite(curve.wall_time[r])] for r in rows]
    longest = sorted((r for r in rows if len(r)), key=len, reverse=True)[: limits.max_writers]
    overlaps = {
        (i, j): overlap
        for (i, one), (j, other) in combinations(enumerate(longest), 2)
        if (overlap := _between(curve, one, other, limits)) is not None
    }
    if not overlaps:
        return None
    writers = [longest[i] for i in sorted({i for pair in overlaps for i in pair})]
    first, last = min(o.first for o in overlaps.values()), max(o.last for o in overlaps.values())
    return Overlap(len(writers), _switches(curve, writers), first, last)


def _between(curve: Curve, one: Ints, other: Ints, limits: Limits) -> Overlap | None:
    first, last = _common_range(curve.step[one], curve.step[other])
    shorter = min(np.ptp(curve.step[one]), np.ptp(curve.step[other]))
    if last - first < max(limits.min_overlap * shorter, 1):
        return None
    both = np.concatenate((one, other))
    events = np.stack((curve.step[both], curve.wall_time[both]), axis=1)
    if len(np.unique(events, axis=0)) < len(both) - limits.min_overlap * min(len(one), len(other)):
        return None  # a copy of the log
    switches = _switches(curve, [one, other])
    return Overlap(2, switches, first, last) if switches >= limits.min_switches else None


def _switches(curve: Curve, writers: list[Ints]) -> int:
    """How often the writer changes in the order of wall time; `writers` are the rows of each."""
    writer = np.repeat(np.arange(len(writers)), [len(rows) for rows in writers])
    order = np.argsort(curve.wall_time[np.concatenate(writers)], kind="stable")
    return int(np.count_nonzero(np.diff(writer[order])))


def _taking_turns(steps: Ints, values: Floats | None, limits: Limits) -> Overlap | None:
    """A column of steps that consists of a few rising sequences in turn; the two longest share steps."""
    if int((np.diff(steps) < 0).sum()) < limits.min_switches:
        return None
    writer = _writers(steps, limits)
    if writer is None:
        return None
    switches = int(np.count_nonzero(np.diff(writer)))
    sizes = np.bincount(writer)
    one, other = (np.flatnonzero(writer == w) for w in np.argsort(-sizes, kind="stable")[:2])
    spacings = [median(np.diff(steps[rows])) for rows in (one, other)]
    shared, rows, other_rows = np.intersect1d(steps[one], steps[other], return_indices=True)
    if values is not None:
        shared = shared[values[one][rows] != values[other][other_rows]]
    first, last = _common_range(steps[one], steps[other])
    in_range = min(int(np.count_nonzero((steps[r] >= first) & (steps[r] <= last))) for r in (one, other))
    is_even = max(spacings) <= limits.max_spacing * min(spacings)
    if not is_even or len(shared) < max(limits.min_overlap * in_range, limits.min_shared):
        return None
    return Overlap(len(sizes), switches, int(shared[0]), int(shared[-1]))


def _side_by_side(curve: Curve, limits: Limits) -> Overlap | None:
    """Steps that never go back and are all written equally often, whose values belong to curves that take turns."""
    if len(curve) < 2 or curve.step[-1] == curve.step[0] or (curve.step[1:] > curve.step[:-1]).all():
        return None
    steps, starts, counts = np.unique(curve.step, return_index=True, return_counts=True)
    writers = int(np.bincount(counts).argmax())
    is_full = counts == writers
    if not 1 < writers <= limits.max_writers or is_full.sum() < max(
        limits.min_switches, limits.min_paired * len(steps)
    ):
        return None
    values = curve.value[starts[is_full][:, None] + np.arange(writers)]
    if not np.isfinite(values).all():
        return None
    order, levels = np.argsort(values, axis=1, kind="stable"), np.sort(values, axis=1)
    moves = max(median(np.abs(np.diff(level))) for level in levels.T)
    if not median(np.diff(levels, axis=1).min(axis=1)) > limits.min_distance * moves:
        return None
    usual, times = np.unique(order, axis=0, return_counts=True)
    if times.max() > (1 - limits.min_reordered) * len(order) or len(usual) < 2:
        return None
    switches = int((np.diff(order, axis=0) != 0).any(axis=1).sum())
    return Overlap(writers, switches, int(steps[is_full][0]), int(steps[is_full][-1]))


def _writers(steps: Ints, limits: Limits) -> Ints | None:
    """For each row the number of its sequence of strictly rising steps, int64 [n]; None if `max_writers` are not enough.

    Each row continues the sequence with the largest last step below its own, so that as few as possible are needed.
    """
    writer = np.empty(len(steps), np.int64)
    reached: list[int] = []
    for row, step in enumerate(steps.tolist()):
        behind = [w for w, last in enumerate(reached) if last < step]
        if behind:
            writer[row] = max(behind, key=reached.__getitem__)
            reached[writer[row]] = step
        elif len(reached) < limits.max_writers:
            writer[row] = len(reached)
            reached.append(step)
        else:
            return None
    return writer


def _common_range(one: Ints, other: Ints) -> tuple[int, int]:
    return int(max(one.min(), other.min())), int(min(one.max(), other.max()))


RULE = Rule(
    id="interleaved-writers",
    family="log-integrity",
    severity=Severity.ERROR,
    needs=(Need(None, points=0),),
    since="0.1.0",
    title="One process writes the log",
    failure_title="Interleaved writers",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    judges_whole_log=True,
    suits_boosting=True,
    needs_all_rows=True,
)

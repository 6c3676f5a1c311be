"""Two processes write the same curve at the same time.

## What it finds
Points of two or more writers that alternate under one tag, each with steps of its own.

## Why it matters
What looks like one noisy curve is two trainings, or two copies of one. No number of such a log can be trusted, and
checkpoints that go to the same place overwrite each other.

## How it is detected
Either two stretches of a curve, each with rising steps, were written at the same time: sorted by wall time their
points alternate 10 times or more, and their steps overlap by half. Or the steps of one file go back and forth 10 times
or more between a few rising sequences, of which the two longest have equal spacing and share half of their steps with
different values. Points that are the same in both are a copy of the log and do not count, and neither do restarts,
which follow each other.

## When it is a false alarm
Hardly ever: a clock that was set back by hours at a restart from the very beginning.

## What to do
Give every run a folder of its own (with the start time and the process in its name), and in distributed training let
only rank 0 write. What is there can be told apart by file and host, or must be discarded.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Curve, Floats, Ints
    from ..view.run_view import RunView

_STEP_WORDS = frozenset("step steps iteration iterations iter iters".split())


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "of a curve")
    min_switches: int = limit(10, "restarts that follow each other give one switch a restart")
    min_overlap: float = limit(0.5, "of the shorter one's steps; a restart repeats only what came after its checkpoint")
    same_spacing: float = limit(2.0, "two counters of one process, of batches and of epochs, have different spacings")
    max_writers: int = limit(
        8, "processes of one machine; so many of the longest stretches of a curve are compared in pairs"
    )


class Overlap(NamedTuple):
    """How many writers there are, how often they alternate, and between which steps (or rows) they do."""

    writers: int
    switches: int
    first: int
    last: int


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the curve in which the writers alternate most."""
    curves = [c for c in run.run.all_curves if not c.statistic and len(c) >= limits.min_points]
    if not run.run.all_curves:
        raise NotApplicableError("no curve is logged")
    if not curves:
        raise InsufficientDataError(f"no curve has {limits.min_points} points")
    found = [(curve, overlap) for curve in curves if (overlap := _overlap(curve, limits)) is not None]
    if not found:
        return
    curve, overlap = max(found, key=lambda pair: pair[1].switches)
    yield Finding(
        message=f"{overlap.writers} writers take turns in {curve.name}: {overlap.switches} changes from one to the other between "
        f"{curve.axis}s {overlap.first:,} and {overlap.last:,}, in {len(found)} curve{'s' * (len(found) > 1)}",
        confidence=0.97,
        metric=curve.name,
        steps=(overlap.first, overlap.last),
        evidence={
            "writer_count": float(overlap.writers),
            "switch_count": float(overlap.switches),
            "curve_count": float(len(found)),
        },
        remedies=(
            "give every run a folder of its own; in distributed training let only rank 0 write",
            "separate what is there by file and host, or discard it, and check the checkpoints of both",
        ),
    )


def _overlap(curve: Curve, limits: Limits) -> Overlap | None:
    if curve.axis == "row":  # a table whose steps go back so often that they were not taken for its axis
        is_counter = curve.role == "counter" and bool(_STEP_WORDS & set(words_of(curve.tag)[-1:]))
        is_whole = is_counter and bool(np.isfinite(curve.value).all()) and float(np.abs(curve.value).max()) < 2.0**53
        turns = _taking_turns(curve.value.astype(np.int64), None, limits) if is_whole else None
        return turns and turns._replace(first=int(curve.step[0]), last=int(curve.step[-1]))
    if len(curve.segments) < 2:
        return None
    return _at_one_time(curve, limits) or _taking_turns(curve.step, curve.value, limits)


def _at_one_time(curve: Curve, limits: Limits) -> Overlap | None:
    """Two segments of which the wall times and the steps overlap."""
    starts = [segment.start for segment in curve.segments]
    rows = [np.arange(a, b) for a, b in zip(starts, [*starts[1:], len(curve)], strict=True)]
    rows = [r[np.isfinite(curve.wall_time[r])] for r in rows]
    longest = sorted((r for r in rows if len(r) >= limits.min_switches // 2), key=len, reverse=True)[
        : limits.max_writers
    ]
    overlaps = [o for one, other in combinations(longest, 2) if (o := _between(curve, one, other, limits)) is not None]
    return max(overlaps, key=lambda o: o.switches, default=None)


def _between(curve: Curve, one: Ints, other: Ints, limits: Limits) -> Overlap | None:
    first, last = _common_range(curve.step[one], curve.step[other])
    shorter = min(np.ptp(curve.step[one]), np.ptp(curve.step[other]))
    if last <= first or last - first < limits.min_overlap * shorter:
        return None
    both = np.concatenate((one, other))
    events = np.stack((curve.step[both], curve.wall_time[both]), axis=1)
    if len(np.unique(events, axis=0)) < len(both) - limits.min_overlap * min(len(one), len(other)):
        return None  # a copy of the log
    is_other = np.repeat((False, True), (len(one), len(other)))[np.argsort(curve.wall_time[both], kind="stable")]
    switches = int(np.count_nonzero(is_other[1:] != is_other[:-1]))
    return Overlap(2, switches, first, last) if switches >= limits.min_switches else None


def _taking_turns(steps: Ints, values: Floats | None, limits: Limits) -> Overlap | None:
    """A column of steps that is a few rising sequences in turn, of which the two longest share steps."""
    if int((np.diff(steps) < 0).sum()) < limits.min_switches:
        return None
    writer = _writers(steps, limits)
    if writer is None:
        return None
    switches = int(np.count_nonzero(np.diff(writer)))
    sizes = np.bincount(writer)
    one, other = (np.flatnonzero(writer == w) for w in np.argsort(-sizes, kind="stable")[:2])
    if min(len(one), len(other)) < 2:
        return None
    spacings = [median(np.diff(steps[rows])) for rows in (one, other)]
    shared, rows, other_rows = np.intersect1d(steps[one], steps[other], return_indices=True)
    if values is not None:
        shared = shared[values[one][rows] != values[other][other_rows]]
    first, last = _common_range(steps[one], steps[other])
    in_range = min(int(np.count_nonzero((steps[r] >= first) & (steps[r] <= last))) for r in (one, other))
    is_even = max(spacings) <= limits.same_spacing * min(spacings)
    if (
        switches >= limits.min_switches
        and is_even
        and len(shared) >= max(limits.min_overlap * in_range, limits.min_switches // 2)
    ):
        return Overlap(len(sizes), switches, int(shared[0]), int(shared[-1]))
    return None


def _writers(steps: Ints, limits: Limits) -> Ints | None:
    """For each row one of at most `MAX_WRITERS` sequences of strictly rising steps, int64 [n]; None if they do not suffice.

    A row goes to the sequence that is farthest among those it can follow, so that as few as possible are needed.
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
    needs=(),
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

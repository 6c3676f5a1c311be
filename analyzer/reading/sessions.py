"""Several sessions in one log: what restarts mean, and what a note says of them.

A step that starts again is one of four things. A *resume* starts within the steps logged before: it overwrites the rest of
them. A *continuation* starts from the first step, but its values start where those before it ended: its steps are
renumbered. A *repetition* starts from the first step and from similar values: the last that is long enough is judged. What
starts at values far from all of the session before is *unrelated*: it becomes a run of its own.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.restarts import segments_of, session_of_rows
from ...parsers.run import Note
from .comparing import COMPARED_ROLES, MEASURED_ROLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...parsers.run import Curve, Floats, Ints, Run

MIN_SESSION = 2  # points; a shorter session is a start that was aborted immediately
MIN_COMPARED = 5  # points of each session needed to compare their values
ENDS = 3  # points at each end of a session whose median is its first or last value
# A continuation starts nearer to the last value than to the first by this factor: with less, a curve that hardly changes
# would be one, as its ends are alike.
NEARER = 4.0
OTHER_LEVEL = 2.0  # the initial losses of two trainings of one model on the same data differ by less than this factor
MAX_RESTARTS_NAMED = 3


@dataclass(frozen=True, eq=False)
class _Sessions:
    """A curve with its sessions. `session`: int64 [n], the number of the session of each row, from 0."""

    curve: Curve
    session: Ints

    @property
    def sizes(self) -> list[int]:
        sizes: list[int] = np.bincount(self.session).tolist()
        return sizes

    def row(self, number: int) -> int:
        """The first row of a session."""
        return int(np.searchsorted(self.session, number))

    def value(self, number: int) -> Floats:
        """The finite values of a session that its own restarts did not overwrite."""
        value = self.curve.take(self.session == number).effective().value
        return value[np.isfinite(value)]

    def place(self, rows: Sequence[int]) -> str:
        """Rows for a note, counted from 1."""
        shown = ", ".join(f"{row + 1:,}" for row in rows[:MAX_RESTARTS_NAMED])
        return f"{self.curve.name}, point {shown}" + (" ..." if len(rows) > MAX_RESTARTS_NAMED else "")


def resolve_sessions(run: Run) -> list[Run]:
    """The runs of a log whose steps may start again: usually one, with a note if it has several sessions."""
    runs = _split(run)
    for each in runs:
        _settle(each)
    return runs


def _split(run: Run) -> list[Run]:
    """The run, or several where sessions are unrelated; the first keeps the name, others are numbered."""
    longest, measured = _sessions_of(run)
    if longest is None:
        return [run]
    cuts = [
        number for number in range(1, len(longest.sizes))
        if _are_unrelated((each.value(number - 1), each.value(number)) for each in measured)
    ]  # fmt: skip
    if not cuts:
        return [run]
    message = f"steps start anew, and values far from those before: read as {len(cuts) + 1} runs"
    run.notes.append(Note(run.path, longest.place([longest.row(number) for number in cuts]), message))
    rows = [[*_first_rows(curve, longest, cuts), len(curve)] for curve in run.all_curves]
    runs = []
    for at, number in enumerate((0, *cuts)):
        ranges = [
            (curve, bounds[at - 1] if at else 0, bounds[at]) for curve, bounds in zip(run.all_curves, rows, strict=True)
        ]
        curves = [curve.take(np.arange(first, end)) for curve, first, end in ranges if first < end]
        name = f"{run.name}/session-{number + 1}" if number else run.name
        runs.append(replace(run, name=name, all_curves=curves, notes=list(run.notes)))
    for later in runs[1:]:
        later.histograms, later.incidents = [], []
    return runs


def _are_unrelated(pairs: Iterable[tuple[Floats, Floats]]) -> bool:
    """Whether sessions are unrelated by each curve that can be compared, and there is one."""
    long = [(before, after) for before, after in pairs if min(len(before), len(after)) >= MIN_COMPARED]
    return bool(long) and all(_is_unrelated(before, after) for before, after in long)


def _is_unrelated(before: Floats, after: Floats) -> bool:
    """Whether a session starts farther from all values of the one before than these are from each other.

    Distances of positive values are differences or ratios, whichever is plainer, and at least a factor of `OTHER_LEVEL`:
    after a session that hardly changes, a small difference would be far.
    """
    low, high = float(before.min()), float(before.max())
    start, _ = _ends(after)
    if min(low, start) <= 0:
        return max(low - start, start - high) > high - low > 0
    ratio = max(low / start, start / high)
    return ratio >= OTHER_LEVEL and (ratio > high / low or start - high > high - low)


def _settle(run: Run) -> None:
    """Renumber the steps of a continuation; note repetitions and resumes."""
    longest, measured = _sessions_of(run)
    if longest is None:
        return
    if len(longest.sizes) < 2:
        _note_resumes(run, longest)
    elif sorted(longest.sizes)[-2] < MIN_SESSION:
        return
    elif _continues(measured):
        _renumber(run, longest)
    else:
        _note_repetitions(run, longest)


def _sessions_of(run: Run) -> tuple[_Sessions | None, list[_Sessions]]:
    """The longest main curve and the losses with as many sessions, or other measured curves; None without a restart."""
    curves = [c for c in run.all_curves if c.role in COMPARED_ROLES and not c.layer and len(c)]
    if not any(len(curve.segments) > 1 for curve in curves):
        return None, []
    found = [_Sessions(curve, session_of_rows(curve.step, curve.segments)) for curve in curves]
    longest = max(found, key=lambda each: len(each.curve))
    alike = [each for each in found if each.curve.role in MEASURED_ROLES and len(each.sizes) == len(longest.sizes)]
    return longest, [each for each in alike if each.curve.role == "loss"] or alike


def _ends(value: Floats) -> tuple[float, float]:
    return float(np.median(value[:ENDS])), float(np.median(value[-ENDS:]))


def _continues(measured: Sequence[_Sessions]) -> bool:
    """Whether each session starts with the values at which the one before ended, by each curve that can be compared."""
    values = [[each.value(number) for number in range(len(each.sizes))] for each in measured]
    ends = [list(map(_ends, of_curve)) for of_curve in values if min(map(len, of_curve)) >= MIN_COMPARED]
    return bool(ends) and all(
        abs(b[0] - a[0]) > NEARER * abs(b[0] - a[1]) for of_curve in ends for a, b in itertools.pairwise(of_curve)
    )


def _first_rows(curve: Curve, longest: _Sessions, numbers: Sequence[int]) -> list[int]:
    """The first row of a curve in each of some sessions.

    A curve with fewer sessions than the longest is divided by time if that is known; otherwise all of it belongs to the
    last session that may reach its steps.
    """
    if not len(curve):
        return [0] * len(numbers)
    own = _Sessions(curve, session_of_rows(curve.step, curve.segments))
    if len(own.sizes) == len(longest.sizes):
        return [own.row(number) for number in numbers]
    starts = [longest.row(number) for number in numbers]
    times = longest.curve.wall_time[starts]
    if np.isfinite(times).all() and np.isfinite(curve.wall_time).all():
        return [int(np.count_nonzero(curve.wall_time < time)) for time in times]
    reached = [int(longest.curve.step[row:].max()) >= int(curve.step.max()) for row in starts]
    return [0 if may_be_later else len(curve) for may_be_later in reached]


def _renumber(run: Run, longest: _Sessions) -> None:
    """Move the steps of each session behind those of the one before."""
    numbers = range(1, len(longest.sizes))
    step = longest.curve.step
    rises = np.diff(step)
    interval = int(np.median(rises[rises > 0])) if (rises > 0).any() else 1
    starts = [longest.row(number) for number in numbers]
    offsets = [int(step[row - 1]) + interval - int(step[row]) for row in starts]
    for at, curve in enumerate(run.all_curves):
        moved, epoch = curve.step.copy(), curve.epoch.copy()
        for row, offset in zip(_first_rows(curve, longest, numbers), offsets, strict=True):
            moved[row:] += offset
            if 0 < row < len(curve) and epoch[row] < epoch[row - 1]:
                epoch[row:] += epoch[row - 1] - epoch[row] + (interval if curve.axis == "epoch" else 1)
        run.all_curves[at] = replace(curve, step=moved, epoch=epoch, segments=segments_of(moved))
    run.notes.append(
        Note(
            run.path,
            longest.place(starts),
            "steps start anew, but values go on: the steps from there on were renumbered",
        )
    )


def _note_repetitions(run: Run, longest: _Sessions) -> None:
    sizes = longest.sizes
    judged = next(i for i in reversed(range(len(sizes))) if 2 * sizes[i] >= max(sizes))
    others = sum(sizes) - sizes[judged]
    message = (
        f"contains {len(sizes)} sessions, each from the first step: session {judged + 1} with {sizes[judged]:,} points of"
        f" {longest.curve.name} is judged, {others:,} points of the other sessions are not"
    )
    run.notes.append(Note(run.path, longest.place([longest.row(i) for i in range(1, len(sizes))]), message))


def _note_resumes(run: Run, longest: _Sessions) -> None:
    """Note that steps were logged again after restarts within a run."""
    curve = longest.curve
    overwritten = len(curve) - len(curve.effective())
    if overwritten < MIN_SESSION:
        return
    restarts = curve.segments[1:]
    steps = ", ".join(f"{segment.purge_step:,}" for segment in restarts[:MAX_RESTARTS_NAMED])
    more = f" and {len(restarts) - MAX_RESTARTS_NAMED:,} more" if len(restarts) > MAX_RESTARTS_NAMED else ""
    message = (
        f"resumes at step {steps}{more}: {overwritten:,} points of {curve.name} that were logged before from there on are"
        " not judged"
    )
    run.notes.append(Note(run.path, longest.place([segment.start for segment in restarts]), message))

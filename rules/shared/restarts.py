"""Restarts of a run, and its curves before and after them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ...parsers.run import Curve, Floats
    from ..view.run_view import RunView

LARGEST_DISTANCE = 1_000_000  # of two logged steps: larger ones are samples or tokens, which batches shift by chance
WINDOWS_BEFORE = 5  # windows of points before a restart that are enough to estimate the noise


class Restart(NamedTuple):
    """The point at which a curve continues after an interruption.

    Attributes:
        step: first step of the new part.
        row: its row in the curve as it was written.
        is_from_start: whether the step counter started again, at or before the very first step.
        pause_s: seconds of the pause that shows the interruption; 0 where the log itself shows it.
        is_shifted: whether only the grid of the logged steps shows it, which is another one from there on.

    """

    step: int
    row: int
    is_from_start: bool = False
    pause_s: float = 0.0
    is_shifted: bool = False


def restarts_of(curve: Curve) -> list[Restart]:
    """The restarts at which a curve's segments begin, in the order of writing."""
    found: list[Restart] = []
    first = int(curve.step[0]) if len(curve) else 0
    for segment in curve.segments[1:]:
        if segment.start >= len(curve):
            break
        step = min(segment.purge_step, int(curve.step[segment.start]))
        found.append(Restart(step, segment.start, is_from_start=step <= first))
        first = min(first, step)
    return found


def pauses_of(run: RunView, curve: Curve, *, min_ratio: float, min_seconds: float, max_pauses: int) -> list[Restart]:
    """Long pauses in which nothing was evaluated, if there are few: interruptions that the log does not name.

    `min_ratio` is of the usual duration of an interval.
    """
    pace = run.pace
    if not len(pace.seconds):
        return []
    is_stalled = pace.is_stalled(min_ratio, min_seconds) & ~run.holds_evaluation(pace)
    if int(is_stalled.sum()) > max_pauses:
        return []
    rows = np.searchsorted(curve.step, pace.steps[is_stalled])
    found = zip(pace.steps[is_stalled].tolist(), rows.tolist(), pace.seconds[is_stalled].tolist(), strict=True)
    return [Restart(step, row, pause_s=seconds) for step, row, seconds in found if 0 < row < len(curve)]


def shifts_of(curve: Curve, *, min_even: float, max_shifts: int) -> list[Restart]:
    """Places where evenly spaced steps go on with another remainder: a process that counts its own steps from there on.

    A multiple of the usual distance is a gap; the first and the last distance may be odd in any log. `min_even` is the
    share of usual distances.
    """
    distances = np.diff(curve.step)
    if len(distances) < 3 or (distances <= 0).any():
        return []
    usual = int(np.bincount(distances).argmax()) if distances.max() < LARGEST_DISTANCE else 0
    if usual < 2 or (distances == usual).mean() < min_even:
        return []
    rows = 1 + np.flatnonzero(distances[1:-1] % usual) + 1
    if len(rows) > max_shifts:
        return []
    return [Restart(int(curve.step[row]), int(row), is_shifted=True) for row in rows]


def around(curve: Curve, restart: Restart, window: int) -> tuple[Floats, Floats]:
    """Finite values of an effective curve: up to 5 windows of them before a restart, and one window from there on."""
    finite = np.isfinite(curve.value)
    step, value = curve.step[finite], curve.value[finite]
    row = int(np.searchsorted(step, restart.step))
    return value[max(row - WINDOWS_BEFORE * window, 0) : row], value[row : row + window]

"""Where a training was taken up again, and what its curves were like before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ...parsers.run import Curve, Floats
    from ..view.run_view import RunView

WINDOW_POINTS = 10  # on either side: enough for a median that single spikes do not move
MIN_PAUSES_TO_REPEAT = 3  # pauses that come more often belong to the training: evaluations, checkpoints, epochs


class Restart(NamedTuple):
    """Where a curve goes on after an interruption.

    Attributes:
        step: first step of the new part.
        row: its row in the curve as it was written.
        is_from_start: whether the steps began anew, at or before the first step of all.
        pause_s: seconds of standstill by which the interruption was told; 0 where the log itself tells of it.

    """

    step: int
    row: int
    is_from_start: bool = False
    pause_s: float = 0.0


def restarts_of(curve: Curve) -> list[Restart]:
    """The restarts that a curve's segments tell of, in the order of writing."""
    found: list[Restart] = []
    first = int(curve.step[0]) if len(curve) else 0
    for segment in curve.segments[1:]:
        if segment.start >= len(curve):
            break
        step = min(segment.purge_step, int(curve.step[segment.start]))
        found.append(Restart(step, segment.start, is_from_start=step <= first))
        first = min(first, step)
    return found


def pauses_of(run: RunView, curve: Curve) -> list[Restart]:
    """Long standstills in which nothing was evaluated, if there are few: interruptions that the log does not name."""
    pace = run.pace
    is_stalled = pace.is_stalled & ~run.holds_evaluation(pace) if len(pace.seconds) else pace.is_stalled
    if not len(curve) or int(is_stalled.sum()) >= MIN_PAUSES_TO_REPEAT:
        return []
    rows = np.searchsorted(curve.step, pace.steps[is_stalled])
    found = zip(pace.steps[is_stalled].tolist(), rows.tolist(), pace.seconds[is_stalled].tolist(), strict=True)
    return [Restart(step, row, pause_s=seconds) for step, row, seconds in found if 0 < row < len(curve)]


def around(curve: Curve, restart: Restart) -> tuple[Floats, Floats]:
    """Finite values of a curve that stands, up to 5 windows of them before a restart and one from there on."""
    finite = np.isfinite(curve.value)
    step, value = curve.step[finite], curve.value[finite]
    row = int(np.searchsorted(step, restart.step))
    return value[max(row - 5 * WINDOW_POINTS, 0) : row], value[row : row + WINDOW_POINTS]

"""Several trainings in one log: a note says which one is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...parsers.run import Note
from .comparing import COMPARED_ROLES

if TYPE_CHECKING:
    from ...parsers.run import Run

MIN_SESSION = 2  # points; a shorter session is a start that was aborted immediately


def note_sessions(run: Run) -> None:
    """Note that a log contains several trainings, of which rules judge one."""
    curves = [curve for curve in run.all_curves if curve.role in COMPARED_ROLES and not curve.layer and len(curve)]
    longest = max(curves, key=len, default=None)
    if longest is None:
        return
    sizes = longest.session_sizes()
    if len(sizes) < 2 or sorted(sizes)[-2] < MIN_SESSION:
        return
    judged = next(i for i in reversed(range(len(sizes))) if 2 * sizes[i] >= max(sizes))
    others = sum(sizes) - sizes[judged]
    message = (
        f"contains {len(sizes)} sessions, each from the first step: session {judged + 1} with {sizes[judged]:,} points of"
        f" {longest.name} is judged, {others:,} points of the other sessions are not"
    )
    run.notes.append(Note(run.path, "", message))

"""Trainings that follow one another in one log, and logs that count nothing: what is judged of them is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.run import Note, Segment
from .comparing import COMPARED_ROLES

if TYPE_CHECKING:
    from ...parsers.run import Curve, Run

MIN_SESSION = 2  # points: less is a start that was broken off at once


def tell_sessions(run: Run) -> None:
    """Note that a log holds several trainings, of which rules see one."""
    curves = [curve for curve in run.all_curves if curve.role in COMPARED_ROLES and not curve.layer and len(curve)]
    longest = max(curves, key=len, default=None)
    if longest is None:
        return
    sizes = longest.session_sizes()
    if len(sizes) < 2 or sorted(sizes)[-2] < MIN_SESSION:
        return
    judged = next(i for i in reversed(range(len(sizes))) if 2 * sizes[i] >= max(sizes))
    others = sum(sizes) - sizes[judged]
    text = (
        f"{len(sizes)} sessions follow one another, each from the first step: session {judged + 1} with {sizes[judged]:,}"
        f" points of {longest.name} is judged, {others:,} points of the other sessions are not"
    )
    run.notes.append(Note(run.path, "", text))


def order_by_time(run: Run) -> None:
    """Put the points of a log whose every point has the same step into the order of their times, or of writing."""
    curves = [curve for curve in run.all_curves if len(curve) > 1]
    steps = {int(curve.step[0]) for curve in curves}
    if len(steps) != 1 or any((curve.step != curve.step[0]).any() for curve in curves):
        return
    is_timed = all(np.isfinite(curve.wall_time).all() for curve in curves)
    run.all_curves = [_in_order(curve, is_timed=is_timed) if len(curve) > 1 else curve for curve in run.all_curves]
    order = "of their times" if is_timed else "in which they were written"
    run.notes.append(
        Note(run.path, "", f"every point is logged at step {steps.pop()}: points were put in the order {order}")
    )


def _in_order(curve: Curve, *, is_timed: bool) -> Curve:
    order = np.argsort(curve.wall_time, kind="stable") if is_timed else np.arange(len(curve))
    return replace(
        curve, step=np.arange(len(curve)), value=curve.value[order], wall_time=curve.wall_time[order],
        epoch=curve.epoch[order], axis="row", segments=(Segment(0, 0),),
    )  # fmt: skip

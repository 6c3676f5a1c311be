"""Curves whose points are all at one step, because the writer never raised it: they are ordered by time or row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .restarts import segments_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .run import Curve, Floats, Ints

MIN_POINTS = 4  # an evaluation before and after training, logged twice, may well be at one step


def ordered_where_stuck(curves: Sequence[Curve]) -> tuple[list[Curve], list[str]]:
    """Number the points of such curves, by time where the log has a clock and else as they were written.

    The curves are numbered on the clock of the longest of them, so that those of training and validation stay together.
    Returns all curves in their order, and what was done, in sentences.
    """
    stuck = [curve for curve in curves if _is_stuck(curve)]
    if not stuck:
        return list(curves), []
    longest = max(stuck, key=len)
    has_clock = all(_is_timed(curve) for curve in stuck)
    how = "by time" if has_clock else "as they were written"
    numbered = {id(curve): _numbered(curve, longest.wall_time if has_clock else None, how) for curve in stuck}
    step, points = int(longest.step[0]), sum(map(len, stuck))
    where = f"step {step:,}" if all(curve.step[0] == step for curve in stuck) else "one step each"
    name = stuck[0].tag if len(stuck) == 1 else f"{len(stuck):,} metrics"
    message = f"all {points:,} points of {name} stand at {where}: they are ordered {how}, not by step"
    return [numbered.get(id(curve), curve) for curve in curves], [message]


def _is_stuck(curve: Curve) -> bool:
    if curve.axis != "step" or curve.statistic or len(curve) < MIN_POINTS:
        return False
    return bool(curve.step.min() == curve.step.max())


def _is_timed(curve: Curve) -> bool:
    return bool(np.isfinite(curve.wall_time).all() and (np.diff(curve.wall_time) >= 0).all())


def _numbered(curve: Curve, clock: Floats | None, how: str) -> Curve:
    step: Ints = np.arange(len(curve), dtype=np.int64)
    if clock is not None:
        places = np.maximum(np.searchsorted(clock, curve.wall_time, side="right") - 1, 0)
        step = places if (np.diff(places) > 0).all() else step
    reason = f"all points stand at one step: they are numbered {how}"
    return replace(curve, step=step, axis="row", segments=segments_of(step), axis_reason=reason)

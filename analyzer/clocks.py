"""The x axis in other units: what the log says about epochs and hours at each step, in a few knots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .downsample import effective_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..parsers.run import Curve, Floats, Ints

MAX_KNOTS = 200  # between them the page draws straight lines
SECONDS_PER_HOUR = 3600.0


def clocks_of(curves: Sequence[Curve]) -> dict[str, dict[str, list[float]]]:
    """Knots of "epoch" and "hours" against the step, from the curve that knows most; without what no curve knows."""
    stepped = [curve for curve in curves if curve.axis == "step" and len(curve) > 1]
    epochs = _most_telling([(curve, curve.epoch) for curve in stepped])
    times = _most_telling([(curve, curve.wall_time) for curve in stepped])
    clocks = {}
    if epochs is not None:
        clocks["epoch"] = {"step": epochs[0].tolist(), "value": epochs[1].round(6).tolist()}
    if times is not None:
        hours = (times[1] - times[1][0]) / SECONDS_PER_HOUR
        clocks["hours"] = {"step": times[0].tolist(), "value": hours.round(6).tolist()}
    return clocks


def _most_telling(columns: Sequence[tuple[Curve, Floats]]) -> tuple[Ints, Floats] | None:
    """Knots of the column with the most known values."""
    if not columns:
        return None
    return _knots(*max(columns, key=lambda pair: int(np.count_nonzero(np.isfinite(pair[1])))))


def _knots(curve: Curve, column: Floats) -> tuple[Ints, Floats] | None:
    """Strictly growing steps with values that never go back, at most `MAX_KNOTS`; None if there is no span."""
    rows = effective_rows(curve)
    rows = rows[np.isfinite(column[rows])]
    if len(rows) < 2:
        return None
    step, first_of_step = np.unique(curve.step[rows], return_index=True)
    value = np.maximum.accumulate(column[rows][first_of_step])
    picked = np.unique(np.linspace(0, len(step) - 1, MAX_KNOTS).astype(np.int64))
    return (step[picked], value[picked]) if len(step) > 1 and value[-1] > value[0] else None

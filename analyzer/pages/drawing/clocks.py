"""The x axis in epochs or time: a few knots of each against the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np

from ....rules.statistics.distinct import distinct, distinct_rows
from .downsample import effective_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....parsers.run import Axis, Curve, Floats, Ints

MAX_KNOTS = 200  # the page interpolates linearly between them
MAX_CLOCK = 1e15  # seconds (thirty million years) or epochs: a larger value is damaged, and its differences overflow
UNITS = ((2 * 86_400.0, 86_400.0, "d"), (2 * 3_600.0, 3_600.0, "h"), (120.0, 60.0, "min"), (0.0, 1.0, "s"))
AXES: tuple[Axis, ...] = ("step", "epoch", "row")


class Knots(TypedDict):
    """Values of a clock at some steps; the page interpolates linearly between them."""

    step: list[int]
    value: list[float]
    unit: str


def clocks_of(curves: Sequence[Curve]) -> dict[Axis, dict[str, Knots]]:
    """Knots of "epoch" and "time" against the steps of each axis, from the curve with most known values.

    Time counts from the first point of the run, the same for all axes, in a unit suited to its span. Axes and units
    that no curve has are absent.
    """
    named: dict[Axis, list[Curve]] = {
        axis: [curve for curve in curves if curve.axis == axis and len(curve) > 1] for axis in AXES
    }
    clocks: dict[Axis, dict[str, Knots]] = {}
    times: dict[Axis, tuple[Ints, Floats]] = {}
    for axis, mates in named.items():
        epochs = _most_telling([(curve, curve.epoch) for curve in mates]) if axis != "epoch" else None
        if epochs is not None:
            clocks[axis] = {"epoch": _knots_as_lists(*epochs, unit="epoch")}
        wall = _most_telling([(curve, curve.wall_time) for curve in mates])
        if wall is not None:
            times[axis] = wall
    if times:
        start = min(float(values[0]) for _, values in times.values())
        span = max(float(values[-1]) for _, values in times.values()) - start
        seconds, unit = next((seconds, unit) for least, seconds, unit in UNITS if span >= least)
        for name, (step, values) in times.items():
            clocks.setdefault(name, {})["time"] = _knots_as_lists(step, (values - start) / seconds, unit=unit)
    return clocks


def _knots_as_lists(step: Ints, value: Floats, *, unit: str) -> Knots:
    return {"step": step.tolist(), "value": value.round(6).tolist(), "unit": unit}


def _most_telling(columns: Sequence[tuple[Curve, Floats]]) -> tuple[Ints, Floats] | None:
    """Knots of the column with the most known values."""
    if not columns:
        return None
    return _knots(*max(columns, key=lambda pair: int(np.count_nonzero(np.isfinite(pair[1])))))


def _knots(curve: Curve, column: Floats) -> tuple[Ints, Floats] | None:
    """Strictly increasing steps with non-decreasing values, at most `MAX_KNOTS`; None if their range is empty."""
    rows = effective_rows(curve)
    rows = rows[np.abs(column[rows]) < MAX_CLOCK]
    if len(rows) < 2:
        return None
    step, first_of_step, _ = distinct_rows(curve.step[rows])
    value = np.maximum.accumulate(column[rows][first_of_step])
    picked = distinct(np.linspace(0, len(step) - 1, MAX_KNOTS).astype(np.int64))
    return (step[picked], value[picked]) if len(step) > 1 and value[-1] > value[0] else None

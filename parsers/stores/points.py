"""Curves from points that a tracker stores one by one, and conversion of its steps and times."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from ..numbers.columns import MAX_COLUMNS
from ..run import Curve
from ..tables.axes import CLOCK_RANGE, MAX_COUNT
from ..tables.json.rows import as_number

if TYPE_CHECKING:
    from ..files.text import Notes

MAX_RUNS = 10_000  # of one file
MAX_TAG = 1000  # characters; MLflow refuses names of more than 250, and each name is matched with hundreds of patterns


@dataclass(slots=True)
class _Column:
    step: array[int] = field(default_factory=lambda: array("q"))
    value: array[float] = field(default_factory=lambda: array("d"))
    wall_time: array[float] = field(default_factory=lambda: array("d"))
    epoch: array[float] = field(default_factory=lambda: array("d"))


class Points:
    """Collects the points of one run by metric, in the order of writing."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._columns: dict[str, _Column] = {}
        self._unnamed = 0

    def add(self, tag: str, step: Any, value: Any, *, wall_time: float = math.nan, epoch: Any = None) -> bool:
        """Add a point; returns whether it is valid. Without a step, the last step of the metric is incremented."""
        logged = as_number(value)
        column = self._columns.get(tag)
        if logged is None or (column is None and len(self._columns) >= MAX_COLUMNS):
            return False
        if column is None and len(tag) > MAX_TAG:
            self._unnamed += 1
            return False
        if column is None:
            column = self._columns[tag] = _Column()
        count = as_step(step)
        if count is None:
            count = column.step[-1] + 1 if column.step else 0
        column.step.append(count)
        column.value.append(logged)
        column.wall_time.append(wall_time)
        passed = as_number(epoch)
        column.epoch.append(math.nan if passed is None else passed)
        return True

    def curves(self, *, by_time: bool = False) -> list[Curve]:
        """Make the curves, with `by_time` of points in any order.

        A metric whose steps are all equal was logged without steps and is ordered by time in any case.
        """
        if self._unnamed:
            self._notes.add(
                f"{self._unnamed:,} points of metrics with names of more than {MAX_TAG:,} characters are skipped"
            )
        if len(self._columns) >= MAX_COLUMNS:
            self._notes.add(f"only the first {MAX_COLUMNS} metrics were read")
        return [_curve(tag, column, by_time=by_time) for tag, column in self._columns.items()]


def _curve(tag: str, column: _Column, *, by_time: bool) -> Curve:
    step, value = np.array(column.step, dtype=np.int64), np.array(column.value)
    wall_time, epoch = np.array(column.wall_time), np.array(column.epoch)
    has_steps = len(step) == 1 or bool((step != step[0]).any())
    if not has_steps or (by_time and (np.diff(wall_time) < 0).any()):
        order = np.argsort(wall_time, kind="stable")  # NaN (unknown time) is sorted last
        step, value, wall_time, epoch = step[order], value[order], wall_time[order], epoch[order]
    if not has_steps:
        return Curve.build(tag, np.arange(len(step)), value, wall_time=wall_time, epoch=epoch, axis="row")
    return Curve.build(tag, step, value, wall_time=wall_time, epoch=epoch)


def as_step(value: Any) -> int | None:
    """A logged step as an integer; None if it is not one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < MAX_COUNT else None
    count = as_number(value)
    return int(count) if count is not None and abs(count) < MAX_COUNT and count == math.floor(count) else None


def clock(value: Any, per_second: float = 1.0) -> float:
    """A time logged as a number, in seconds since 1970; NaN if it is invalid."""
    count = as_number(value)
    seconds = math.nan if count is None else count / per_second
    return seconds if CLOCK_RANGE[0] <= seconds <= CLOCK_RANGE[1] else math.nan


def clock_of_text(text: Any) -> float:
    """A time logged as "2026-11-23T03:00:58", in seconds since 1970; UTC unless it has a zone."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return math.nan
    try:
        return clock((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (OverflowError, ValueError, OSError):  # exceptions of different systems for the year 1 or 9999
        return math.nan

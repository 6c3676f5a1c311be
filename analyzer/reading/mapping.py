"""Mapping of the steps and times of one log to those of another log of the same run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Axis, Curve, Floats
    from .agreement import Match, Measured

COUNTED: dict[Axis, str] = {"step": "steps", "epoch": "epochs", "row": "rows"}
RANK: dict[Axis, int] = {
    "row": 0,
    "epoch": 1,
    "step": 2,
}  # how much an axis tells: a less informative one is mapped to a more informative one
MIN_CLOCK_OFFSET = 60.0  # seconds; loggers of one run write a point almost at the same time
MAX_CLOCK_SPREAD = 0.05  # of the offset; a clock of another time zone has the same offset everywhere


@dataclass(frozen=True, eq=False)
class Counting:
    """Steps of a log whose counterparts in another log are known.

    Attributes:
        own: float64 [n], increasing, in this log.
        others: float64 [n], in the other log.
        own_axis, axis: units of each.

    """

    own: Floats
    others: Floats
    own_axis: Axis
    axis: Axis

    @property
    def is_same(self) -> bool:
        return self.own_axis == self.axis and bool((self.own == self.others).all())

    @property
    def note(self) -> str:
        """How the steps were mapped, for the user; "" if they were not."""
        if self.is_same:
            return ""
        own, others = COUNTED[self.own_axis], COUNTED[self.axis]
        offset = self.others - self.own
        if own == others and bool((offset == offset[0]).all()):
            return f"its {own} have another origin than in the other files of the run: moved by {offset[0]:+.0f}"
        first, last = (
            f"{own} {self.own[0]:.0f} to {self.own[-1]:.0f}",
            f"{others} {self.others[0]:.0f} to {self.others[-1]:.0f}",
        )
        return f"its {first} are {last} of the other files of the run, which have equal values: moved there"

    def placed(self, curve: Curve) -> Curve:
        """The curve with the steps of the other log, extrapolated linearly outside the known range."""
        if self.is_same or not len(curve):
            return curve
        step = curve.step.astype(np.float64)
        placed = np.interp(step, self.own, self.others)
        slope = (self.others[-1] - self.others[0]) / (self.own[-1] - self.own[0]) if len(self.own) > 1 else 1.0
        placed = np.where(step < self.own[0], self.others[0] + (step - self.own[0]) * slope, placed)
        placed = np.where(step > self.own[-1], self.others[-1] + (step - self.own[-1]) * slope, placed)
        is_counting_epochs = self.own_axis == "epoch" and self.axis == "step" and bool(np.isnan(curve.epoch).all())
        epoch = step if is_counting_epochs else curve.epoch
        steps = np.rint(np.clip(placed, 0, 2.0**53)).astype(np.int64)
        segments = tuple(s._replace(purge_step=int(steps[min(s.start, len(steps) - 1)])) for s in curve.segments)
        return replace(curve, step=steps, axis=self.axis, epoch=epoch, segments=segments)


def countings_of(
    pairs: Sequence[tuple[Measured, Measured, Match]],
) -> tuple[dict[Axis, Counting], dict[Axis, Counting]]:
    """By axis, the mapping of the steps of a run and of a part that is joined to it, each from its longest pair.

    Rows are mapped to epochs or steps, and epochs to steps; if both have the same unit, the part is mapped.
    """
    moved: dict[Axis, Counting] = {}
    placed: dict[Axis, Counting] = {}
    for host, part, match in sorted(pairs, key=lambda pair: -len(pair[2].first)):
        of_host, of_part = (
            host.rows.step[match.first].astype(np.float64),
            part.rows.step[match.second].astype(np.float64),
        )
        if not len(of_host) or (np.diff(of_host) <= 0).any() or (np.diff(of_part) <= 0).any():
            continue
        if RANK[host.rows.axis] < RANK[part.rows.axis]:
            moved.setdefault(host.rows.axis, Counting(of_host, of_part, host.rows.axis, part.rows.axis))
        else:
            placed.setdefault(part.rows.axis, Counting(of_part, of_host, part.rows.axis, host.rows.axis))
    return moved, placed


def clock_offset(pairs: Sequence[tuple[Measured, Measured, Match]]) -> float:
    """Seconds to add to the times of a part for the clock of the run; 0 if the clocks agree or are unknown."""
    offsets = [
        host.rows.wall_time[match.first] - part.rows.wall_time[match.second] for host, part, match in pairs
    ]  # fmt: skip
    every = np.concatenate(offsets) if offsets else np.empty(0)
    known = every[np.isfinite(every)]
    if not len(known):
        return 0.0
    middle = float(np.median(known))
    spread = float(np.median(np.abs(known - middle)))
    return middle if abs(middle) >= MIN_CLOCK_OFFSET and spread <= MAX_CLOCK_SPREAD * abs(middle) else 0.0


def on_clock(curve: Curve, offset: float) -> Curve:
    return replace(curve, wall_time=curve.wall_time + offset) if offset else curve

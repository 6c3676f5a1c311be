"""Durations of the logged intervals of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..statistics.medians import median

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...parsers.run import Bools, Curve, Floats, Ints

EVEN_COVERAGE = 0.8  # minimum share of all steps in intervals of one length, to be representative of the run


class Pace(NamedTuple):
    """How long the logged intervals of a run took.

    Attributes:
        steps: step at the end of each interval, int64 [n].
        spans: steps in it, int64 [n].
        seconds: how long it took, float64 [n].

    """

    steps: Ints
    spans: Ints
    seconds: Floats

    @property
    def per_step(self) -> Floats:
        """Seconds a step, float64 [n]."""
        return self.seconds / self.spans

    @property
    def usual_seconds(self) -> Floats:
        """How long each interval takes at the usual pace, the median interval at least, float64 [n]."""
        if len(self.seconds) == 0:
            return np.empty(0)
        usual: Floats = np.maximum(median(self.seconds), median(self.per_step) * self.spans)
        return usual

    def is_stalled(self, min_ratio: float, min_seconds: float) -> Bools:
        """Intervals so many times as long as usual and so many seconds long, bool [n]: pauses of training."""
        return self.seconds >= np.maximum(min_ratio * self.usual_seconds, min_seconds)

    @property
    def even(self) -> Pace:
        """The intervals of about the same length in steps that make up most of the run; empty if none do.

        An interval may hold an evaluation; a second a step can only be compared between intervals of one length.
        """
        spans = self.spans.astype(np.float64)  # sums of steps near the end of int64 would wrap around
        if len(spans) == 0:
            return self
        ordered = np.sort(spans)
        usual = ordered[np.searchsorted(np.cumsum(ordered), ordered.sum() / 2)]
        is_usual = (spans >= usual / 2) & (spans <= 2 * usual)
        is_most = spans[is_usual].sum() >= EVEN_COVERAGE * spans.sum()
        return Pace(*(part[is_usual & is_most] for part in self))


def timed_curve(curves: Iterable[Curve]) -> Curve | None:
    """The curve with most wall times, losses first; None if no curve has any."""
    timed = [c for c in curves if not c.statistic and np.isfinite(c.wall_time).any()]
    return max(timed, key=lambda c: (int(np.isfinite(c.wall_time).sum()), c.role == "loss"), default=None)


def pace_of(curve: Curve | None) -> Pace:
    """Durations between the points of a curve; pauses between writer segments left out."""
    if curve is None:
        return Pace(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    is_inner = np.ones(len(curve), dtype=bool)
    is_inner[[segment.start for segment in curve.segments]] = False
    steps, seconds = np.diff(curve.step), np.diff(curve.wall_time)
    usable = is_inner[1:] & (steps > 0) & (seconds >= 0)
    return Pace(curve.step[1:][usable], steps[usable], seconds[usable])

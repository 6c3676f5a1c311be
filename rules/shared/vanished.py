"""Whether a quantity that should stay above zero has vanished: its last part against its best level."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..statistics.medians import levels_of, median
from ..statistics.windows import window_points

if TYPE_CHECKING:
    from ..view.run_view import CurveView


class Vanished(NamedTuple):
    """How much of a curve is left at its end.

    Attributes:
        peak: highest median of a window.
        end: largest value of the last tenth of the run, at least 3 points.
        step: from here to the end the curve is at or below a share of its peak.

    """

    peak: float
    end: float
    step: int

    @property
    def left(self) -> float:
        """Share of the peak that is left, infinite where there was none."""
        return self.end / self.peak if self.peak > 0 else float("inf")


def vanished(curve: CurveView, share: float) -> Vanished:
    """Compare the end of a curve with its peak; `share` of the peak is where it counts as vanished."""
    _, levels = levels_of(curve.values, window_points(len(curve)))
    peak = float(levels.max())
    end = float(curve.values[-max(3, len(curve) // 10) :].max())
    above = (curve.values > share * peak).nonzero()[0]
    row = min(int(above[-1]) + 1 if len(above) else 0, len(curve) - 1)
    return Vanished(peak, end, int(curve.steps[row]))


def median_since(curve: CurveView, step: int) -> tuple[float, float]:
    """Levels of a curve around a step and at its end: medians of a window."""
    window = window_points(len(curve))
    row = max(int((curve.steps <= step).sum()), window)
    return median(curve.values[row - window : row]), median(curve.values[-window:])

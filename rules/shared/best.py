"""Which step a sentence calls the best: the logged one, which a report shows in its tiles, if smoothing means the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..statistics.windows import window_points

if TYPE_CHECKING:
    from ..view.curve_view import CurveView


def logged_best_row(curve: CurveView, smoothed_row: int) -> int:
    """Row of the lowest logged value if it is within a smoothing window of the lowest smoothed one; else the latter."""
    lowest = int(np.argmin(curve.values))
    return lowest if abs(lowest - smoothed_row) <= window_points(len(curve)) else smoothed_row

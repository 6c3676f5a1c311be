"""Whether a loss still changes: equivalence tests that account for the noise of the curve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import InsufficientDataError
from ..statistics.medians import median, row_medians

if TYPE_CHECKING:
    from ...parsers.run import Bools, Floats
    from ..statistics.noise import Noise
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

ONE_SIDED_95 = 1.645  # quantile of the standard normal
MIN_POINTS = 4  # of a stretch whose change is judged
CLIP_SIGMAS = 3.0  # larger residuals are clipped, so that a spike does not tilt the line
HIGH_RATE = 0.5  # of the peak: above, a learning rate has not been annealed
LATE_START = 0.1  # share of the run: a log that begins later may show only the flat end of a run


class Change(NamedTuple):
    """Change along a stretch of a curve by a fitted line, and its standard error."""

    change: float
    error: float

    @property
    def low(self) -> float:
        """Lower end of the two-sided 90% interval."""
        return self.change - ONE_SIDED_95 * self.error

    @property
    def high(self) -> float:
        """Upper end of the two-sided 90% interval."""
        return self.change + ONE_SIDED_95 * self.error


def change_of(values: Floats, noise: Noise) -> Change:
    """Slope of a least-squares line times its length, float64 [n] -> change in the unit of the values.

    The standard error is sigma sqrt(12/n) for white noise (the variance of a slope on an even grid), inflated as the
    error of a mean is for AR(1) noise. Points farther than 3 sigma from a first line are drawn in and the line is
    fitted again. NaN for fewer than 4 points.
    """
    if len(values) < MIN_POINTS or not math.isfinite(noise.sigma):
        return Change(math.nan, math.nan)
    return Change(float(slopes_of(values[np.newaxis], noise.sigma)[0]), error_of_change(noise, len(values)))


def slopes_of(rows: Floats, sigma: float) -> Floats:
    """Change along each of several stretches as long as one another, float64 [k, n] -> [k]; see `change_of`."""
    points = rows.shape[1]
    x = np.arange(points) / (points - 1) - 0.5
    scale = 12 * (points - 1) / (points * (points + 1))  # one over the sum of squares of x
    reach = CLIP_SIGMAS * sigma
    slopes = rows @ x * scale
    lines = row_medians(rows)[:, np.newaxis] + slopes[:, np.newaxis] * x
    drawn_in = np.minimum(np.maximum(rows, lines - reach), lines + reach)
    return np.asarray(drawn_in @ x * scale)


def error_of_change(noise: Noise, points: int) -> float:
    """Standard error of the change along a stretch of so many points; see `change_of`."""
    return noise.of_mean(points) * math.sqrt(12)


def before_annealing(run: RunView, curve: CurveView, high_rate: float = HIGH_RATE) -> Bools:
    """Points of a curve until the rate first falls below a share of its peak, bool [m]; all if it is not logged."""
    rate = run.learning_rate
    if rate is None:
        return np.ones(len(curve), dtype=bool)
    peak_row = int(np.argmax(rate.values))
    low = np.flatnonzero(rate.values[peak_row:] < high_rate * rate.values[peak_row])
    if not len(low):
        return np.ones(len(curve), dtype=bool)
    if rate.unit == curve.unit:
        return np.asarray(curve.steps < rate.steps[peak_row + low[0]])
    share = (peak_row + low[0]) / len(rate)
    return np.asarray(np.arange(len(curve)) < share * len(curve))


def hold_beginning(run: RunView, loss: CurveView, late_start: float = LATE_START) -> None:
    """Raise InsufficientDataError if the log begins too late to show the initial fall of the loss."""
    if loss.steps[0] > late_start * run.last_step:
        raise InsufficientDataError(f"the log begins at {loss.unit} {int(loss.steps[0]):,}, late in the run")


def may_be_even(first: float, last: float, even_share: float, error: float) -> bool:
    """Whether the last fall may still be a share of the first one, where both have a standard error and it seems smaller."""
    return last > 0 and even_share * first - last <= ONE_SIDED_95 * error * math.hypot(1, even_share)


def has_halved(loss: CurveView | None, level: float = 0.5) -> bool:
    """Whether the end of a positive loss, its last sixth, lies below half (or a share) of its first 3 points."""
    if loss is None or not loss.is_positive:
        return False
    return median(loss.values[-max(1, len(loss) // 6) :]) < level * median(loss.values[:3])


def progress_of(loss: CurveView | None) -> float | None:
    """Share of its first tenth by which a loss has fallen in its last tenth; None if it is missing or not positive."""
    if loss is None or not loss.is_positive:
        return None
    window = max(1, len(loss) // 10)
    return 1 - median(loss.values[-window:]) / median(loss.values[:window])

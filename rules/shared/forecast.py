"""What more training would bring: the change of a loss over a quarter more of its steps, as an interval."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from .progress import change_of

if TYPE_CHECKING:
    from ..view.curve_view import CurveView

EXTENSION = 0.25  # of the run; further on an extrapolation says nothing
END_SHARE = 0.2  # of the points; a longer part would include the fast early fall
MIN_END = 6  # points of the end, and of the part before it
SLOWING = 0.6  # of the further fall of the line: most losses level off
# Half-width of the 90% interval: weights of the change of pace over the extension, of the noise of a point, and of the further
# fall of the line, whose share that comes is never known better. Chosen, with `SLOWING` and `MAX_RELATIVE`, on simulated runs
# cut at 50% and at 80%; on the 225 tuned runs, which had no part in it, 85% to 95% of the intervals hold, with a forecast in
# more than half of the runs (`benchmarks/forecast.py`).
PACE_WEIGHT, NOISE_WEIGHT, LINE_WEIGHT = 1.0, 2.0, 0.5
MAX_RELATIVE = 4.0  # half-widths over the further fall of the line: beyond, the forecast would say nothing


class Forecast(NamedTuple):
    """Change of the logarithm of a loss over `EXTENSION` more of the run: likely, and the ends of the 90% interval."""

    likely: float
    low: float
    high: float
    line: float


def forecast_of(loss: CurveView) -> Forecast | None:
    """Extrapolate a positive loss; None if it is too short or its interval would be too wide to say anything.

    A line through the last fifth goes on at `SLOWING` of its pace. The interval grows with the difference in pace between the
    last fifth and the fifth before, which is what an extrapolated line ignores, with the noise of a point, and with the fall of
    the line itself.
    """
    count = max(int(len(loss) * END_SHARE), MIN_END)
    if not loss.is_positive or len(loss) < 2 * count:
        return None
    extension = EXTENSION * (len(loss) - 1) / (count - 1)
    end, before = (change_of(part, loss.noise) for part in (loss.scaled[-count:], loss.scaled[-2 * count : -count]))
    line = end.change * extension
    pace = abs(end.change - before.change) * extension
    reach = PACE_WEIGHT * pace + NOISE_WEIGHT * loss.noise.sigma + LINE_WEIGHT * abs(line)
    if not math.isfinite(reach) or reach > MAX_RELATIVE * abs(line):
        return None
    likely = SLOWING * line
    return Forecast(likely, likely - reach, likely + reach, line)

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
SLOWING = 0.7  # of the further fall of the line: most losses level off
# Half-width of the 90% interval over the change of pace over the extension plus the noise of a point. Chosen, with the two
# numbers beside it, for a coverage of 85% to 95% on 225 tuned runs and on simulations, each cut at 50% and at 80%:
# 86% to 93% of the runs that they were chosen on, with a forecast in half of them or more (`benchmarks/forecast.py`).
REACH = 2.0
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
    last fifth and the fifth before, which is what an extrapolated line ignores, and with the noise of a point.
    """
    count = max(int(len(loss) * END_SHARE), MIN_END)
    if not loss.is_positive or len(loss) < 2 * count:
        return None
    extension = EXTENSION * (len(loss) - 1) / (count - 1)
    end, before = (change_of(part, loss.noise) for part in (loss.scaled[-count:], loss.scaled[-2 * count : -count]))
    line = end.change * extension
    reach = REACH * (abs(end.change - before.change) * extension + loss.noise.sigma)
    if not math.isfinite(reach) or reach > MAX_RELATIVE * abs(line):
        return None
    likely = SLOWING * line
    return Forecast(likely, likely - reach, likely + reach, line)

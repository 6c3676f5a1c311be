"""Gradients that are never reset: each update adds its own to the sum of all before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

FIRST_POINTS = 3  # while the weights hardly differ, so gradients of the first points are nearly equal
MAX_DEVIATION = 0.4  # from "twice the step, twice the norm"; gradients that explode by a rate grow by powers
MIN_POINTS = 20
MIN_SLOPE = 0.6  # of the logarithm of the norm over that of the step; sums of independent gradients have 0.5
MIN_CORRELATION = (
    0.95  # of the two logarithms: 0.954 to 0.985 in three runs without zero_grad, below 0.88 in healthy ones
)


def reset_advice(run: RunView) -> tuple[str, ...]:
    """The remedy for gradients that are never reset, if the norm grows as their sum does; otherwise empty."""
    norm = next((norm for norm in run.curves("gradient-norm") if _is_of_sum(norm)), None)
    if norm is None:
        return ()
    return (
        (
            f"call optimizer.zero_grad() in each update: {norm.name} grows with the number of updates from the first one on, as "
            "the norm of a sum of all gradients does"
        ),
    )


def _is_of_sum(norm: CurveView) -> bool:
    """Whether a norm of the whole model is proportional to the step at first, and goes on growing like a power of it."""
    if norm.layer or norm.unit != "step" or not norm.is_positive:
        return False
    steps, values = norm.steps[:].astype(np.float64), norm.values
    steps = steps + (1.0 if steps[0] == 0 else 0.0)  # the first update may be called 0
    if len(values) < MIN_POINTS or steps[0] <= 0:
        return False
    early = slice(1, FIRST_POINTS)
    expected, seen = steps[early] / steps[0] - 1, values[early] / values[0] - 1
    if not (np.abs(seen - expected) <= MAX_DEVIATION * expected).all():
        return False
    x, y = np.log(steps), np.log(values)
    slope = float(np.polyfit(x, y, 1)[0])
    return slope >= MIN_SLOPE and float(np.corrcoef(x, y)[0, 1]) >= MIN_CORRELATION

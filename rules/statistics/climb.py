"""Whether a stretch of a curve climbs: all its points against a rising line or bend, under autocorrelated noise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from .noise import MAD_TO_SIGMA
from .windows import block_means

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...parsers.run import Floats

# Powers of the way through the stretch: a rise that levels off, one that is even, and two that come late.
SHAPES = np.array([[0.5], [1.0], [2.0], [6.0]])
MAX_BLOCKS = (
    256  # means of blocks lose next to nothing of a slope over this many, and cost no more for a million points
)
CLIP = 4.0  # sigma: points farther from a fitted shape are drawn in, so that a spike is no climb
# Times the usual distance of a point from the median of it and its neighbours, ten sigma of white noise: a spike this far
# out would tilt the fit itself.
OUTLIER = 30.0
# Under slow noise the estimate of the autocorrelation is itself uncertain, and a low one is a false alarm. Standard errors
# of it that are added, for each unit of the estimate: white noise is hardly charged, AR(0.9) noise by several.
CAUTION = 7.0
HIGHEST_AUTOCORRELATION = 0.99


def climb_z(stretch: Floats) -> float:
    """How far a stretch climbs, in standard errors: the largest over four shapes of a rise.

    Each shape a + b x^p with x from 0 to 1 is fitted by generalised least squares for AR(1) noise (Prais and Winsten 1954). The
    autocorrelation is that of the residuals of an ordinary fit, corrected for its bias, (2 + 4 phi) / n for two fitted
    parameters (Marriott and Pope 1954), and raised by its standard error times `CAUTION` times itself. The t of b
    becomes a normal deviate, sqrt(nu ln(1 + t^2 / nu)) (Wallace 1959). Falls are negative; 0 for fewer than 4 points and for
    a constant stretch.
    """
    values = block_means(stretch, MAX_BLOCKS)
    n = len(values)
    scale = float(np.abs(values).max()) if n >= 4 else 0.0
    if scale == 0 or float(values.min()) == float(values.max()):
        return 0.0
    values = _without_outliers(values / scale)
    shapes = np.linspace(0, 1, n) ** SHAPES
    shapes -= shapes.mean(axis=1, keepdims=True)
    fitted, rest = _ordinary(shapes, np.broadcast_to(values, shapes.shape))
    reach = CLIP * MAD_TO_SIGMA * np.partition(np.abs(rest), n // 2, axis=1)[:, n // 2 : n // 2 + 1]
    drawn_in = fitted + np.clip(rest, -reach, reach)
    _, rest = _ordinary(shapes, drawn_in)
    slope, error = _generalised(shapes, drawn_in, _autocorrelation(rest))
    t = np.divide(slope, error, out=np.copysign(np.full(len(slope), math.inf), slope), where=error > 0)
    largest = float(t.max())
    if not math.isfinite(largest):
        return largest
    return math.copysign(math.sqrt((n - 2) * math.log1p(largest * largest / (n - 2))), largest)


def _without_outliers(values: Floats) -> Floats:
    """The values, [n], single ones far from their neighbours drawn in; at the ends the neighbours are the next two."""
    middle = np.arange(len(values)).clip(1, len(values) - 2)
    level = np.sort([values[middle - 1], values[middle], values[middle + 1]], axis=0)[1]
    distance = values - level
    reach = OUTLIER * float(np.partition(np.abs(distance), len(values) // 2)[len(values) // 2])
    return values if reach == 0 else level + np.clip(distance, -reach, reach)


def _ordinary(shapes: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Ordinary least squares of each row on its centred shape, [k, n]: what it fits and what it leaves."""
    slope = (shapes * values).sum(axis=1, keepdims=True) / (shapes * shapes).sum(axis=1, keepdims=True)
    fitted = values.mean(axis=1, keepdims=True) + slope * shapes
    return fitted, values - fitted


def _autocorrelation(rest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cautious lag-1 autocorrelation of each row, [k, n] -> [k, 1]."""
    n = rest.shape[1]
    power = (rest * rest).sum(axis=1, keepdims=True)
    products = (rest[:, 1:] * rest[:, :-1]).sum(axis=1, keepdims=True)
    phi = np.maximum(np.divide(products, power, out=np.zeros_like(power), where=power > 0), 0)
    phi = np.minimum(phi + (2 + 4 * phi) / n, 1)
    raised: NDArray[np.float64] = phi + CAUTION * phi * np.sqrt((1 - phi * phi) / n)
    return np.minimum(raised, HIGHEST_AUTOCORRELATION)


def _generalised(
    shapes: NDArray[np.float64], values: NDArray[np.float64], phi: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope of each row on its shape and its standard error, [k] and [k]: least squares of the whitened points."""
    ones, x, y = (_whitened(each, phi) for each in (np.ones_like(shapes), shapes, values))
    a, b, c = (ones * ones).sum(axis=1), (ones * x).sum(axis=1), (x * x).sum(axis=1)
    p, q = (ones * y).sum(axis=1), (x * y).sum(axis=1)
    determinant = a * c - b * b
    slope, level = (a * q - b * p) / determinant, (c * p - b * q) / determinant
    rest = y - level[:, None] * ones - slope[:, None] * x
    innovation = np.sqrt((rest * rest).sum(axis=1) / (shapes.shape[1] - 2))
    return slope, innovation * np.sqrt(a / determinant)


def _whitened(rows: NDArray[np.float64], phi: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows of AR(1) noise without their correlation, [k, n]; the first point keeps its weight."""
    white = rows.copy()
    white[:, 1:] -= phi * rows[:, :-1]
    white[:, :1] *= np.sqrt(1 - phi * phi)
    return white

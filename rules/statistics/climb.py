"""Whether a stretch of a curve climbs: all its points against a rising line or bend, under autocorrelated noise."""

from __future__ import annotations

import math
from functools import lru_cache
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
SMALLEST = 1e-300  # sum of squares that may be divided by


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
    if scale == 0 or bool((values == values[0]).all()):
        return 0.0
    values = _without_outliers(values / scale)
    shapes = _shapes(n)
    fitted, rest = _ordinary(shapes, values - values.sum() / n)
    reach = CLIP * MAD_TO_SIGMA * np.partition(np.abs(rest), n // 2, axis=1)[:, n // 2 : n // 2 + 1]
    drawn_in = fitted + np.clip(rest, -reach, reach)
    drawn_in -= drawn_in.sum(axis=1, keepdims=True) / n
    _, rest = _ordinary(shapes, drawn_in)
    largest = float(_generalised_t(shapes, drawn_in, _autocorrelation(rest)).max())
    if not math.isfinite(largest):
        return largest
    return math.copysign(math.sqrt((n - 2) * math.log1p(largest * largest / (n - 2))), largest)


@lru_cache(maxsize=MAX_BLOCKS)
def _shapes(n: int) -> NDArray[np.float64]:
    """The four shapes over so many points, each with mean 0 and sum of squares 1, [k, n]."""
    shapes: NDArray[np.float64] = np.linspace(0, 1, n) ** SHAPES
    shapes -= shapes.mean(axis=1, keepdims=True)
    shapes /= np.sqrt((shapes * shapes).sum(axis=1, keepdims=True))
    return shapes


def _without_outliers(values: Floats) -> Floats:
    """The values, [n], single ones far from their neighbours drawn in; at the ends the neighbours are the next two."""
    middle = np.arange(len(values)).clip(1, len(values) - 2)
    level = np.sort([values[middle - 1], values[middle], values[middle + 1]], axis=0)[1]
    distance = values - level
    reach = OUTLIER * float(np.partition(np.abs(distance), len(values) // 2)[len(values) // 2])
    return values if reach == 0 else level + np.clip(distance, -reach, reach)


def _ordinary(shapes: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Ordinary least squares of centred values, [n] or [k, n], on each shape: what it fits and what it leaves, [k, n]."""
    fitted = (shapes * values).sum(axis=1, keepdims=True) * shapes
    return fitted, values - fitted


def _autocorrelation(rest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cautious lag-1 autocorrelation of each row, [k, n] -> [k]."""
    n = rest.shape[1]
    power, products = (rest * rest).sum(axis=1), (rest[:, 1:] * rest[:, :-1]).sum(axis=1)
    phi = np.maximum(products / np.maximum(power, SMALLEST), 0)
    phi = np.minimum(phi + (2 + 4 * phi) / n, 1)
    raised: NDArray[np.float64] = phi + CAUTION * phi * np.sqrt((1 - phi * phi) / n)
    return np.minimum(raised, HIGHEST_AUTOCORRELATION)


def _generalised_t(
    shapes: NDArray[np.float64], values: NDArray[np.float64], phi: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Slope of each row of centred values on its shape over its standard error, [k]: least squares of whitened points.

    Whitened, a row u of AR(1) noise is u - phi u', ' being the point before, and sqrt(1 - phi^2) u at the first point, which so
    keeps its weight. Only sums of products of such rows are needed; those with a level of 1 have closed forms.
    """
    n, rise_of_level = shapes.shape[1], 1 - phi
    a = rise_of_level * (1 + phi + (n - 1) * rise_of_level)
    b, p = (phi * rise_of_level * (rows[:, 0] + rows[:, -1]) for rows in (shapes, values))
    c, q = _whitened_product(shapes, shapes, phi), _whitened_product(shapes, values, phi)
    determinant = a * c - b * b
    slope, level = (a * q - b * p) / determinant, (c * p - b * q) / determinant
    rest = values - level[:, None] - slope[:, None] * shapes
    innovation = np.maximum(_whitened_product(rest, rest, phi), 0) / (n - 2)
    error = np.sqrt(innovation * a / determinant)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = slope / error  # without any rest, infinite
    return np.where(np.isnan(t), 0.0, t)


def _whitened_product(
    first: NDArray[np.float64], second: NDArray[np.float64], phi: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sums of products of whitened rows, multiplied out, [k, n] -> [k]."""
    products = first * second
    neighbours = first[:, 1:] * second[:, :-1]
    if second is not first:
        neighbours += first[:, :-1] * second[:, 1:]
    factor = 2 if second is first else 1
    same, ends = products.sum(axis=1), products[:, 0] + products[:, -1]
    product: NDArray[np.float64] = same - factor * phi * neighbours.sum(axis=1) + phi * phi * (same - ends)
    return product

"""What values say of a curve whose name says nothing: a score, a loss, a learning rate. Each reason begins with "values"."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..run import Meaning
from .vocabulary import OF_NETWORK, OTHER_SCORES, SHARES
from .words import terms_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from ..run import Curve, Direction, Floats, Role

    Answer: TypeAlias = tuple[Role, Direction, str]

MIN_POINTS = 12  # of a schedule or a lattice
MIN_RISE = 0.1  # of a share that is a score; what hardly moves was not learned
MAX_SAMPLES = 1000  # over which an accuracy is recognised by its lattice
MAX_MISS = 0.05  # of the distance between two points of a lattice; by chance one value in ten is as near
# Classes of common tasks and vocabularies: a model that knows nothing has a cross-entropy of the logarithm of their number.
CLASSES = (2, 10, 100, 1000, 30_522, 32_000, 50_257, 128_256)
MAX_FROM_CHANCE = 0.02  # of that logarithm; a tenth of all levels is as near to one of them
MIN_FALL = 0.2  # of the first value
MAX_CANDIDATES = 50  # curves without a name that says something: of more, one looks like anything
MAX_RATE = 0.05  # learning rates above are rare, coefficients and probabilities are not
# Names that say that a share is of something else than right answers.
_OF_OTHERS = (
    OF_NETWORK
    | OTHER_SCORES
    | SHARES
    | frozenset("dead zero zeros sparsity mask masked dropped prob probability progress".split())
)
NO_EVIDENCE = Meaning().reason


def share_of_samples(curve: Curve, values: Floats) -> Answer | None:
    """A score: a share of a whole number of samples that rises, though not always."""
    if len(values) < MIN_POINTS or values.min() < 0 or values.max() > 1 or _OF_OTHERS & set(terms_of(curve.tag)):
        return None
    change = np.diff(values)
    half = len(values) // 2
    is_rising = values[half:].mean() - values[:half].mean() >= MIN_RISE and (change < 0).any()
    if not is_rising or len(np.unique(values)) < MIN_POINTS // 2:
        return None
    samples = _lattice(np.unique(values))
    return ("score", "higher", f"values: a share of {samples} samples that rises") if samples else None


def _lattice(values: Floats) -> int:
    """The least number of samples of which all values are shares, 0 if there is none that could not be by chance."""
    unit = next((10.0**-d for d in range(1, 7) if np.abs(values - np.round(values, d)).max() < 1e-9), 1e-7)
    counts = np.arange(2, int(min(MAX_SAMPLES, 2 * MAX_MISS / unit)) + 1)
    multiples = values[:, None] * counts
    fits = (np.abs(multiples - np.rint(multiples)) <= np.maximum(counts * unit / 2, 1e-6)).all(axis=0)
    return int(counts[fits][0]) if fits.any() else 0


def loss_from_chance(values: Floats) -> Answer | None:
    """A loss: positive, and falling from what knowing nothing costs."""
    if len(values) < MIN_POINTS or values.min() <= 0 or values[-1] > (1 - MIN_FALL) * values[0]:
        return None
    chance = np.log(CLASSES)
    nearest = int(np.abs(chance - values[0]).argmin())
    if abs(values[0] - chance[nearest]) > MAX_FROM_CHANCE * chance[nearest]:
        return None
    return "loss", "lower", f"values: falls from ln {CLASSES[nearest]}, the cross-entropy of knowing nothing"


def scheduled_rate(values: Floats) -> Answer | None:
    """A learning rate: small, positive and on a smooth schedule that falls by more than half."""
    if (
        len(values) < MIN_POINTS
        or values.min() < 0
        or not 0 < values.max() <= MAX_RATE
        or values[-1] > values.max() / 2
    ):
        return None
    # differences of a smooth curve become smaller with their order, those of a measured one larger
    first, second, third = (float(np.median(np.abs(np.diff(values, order)))) for order in (1, 2, 3))
    is_smooth = first > 0 and second < first / 3 and third <= max(second / 2, 1e-6 * first)
    return ("learning-rate", "unknown", "values: small and on a smooth schedule") if is_smooth else None


def name_alone(curves: Sequence[Curve]) -> list[Curve]:
    """Name the loss and the learning rate of a log that names none, where the values of one curve alone are those of one."""
    named = list(curves)
    roles = {curve.role for curve in curves}
    for others, judge in (
        ({"loss", "perplexity", "reward"}, loss_from_chance),
        ({"learning-rate"}, scheduled_rate),
    ):
        silent = [place for place, curve in enumerate(named) if _is_silent(curve)]
        if roles & others or len(silent) > MAX_CANDIDATES:
            continue
        found = {place: said for place in silent if (said := judge(_finite(named[place])))}
        if len(found) == 1:
            ((place, said),) = found.items()
            meaning = replace(named[place].meaning, role=said[0], direction=said[1], reason=said[2])
            named[place] = named[place].with_meaning(meaning)
    return named


def _is_silent(curve: Curve) -> bool:
    is_unnamed = curve.role == "unknown" and curve.meaning.reason.startswith(NO_EVIDENCE)
    return is_unnamed and not (curve.statistic or curve.layer or _OF_OTHERS & set(terms_of(curve.tag)))


def _finite(curve: Curve) -> Floats:
    return curve.value[np.isfinite(curve.value)]

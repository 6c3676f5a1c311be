"""Which of several losses is the whole one: by its name, else as the sum of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .vocabulary import SPLITS
from .words import terms_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Floats

MIN_SUM_POINTS = 5  # that all agree; by chance not even two do
MAX_SUM_ERROR = 0.005  # of the sum: parts are printed with four digits

# No word of how a value was gathered over steps: the loss of one batch stands behind the mean of an epoch.
_WHOLE = frozenset("loss losses total mean avg average overall sum all epoch lm main objective training".split())


def is_total(tag: str) -> bool:
    """Whether a loss tag names the whole loss rather than one of its terms: `train/mean_loss`, not `box_loss`."""
    words = terms_of(tag)
    return all(word in _WHOLE or word in SPLITS for word in words)


def sum_of_others(values: Sequence[Floats]) -> int | None:
    """Which of some curves is the sum of all others, float64 [n] each with the same n; None if none is, or there are two."""
    if len(values) < 3 or len({len(column) for column in values}) != 1:
        return None
    levels = np.array(values)
    with np.errstate(over="ignore", invalid="ignore"):
        whole = int(np.argmax(np.median(levels, axis=1)))
        rest = levels.sum(axis=0) - levels[whole]
        is_near = np.abs(levels[whole] - rest) <= MAX_SUM_ERROR * np.abs(levels[whole])
    return whole if len(rest) >= MIN_SUM_POINTS and is_near.all() else None

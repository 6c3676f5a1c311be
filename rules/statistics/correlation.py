"""Agreement of ranks, and patterns that repeat from row to row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...parsers.run import Floats


# Rotations of rows with a period of their own correlate exactly as the rows do, but the sums are rounded in another order,
# which differs between versions of numpy: by some 1e-15 of the largest correlation, 1. A real difference this small is none.
TIE = 1e-9


def rank_correlation(first: Floats, second: Floats) -> float:
    """Spearman's rank correlation with average ranks for ties; 0 where one of them is constant."""
    ranks = []
    for values in (first, second):
        _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
        ranks.append((np.cumsum(counts) - (counts - 1) / 2)[inverse] - (len(values) + 1) / 2)
    size = math.sqrt(float(np.dot(ranks[0], ranks[0]) * np.dot(ranks[1], ranks[1])))
    return float(np.dot(*ranks)) / size if size > 0 else 0.0


def mean_correlation(profiles: NDArray[np.float64]) -> float:
    """Mean correlation of each row with the next, float64 [rows, columns]; a constant row correlates with none."""
    centred = profiles - profiles.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1)
    products = (centred[1:] * centred[:-1]).sum(axis=1)
    sizes = norms[1:] * norms[:-1]
    return float(np.divide(products, sizes, out=np.zeros_like(products), where=sizes > 0).mean())


def rotation_p(profiles: NDArray[np.float64], rotations: int = 199) -> float:
    """Chance that rows rotated at random against each other correlate as much as they do, by `rotations` of them.

    Correlations that differ by less than `TIE` count as equal.
    """
    least = mean_correlation(profiles) - TIE
    rng = np.random.default_rng(0)  # a fixed seed: the same log gets the same verdict
    shifts = rng.integers(profiles.shape[1], size=(rotations, len(profiles)))
    larger = sum(
        mean_correlation(np.array([np.roll(row, by) for row, by in zip(profiles, shift, strict=True)])) >= least
        for shift in shifts
    )
    return (1 + larger) / (1 + rotations)

"""Windows and blocks of a curve: how long they are, and the means of blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ...parsers.run import Floats

TREND_BLOCKS = 10  # block means are nearly independent: Mann-Kendall on raw AR(1) points errs in 28% to 33% at alpha 1%


def window_points(n: int) -> int:
    """Points of the smoothing window of a curve of n: a twentieth of it, at least 3."""
    return max(3, n // 20)


def block_means(values: Floats, blocks: int = TREND_BLOCKS) -> Floats:
    """Means of equal blocks of neighbouring points, the first ones a point longer; at most one block a point."""
    if len(values) <= blocks:
        return values.copy()
    length, longer = divmod(len(values), blocks)
    cut = longer * (length + 1)
    parts = values[:cut].reshape(longer, length + 1), values[cut:].reshape(blocks - longer, length)
    return np.concatenate([part.sum(axis=1) / part.shape[1] for part in parts])

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


def moving_mean(values: Floats, window: int) -> Floats:
    """Means of all full windows, float64 [n] -> [n - window + 1], in time that grows with n alone.

    A window is the end of one block of its length and the beginning of the next (van Herk 1992): sums only add, so that a
    large value spoils no window that it is not in.
    """
    count = len(values) - window + 1
    blocks = np.zeros((-(-len(values) // window), window))
    blocks.reshape(-1)[: len(values)] = values
    ends = blocks[:, ::-1].cumsum(axis=1)[:, ::-1].reshape(-1)[:count]
    beginnings = blocks.cumsum(axis=1).reshape(-1)[window - 1 : window - 1 + count]
    is_one_block = np.arange(count) % window == 0
    return np.asarray(np.where(is_one_block, ends, ends + beginnings) / window)

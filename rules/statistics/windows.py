"""Windows and blocks of a curve: their medians and means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ...parsers.run import Floats, Ints

TREND_BLOCKS = 10  # block means are nearly independent: Mann-Kendall on raw AR(1) points errs in 28-33 % at alpha 1 %
LEVELS_A_WINDOW = 32  # neighbouring medians then differ by less than a quarter of their standard error


def window_points(n: int) -> int:
    """Points of the smoothing window of a curve of n: a twentieth of it, at least 3."""
    return max(3, n // 20)


def moving_median(values: Floats, window: int) -> Floats:
    """Medians of all full windows, float64 [n - window + 1]; memory bounded by working in slices."""
    if len(values) < window:
        return np.empty(0)
    windows = np.lib.stride_tricks.sliding_window_view(values, window)
    rows = max(1, 2_000_000 // window)
    return np.concatenate([np.median(windows[i : i + rows], axis=1) for i in range(0, len(windows), rows)])


def levels_of(values: Floats, window: int) -> tuple[Ints, Floats]:
    """First rows and medians of full windows, int64 and float64 [k]: the first, the last, and enough between them.

    Windows as long as a share of the run would cost time with the square of its points; neighbours that share all but
    1 / `LEVELS_A_WINDOW` of their points tell the same level.
    """
    if len(values) < window:
        return np.empty(0, np.int64), np.empty(0)
    starts = np.arange(0, len(values) - window + 1, max(1, window // LEVELS_A_WINDOW))
    if starts[-1] != len(values) - window:
        starts = np.append(starts, len(values) - window)
    windows = np.lib.stride_tricks.sliding_window_view(values, window)
    rows = max(1, 2_000_000 // window)
    return starts, np.concatenate(
        [np.median(windows[starts[i : i + rows]], axis=1) for i in range(0, len(starts), rows)]
    )


def block_means(values: Floats, blocks: int = TREND_BLOCKS) -> Floats:
    """Means of equal blocks of neighbouring points; at most one block a point."""
    count = min(blocks, len(values))
    return np.array([part.mean() for part in np.array_split(values, count)]) if count else np.empty(0)

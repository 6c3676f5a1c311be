"""Medians of a curve, of parts of it and of its moving windows.

They equal `np.median` bit for bit. That one selects three elements of a row where one suffices, and looks for NaN and
for the kind of array at every call: on short rows ten times the work of the median itself.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ...parsers.run import Floats, Ints

LEVELS_A_WINDOW = 32  # neighbouring medians then differ by less than a quarter of their standard error
MANY_POINTS = 20_000_000  # of all windows together: half a second, as long as the import of pandas
SLICE_POINTS = 2_000_000  # held at a time while windows are laid out: 16 MB


def median(values: ArrayLike) -> float:
    """Median of any real numbers in one row; NaN for none, and where one of them is NaN."""
    ordered = np.array(values, dtype=np.float64)
    half, is_odd = divmod(len(ordered), 2)
    if not len(ordered):
        return math.nan
    ordered.partition(half)
    upper = float(ordered[half])
    if math.isnan(upper) or math.isnan(ordered[half:].max()):  # NaN is sorted to the end
        return math.nan
    return (upper if is_odd else (float(ordered[:half].max()) + upper) / 2) + 0.0  # never -0.0


def moving_median(values: Floats, window: int) -> Floats:
    """Medians of all full windows, float64 [n - window + 1]; memory bounded by working in slices.

    Windows that are a share of a very long curve would take time with the square of its points: pandas keeps them sorted.
    """
    if window * len(values) > MANY_POINTS and np.isfinite(values).all():
        import pandas as pd

        return np.asarray(pd.Series(values).rolling(window).median().to_numpy()[window - 1 :])
    return _medians_from(np.arange(max(len(values) - window + 1, 0)), values, window)


def levels_of(values: Floats, window: int) -> tuple[Ints, Floats]:
    """First rows and medians of full windows, int64 and float64 [k]: the first, the last, and enough between them.

    Windows as long as a share of the run would cost time with the square of its points; neighbours that share all but
    1 / `LEVELS_A_WINDOW` of their points give the same level.
    """
    if len(values) < window:
        return np.empty(0, np.int64), np.empty(0)
    starts = np.arange(0, len(values) - window + 1, max(1, window // LEVELS_A_WINDOW))
    if starts[-1] != len(values) - window:
        starts = np.append(starts, len(values) - window)
    return starts, _medians_from(starts, values, window)


def part_medians(values: Floats, first: Ints, end: Ints) -> Floats:
    """Medians of the parts [first, end) of a curve, float64 [k]; NaN where a part is empty."""
    medians = np.full(len(first), np.nan)
    lengths = end - first
    for length in set(lengths[lengths > 0].tolist()):
        rows = np.flatnonzero(lengths == length)
        medians[rows] = _medians_from(first[rows], values, length)
    return medians


def _medians_from(starts: Ints, values: Floats, window: int) -> Floats:
    """Medians of the windows that begin at these rows."""
    if len(starts) == 0:
        return np.empty(0)
    windows = np.lib.stride_tricks.sliding_window_view(values, window)
    count = max(1, SLICE_POINTS // window)
    return np.concatenate([_medians_in_place(windows[starts[i : i + count]]) for i in range(0, len(starts), count)])


def row_medians(rows: Floats) -> Floats:
    """Median of each row, float64 [n, w] -> [n], NaN where a row holds NaN."""
    return _medians_in_place(np.array(rows))


def _medians_in_place(rows: Floats) -> Floats:
    """Median of each row, float64 [n, w] -> [n], NaN where a row holds NaN; the rows are reordered."""
    half, is_odd = divmod(rows.shape[1], 2)
    rows.partition(half, axis=1)
    upper = rows[:, half]
    medians = (upper if is_odd else (rows[:, :half].max(axis=1) + upper) / 2) + 0.0  # never -0.0
    last = rows[:, half:].max(axis=1)  # NaN is sorted to the end
    return np.where(np.isnan(last), np.nan, medians)

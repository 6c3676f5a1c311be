"""Which numbers count: whole, rising evenly, starting again where something else moves on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ...run import Floats

MIN_LINES = 3  # two numbers always rise or fall
MAX_BACK_SHARE = 0.25  # of the lines; a counter that goes back more often numbers something within each record
MIN_EVEN_SHARE = 0.5  # of the rises, that are the commonest one; measured whole numbers rise by anything
MIN_RISING_SHARE = 0.9  # of the lines that do not go back


def counts(value: Floats) -> str:
    """Evidence that a column counts, in words; "" if it does not.

    value: float64 [lines], in the order of the log.
    """
    if len(value) < MIN_LINES or not np.isfinite(value).all() or (value < 0).any() or (value != np.rint(value)).any():
        return ""
    change = np.diff(value)
    rises = change[change > 0]
    back = np.flatnonzero(change < 0)
    if len(back) > MAX_BACK_SHARE * len(value) or len(rises) < MIN_RISING_SHARE * (len(change) - len(back)):
        return ""
    sizes, times = np.unique(rises, return_counts=True)
    if not len(sizes) or times.max() < MIN_EVEN_SHARE * len(rises):
        return ""
    by = sizes[np.argmax(times)]
    if len(back) and np.median(value[back + 1]) > value[0] + 2 * by:
        return ""
    again = f", and starts again {len(back)} times" if len(back) else ""
    return f"whole numbers that rise by {by:,.0f}{again}"


def is_outer(counter: Floats, inner: Floats) -> bool:
    """Whether `inner` counts within `counter`: it goes back where, and only where, that moves on.

    `Batch 3/100` next to `Batch 3/200` is batch 100 and batch 200 of epoch 3, not of 3 to go.
    """
    if len(counter) < MIN_LINES or not np.isfinite(counter).all() or not np.isfinite(inner).all():
        return False
    moves, rises, goes_back = np.diff(counter), np.diff(inner) > 0, np.diff(inner) < 0
    if not rises.any() or (moves < 0).any() or (counter != np.rint(counter)).any() or (inner != np.rint(inner)).any():
        return False
    return bool((moves[rises] == 0).all()) and bool((moves[goes_back] > 0).all()) and inner.min() <= counter.max() + 1


def varies(value: Floats) -> bool:
    """Whether a column holds different values; NaN and infinity are values."""
    return len(value) > 1 and bool((~((value[1:] == value[0]) | (np.isnan(value[1:]) & np.isnan(value[0])))).any())


def is_measured_like(value: Floats) -> bool:
    """Whether a column holds numbers that are not whole, or not finite."""
    return bool((value != np.rint(value)).any())

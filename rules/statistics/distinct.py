"""The distinct values of a row, as `np.unique` has them; that one imports `numpy.ma` at its first call, which takes 20 ms."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...parsers.run import Bools, Ints

Number = TypeVar("Number", np.float64, np.int64)


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Distinct values in order, [k]; all NaN count as one."""
    ordered = np.sort(values)
    return ordered[_is_first(ordered)]


def distinct_rows(values: NDArray[Number]) -> tuple[NDArray[Number], Ints, Ints]:
    """Distinct values in order, the row where each comes first, and how often it comes: [k], int64 [k], int64 [k]."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(_is_first(ordered))
    return ordered[starts], order[starts], np.diff(starts, append=len(values))


def _is_first(ordered: NDArray[Number]) -> Bools:
    is_first = np.ones(len(ordered), bool)
    is_nan = np.isnan(ordered)
    is_first[1:] = (ordered[1:] != ordered[:-1]) & ~(is_nan[1:] & is_nan[:-1])
    return is_first

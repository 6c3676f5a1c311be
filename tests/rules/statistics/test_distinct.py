"""Distinct values are those of `np.unique`."""

from __future__ import annotations

import numpy as np
import pytest

from trainlint.rules.statistics.distinct import distinct, distinct_rows

ROWS = {
    "none": np.empty(0),
    "one": np.array([2.0]),
    "NaN, infinities and zeros of both signs": np.array([np.nan, 1.0, -np.inf, np.nan, 0.0, -0.0, np.inf, 1.0]),
    "integers": np.array([3, 1, 3, -2, 1, 1]),
    "many": np.random.default_rng(0).integers(0, 9, 500) / 4,
}


@pytest.mark.parametrize("values", ROWS.values(), ids=ROWS)
def test_they_are_those_of_numpy(values):
    np.testing.assert_array_equal(distinct(values), np.unique(values))
    expected = np.unique(values, return_index=True, return_counts=True)
    for found, known in zip(distinct_rows(values), expected, strict=True):
        np.testing.assert_array_equal(found, known)
        assert found.dtype == known.dtype

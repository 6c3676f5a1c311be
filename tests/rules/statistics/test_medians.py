"""Medians are those of numpy, of any numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainlint.rules.statistics import medians
from trainlint.rules.statistics.medians import MANY_POINTS, median, moving_median, part_medians

NUMBERS = arrays(np.float64, st.integers(1, 40), elements=st.floats(width=64))
pytestmark = pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")


@given(NUMBERS)
def test_of_all_values(values):
    np.testing.assert_array_equal(median(values), np.median(values))


@given(NUMBERS, st.integers(1, 40))
def test_of_moving_windows(values, window):
    each = [np.median(values[i : i + window]) for i in range(len(values) - window + 1)]
    np.testing.assert_array_equal(moving_median(values, window), each)


@given(NUMBERS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=10))
def test_of_parts(values, bounds):
    cut = np.clip(np.array(bounds, np.int64).reshape(-1, 2), 0, len(values))
    each = [np.median(values[a:b]) if b > a else np.nan for a, b in cut]
    np.testing.assert_array_equal(part_medians(values, cut[:, 0], cut[:, 1]), each)


def test_no_values_have_no_median():
    assert np.isnan(median([]))
    assert len(moving_median(np.empty(0), 3)) == 0


@pytest.mark.parametrize("window", [2, 7, 1500])
def test_medians_of_very_many_points_are_the_same(monkeypatch, window):
    values = np.random.default_rng(3).normal(size=3000).round(2)
    direct = moving_median(values, window)
    assert window * len(values) < MANY_POINTS
    monkeypatch.setattr(medians, "MANY_POINTS", 0)
    np.testing.assert_array_equal(moving_median(values, window), direct)

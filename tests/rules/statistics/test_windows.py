"""Moving means: those of numpy's convolution, in time that grows with the points alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.rules.statistics.windows import moving_mean


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 999))
def test_moving_mean_is_that_of_a_convolution(points, window, seed):
    values = np.random.default_rng(seed).normal(3, 1, points)
    window = min(points, window)
    assert moving_mean(values, window) == pytest.approx(np.convolve(values, np.full(window, 1 / window), "valid"))


def test_a_large_value_spoils_no_window_but_its_own():
    values = np.ones(40)
    values[11] = 1e300
    means = moving_mean(values, 5)
    assert (means[:7] == 1).all()
    assert (means[7:12] > 1e299).all()
    assert (means[12:] == 1).all()

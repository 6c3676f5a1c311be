"""What digits tell about rounding and counts."""

from __future__ import annotations

import numpy as np
import pytest

from trainlint.rules.view.digits import counted_on, rounding_step


@pytest.mark.parametrize(
    ("values", "step"),
    [([1, 2, 30], 1.0), ([0.5, 0.25], 0.01), ([1 / 3], 0.0), ([1234.5], 0.1), ([], 1.0)],
)
def test_rounding_step(values, step):
    assert rounding_step(np.array(values, dtype=float)) == pytest.approx(step)


@pytest.mark.parametrize(
    ("shares", "samples"),
    [
        (np.array([12, 47, 39, 41]) / 56, 56),
        (np.array([12, 47, 39, 41], dtype=np.float32) / np.float32(56), 56),
        (np.round(np.array([12, 47, 39, 41]) / 56, 4), 56),
        (np.array([0.0, 1.0, 0.5]), 2),
        (np.array([1234, 2711, 2804]) / 5000, None),
        (np.random.default_rng(0).random(20), None),
    ],
)  # fmt: skip
def test_counted_on(shares, samples):
    found = counted_on(np.asarray(shares, dtype=float))
    assert (found.samples if found else None) == samples


def test_two_digits_fit_by_coincidence():
    found = counted_on(np.round(np.random.default_rng(0).random(8), 2))
    assert found.coincidence > 0.01

"""Patterns that repeat from row to row, and the chance that they do."""

import numpy as np
import pytest

from trainlint.rules.statistics import correlation
from trainlint.rules.statistics.correlation import mean_correlation, rotation_p

WAVE = np.array([1.0, -2.0, 0.5, 3.0, -1.0, 0.2, 0.7, -1.4])


def test_a_pattern_that_repeats_correlates_fully():
    assert mean_correlation(np.tile(WAVE, (5, 1))) == pytest.approx(1)
    assert rotation_p(np.tile(WAVE, (5, 1))) == 1 / 200


@pytest.mark.parametrize(("below", "ties"), [(0, 199), (0.9e-9, 199), (1.1e-9, 0)])
def test_rotations_that_correlate_as_much_but_for_rounding_count(monkeypatch, below, ties):
    correlations = iter([0.5, *[0.5 - below] * 199])
    monkeypatch.setattr(correlation, "mean_correlation", lambda _: next(correlations))
    assert rotation_p(np.tile(WAVE, (5, 1))) == (1 + ties) / 200


@pytest.mark.parametrize("seed", range(5))
def test_rounding_changes_no_count(seed):
    """Rows with a period of their own: a rotation by it changes nothing but the order in which numbers are added."""
    rng = np.random.default_rng(seed)
    rows = np.tile(np.tile(rng.normal(size=2), 4), (4, 1)) * rng.uniform(0.1, 10, size=(4, 1))
    assert rotation_p(rows) == rotation_p(rows * (1 + 1e-14 * rng.normal(size=rows.shape)))

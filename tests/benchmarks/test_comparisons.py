"""A short form of the benchmark of comparisons."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from comparisons import Pair, compare_figures, gated, outcome


@pytest.mark.slow
def test_what_differs_is_found():
    figures = compare_figures(30, np.random.default_rng(3))
    assert min(figures.values()) >= 0.8


def test_one_pair_of_each_kind():
    random = np.random.default_rng(1)
    effect = outcome(Pair("effect", ("dropout",), 12.0, 2000), random)
    assert (effect["verdict"], effect["likely"]) == ("worse", ["dropout"])
    assert gated(Pair("effect", ("dropout",), 12.0, 0), random).get("gate") == "fail"

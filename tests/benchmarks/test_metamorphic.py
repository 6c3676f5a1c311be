"""A training keeps its verdict when its log tells it in other words: a short form of the benchmark."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import metamorphic
import metamorphic_changes as changes

SAMPLES = Path(__file__).parents[2] / "sample_logs"
RUNS = ("overfitting", "stuck-at-chance", "divergence", "healthy-keras-csv", "zero-learning-rate")
# Which of its first values are at chance, a log of steps shows, and one of epochs does not
AXES = {"stuck-at-chance": {"epochs and steps exchanged", "format: events"}}
# The level of a sum says less than that of a mean: a first loss of count x ln C is not recognised as the one of guessing.
KEPT = {name for name in changes.CHANGES if name not in {*metamorphic.THINNING, "sums for means"}}


@pytest.fixture(scope="module", params=RUNS)
def outcomes(request):
    run = metamorphic.read(SAMPLES / request.param)
    return list(metamorphic.outcomes_of(run))


def test_a_verdict_does_not_depend_on_names_units_axes_and_formats(outcomes):
    told = [o for o in outcomes if o.change in KEPT or o.change.startswith("format")]
    told = [o for o in told if o.change not in AXES.get(o.run, set())]
    assert not [o for o in told if not o.is_kept]


def test_no_ill_run_turns_clear(outcomes):
    assert not [o for o in outcomes if o.turns_clear]


def test_changes_change_what_they_say():
    run = metamorphic.read(SAMPLES / "stuck-at-chance")
    loss, told = (next(c for c in r.all_curves if "loss" in c.tag or "perplexity" in c.tag)
                  for r in (run, changes.CHANGES["perplexity"](run)))  # fmt: skip
    assert np.array_equal(told.value, np.exp(loss.value))
    assert "perplexity" in told.tag
    assert len(changes.thinned(run).all_curves[0]) == -(-len(run.all_curves[0]) // 3)


def test_what_is_lost_is_printed(capsys):
    ill = metamorphic.Verdict("error", frozenset({"overfitting"}), frozenset())
    clear = metamorphic.Verdict("clear", frozenset(), frozenset())
    metamorphic.printed([metamorphic.Outcome("a/run", "percent", ill, clear)], verbose=False)
    said = capsys.readouterr().out
    assert "1 ill runs turn clear" in said
    assert "a/run: percent: error -> clear, lost ['overfitting'], new []" in said

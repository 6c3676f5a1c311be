"""A rule is replayed on the log so far to tell how early a finding could have been made."""

from __future__ import annotations

import numpy as np
import pytest

from trainlint.analyzer.judging.onset import onset_of
from trainlint.parsers.run import Curve, Run
from trainlint.rules.base import Finding
from trainlint.rules.view.run_view import RunView

POINTS = 1000
STEPS = np.arange(POINTS) * 10


def view(clock=None):
    loss = Curve.build("loss", STEPS, np.arange(POINTS, dtype=float), wall_time=clock)
    epochs = Curve.build("val", np.arange(21), np.arange(21, dtype=float), axis="epoch")
    return RunView(Run("r", "r", "test", all_curves=[loss, epochs]))


def fires_above(metric, limit):
    def find(run):
        curve = run.named(metric)
        is_above = curve is not None and len(curve) and curve.values.max() >= limit
        return [Finding("it is so", 0.9, metric, (0, 0))] if is_above else []

    return find


@pytest.mark.parametrize("row", [0, 1, 137, 500, 998, 999])
def test_the_onset_is_told_to_a_percent_of_the_run(row):
    onset = onset_of(Finding("it is so", 0.9, "loss", (0, 0)), view(), fires_above("loss", row))
    assert row <= onset.step / 10 <= row + 0.01 * POINTS
    assert onset.steps_after == STEPS[-1] - onset.step
    assert onset.seconds_after is None


def test_what_it_cost_is_told_in_steps_share_and_seconds():
    clock = 1e9 + 2.0 * np.arange(POINTS)
    onset = onset_of(Finding("it is so", 0.9, "loss", (0, 0)), view(clock), fires_above("loss", 500))
    assert onset.seconds_after == pytest.approx(2.0 * onset.steps_after / 10)
    assert onset.share_after == pytest.approx(0.5, abs=0.02)


def test_a_curve_on_another_axis_is_cut_at_the_same_share():
    def find(run):
        assert len(run.named("val")) - 1 == pytest.approx(20 * run.named("loss").steps[-1] / STEPS[-1], abs=1.0)
        return fires_above("loss", 300)(run)

    assert onset_of(Finding("it is so", 0.9, "loss", (0, 0)), view(), find).step == pytest.approx(3000, abs=100)


def test_one_point_has_no_onset():
    lone = RunView(Run("r", "r", "test", all_curves=[Curve.build("loss", [0], [1.0])]))
    assert onset_of(Finding("it is so", 0.9, "loss", (0, 0)), lone, fires_above("loss", 0)) is None


@pytest.mark.parametrize(
    ("early", "late", "is_same"),
    [
        (((10, 40), {"best": 1.0, "end": 1.2}), ((12, 90), {"best": 1.0, "end": 3.0}), True),  # it has grown
        (((13, 40), {"best": 1.0, "end": 1.2}), ((12, 90), {"best": 1.0, "end": 3.0}), True),  # its begin was found since
        (((10, 40), {"best": 1.0, "end": 1.2}), ((50, 90), {"best": 0.5, "end": 3.0}), False),  # one that was over
        (((20, 40), {"loss": 2.3, "chance": 2.3, "accuracy": 0.12}), ((50, 100), {"loss": 2.31, "chance": 2.3, "accuracy": 0.1}), True),
        (((20, 40), {"left": 0.3, "lowest": 0.0}), ((50, 100), {"left": 0.64, "lowest": 0.0}), False),
        (((10, 90), {"level": 1.0}), ((10, 90), {"rise": 1.0}), False),  # another claim of the same rule
    ],
)  # fmt: skip
def test_only_the_same_claim_is_an_onset(early, late, is_same):
    def find(run):
        reached = int(run.named("loss").steps[-1]) >= 1000
        steps, evidence = early if reached else ((0, 0), {})
        return [Finding("it is so", 0.9, "loss", steps, evidence)] if reached else []

    onset = onset_of(Finding("it is so", 0.9, "loss", *late), view(), find)
    assert (onset.step <= 1100) == is_same

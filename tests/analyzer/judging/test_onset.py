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

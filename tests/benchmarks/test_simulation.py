"""The simulator of training runs: told by its seed, whole, and understood as a real log is."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from trainlint.rules.registry import RULES

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from simulation import FAMILIES, FAULTS, SEVERITIES

UNUSED = {"D/real", "D/fake", "rollout/ep_len_mean", "tokens_seen", "train/clip_fraction", "train/explained_variance"}
FAULTS_AT = [(fault, severity) for fault in FAULTS for severity in SEVERITIES.values()]


def values_of(run):
    return [(curve.name, curve.step.tolist(), curve.value.tobytes()) for curve in run.all_curves]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_seed_tells_a_run(family):
    assert values_of(family.run(3)) == values_of(family.run(3))
    assert values_of(family.run(3)) != values_of(family.run(5))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_healthy_runs_are_finite_and_understood(family):
    for seed in range(3):
        run = family.run(seed)
        assert all(np.isfinite(curve.value).all() and np.isfinite(curve.wall_time).all() for curve in run.all_curves)
        assert {curve.tag for curve in run.all_curves if curve.role == "unknown"} <= UNUSED
        assert run.task != "unknown"


def test_families_differ_in_name_and_excuse_only_what_may_exist():
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    known = {rule.id for rule in RULES} | {fault.rule for fault in FAULTS}
    assert {rule for family in FAMILIES for rule in family.may} <= known


@pytest.mark.parametrize(("fault", "severity"), FAULTS_AT, ids=lambda x: getattr(x, "name", x))
def test_faults_can_be_planted_into_any_of_their_families(fault, severity):
    assert values_of(fault.run(1, severity)) == values_of(fault.run(1, severity))


def test_a_severer_fault_is_larger():
    (overfitting,) = (fault for fault in FAULTS if fault.rule == "overfitting")

    def rise(severity):
        losses = [overfitting.run(seed, severity).curves("loss", "validation")[0].value for seed in range(20)]
        return np.mean([loss[-1] / loss.min() for loss in losses])

    assert rise(0.25) < rise(0.5) < rise(1.0)


def test_the_clock_of_a_run_never_goes_back_and_the_pause_of_a_restart_lies_between_its_files():
    for family in FAMILIES:
        for seed in range(5):
            run = family.run(seed)
            assert all((np.diff(curve.wall_time) >= 0).all() for curve in run.all_curves)
            for curve in run.all_curves:
                if len(curve.segments) > 1:
                    assert np.argmax(np.diff(curve.wall_time)) + 1 == curve.segments[1].start


def test_a_healthy_loss_fits_its_accuracy():
    """Right answers of 95% and a loss above 0.9 are a fault, which no healthy run may show."""
    for seed in range(100):
        run = FAMILIES[0].run(seed)
        (loss,), (accuracy,) = run.curves("loss", "train"), run.curves("score", "train")
        assert not (np.median(accuracy.value[-8:]) > 0.95 and np.median(loss.value[-8:]) > 0.9)

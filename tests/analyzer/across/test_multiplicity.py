"""Within a batch, findings that rest on a statistic are held against the number of runs that were tested."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from trainlint.analyzer.across.multiplicity import MAX_TESTS, adjust, may_be_chance, q_values


@pytest.mark.parametrize("seed", range(5))
def test_q_values_are_those_of_scipy(seed):
    p = np.random.default_rng(seed).random(40) ** 3
    assert q_values(p.tolist(), 40) == pytest.approx(false_discovery_control(p))


def entry(z, outcome="fired", severity="warning", confidence=0.9):
    finding = {"rule": "r", "severity": severity, "confidence": confidence, "evidence": {} if z is None else {"z": z}}
    return {"outcomes": {"r": outcome}, "findings": [finding] if outcome == "fired" else []}


def test_a_weak_statistic_does_not_stand_among_many_runs():
    alone = [entry(2.5)]
    assert adjust(alone)["chance"] == 0
    among = [entry(2.5), *(entry(None, "clear") for _ in range(99))]
    assert adjust(among)["chance"] == 1
    assert among[0]["findings"][0]["q_value"] == pytest.approx(0.62, abs=0.01)


def test_runs_that_a_rule_could_not_judge_are_no_tests():
    among = [entry(2.5), *(entry(None, "not-applicable") for _ in range(99))]
    assert adjust(among)["chance"] == 0


def test_expected_false_findings_are_the_sum_of_the_doubts():
    batch = adjust([entry(9.0), entry(None, confidence=0.5), entry(8.0, severity="info", confidence=0.1)])
    assert batch == {"findings": 2, "expected_false": 0.6, "chance": 0}


@pytest.mark.parametrize(("z", "may_be"), [(2.5, True), (5.6, True), (5.8, False), (None, False)])
def test_a_page_waits_for_the_batch_only_if_some_batch_could_add_a_note(z, may_be):
    judged = entry(z)
    assert may_be_chance(judged) == may_be
    if z is not None and not may_be:
        adjust([judged])
        assert judged["findings"][0]["q_value"] * MAX_TESTS <= 0.05

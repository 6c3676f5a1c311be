"""What findings say holds: over sample logs and every planted fault, numbers bear their claim and remedies agree."""

from __future__ import annotations

import sys
from itertools import combinations
from pathlib import Path

import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.analyzer.judging.remedies import directions
from trainlint.analyzer.library import discover_logs, read_runs
from trainlint.rules.registry import RULES

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from message_numbers import doubts, false_comparisons, half_unit, value_of
from simulation import FAULTS, SEVERITIES

ROOT = Path(__file__).parents[2]
SEED = 1


def contradictions(judgement):
    """Pairs of remedies of two findings that turn the same thing opposite ways."""
    of_finding = [[directions(remedy) for remedy in found.finding.remedies] for found in judgement.findings]
    return [
        (a, b)
        for first, second in combinations(of_finding, 2)
        for a in first
        for b in second
        if any(b.get(knob, way) != way for knob, way in a.items())
    ]


def assert_holds(judgement):
    assert doubts(judgement) == {}
    assert contradictions(judgement) == []
    for found in judgement.findings:
        assert found.finding.remedies


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.rule)
def test_planted_faults(fault, severity):
    assert_holds(judge(fault.run(SEED, SEVERITIES[severity]), RULES))


def test_sample_logs():
    for run in read_runs(discover_logs([ROOT / "sample_logs"])):
        assert_holds(judge(run, RULES))


@pytest.mark.parametrize(
    ("message", "is_false"),
    [
        ("loss rises from 0.100 at step 5 to 0.200 at the end, 2 times as high (smoothed)", False),
        ("loss rises from 0.100 at step 5 to 0.200 at the end, 3 times as high (smoothed)", True),
        ("loss climbs from 0.637 to 0.112", True),
        ("score falls from 0.9 around epoch 3 to 0.5 at the end", False),
        ("score falls from 0.5 around epoch 3 to 0.9 at the end", True),
        ("memory rises from 10 to 15 (+50%)", False),
        ("memory rises from 10 to 15 (+90%)", True),
    ],
)
def test_a_comparison_has_to_hold(message, is_false):
    assert bool(false_comparisons(message)) == is_false


@pytest.mark.parametrize(
    ("token", "value", "unit"),
    [("1,200", 1200, 0.51), ("0.50", 0.5, 0.0051), ("−3", -3, 0.51), ("4.5e-05", 4.5e-5, 5.1e-7)],
)
def test_printed_numbers(token, value, unit):
    assert value_of(token) == value
    assert half_unit(token) == pytest.approx(unit)

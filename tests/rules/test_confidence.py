"""Confidence grows with the evidence, is never certain, and keeps its word on runs that it was not fitted to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.rules.base import Finding
from trainlint.rules.confidence import HIGHEST, LOWEST, Case, case_of, cause_confidence_of, confidence_of, parameters
from trainlint.rules.margins import MARGINS, MAX_STRENGTH, strength_of
from trainlint.rules.registry import RULES

BY_ID = {rule.id: rule for rule in RULES}
FAMILIES = sorted({rule.family for rule in RULES} | {"of-a-plug-in"})
CASES = st.builds(
    Case,
    st.sampled_from(FAMILIES),
    st.floats(0, 1),
    st.none() | st.floats(0, MAX_STRENGTH),
    st.integers(0, 10**9),
)


@given(CASES, st.floats(0, 1), st.floats(0, MAX_STRENGTH), st.integers(0, 10**9))
def test_a_stronger_case_never_has_less_confidence(case, prior, strength, points):
    stronger = Case(
        case.family,
        max(case.prior, prior),
        None if case.strength is None else max(case.strength, strength),
        max(case.points, points),
    )
    assert confidence_of(stronger) >= confidence_of(case)
    assert LOWEST <= confidence_of(case) <= HIGHEST < 1


def finding(**evidence):
    return Finding("it is so", 0.85, "loss", (0, 1), evidence)


@pytest.mark.parametrize(
    ("rule", "weaker", "stronger"),
    [
        ("overfitting", {"z": 4.1, "rise_share": 0.5}, {"z": 9.0, "rise_share": 0.5}),
        ("overfitting", {"z": 9.0, "rise_share": 0.06}, {"z": 9.0, "rise_share": 0.5}),
        ("divergence", {"z": 5.0, "lost_descent_share": 0.3}, {"z": 12.0, "lost_descent_share": 0.9}),
        ("slowdown", {"ratio": 1.25}, {"ratio": 3.0}),
        ("periodic-validation", {"correlation": 0.9, "p": 0.004}, {"correlation": 0.9, "p": 1e-6}),
        ("learning-rate-too-low", {"fall_first_third": 0.3}, {"fall_first_third": 0.01}),
        ("reward-hacking", {"z": 30.0, "fall_share": 0.2}, {"z": 30.0, "fall_share": 0.6}),
    ],
)
def test_evidence_farther_beyond_its_limit_is_stronger(rule, weaker, stronger):
    weak, strong = (confidence_of(case_of(BY_ID[rule], finding(**each), 100)) for each in (weaker, stronger))
    assert strong > weak


def test_many_points_are_better_evidence_than_few():
    few, many = (confidence_of(case_of(BY_ID["overfitting"], finding(z=5.0, rise_share=0.1), n)) for n in (12, 900))
    assert many > few


def test_the_weakest_evidence_decides():
    assert strength_of(BY_ID["overfitting"], finding(z=400.0, rise_share=0.05)) == 0


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf"), -5.0, 1e308, 5e-324])
def test_wild_evidence_has_a_strength(value):
    for rule in RULES:
        names = {name for margin in MARGINS.get(rule.id, ()) for name in (margin.evidence, margin.of) if name}
        strength = strength_of(rule, finding(**dict.fromkeys(names, value)))
        assert strength is None or 0 <= strength <= MAX_STRENGTH


def test_margins_name_rules_and_their_limits():
    assert set(MARGINS) <= set(BY_ID)
    for rule, margins in MARGINS.items():
        for margin in margins:
            limit = getattr(BY_ID[rule].limits, margin.limit) if isinstance(margin.limit, str) else margin.limit
            assert limit > 0, (rule, margin)


def test_the_first_finding_names_the_fault_most_often_and_a_consequence_least():
    first, other, consequence = (cause_confidence_of(0.9, place) for place in ("first", "other", "consequence"))
    assert 0.9 >= first > other > consequence > 0


def test_the_error_on_held_out_runs_is_small():
    enough = [each for each in parameters()["held_out"] if each["findings"] >= 30]
    assert {(each["source"], each["claim"]) for each in enough} >= {
        ("simulated", "true"),
        ("labelled", "true"),
        ("labelled", "the cause"),
    }
    for each in enough:
        assert abs(each["stated"] - each["right"]) <= 0.05, each


def test_every_family_has_parameters_and_no_negative_slope():
    for each in parameters()["families"].values():
        assert min(each["prior"], each["strength"], each["points"]) >= 0
    assert "any" in parameters()["families"]
    assert confidence_of(Case("any", 1.0, MAX_STRENGTH, 10**9)) == HIGHEST

"""Every threshold of a rule is straddled by its cases: one just inside and one just outside; and what is said is checked."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.rules.registry import RULES
from trainlint.rules.thresholds import thresholds_of, with_thresholds

from .test_rules import CASES, made

if TYPE_CHECKING:
    from trainlint.rules.base import Rule
    from trainlint.rules.thresholds import Threshold

    from .curves import Case

NEAR = 0.25  # what "just" inside or outside means: a threshold that is a quarter higher or lower decides otherwise

# Thresholds that no run can straddle, each with the reason.
UNREACHABLE: dict[tuple[str, str], str] = {
    ("plateau", "min-blocks"): "fewer change nothing: a line through less than 4 block means has no error",
    ("epoch-periodic-loss", "max-p"): "the p of 199 rotations is a multiple of 0.005",
    ("periodic-validation", "max-p"): "the p of 199 rotations is a multiple of 0.005",
}

STRADDLED = [
    (rule, threshold)
    for rule in RULES
    for threshold in thresholds_of(rule).values()
    if (rule.id, threshold.name) not in UNREACHABLE
]


def near(threshold: Threshold) -> tuple[float, float]:
    """The threshold a little lower and a little higher; shares above a half come nearer to one or go away from it."""
    value = threshold.value
    if threshold.is_count:
        step = max(1, round(NEAR * abs(value)))
        return value - step, value + step
    if threshold.unit == "%" and 0.5 < value < 1:
        return 1 - (1 - value) * (1 + NEAR), 1 - (1 - value) * (1 - NEAR)
    return value * (1 - NEAR), value * (1 + NEAR)


def said(rule: Rule, case: Case) -> object:
    """What a rule makes of one of its cases."""
    judgement = judge(made(case), [rule], strict=True)
    findings = [(f.severity, f.finding.steps, f.finding.message, f.finding.confidence) for f in judgement.findings]
    return judgement.verdicts[rule.id].outcome, findings


@cache
def usual(rule_id: str) -> list[tuple[Case, object]]:
    """The cases of a rule with what it makes of them."""
    (rule,) = (rule for rule in RULES if rule.id == rule_id)
    return [(case, said(rule, case)) for case in CASES if case.rule == rule_id]


@pytest.mark.parametrize(("rule", "threshold"), STRADDLED, ids=lambda each: getattr(each, "id", None) or each.name)
def test_a_threshold_is_straddled(rule: Rule, threshold: Threshold) -> None:
    for value in near(threshold):
        other = with_thresholds(rule, {threshold.name: value})
        assert any(said(other, case) != told for case, told in usual(rule.id)), (
            f"{threshold.name} = {value:g} changes no case"
        )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_what_a_rule_says_is_checked(rule: Rule) -> None:
    """At least one case gives the whole finding; crash rules, which read no curve, name no metric."""
    is_named = [c for c in CASES if c.rule == rule.id and (c.metric or not rule.needs)]
    whole = [c for c in is_named if c.says and c.steps and c.remedy and c.confidence]
    assert whole


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_threshold_has_a_unit_and_a_reason(rule: Rule) -> None:
    """A plain number says in its reason what it is."""
    assert [t.name for t in thresholds_of(rule).values() if not t.reason] == []

"""A run is never clear because a rule that others yield to is switched off, or its threshold raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.rules.registry import RULES
from trainlint.rules.thresholds import thresholds_of, with_thresholds

from .test_rules import CASES

if TYPE_CHECKING:
    from trainlint.rules.base import Rule

BY_ID = {rule.id: rule for rule in RULES}
PAIRS = [(rule, BY_ID[stronger]) for rule in RULES for stronger in rule.yields_to]


def test_rules_that_are_named_exist() -> None:
    assert {name for rule in RULES for name in (*rule.yields_to, *rule.causes)} <= BY_ID.keys() | {"stale-copy"}


def test_no_rule_yields_to_itself_through_others() -> None:
    for rule in RULES:
        seen = {rule.id}
        waiting = list(rule.yields_to)
        while waiting:
            name = waiting.pop()
            assert name not in seen, f"{rule.id} yields to itself through {name}"
            waiting += BY_ID[name].yields_to


def test_no_two_rules_are_each_others_cause() -> None:
    named = {(rule.id, cause) for rule in RULES for cause in rule.causes}
    assert sorted(pair for pair in named if pair[::-1] in named and pair[0] < pair[1]) == []


@pytest.mark.parametrize(("weaker", "stronger"), PAIRS, ids=lambda rule: rule.id)
def test_what_is_folded_comes_back_when_the_stronger_rule_is_silent(weaker: Rule, stronger: Rule) -> None:
    both = [case.make() for case in CASES if case.rule in (weaker.id, stronger.id)]
    shared = [run for run in both if judge(run, [weaker]).findings and judge(run, [stronger]).findings]
    assert shared, "no case of either rule is found by both"
    assert any(judge(run, [weaker, stronger]).folded for run in shared), "never as severe: nothing yields"
    for run in shared:
        judgement = judge(run, [weaker, stronger])
        severest = max(found.severity for found in judgement.findings if found.rule is stronger)
        assert [found for found in judgement.findings if found.rule is weaker and found.severity <= severest] == []
        assert [found for found in judgement.folded if found.severity > severest] == []
        assert judge(run, [weaker]).status != "clear"
        if thresholds_of(stronger):  # a rule without thresholds is only silent where it is deselected
            assert any(judge(run, [weaker, silent]).findings for silent in silenced(stronger, run))


def silenced(rule: Rule, run) -> list[Rule]:
    """The rule with a threshold so changed that it finds nothing in the run."""
    changed = [
        with_thresholds(rule, {threshold.name: round(value) if threshold.is_count else value})
        for threshold in thresholds_of(rule).values()
        for value in (100 * threshold.value, threshold.value / 100)
    ]
    found = [each for each in changed if not judge(run, [each]).findings]
    assert found, f"no threshold of {rule.id} silences it"
    return found

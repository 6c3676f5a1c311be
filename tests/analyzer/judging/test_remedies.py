"""No two remedies of one report contradict each other."""

from __future__ import annotations

import pytest

from trainlint.analyzer.judging.judgement import RuleFinding
from trainlint.analyzer.judging.remedies import directions, without_contradictions
from trainlint.rules.base import Finding, Rule, Severity
from trainlint.rules.thresholds import NoLimits


def found(name, *remedies):
    rule = Rule(
        name, "optimization", Severity.WARNING, (), "0.1.0", "fine", "not fine", "Doc.", lambda *_: iter(()), NoLimits()
    )
    return RuleFinding(rule, Finding("it is so", 0.9, "loss", (0, 1), remedies=remedies))


@pytest.mark.parametrize(
    ("remedy", "knobs"),
    [
        ("lower the learning rate by 3 to 10", {"learning rate": 0}),
        ("raise the learning rate by 3 to 10 (its peak is 0.1)", {"learning rate": 1}),
        ("restart from a checkpoint before step 5 with a learning rate 3 to 10 times lower", {"learning rate": 0}),
        ("try learning rates 10 times lower and 10 times higher", {}),
        ("check labels, then try learning rates 10 times higher and lower", {}),
        ("anneal the learning rate towards the end", {}),
        ("use fewer epochs per rollout", {}),
        ("train for fewer epochs", {"length of the training": 0}),
    ],
)
def test_direction_of_a_remedy(remedy, knobs):
    assert directions(remedy) == knobs


def test_the_earlier_finding_prevails():
    kept = without_contradictions(
        [
            found("learning-rate-too-low", "raise the learning rate by 10"),
            found("plateau", "lower the learning rate from step 5 on", "use a larger model"),
            found("overfitting", "use a smaller model", "stop early"),
        ]
    )
    assert [f.finding.remedies for f in kept] == [
        ("raise the learning rate by 10",),
        ("use a larger model",),
        ("stop early",),
    ]


def test_a_finding_never_loses_all_its_remedies():
    first, second = without_contradictions([found("a", "train longer"), found("b", "stop early")])
    assert first.finding.remedies == ("train longer",)
    assert second.finding.remedies == ("treat a first: its remedies are opposite to those of this finding",)


def test_an_alternative_stands_alone_without_its_first_part():
    kept = without_contradictions([found("a", "stop early"), found("b", "train longer", "or raise the learning rate")])
    assert kept[1].finding.remedies == ("raise the learning rate",)

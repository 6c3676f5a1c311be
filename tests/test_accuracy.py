"""What was measured of the rules: document, packaged file and command line say the same, of rules that exist."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from trainlint.analyzer.explain_text import explain_text
from trainlint.rules.accuracy import NOT_MEASURED, STALE, accuracy_of, measured
from trainlint.rules.code_hash import code_hash
from trainlint.rules.registry import ALL_RULES

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "docs"), str(ROOT / "benchmarks")]
from accuracy_page import rewritten  # noqa: E402  (lies beside the package)
from rates import Findings, Rate, precision  # noqa: E402

IDS = [rule.id for rule in ALL_RULES]


def rates_of(entry):
    """Every rate in a part of the file."""
    if isinstance(entry, dict):
        if "hits" in entry:
            yield entry
        for part in entry.values():
            yield from rates_of(part)


def test_the_document_shows_what_was_measured():
    page = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert page == rewritten(page, measured()), "run benchmarks/accuracy.py, or undo the change of its tables"


def test_every_measured_rule_exists():
    assert set(measured()["rules"]) <= set(IDS)
    named = {rule for family in measured()["simulated"]["families"].values() for rule in family["alarms_by_rule"]}
    assert named <= set(IDS)


def test_every_rate_lies_in_its_interval():
    rates = list(rates_of(measured()))
    assert rates
    for rate in rates:
        assert 0 <= rate["hits"] <= rate["runs"]
        assert 0 <= rate["low"] <= rate["share"] <= rate["high"] <= 1
        expected = Rate(rate["hits"], rate["runs"]).entry()
        assert {name: rate[name] for name in expected} == pytest.approx(expected)


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_explain_tells_what_was_measured(rule):
    shown = explain_text(rule)
    assert "Accuracy" in shown
    assert all(sentence in shown for sentence in accuracy_of(rule))
    if rule.id not in measured()["rules"]:
        assert NOT_MEASURED in shown.lower()


def test_a_rule_that_was_never_measured_says_so():
    assert accuracy_of(replace(ALL_RULES[0], id="no-such-rule")) == ["Not measured."]


@pytest.mark.parametrize(
    "rule", [rule for rule in ALL_RULES if rule.id in measured()["rules"]], ids=lambda rule: rule.id
)
def test_rates_are_those_of_the_rule_as_it_is(rule):
    assert STALE not in accuracy_of(rule), "the rule has changed: run benchmarks/accuracy.py"


def test_a_rate_that_is_older_than_its_rule_is_shown_as_such():
    rule, other = (next(rule for rule in ALL_RULES if rule.id == name) for name in ("overfitting", "divergence"))
    assert STALE in accuracy_of(replace(rule, check=other.check))


CODE = """
def check(run, limits):
    "{doc}"
    for curve in run.curves("{role}"):
        if len(curve) {sign} limits.points:  # {doc}
            yield f"{doc} {{len(curve)}}", "has {doc}"
"""


@pytest.mark.parametrize(
    ("change", "is_other"), [({"doc": "other words"}, False), ({"sign": ">="}, True), ({"role": "score"}, True)]
)
def test_the_hash_of_a_rule_is_that_of_its_code_not_of_its_prose(change, is_other, tmp_path, monkeypatch):
    plain = {"doc": "some words", "role": "loss", "sign": ">"}
    monkeypatch.syspath_prepend(tmp_path)
    hashes = []
    for name, values in (
        (f"before_{abs(hash(str(change)))}", plain),
        (f"after_{abs(hash(str(change)))}", plain | change),
    ):
        (tmp_path / f"{name}.py").write_text(CODE.format(**values))
        importlib.invalidate_caches()
        hashes.append(code_hash(importlib.import_module(name).check))
        sys.modules.pop(name)
    assert (hashes[0] != hashes[1]) is is_other


@pytest.mark.parametrize(
    ("hits", "runs", "low", "high"),
    [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (4, 10, 0.1216, 0.7376), (0, 0, 0.0, 1.0)],
)
def test_intervals_are_those_of_clopper_and_pearson(hits, runs, low, high):
    assert Rate(hits, runs).interval == pytest.approx((low, high), abs=1e-4)


def test_a_false_alarm_weighs_as_much_as_there_are_healthy_runs():
    found = [Findings(80, 100, 0.01)]
    assert precision(found, [Findings(0, 1000, 0.99)])[0] == 1.0
    share, low, high = precision(found, [Findings(10, 1000, 0.99)])
    assert share == pytest.approx(0.008 / (0.008 + 0.0099))
    assert 0 < low < share < high < 1

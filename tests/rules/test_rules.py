"""Every rule on small runs that it must find (BAD) and must leave alone (GOOD)."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.rules.registry import RULES

from .curves import Case, autoregressive, decay, run_of

if TYPE_CHECKING:
    from trainlint.analyzer.judging.engine import Judgement
    from trainlint.parsers.run import Run
    from trainlint.rules.base import Rule

CASES: list[Case] = [
    case
    for path in sorted(Path(__file__).parent.glob("*/cases_*.py"))
    for case in import_module(f".{path.parent.name}.{path.stem}", __package__).CASES
]


@cache
def made(case: Case) -> Run:
    """The run of a case, which no rule changes."""
    return case.make()


def assert_complete(judgement: Judgement, run: Run) -> None:
    names = {curve.name for curve in run.all_curves}
    for found in judgement.findings:
        finding = found.finding
        assert finding.metric in names or not found.rule.needs  # crash rules read no curve
        assert finding.steps[0] <= finding.steps[1]
        assert 0 < finding.confidence <= 1
        assert finding.remedies
        assert finding.evidence
        assert all(np.isfinite(value) for name, value in finding.evidence.items() if not name.startswith("value"))


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}: {c.name}" for c in CASES])
def test_rule(case: Case) -> None:
    (rule,) = (rule for rule in RULES if rule.id == case.rule)
    judgement = judge(made(case), [rule], strict=True)
    assert_complete(judgement, made(case))
    outcome, reason = judgement.verdicts[case.rule].outcome, judgement.verdicts[case.rule].reason
    assert (str(judgement.findings[0].severity) if outcome == "fired" else outcome) == case.expected
    if outcome != "fired":
        assert reason == (case.says or reason)
        return
    first = judgement.findings[0].finding
    assert first.message == (case.says or first.message)
    assert first.steps == (case.steps or first.steps)
    assert first.metric == (case.metric or first.metric)
    assert first.remedies[0] == (case.remedy or first.remedies[0])
    assert first.confidence == pytest.approx(
        first.confidence if case.confidence is None else case.confidence, abs=0.006
    )
    assert len(judgement.findings) == (case.findings or len(judgement.findings))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_good_and_bad_cases(rule) -> None:
    expected = {case.expected for case in CASES if case.rule == rule.id}
    assert expected & {"error", "warning", "info"}
    assert "clear" in expected


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_findings_of_all_rules_are_complete(rule: Rule) -> None:
    """On one case of the rule for each outcome; on its other cases it judges alone, in `test_rule`."""
    for case in {case.expected: case for case in CASES if case.rule == rule.id}.values():
        assert_complete(judge(made(case), RULES, strict=True), made(case))


NOISES = {
    "gaussian": lambda n, seed: np.random.default_rng(seed).normal(size=n),
    "t(4)": lambda n, seed: np.random.default_rng(seed).standard_t(4, size=n) / np.sqrt(2),
    "AR(0.6)": lambda n, seed: autoregressive(n, 0.6, seed),
}


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("points", [40, 300])
def test_healthy_runs_raise_few_alarms(noise: str, points: int) -> None:
    """At most 2% of simulated healthy runs get a warning or error of any rule (95% bound for 300 runs: 4%)."""
    alarms = 0
    for seed in range(300):
        wiggle = NOISES[noise](3 * points, seed).reshape(3, points)
        train = decay(points, noise=0) * np.exp(0.1 * wiggle[0])
        validation = decay(points, end=0.15, noise=0) * np.exp(0.05 * wiggle[1])
        norm = np.exp(0.3 * wiggle[2])
        found = judge(run_of({"loss": train, "val_loss": validation, "grad_norm": norm}), RULES).findings
        alarms += any(f.severity >= 2 for f in found)
    assert alarms <= 0.04 * 300

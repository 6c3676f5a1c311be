"""What the findings of crash rules hold beside what cases_crash.py checks."""

from __future__ import annotations

import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.rules.registry import RULES

from .cases_crash import logged

CRASH_RULES = [rule for rule in RULES if rule.family == "crash"]


@pytest.mark.parametrize("rule", CRASH_RULES, ids=lambda rule: rule.id)
def test_evidence(rule):
    (found,) = judge(logged(rule.id)(), CRASH_RULES, strict=True).findings
    assert found.finding.evidence == {"line": 4321.0, "last_step": 120.0}
    assert found.finding.cited == (120,)


def test_without_a_step_nothing_is_said_about_it():
    (found,) = judge(logged("out-of-memory", step=None)(), CRASH_RULES, strict=True).findings
    assert found.finding.evidence == {"line": 4321.0}
    assert found.finding.cited == ()


def test_they_need_the_output_and_no_curve():
    assert {rule.needed for rule in CRASH_RULES} == {"output of the process"}


@pytest.mark.parametrize("kind", ["out-of-memory", "collective-timeout", "worker-killed"])
def test_an_exception_is_folded_into_the_failure_that_it_reports(kind):
    judgement = judge(logged(kind, "uncaught-exception")(), CRASH_RULES, strict=True)
    assert [(f.rule.id, f.folded_into) for f in judgement.findings] == [(kind, "")]
    assert [(f.rule.id, f.folded_into) for f in judgement.folded] == [("uncaught-exception", kind)]

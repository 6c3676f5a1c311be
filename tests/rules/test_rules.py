"""Every rule on small runs that it must find (BAD) and must leave alone (GOOD)."""

from __future__ import annotations

import numpy as np
import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.rules.registry import RULES

from . import (
    cases_adversarial,
    cases_clipping,
    cases_crash,
    cases_data,
    cases_divergence,
    cases_generalization,
    cases_gradients,
    cases_initial_loss,
    cases_language,
    cases_learning_rate,
    cases_log_integrity,
    cases_loss_spike,
    cases_network,
    cases_no_progress,
    cases_numeric,
    cases_post_training,
    cases_reinforcement,
    cases_resume,
    cases_schedule,
    cases_system,
    cases_system_time,
    cases_too_high,
    cases_unfinished,
    cases_unsettled,
)
from .curves import Case, autoregressive, decay, run_of

CASES: list[Case] = [
    *cases_adversarial.CASES,
    *cases_clipping.CASES,
    *cases_crash.CASES,
    *cases_data.CASES,
    *cases_divergence.CASES,
    *cases_generalization.CASES,
    *cases_gradients.CASES,
    *cases_initial_loss.CASES,
    *cases_language.CASES,
    *cases_learning_rate.CASES,
    *cases_log_integrity.CASES,
    *cases_loss_spike.CASES,
    *cases_network.CASES,
    *cases_no_progress.CASES,
    *cases_numeric.CASES,
    *cases_post_training.CASES,
    *cases_reinforcement.CASES,
    *cases_resume.CASES,
    *cases_schedule.CASES,
    *cases_system.CASES,
    *cases_system_time.CASES,
    *cases_too_high.CASES,
    *cases_unfinished.CASES,
    *cases_unsettled.CASES,
]


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}: {c.name}" for c in CASES])
def test_rule(case: Case) -> None:
    (rule,) = (rule for rule in RULES if rule.id == case.rule)
    judgement = judge(case.make(), [rule], strict=True)
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


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}: {c.name}" for c in CASES])
def test_findings_are_complete(case: Case) -> None:
    run = case.make()
    names = {curve.name for curve in run.all_curves}
    for found in judge(run, RULES, strict=True).findings:
        finding = found.finding
        assert finding.metric in names or not found.rule.needs  # crash rules read no curve
        assert finding.steps[0] <= finding.steps[1]
        assert 0 < finding.confidence <= 1
        assert finding.remedies
        assert finding.evidence
        assert all(np.isfinite(value) for name, value in finding.evidence.items() if not name.startswith("value"))


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

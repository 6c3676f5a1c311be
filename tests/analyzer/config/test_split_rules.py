"""Rules that were split: the old id still selects, configures and accepts all parts."""

import json

import numpy as np
import pytest

import trainlint
from trainlint.analyzer.config.config_file import load
from trainlint.analyzer.config.options import Settings, rules_of
from trainlint.analyzer.report.baseline import read_baseline
from trainlint.rules.registry import RULES

PARTS = {
    "class-collapse": {"class-collapse", "alternating-predictions", "constant-score", "zero-score"},
    "learning-rate-too-high": {"learning-rate-too-high", "early-blow-up", "zigzag-loss", "rate-bound-validation"},
    "exploding-gradients": {"exploding-gradients", "gradient-bursts", "layer-gradient-imbalance"},
    "reward-model-saturation": {
        "uniform-rewards", "truncated-answers", "kl-runaway", "preference-at-chance", "preference-memorised"
    },
}  # fmt: skip


def ids(settings):
    return {rule.id for rule in rules_of(settings)}


@pytest.mark.parametrize("old", PARTS)
def test_the_old_id_selects_and_ignores_every_part(old):
    assert ids(Settings(select=(old,))) == PARTS[old]
    assert ids(Settings(ignore=(old,))) == {rule.id for rule in RULES} - PARTS[old]


@pytest.mark.parametrize("old", PARTS)
def test_the_old_id_settles_the_severity_of_every_part(old, tmp_path):
    (tmp_path / "trainlint.toml").write_text(f'[rules.{old}]\nseverity = "info"\n')
    assert {change.rule for change in load(tmp_path / "trainlint.toml").rules} == PARTS[old]


def test_a_threshold_under_the_old_id_is_that_of_the_parts_that_have_it(tmp_path):
    (tmp_path / "trainlint.toml").write_text("[rules.reward-model-saturation]\nmin-gap = '20%'\nmin-points = 30\n")
    changes = {change.rule: dict(change.thresholds) for change in load(tmp_path / "trainlint.toml").rules}
    assert changes["preference-memorised"] == {"min-gap": 0.2, "min-points": 30}
    assert "min-gap" not in changes["kl-runaway"]


def test_a_threshold_that_no_part_has_is_refused(tmp_path):
    (tmp_path / "trainlint.toml").write_text("[rules.reward-model-saturation]\nmin-gab = 1\n")
    with pytest.raises(trainlint.ConfigError, match="did you mean 'min-gap'"):
        load(tmp_path / "trainlint.toml")


def test_the_old_id_is_explained_by_its_parts():
    with pytest.raises(ValueError, match="was split into uniform-rewards, truncated-answers"):
        trainlint.explain("reward-model-saturation")


@pytest.fixture
def zigzag(tmp_path):
    (tmp_path / "logs").mkdir()
    loss = np.where(np.arange(200) % 2, 1.4, 0.9)
    text = "".join(f"{step},{value:.4f}\n" for step, value in enumerate(loss))
    (tmp_path / "logs" / "metrics.csv").write_text("step,train_loss\n" + text)
    return tmp_path


def test_a_finding_names_the_rule_that_its_rule_was_a_part_of(zigzag):
    (run,) = trainlint.audit(zigzag / "logs")["runs"]
    (finding,) = (finding for finding in run["findings"] if finding["rule"] == "zigzag-loss")
    assert finding["formerly"] == "learning-rate-too-high"
    assert all("formerly" not in finding for finding in run["findings"] if finding["rule"] in PARTS)


def test_a_baseline_with_the_old_id_accepts_the_parts(zigzag):
    (run,) = trainlint.audit(zigzag / "logs")["runs"]
    known = [{"run": run["run"], "rule": "learning-rate-too-high", "metric": "train_loss", "severity": "error"}]
    path = zigzag / "known.json"
    path.write_text(json.dumps({"schema": "trainlint-baseline/2", "findings": known}))
    report = trainlint.audit(zigzag / "logs", baseline=path)
    (finding,) = (f for f in report["runs"][0]["findings"] if f["rule"] == "zigzag-loss")
    assert finding["suppressed"] is True
    assert read_baseline(path).gone(report["runs"]) == 0

"""A rule with other thresholds is another rule, and what depends on a threshold follows."""

from dataclasses import replace

import numpy as np
import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.rules.base import Severity
from trainlint.rules.generalization.overfitting import RULE as OVERFITTING
from trainlint.rules.registry import ALL_RULES
from trainlint.rules.system.data_bound import RULE as DATA_BOUND
from trainlint.rules.thresholds import thresholds_of, with_severity, with_thresholds

from .curves import decay, flat, run_of


def outcome(rule, points=50, share=0.5):
    run = run_of({"data_time": flat(points, share, noise=0.2), "time": flat(points, 1.0)})
    return judge(run, [rule], strict=True).verdicts[rule.id].outcome


def test_a_threshold_is_changed_and_the_rule_itself_is_not():
    assert outcome(with_thresholds(DATA_BOUND, {"min-share": 0.9})) == "clear"
    assert outcome(DATA_BOUND) == "fired"
    assert with_thresholds(DATA_BOUND, {}) is DATA_BOUND


def test_what_a_rule_needs_follows_its_thresholds():
    assert outcome(with_thresholds(DATA_BOUND, {"min-points": 100})) == "insufficient-data"


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.id)
def test_every_rule_can_be_made_anew_with_its_own_thresholds(rule):
    same = with_thresholds(rule, {name: threshold.value for name, threshold in thresholds_of(rule).items()})
    assert replace(same, check=rule.check) == rule


def test_counts_stay_whole():
    with pytest.raises(ValueError, match="min-evaluations"):
        with_thresholds(OVERFITTING, {"min-evaluations": 8.5})
    with pytest.raises(KeyError):
        with_thresholds(OVERFITTING, {"limt-z": 8})


def test_a_severity_holds_for_findings_that_have_their_own():
    run = run_of({"train_loss": decay(60), "val_loss": flat(60, 1.0) + 0.03 * np.arange(60)})
    (found,) = judge(run, [OVERFITTING], strict=True).findings
    (told,) = judge(run, [with_severity(OVERFITTING, Severity.INFO)], strict=True).findings
    assert (found.severity, told.severity) == (Severity.ERROR, Severity.INFO)

from dataclasses import replace

import numpy as np
import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.parsers.run import Curve, Meaning, Run
from trainlint.rules.base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from trainlint.rules.thresholds import NoLimits

LOSS = Meaning("loss", "train", direction="lower")


def rule(name, check, *, needs=(), severity=Severity.WARNING, answers=("learning", "stability"), **fields):
    return Rule(
        name, "optimization", severity, needs, "0.1.0", "fine", "not fine", "Doc.", check, NoLimits(),
        answers=answers, **fields,
    )  # fmt: skip


def finding(confidence=0.9, steps=(0, 1), **fields):
    return Finding("it is so", confidence, "loss", steps, **fields)


def run_of(points=20, meaning=LOSS):
    curves = [Curve.build("loss", range(points), np.linspace(2, 1, points), meaning=meaning)]
    return Run("r", "/r", "csv-table", all_curves=curves)


def fires(_view, _limits):
    yield finding()


def clear(_view, _limits):
    return iter(())


def not_applicable(_view, _limits):
    raise NotApplicableError("no such thing")
    yield


def too_short(_view, _limits):
    raise InsufficientDataError("too short")
    yield


def broken(_view, _limits):
    raise ZeroDivisionError("oh")
    yield


def fires_then_breaks(_view, _limits):
    yield finding()
    raise ZeroDivisionError("oh")


def fires_then_gives_up(_view, _limits):
    yield finding()
    raise InsufficientDataError("the rest is too short")


@pytest.mark.parametrize(
    ("check", "outcome", "reason", "findings", "status"),
    [
        (fires, "fired", "", 1, "warning"),
        (clear, "clear", "", 0, "clear"),
        (not_applicable, "not-applicable", "no such thing", 0, "not-checked"),
        (too_short, "insufficient-data", "too short", 0, "not-checked"),
        (broken, "failed", "ZeroDivisionError: oh (broken, line ", 0, "not-checked"),
        (fires_then_breaks, "failed", "ZeroDivisionError", 1, "warning"),
        (fires_then_gives_up, "fired", "", 1, "warning"),
    ],
)
def test_outcomes(check, outcome, reason, findings, status):
    judgement = judge(run_of(), [rule("a", check)])
    verdict = judgement.verdicts["a"]
    assert (verdict.outcome, len(judgement.findings), judgement.status) == (outcome, findings, status)
    assert verdict.reason.startswith(reason)
    assert bool(verdict.reason) == bool(reason)


def test_a_rule_that_raises_stops_no_other_unless_strict():
    rules = [rule("a", broken), rule("b", clear)]
    assert [v.outcome for v in judge(run_of(), rules).verdicts.values()] == ["failed", "clear"]
    with pytest.raises(ZeroDivisionError):
        judge(run_of(), rules, strict=True)


@pytest.mark.parametrize(
    ("need", "outcome", "reason"),
    [
        (Need("loss", "train", points=20), "clear", ""),
        (Need("loss", "train", points=21), "insufficient-data", "train loss needs at least 21 points, has 20"),
        (Need("loss", "validation"), "not-applicable", "no validation loss is logged"),
        (Need("gradient-norm"), "not-applicable", "no gradient norm is logged"),
        (Need("loss", layers=2), "not-applicable", "no loss of 2 or more layers is logged"),
    ],
)
def test_needs(need, outcome, reason):
    verdict = judge(run_of(), [rule("a", clear, needs=(need,))]).verdicts["a"]
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_a_test_curve_stands_in_for_validation():
    run = run_of(meaning=Meaning("loss", "test", direction="lower"))
    assert judge(run, [rule("a", clear, needs=(Need("loss", "validation"),))]).verdicts["a"].outcome == "clear"


@pytest.mark.parametrize(
    ("answers", "check", "status"),
    [
        (("learning",), clear, "clear"),
        ((), clear, "not-checked"),  # that no number is NaN is not yet a healthy training
        ((), fires, "warning"),
    ],
)
def test_only_rules_about_the_training_make_a_run_clear(answers, check, status):
    assert judge(run_of(), [rule("a", check, answers=answers)]).status == status


@pytest.mark.parametrize(
    ("checks", "status"),
    [([clear, broken], "not-checked"), ([clear, fires_then_breaks], "warning"), ([fires, broken], "warning")],
)
def test_a_rule_that_failed_leaves_no_run_clear(checks, status):
    judgement = judge(run_of(), [rule(f"rule-{number}", check) for number, check in enumerate(checks)])
    assert judgement.status == status


@pytest.mark.parametrize(
    ("severities", "status"),
    [([], "clear"), (["INFO"], "info"), (["INFO", "WARNING"], "warning"), (["WARNING", "ERROR", "INFO"], "error")],
)
def test_the_worst_finding_is_the_status(severities, status):
    def check(_view, _limits):
        yield from (finding(severity=Severity[name]) for name in severities)

    assert judge(run_of(), [rule("a", check)]).status == status


def test_info_alone_does_not_make_up_for_what_no_rule_could_judge():
    found = rule("a", lambda *_: iter([finding(severity=Severity.INFO)]), answers=())
    assert judge(run_of(), [found, rule("b", too_short)]).status == "not-checked"


def test_a_run_without_a_curve_is_unreadable():
    assert judge(Run("r", "/r", "csv-table"), [rule("a", not_applicable)]).status == "unreadable"


def test_findings_below_the_confidence_asked_for_are_dropped():
    rules = [rule("a", lambda *_: iter([finding(0.5), finding(0.8)]))]
    every = judge(run_of(), rules).findings
    surest = max(found.confidence for found in every)
    assert len({found.confidence for found in every}) == 2
    assert [f.finding.confidence for f in judge(run_of(), rules, min_confidence=surest).findings] == [0.8]


def test_findings_are_told_worst_first_consequences_after_their_cause():
    def check(*findings):
        return lambda *_: iter(findings)

    rules = [
        rule("consequence", check(finding(0.99)), causes=("cause",)),
        rule("cause", check(finding(0.7, (5, 9)), finding(0.7, (1, 9)), finding(0.8))),
        rule("worse", check(finding(0.1)), severity=Severity.ERROR),
        rule("orphan", check(finding(0.75)), causes=("nobody",)),
    ]
    found = judge(run_of(), rules).findings
    assert [(f.rule.id, f.finding.steps[0]) for f in found] == [
        ("worse", 0), ("cause", 0), ("consequence", 0), ("orphan", 0), ("cause", 1), ("cause", 5),
    ]  # fmt: skip
    assert found == judge(run_of(), rules[::-1]).findings


def test_a_rule_is_not_applied_to_a_task_it_does_not_suit():
    run = run_of()
    run.task, run.task_evidence = "diffusion", ("there is a metric loss_q0",)
    verdict = judge(run, [replace(rule("r", fires), excluded_tasks=("diffusion",))]).verdicts["r"]
    assert verdict.outcome == "not-applicable"
    assert "loss_q0" in verdict.reason


def test_boosted_trees_get_no_verdict_about_neural_networks():
    run = run_of()
    run.task, run.task_evidence = "boosting", ("written by xgboost",)
    judgement = judge(
        run,
        [
            rule("neural", fires),
            rule("universal", fires, suits_boosting=True, answers=(), severity=Severity.INFO),
        ],
    )
    assert {name: verdict.outcome for name, verdict in judgement.verdicts.items()} == {
        "neural": "not-applicable",
        "universal": "fired",
    }
    assert judgement.status == "not-checked"


def test_points_are_counted_on_the_main_loss():
    """A longer loss of another kind does not stand in for a main loss that is too short."""
    short, long = run_of(5).all_curves[0], run_of(50).all_curves[0]
    run = Run("r", "/r", "csv-table", all_curves=[short, replace(long, tag="aux_box_loss")])
    judgement = judge(run, [rule("any", fires, needs=(Need("loss", "train", points=10),))])
    assert judgement.verdicts["any"].outcome == "insufficient-data"


def fire(name, *yields_to, severity=Severity.WARNING):
    return rule(name, fires, yields_to=yields_to, severity=severity)


@pytest.mark.parametrize(
    ("rules", "kept", "folded"),
    [
        ([fire("strong"), fire("weak", "strong")], ["strong"], [("weak", "strong")]),
        ([fire("weak", "strong")], ["weak"], []),  # deselected
        ([rule("strong", clear), fire("weak", "strong")], ["weak"], []),  # silent by its thresholds
        ([fire("weak", "middle"), fire("middle", "strong"), fire("strong")], ["strong"], [("weak", "strong"), ("middle", "strong")]),
        ([fire("weak", "middle"), rule("middle", clear, yields_to=("strong",)), fire("strong")], ["strong", "weak"], []),
    ],
)  # fmt: skip
def test_a_finding_is_folded_only_into_one_that_was_made(rules, kept, folded):
    judgement = judge(run_of(), rules)
    assert sorted(found.rule.id for found in judgement.findings) == kept
    assert [(found.rule.id, found.folded_into) for found in judgement.folded] == folded
    assert {judgement.verdicts[name].outcome for name, _ in folded} <= {"fired"}
    assert judgement.status == "warning"


INFO, ERROR = Severity.INFO, Severity.ERROR


@pytest.mark.parametrize(
    ("rules", "kept", "folded"),
    [
        ([fire("strong", severity=ERROR), fire("weak", "strong")], ["strong"], [("weak", "strong")]),
        ([fire("strong", severity=INFO), fire("weak", "strong")], ["strong", "weak"], []),
        ([fire("mild", severity=INFO), fire("strong"), fire("weak", "mild", "strong")], ["mild", "strong"], [("weak", "strong")]),
        # the end of the chain would be milder than its middle, which stays
        (
            [fire("end", severity=INFO), fire("middle", "end"), fire("weak", "middle", severity=INFO)],
            ["end", "middle"], [("weak", "middle")],
        ),
    ],
)  # fmt: skip
def test_a_finding_is_folded_only_into_one_as_severe(rules, kept, folded):
    judgement = judge(run_of(), rules)
    assert sorted(found.rule.id for found in judgement.findings) == kept
    assert [(found.rule.id, found.folded_into) for found in judgement.folded] == folded


def test_the_gravest_finding_of_a_rule_decides_what_it_folds():
    def twice(run, limits):
        for severity in (INFO, ERROR, INFO):
            yield from (replace(found, severity=severity) for found in fires(run, limits))

    judgement = judge(run_of(), [rule("strong", twice), fire("weak", "strong")])
    assert [(found.rule.id, found.folded_into) for found in judgement.folded] == [("weak", "strong")]

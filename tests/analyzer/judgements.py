"""Judgements for tests of the report, made by hand so that they need no rule and no log."""

import numpy as np

from trainlint.analyzer.judging.judgement import Judgement, RuleFinding, Verdict
from trainlint.parsers.run import Curve, Meaning, Note, Run, Source
from trainlint.rules.base import Finding, Rule, Severity
from trainlint.rules.thresholds import NoLimits
from trainlint.rules.view.run_view import RunView

HOSTILE = "</script><img src=x onerror=alert(1)>"
DOC = """Something went wrong.

## What it finds
A rise.

## Why it matters
The best checkpoint is long past & `compute` was spent.

## How it is detected
With statistics:

- noise first
- then the rise

## When it is a false alarm
With strong label smoothing.

## What to do
- Stop early.
"""


def rule(rule_id="overfitting", failure_title="Overfits", severity=Severity.ERROR, title="Does not overfit"):
    return Rule(
        rule_id, "generalization", severity, (), "0.1.0", title, failure_title, DOC, lambda *_: iter(()), NoLimits()
    )


def meaning(role="loss", split="train", direction="lower", layer=""):
    return Meaning(role, split, layer, direction, "the tag says so")


def losses(points=1_000, gap=10):
    """Training loss that falls, validation loss that turns at a third of the run."""
    step = np.arange(points) * gap
    share = np.linspace(0, 1, points)
    noise = np.random.default_rng(0).normal(0, 0.02, points)
    clock = {"wall_time": 1.7e9 + step * 0.5, "epoch": step / 100}
    return [
        Curve.build("train/loss", step, 2 * np.exp(-5 * share) + 0.1 + noise, meaning=meaning(), **clock),
        Curve.build(
            "val/loss", step, 2 * np.exp(-9 * share) + 0.3 + share**2, meaning=meaning(split="validation"), **clock
        ),
    ]


def run(curves=None, name="sweep/run-1", **others):
    return Run(name, f"/data/{name}", "tensorboard", "PyTorch", losses() if curves is None else curves, **others)


def finding(metric="val/loss", steps=(3_000, 9_990), **others):
    values = {"evidence": {"best_value": 0.339, "best_step": 3000, "rise_share": 0.8}, "remedies": ("Stop earlier.",)}
    return Finding("val/loss rose by 80%.", 0.97, metric, steps, **(values | others))


def judgement(judged=None, findings=None, verdicts=None, status="error"):
    """One fired, one clear, one rule that could not run, unless told otherwise."""
    found = [RuleFinding(rule(), finding())] if findings is None else findings
    return Judgement(
        RunView(judged or run()),
        tuple(found),
        {
            "overfitting": Verdict("fired"),
            "divergence": Verdict("clear"),
            "vanishing-gradients": Verdict("not-applicable", "no gradient norm of 2 or more layers is logged"),
        }
        if verdicts is None
        else verdicts,
        status,
        applicable=3,
    )


def healthy(**others):
    verdicts = {
        "overfitting": Verdict("clear"),
        "divergence": Verdict("clear"),
        "plateau": Verdict("not-applicable", "x"),
    }
    return judgement(findings=[], verdicts=verdicts, status="clear", **others)


def hostile():
    """Every text of a run, a finding and a verdict tries to break out."""
    odd = ["\u202egnp.exe\x00", "x" * 10_000, "__proto__", "'\"`{{7*7}}", "\udcff"]
    curves = [Curve.build(tag, range(9), range(9), meaning=meaning()) for tag in (HOSTILE, *odd)]
    judged = Run(
        HOSTILE, HOSTILE, HOSTILE, HOSTILE, curves, {HOSTILE: HOSTILE},
        [Source(HOSTILE, HOSTILE, 7)], [Note(HOSTILE, HOSTILE, HOSTILE)],
    )  # fmt: skip
    found = RuleFinding(rule(), Finding(HOSTILE, 0.5, HOSTILE, (1, 3), {HOSTILE: 1.0}, remedies=(HOSTILE,)))
    return judgement(judged, [found], {"overfitting": Verdict("fired"), HOSTILE: Verdict("failed", HOSTILE)})


NO_FINDINGS = {"findings": 0, "expected_false": 0.0, "chance": 0, "failed": {}, "notes": []}  # a batch without any

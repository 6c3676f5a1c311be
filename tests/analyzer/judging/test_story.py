"""Findings of one run are told as a story: first causes, each followed by what came of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trainlint.analyzer.judging.judgement import RuleFinding
from trainlint.analyzer.judging.onset import Onset
from trainlint.analyzer.judging.story import ordered_by_cause
from trainlint.parsers.run import Curve, Meaning, Run
from trainlint.rules.base import Finding, Need, Rule, Severity
from trainlint.rules.thresholds import NoLimits
from trainlint.rules.view.run_view import RunView

VIEW = RunView(
    Run("r", "r", "test", all_curves=[
        Curve.build("steps", range(1000), np.ones(1000)),
        Curve.build("epochs", range(10), np.ones(10), axis="epoch"),
        replace(Curve.build("train/loss", range(1000), np.ones(1000)), meaning=Meaning("loss", "train", "", "lower", "")),
        replace(Curve.build("val/loss", range(1000), np.ones(1000)), meaning=Meaning("loss", "validation", "", "lower", "")),
    ])
)  # fmt: skip


def found(name, severity, start, *causes, metric="steps", confidence=0.9, onset=None, needs=()):
    rule = Rule(
        name,
        "optimization",
        severity,
        needs,
        "0.1.0",
        "fine",
        "not fine",
        "Doc.",
        lambda *_: iter(()),
        NoLimits(),
        causes=causes,
    )
    seen = None if onset is None else Onset(onset, 0, 0.0, None)
    return RuleFinding(rule, Finding("it is so", confidence, metric, (start, start + 1)), "", seen)


INFO, WARNING, ERROR = Severity
EVALUATED = (Need("loss", "validation"),)
CASES = {
    "a spike that killed units that caused the plateau": (
        [found("plateau", WARNING, 600, "dead", "spike"), found("dead", WARNING, 500, "spike"), found("spike", WARNING, 400)],
        [("spike", ""), ("dead", "spike"), ("plateau", "dead")],
    ),
    "the first cause leads although its consequence is graver": (
        [found("divergence", ERROR, 500, "spike"), found("spike", WARNING, 480), found("other", ERROR, 0, confidence=0.5)],
        [("other", ""), ("spike", ""), ("divergence", "spike")],
    ),
    "what begins later explains nothing": (
        [found("divergence", ERROR, 100, "spike"), found("spike", WARNING, 900)],
        [("divergence", ""), ("spike", "")],
    ),
    "a state that lasts is seen late, and may come from one that was seen before": (
        [found("plateau", WARNING, 50, "stuck", onset=800), found("stuck", WARNING, 500, onset=300)],
        [("stuck", ""), ("plateau", "stuck")],
    ),
    "of two that name each other the earlier is the cause": (
        [found("late", ERROR, 500, "early"), found("early", ERROR, 450, "late")],
        [("early", ""), ("late", "early")],
    ),
    "a remark does not explain an error": (
        [found("divergence", ERROR, 500, "hint"), found("hint", INFO, 0)],
        [("divergence", ""), ("hint", "")],
    ),
    "epochs and steps are compared as shares of the run": (
        [found("effect", WARNING, 5, "cause", metric="epochs"), found("cause", WARNING, 400)],
        [("cause", ""), ("effect", "cause")],
    ),
    "evaluations that stand still explain a validation loss": (
        [found("stuck", ERROR, 500, "frozen", metric="val/loss"), found("frozen", ERROR, 0, metric="val/loss", needs=EVALUATED)],
        [("frozen", ""), ("stuck", "frozen")],
    ),
    "but no training loss": (
        [found("stuck", ERROR, 500, "frozen", metric="train/loss"), found("frozen", ERROR, 0, metric="val/loss", needs=EVALUATED)],
        [("frozen", ""), ("stuck", "")],
    ),
    "several consequences in order of time": (
        [found("b", WARNING, 700, "root"), found("a", ERROR, 800, "root"), found("root", WARNING, 100)],
        [("root", ""), ("b", "root"), ("a", "root")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("findings", "expected"), CASES.values(), ids=CASES)
def test_story(findings, expected):
    for order in (findings, findings[::-1]):
        assert [(f.rule.id, f.caused_by) for f in ordered_by_cause(order, VIEW)] == expected


def test_a_ring_of_causes_has_a_beginning():
    ring = [found("a", WARNING, 0, "c"), found("b", WARNING, 0, "a"), found("c", WARNING, 0, "b")]
    story = ordered_by_cause(ring, VIEW)
    assert len(story) == 3
    assert [f.caused_by for f in story].count("") == 1

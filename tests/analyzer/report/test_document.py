import json
import math

import numpy as np
import pytest

from trainlint.analyzer.across.document import SCHEMA, document
from trainlint.analyzer.judging.judgement import Judgement, RuleFinding, Verdict
from trainlint.analyzer.report.document import duration, metric_entry, run_entry
from trainlint.analyzer.report.json_text import scalar
from trainlint.parsers.run import Curve, Meaning, Note, Run
from trainlint.rules.base import Finding, Rule, Severity
from trainlint.rules.thresholds import NoLimits
from trainlint.rules.view.run_view import RunView

RULE = Rule(
    "loss-spike",
    "optimization",
    Severity.WARNING,
    (),
    "0.1.0",
    "fine",
    "Training loss spikes",
    "",
    lambda *_: iter(()),
    NoLimits(),
)
RUN_KEYS = {
    "run", "title", "path", "format", "framework", "task", "task_evidence", "status", "metrics", "hyperparameters", "duration_s", "headline", "findings", "folded",
    "outcomes", "reasons", "notes", "questions", "rules", "record",
}  # fmt: skip
METRIC_KEYS = {
    "tag", "role", "split", "layer", "direction", "reason", "axis", "points", "first_step", "last_step", "min", "max", "last",
    "non_finite",
}  # fmt: skip
FINDING_KEYS = {
    "rule", "severity", "confidence", "cause_confidence", "title", "message", "metric", "steps", "evidence", "causes", "caused_by",
    "detectable_from", "remedies", "fingerprint",
}  # fmt: skip


def finding(metric="loss", **fields):
    return RuleFinding(RULE, Finding("it is so", 0.9, metric, (np.int64(3), np.int64(5)), **fields))


def entry(*findings, name="r", curves=(), **fields):
    run = Run(name, "/logs/r", "csv-table", all_curves=list(curves), **fields)
    return run_entry(
        Judgement(RunView(run), findings, {"loss-spike": Verdict("fired"), "plateau": Verdict("clear", "")}, "warning")
    )


def strict(value):
    return json.loads(json.dumps(value, allow_nan=False))


def test_the_keys_of_the_schema():
    curve = Curve.build("loss", [0, 1], [2.0, 1.0], meaning=Meaning("loss", "train"))
    whole = strict(
        document("/logs", "0.1.0", [entry(finding(), curves=[curve], notes=[Note("a", "line 1", "odd")])], [])
    )
    assert set(whole) == {
        "schema", "version", "root", "configuration", "runs", "comparisons", "batch", "insights", "studies", "unreadable",
    }  # fmt: skip
    assert whole["schema"] == SCHEMA == "trainlint-report/1"
    (run,) = whole["runs"]
    assert set(run) == RUN_KEYS
    assert set(run["metrics"][0]) == METRIC_KEYS
    assert set(run["findings"][0]) == FINDING_KEYS
    assert run["notes"] == [{"path": "a", "where": "line 1", "message": "odd"}]
    assert run["outcomes"] == {"loss-spike": "fired", "plateau": "clear"}
    assert run["findings"][0]["steps"] == [3, 5]


def test_runs_and_files_are_sorted():
    whole = document(
        "/", "1", [entry(name="b"), entry(name="a")], [{"path": "z", "reason": ""}, {"path": "y", "reason": ""}]
    )
    assert [run["run"] for run in whole["runs"]] == ["a", "b"]
    assert [item["path"] for item in whole["unreadable"]] == ["y", "z"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0, 1.0, 2.0], {"points": 3, "min": 1.0, "max": 3.0, "last": 2.0, "non_finite": 0}),
        ([3.0, np.nan, np.inf], {"points": 3, "min": 3.0, "max": 3.0, "last": 3.0, "non_finite": 2}),
        ([np.nan], {"points": 1, "min": None, "max": None, "last": None, "non_finite": 1, "first_step": 0}),
        ([], {"points": 0, "min": None, "last": None, "non_finite": 0, "first_step": None, "last_step": None}),
    ],
)
def test_a_metric_is_told_by_its_finite_values(values, expected):
    told = strict(metric_entry(Curve.build("loss", range(len(values)), values)))
    assert {key: told[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf"), (1.5, 1.5), (None, None), ("nan", "nan"), (True, True),
        (np.float64("nan"), "nan"), (np.float32(0.5), 0.5), (np.int64(3), 3),
    ],
)  # fmt: skip
def test_json_has_no_nan(value, told):
    assert strict(scalar(value)) == told


def test_no_number_in_a_report_breaks_its_json():
    run = entry(
        finding(evidence={"a": math.nan, "b": np.float32(math.inf), "c": np.int64(1)}),
        curves=[Curve.build("loss", [0, 1], [math.nan, math.inf], wall_time=[math.inf, 3.0])],
        hyperparameters={"lr": math.nan, "n": np.int64(4)},
    )
    told = strict(document("/", "1", [run], []))
    assert told["runs"][0]["findings"][0]["evidence"] == {"a": "nan", "b": "inf", "c": 1.0}
    assert told["runs"][0]["duration_s"] == 0.0


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        ([[1.0, 5.0], [3.0, 9.0]], 8.0),
        ([[np.nan, 5.0], []], 0.0),
        ([[np.nan]], None),
        ([], None),
        ([[1.0, np.inf]], 0.0),
    ],
)
def test_duration(times, seconds):
    curves = [Curve.build("a", range(len(t)), [0.0] * len(t), wall_time=t) for t in times]
    assert entry(curves=curves)["duration_s"] == seconds
    assert math.isnan(duration(curves)) == (seconds is None)


def fingerprints(*findings, name="r"):
    return [f["fingerprint"] for f in entry(*findings, name=name)["findings"]]


def test_a_fingerprint_is_of_rule_run_and_metric():
    (first,) = fingerprints(finding())
    assert first == "72dd64017ad522e9"  # stays over versions: baselines hang on it
    assert fingerprints(finding(evidence={"a": 1.0}, remedies=("other",))) == [first]
    assert fingerprints(finding("val_loss")) != [first]
    assert fingerprints(finding(), name="s") != [first]


def test_fingerprints_are_unique_within_a_run():
    several = fingerprints(finding(), finding(), finding("val_loss"))
    assert len(set(several)) == 3
    assert several[0] == fingerprints(finding())[0]


def test_names_that_are_no_unicode_have_a_fingerprint():
    assert fingerprints(finding("\ud800\udcff"), name="\udcff")

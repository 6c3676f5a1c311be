"""The report in Python: a dict as in report.json, with views, and all that the command line can do."""

import html.parser
import json
import pickle
from pathlib import Path

import pytest

import trainlint
from trainlint.analyzer.result import AuditedRun, AuditResult

from .command_line import elsewhere  # noqa: F401  (a fixture)
from .outputs.reports import HOSTILE, STORY, document, entry, hostile_report
from .report.test_baseline import call, logs  # noqa: F401  (a fixture)


def result(runs=None):
    whole = [entry("ill", STORY), entry("well", status="clear")] if runs is None else runs
    return AuditResult(document("/logs", "0.1.0", whole, []))


def test_it_is_the_dict_of_report_json():
    report = result()
    assert report["schema"] == "trainlint-report/1"
    assert json.loads(json.dumps(report)) == json.loads(report.render("json"))


def test_it_survives_pickling():
    report = result()
    again = pickle.loads(pickle.dumps(report))
    assert (again, type(again)) == (report, AuditResult)
    assert pickle.loads(pickle.dumps(report.runs[0])) == report.runs[0]


def test_runs_and_findings():
    report = result()
    assert [(run.name, run.status) for run in report.runs] == [("ill", "error"), ("well", "clear")]
    assert report.findings["rule"].tolist() == ["divergence", "oscillation", "plateau"]
    assert report.findings["caused_by"].tolist()[1] == "divergence"
    assert report.runs[0].findings.equals(report.findings)
    assert report.runs[1].findings.empty


def test_no_finding_has_the_same_columns():
    empty, full = result([]).findings, result().findings
    assert empty.empty
    assert list(empty.columns) == list(full.columns)
    assert str(empty["detectable_from"].dtype) == str(full["detectable_from"].dtype) == "Int64"


def test_failing_is_what_fail_on_counts():
    report = result()
    assert [len(report.failing(severity)) for severity in ("error", "warning", "info")] == [1, 2, 3]
    report["runs"][0]["findings"][0]["suppressed"] = True
    assert report.failing() == []
    with pytest.raises(ValueError):
        report.failing("fatal")


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.open = set(), []

    def handle_starttag(self, tag, attrs):
        self.found |= {(tag, name) for name, _ in attrs} | {(tag, "")}
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


ALLOWED = {(tag, "") for tag in ("div", "p", "b", "br", "details", "summary")}
ALLOWED |= {("details", "open"), ("div", "style"), ("b", "style")}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_notebook_shows_text_only(case):
    report = AuditResult(hostile_report(HOSTILE[case]))
    for shown in (report._repr_html_(), *(run._repr_html_() for run in report.runs)):
        tags = Tags()
        tags.feed(shown)
        assert tags.found <= ALLOWED
        assert tags.open == []
        assert shown.isprintable()
        assert len(shown) < 30_000


def test_a_notebook_shows_the_verdicts():
    shown = result()._repr_html_()
    for words in ("judged 2 of 2 runs", "follows from divergence", "detectable from step 10", "→ do this"):
        assert words in shown
    assert "no finding" in result().runs[1]._repr_html_()
    many = result([entry(f"{i:03}", STORY) for i in range(30)])
    assert "10 more runs with findings" in many._repr_html_()


def test_the_library_does_what_the_command_line_does(logs):  # noqa: F811
    options = {"select": ["overfitting", "numeric"], "min_confidence": 0.5, "exclude": ["good"]}
    report = trainlint.audit(logs, **options, report="out")
    flags = ["-s", "overfitting", "-s", "numeric", "--min-confidence", "0.5", "--exclude", "good"]
    assert isinstance(report, trainlint.AuditResult)
    assert isinstance(report.runs[0], trainlint.AuditedRun)
    assert report.render("json") == call("audit", logs, *flags, "-f", "json").stdout
    assert Path("out/index.html").exists()
    assert json.loads(Path("out/report.json").read_text()) == report
    report.write_baseline("known.json")
    assert trainlint.audit(logs, **options, baseline="known.json").failing("info") == []


def test_metrics_can_be_named(tmp_path):
    (tmp_path / "log.csv").write_text("step,wibble\n" + "".join(f"{i},{9 - i}\n" for i in range(9)))
    (run,) = trainlint.audit(tmp_path, metrics={"wib*": "loss:validation"}).runs
    assert (run["metrics"][0]["role"], run["metrics"][0]["split"]) == ("loss", "validation")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"select": ["overfiting"]}, "did you mean 'overfitting'"),
        ({"metrics": {"x": "los"}}, "did you mean 'loss'"),
        ({"baseline": "gone.json"}, "gone.json"),
    ],
)
def test_wrong_arguments_are_value_errors(logs, options, message):  # noqa: F811
    with pytest.raises(ValueError, match=message):
        trainlint.audit(logs, **options)


def test_explain():
    assert "When it is a false alarm" in trainlint.explain("overfitting")
    with pytest.raises(ValueError, match="did you mean 'overfitting'"):
        trainlint.explain("overfiting")


def test_the_package_names_what_it_has():
    assert all(hasattr(trainlint, name) for name in trainlint.__all__)
    assert trainlint.AuditedRun is AuditedRun
    with pytest.raises(AttributeError, match="nonsense"):
        _ = trainlint.nonsense

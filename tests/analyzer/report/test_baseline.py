"""Accepted findings: known by run, rule and metric, shown, and not counted."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from trainlint.analyzer.cli import cli
from trainlint.analyzer.report.baseline import Baseline, baseline_text, identity_of
from trainlint.rules.base import Severity

from ..command_line import HEALTHY, OVERFIT, elsewhere, log  # noqa: F401  (a fixture)


def call(*arguments):
    return CliRunner().invoke(cli, [str(a) for a in arguments])


@pytest.fixture
def logs(tmp_path):
    log(tmp_path / "logs" / "good")
    log(tmp_path / "logs" / "overfit", validation=OVERFIT, points=50)
    return tmp_path / "logs"


def test_what_was_accepted_does_not_fail_again(logs):
    assert call("audit", logs, "--no-report", "--fail-on", "warning", "--write-baseline", "known.json").exit_code == 1
    accepted = call("audit", logs, "--no-report", "--fail-on", "info", "--baseline", "known.json")
    assert accepted.exit_code == 0
    assert "accepted in the baseline" in accepted.output
    assert "1 with errors, 1 clear; 0 not checked, 0 unreadable; 1 of 1 finding accepted" in accepted.output


def test_a_log_that_grows_keeps_its_accepted_findings(logs):
    call("audit", logs, "--no-report", "--write-baseline", "known.json")
    before = json.loads(call("audit", logs, "-f", "json").output)["runs"][1]["findings"][0]
    log(logs / "overfit", validation=OVERFIT, points=60)
    process = call("audit", logs, "-f", "json", "--fail-on", "info", "--baseline", "known.json")
    after = json.loads(process.output)["runs"][1]["findings"][0]
    assert process.exit_code == 0
    assert after["message"] != before["message"]
    assert after["suppressed"] is True


def test_something_new_fails(logs):
    call("audit", logs, "--no-report", "--write-baseline", "known.json")
    log(logs / "good", validation=OVERFIT)
    process = call("audit", logs, "-f", "json", "--fail-on", "warning", "--baseline", "known.json")
    assert process.exit_code == 1
    runs = json.loads(process.output)["runs"]
    assert [[f["suppressed"] for f in run["findings"]] for run in runs] == [[False], [True]]


@pytest.mark.parametrize(
    ("accepted", "found", "is_accepted"),
    [("warning", "error", False), ("error", "error", True), ("error", "warning", True), ("info", "warning", False)],
)
def test_what_became_graver_is_new(accepted, found, is_accepted):
    baseline = Baseline({("a", "r", "loss"): accepted}, {})
    graver = SimpleNamespace(
        rule=SimpleNamespace(id="r", formerly=""),
        finding=SimpleNamespace(metric="loss"),
        severity=Severity[found.upper()],
    )
    assert baseline.accepts(SimpleNamespace(name="a", path="/runs/a", sources=[]), graver) is is_accepted


def test_of_findings_with_one_name_the_gravest_is_accepted():
    runs = [
        {
            "run": "a",
            "path": "/runs/a",
            "findings": [{"rule": "r", "metric": "m", "severity": s} for s in ("error", "info", "warning")],
        }
    ]
    (written,) = json.loads(baseline_text(runs))["findings"]
    assert written["severity"] == "error"


def test_what_is_no_more_is_said(logs):
    call("audit", logs, "--no-report", "--write-baseline", "known.json")
    log(logs / "overfit", validation=HEALTHY)
    told = "1 finding of the baseline no longer found"
    assert told in call("audit", logs, "--no-report", "--baseline", "known.json").output
    assert told not in call("audit", logs / "good", "--no-report", "--baseline", "known.json").output


def test_the_file_is_sorted_and_the_same_every_time(logs):
    log(logs / "aaa", validation=OVERFIT)
    texts = []
    for _ in range(2):
        call("audit", logs, "--no-report", "--write-baseline", "known.json")
        texts.append(Path("known.json").read_text())
    assert texts[0] == texts[1]
    written = json.loads(texts[0])
    assert written["schema"] == "trainlint-baseline/2"
    assert written["findings"] == [
        {"run": name, "file": "metrics.csv", "rule": "overfitting", "metric": "val_loss", "severity": "error"}
        for name in ("aaa", "overfit")
    ]


def test_a_baseline_may_be_read_and_written_at_once(logs):
    call("audit", logs, "--no-report", "--write-baseline", "known.json")
    first = Path("known.json").read_text()
    call("audit", logs, "--no-report", "--baseline", "known.json", "--write-baseline", "known.json")
    assert Path("known.json").read_text() == first


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        "[]",
        "{}",
        '{"schema": "trainlint-baseline/9", "findings": []}',
        '{"schema": "trainlint-baseline/2"}',
        '{"schema": "trainlint-baseline/2", "findings": [1]}',
        '{"schema": "trainlint-baseline/2", "findings": [{"run": "a", "rule": 1, "metric": "x"}]}',
        '{"schema": "trainlint-baseline/2", "findings": [{"run": "a", "rule": "r", "metric": "x", "severity": "odd"}]}',
        "[" * 100_000,
        "\x00\xff",
    ],
)
def test_what_is_no_baseline_is_refused(logs, content):
    if content is not None:
        Path("known.json").write_text(content, encoding="latin-1")
    process = call("audit", logs, "--no-report", "--baseline", "known.json")
    assert process.exit_code == 2
    assert "known.json" in process.output


def test_hostile_names_survive_a_round_trip():
    names = ["\udcff", "\x1b[2J", "a\nb", "x" * 10_000, "\u202e"]
    runs = [
        {"run": name, "path": f"/runs/{name}", "findings": [{"rule": "r", "metric": name, "severity": "error"}]}
        for name in names
    ]
    written = json.loads(baseline_text(runs))["findings"]
    assert {item["run"] for item in written} == set(names)
    baseline = Baseline({identity_of(run, run["findings"][0]): "error" for run in runs}, {"a": "x" * 10_000})
    for run in runs:
        found = SimpleNamespace(
            rule=SimpleNamespace(id="r", formerly=""),
            finding=SimpleNamespace(metric=run["run"]),
            severity=Severity.ERROR,
        )
        read = SimpleNamespace(name=run["run"], path=run["path"], sources=[])
        assert baseline.accepts(read, found)
        for other in ("another", "a"):  # "a" is known by a file with a name that no file system takes
            assert not baseline.accepts(SimpleNamespace(name=other, path="/runs/x", sources=[]), found)


def test_pages_show_what_is_accepted_and_count_it(logs):
    call("audit", logs, "--no-report", "--write-baseline", "known.json")
    log(logs / "another", validation=OVERFIT)
    call("audit", logs, "--baseline", "known.json", "--report", "report")
    index = Path("report/index.html").read_text()
    assert "1 of 2 findings accepted in the baseline." in index
    assert '<span class="tag is-accepted">overfitting (accepted)</span>' in index
    assert '<span class="tag is-error">overfitting</span>' in index
    assert "(1 accepted)" in index
    known, new = (next(Path("report/runs").glob(f"{name}*")).read_text() for name in ("overfit", "another"))
    for page, count in ((known, 1), (new, 0)):
        assert page.count('class="card finding is-known"') == count
        assert page.count("Accepted in the baseline</span>") == count
        assert page.count("Accepted in the baseline.") == count  # in the text for the clipboard
    assert "<dt>Baseline</dt><dd>accepts 1 finding</dd>" in known
    assert "<dt>Baseline</dt><dd>accepts 0 findings</dd>" in new

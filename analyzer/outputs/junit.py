"""JUnit XML: a suite is a run, a case is a rule.

A finding that is a warning or an error fails its case; an info does not. A rule that could not judge is skipped with the
reason, and so is one whose findings are accepted in the baseline. A rule that broke, and a log that could not be read,
are errors. Characters that XML forbids, and what cannot be seen, are written as escapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from ..report.config_notice import sentence_of
from ..report.entries import early_of, is_accepted, place_of, shown, span_of
from .base import Output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TEXT_LIMIT = 4000  # characters
KINDS = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def _head(version: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name={quoteattr("trainlint " + version)}>\n'


def _suite(run: dict[str, Any]) -> str:
    if run["status"] == "unreadable":  # skipped cases alone would look like a pass
        reason = "; ".join(note["message"] for note in run["notes"]) or "holds no metric"
        cases = [_element("testcase", _element("error", message=reason), name="read", classname=run["run"])]
    else:
        cases = [_case(rule, outcome, run) for rule, outcome in run["outcomes"].items()]
    if run["status"] == "not-checked":  # what a log is like can be clear where nothing is known of the training
        reason = "not checked: no rule could judge the training, or one failed"
        cases.append(_element("testcase", _element("skipped", message=reason), name="training", classname=run["run"]))
    counts = {kind: str(sum(f"<{tag} " in case for case in cases)) for kind, tag in KINDS.items()}
    body = "\n" + "\n".join(cases) + "\n"
    return (
        _element("testsuite", body, name=run["run"], tests=str(len(cases)), **counts, file=place_of(run["path"])) + "\n"
    )


def _case(rule: str, outcome: str, run: dict[str, Any]) -> str:
    reason = run["reasons"].get(rule, outcome)
    findings = [finding for finding in run["findings"] if finding["rule"] == rule]
    faults = [f for f in findings if f["severity"] != "info" and not is_accepted(f)]
    if outcome == "failed":
        inner = _element("error", message=reason)
    elif faults:
        worst = max((f["severity"] for f in faults), key=("warning", "error").index)
        inner = _element("failure", _told(findings, run), message=faults[0]["message"], type=worst)
    elif any(is_accepted(finding) for finding in findings):
        inner = _element("skipped", message="accepted in the baseline: " + findings[0]["message"])
    elif findings:
        inner = _element("system-out", _told(findings, run))
    else:
        inner = "" if outcome in ("clear", "fired") else _element("skipped", message=f"{outcome}: {reason}")
    return _element("testcase", inner, name=rule, classname=run["run"])


def _told(findings: list[dict[str, Any]], run: dict[str, Any]) -> str:
    lines: list[str] = []
    for finding in findings:
        known = ", accepted in the baseline" if is_accepted(finding) else ""
        lines.append(
            f"{finding['severity']} {finding['confidence']:.2f}{known}, {span_of(finding, run)}: {finding['message']}"
        )
        lines += filter(None, [early_of(finding, run)])
        lines += [f"follows from {finding['caused_by']}"] if finding["caused_by"] else []
        lines += [f"-> {remedy}" for remedy in finding["remedies"]]
    return "\n".join(escape(shown(line, TEXT_LIMIT)) for line in lines)


def _tail(report: Mapping[str, Any]) -> Iterator[str]:
    configured = sentence_of(report["configuration"])
    if configured:
        case = _element("testcase", _element("skipped", message=configured), name="file", classname="configuration")
        yield _element("testsuite", f"\n{case}\n", name="configuration", tests="1", skipped="1") + "\n"
    failed = report["batch"].get("failed", {})
    if failed:
        cases = [
            _element("testcase", _element("error", message=reason), name=rule, classname="between runs")
            for rule, reason in failed.items()
        ]
        yield _suite_of_errors("between runs", cases)
    told = [run for run in report["runs"] if run["status"] == "unreadable"]
    known = {run["notes"][0]["path"] if run["notes"] else run["run"] for run in told}
    lost = [item for item in report["unreadable"] if item["path"] not in known]
    if lost:
        cases = [
            _element("testcase", _element("error", message=item["reason"]), name=item["path"] or ".", classname="files")
            for item in lost
        ]
        yield _suite_of_errors("unreadable files", cases)
    yield "</testsuites>\n"


def _suite_of_errors(name: str, cases: list[str]) -> str:
    body = "\n" + "\n".join(cases) + "\n"
    return _element("testsuite", body, name=name, tests=str(len(cases)), errors=str(len(cases))) + "\n"


def _element(tag: str, inner: str = "", /, **attributes: str) -> str:
    """An element; `inner` is XML already, attributes are any text."""
    listed = "".join(f" {key}={quoteattr(shown(value, TEXT_LIMIT))}" for key, value in attributes.items())
    return f"<{tag}{listed}>{inner}</{tag}>" if inner else f"<{tag}{listed}/>"


OUTPUT = Output("junit", _tail, run=_suite, head=_head)

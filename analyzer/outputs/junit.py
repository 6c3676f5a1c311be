"""JUnit XML: one suite per run, one case per rule.

Warnings and errors fail their case; infos do not. A rule whose findings the baseline accepts is skipped with the reason,
and on request so is one that could not judge; their number is a property of the suite. A rule that failed and a log that
could not be read are errors. The time of a suite is the duration of the training. Characters that XML forbids and
invisible ones are escaped.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from ..report import not_checked
from ..report.config_notice import sentence_of
from ..report.entries import early_of, is_accepted, judged_rules, place_of, shown, span_of
from .base import Output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...rules.base import Outcome
    from ..report.schema import FindingEntry, Report, RunEntry

TEXT_LIMIT = 4000  # characters
KINDS = {
    "failures": "failure",
    "errors": "error",
    "skipped": "skipped",
}  # counters of a suite by the element that they count
UNJUDGED = ("insufficient-data", "not-applicable")  # outcomes of rules that could not decide
END = "</testsuites>"


def _head(version: str) -> str:
    """The text before the first suite: suites are written as soon as their runs are judged, `_tail` closes the element."""
    root = _element("testsuites", "\n", name=f"trainlint {version}")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_written(root).removesuffix(END)}'


def _suite_of_run(run: RunEntry, *, with_skips: bool = False) -> str:
    if run["status"] == "unreadable":  # a suite of skipped cases would look like a pass
        reason = "; ".join(note["message"] for note in run["notes"]) or "contains no metric"
        cases = [_case("read", run["run"], _element("error", message=reason))]
    else:
        outcomes = [(r, o) for r, o in run["outcomes"].items() if with_skips or o not in UNJUDGED]
        cases = [_case_of_rule(rule, outcome, run) for rule, outcome in outcomes]
    if run["status"] == "not-checked":  # a rule about the log can be clear although no rule could judge the training
        reason = f"not checked: {not_checked.of_entry(run).reason}"
        cases.append(_case("training", run["run"], _element("skipped", message=reason)))
    counts = {kind: str(sum(case.find(tag) is not None for case in cases)) for kind, tag in KINDS.items()}
    seconds = run["duration_s"]
    times = {} if seconds is None else {"time": f"{seconds:.3f}"}
    return _suite(run["run"], cases, {"rules": judged_rules(run)}, **counts, **times, file=place_of(run["path"]))


def _case_of_rule(rule: str, outcome: Outcome, run: RunEntry) -> Element:
    reason = run["reasons"].get(rule, outcome)
    findings = [finding for finding in run["findings"] if finding["rule"] == rule]
    faults = [f for f in findings if f["severity"] != "info" and not is_accepted(f)]
    inner: Element | None = None
    if outcome == "failed":
        inner = _element("error", message=reason)
    elif faults:
        worst = max((f["severity"] for f in faults), key=("warning", "error").index)
        inner = _element("failure", _finding_text(findings, run), message=faults[0]["message"], type=worst)
    elif any(is_accepted(finding) for finding in findings):
        inner = _element("skipped", message="accepted in the baseline: " + findings[0]["message"])
    elif findings:
        inner = _element("system-out", _finding_text(findings, run))
    elif outcome not in ("clear", "fired"):
        inner = _element("skipped", message=f"{outcome}: {reason}")
    return _case(rule, run["run"], inner)


def _finding_text(findings: Sequence[FindingEntry], run: RunEntry) -> str:
    lines: list[str] = []
    for finding in findings:
        known = ", accepted in the baseline" if is_accepted(finding) else ""
        lines.append(
            f"{finding['severity']} {finding['confidence']:.2f}{known}, {span_of(finding, run)}: {finding['message']}"
        )
        lines += filter(None, [early_of(finding, run)])
        lines += [f"follows from {finding['caused_by']}"] if finding["caused_by"] else []
        lines += [f"-> {remedy}" for remedy in finding["remedies"]]
    return "\n".join(shown(line, TEXT_LIMIT) for line in lines)


def _tail(report: Report) -> Iterator[str]:
    configured = sentence_of(report["configuration"])
    if configured:
        case = _case("file", "configuration", _element("skipped", message=configured))
        yield _suite("configuration", [case], skipped="1")
    failed = report["batch"]["failed"]
    if failed:
        yield _suite_of_errors("between runs", [(rule, "between runs", reason) for rule, reason in failed.items()])
    unreadable = [run for run in report["runs"] if run["status"] == "unreadable"]
    known = {run["notes"][0]["path"] if run["notes"] else run["run"] for run in unreadable}
    lost = [item for item in report["unreadable"] if item["path"] not in known]
    if lost:
        yield _suite_of_errors("unreadable files", [(item["path"] or ".", "files", item["reason"]) for item in lost])
    yield f"{END}\n"


def _suite_of_errors(name: str, errors: Sequence[tuple[str, str, str]]) -> str:
    """A suite of errors, each (name of the case, class, message)."""
    cases = [_case(case, kind, _element("error", message=message)) for case, kind, message in errors]
    return _suite(name, cases, errors=str(len(cases)))


def _suite(name: str, cases: Sequence[Element], properties: Mapping[str, str] | None = None, **attributes: str) -> str:
    """A suite as text, one case per line."""
    suite = _element("testsuite", "\n", name=name, tests=str(len(cases)), **attributes)
    if properties:
        listed = SubElement(suite, "properties")
        listed.extend(_element("property", name=key, value=value) for key, value in properties.items())
        listed.tail = "\n"
    for case in cases:
        case.tail = "\n"
        suite.append(case)
    return _written(suite) + "\n"


def _case(name: str, kind: str, inner: Element | None) -> Element:
    case = _element("testcase", name=name, classname=kind)
    if inner is not None:
        case.append(inner)
    return case


def _element(tag: str, text: str = "", /, **attributes: str) -> Element:
    element = Element(tag, {key: shown(value, TEXT_LIMIT) for key, value in attributes.items()})
    element.text = text
    return element


def _written(element: Element) -> str:
    return tostring(element, encoding="unicode")


OUTPUT = Output("junit", _tail, run=_suite_of_run, head=_head)
WITH_SKIPS = Output("junit", _tail, run=partial(_suite_of_run, with_skips=True), head=_head)

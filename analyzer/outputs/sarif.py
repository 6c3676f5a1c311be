"""SARIF 2.1.0, the format of code scanning and editors (OASIS standard, March 2020).

One result per finding. Its location is the log file, relative to the current folder; run and metric are logical
locations. The rank is the confidence in percent. A finding that the baseline accepts has a suppression, any other is
new. Files that could not be read and runs that could not be judged are notifications of the invocation.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from ...rules.registry import ALL_RULES
from ..report import not_checked
from ..report.config_notice import sentence_of
from ..report.entries import early_of, failures, is_accepted, place_of, shown, span_of
from .base import Output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...rules.base import Rule
    from ..report.schema import FindingEntry, Report, RunEntry

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}
HERE = "%SRCROOT%"  # the name of the root of the checkout in code scanning
TEXT_LIMIT = 4000  # characters
CHUNK_PIECES = 4096
Json: TypeAlias = dict[str, object]  # a SARIF object
HEADING = re.compile(r"^#+ ", re.MULTILINE)
LINK = re.compile(r"\[(?=[^\[\]]*\]\()")


def log(report: Report) -> Json:
    """The report as a SARIF log, JSON types only."""
    from ..config.plugins import known_rules

    rules, ids = [_rule(rule) for rule in known_rules()], [rule.id for rule in known_rules()]
    known = frozenset(ids)
    others = {f["rule"]: f["title"] for run in report["runs"] for f in run["findings"] if f["rule"] not in known}
    rules += [{"id": name, "shortDescription": {"text": shown(title)}} for name, title in sorted(others.items())]
    index = {name: i for i, name in enumerate([*ids, *sorted(others)])}
    driver: Json = {"name": "trainlint", "semanticVersion": report["version"], "rules": rules}
    if "Homepage" in _addresses():
        driver["informationUri"] = _addresses()["Homepage"]
    invocation = {"executionSuccessful": True, "toolExecutionNotifications": list(_notifications(report))}
    results = [_result(finding, run, index) for run in report["runs"] for finding in run["findings"]]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "automationDetails": {"id": "trainlint/"},
                "originalUriBaseIds": {HERE: {"description": {"text": "The folder in which trainlint was started."}}},
                "invocations": [invocation],
                "results": results,
            }
        ],
    }


@cache
def _addresses() -> dict[str, str]:
    """Addresses of the project by label, from the metadata of the installed package; empty if it has none."""
    try:
        urls = metadata("trainlint").get_all("Project-URL") or []
    except PackageNotFoundError:
        return {}
    return {label.strip(): url.strip() for label, _, url in (entry.partition(",") for entry in urls)}


def _rule(rule: Rule[Any]) -> Json:
    return _help_link(rule) | {
        "id": rule.id,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.section("What it finds")},
        "help": {"text": _unmarked(rule.doc), "markdown": rule.doc.strip()},
        "defaultConfiguration": {"level": LEVELS[str(rule.severity)]},
        "properties": {"tags": [rule.family]},
    }


def _help_link(rule: Rule[Any]) -> Json:
    """Where a rule of ours says how it is detected: its file in the repository."""
    source = _addresses().get("Source")
    if source is None or all(rule.id != ours.id for ours in ALL_RULES):
        return {}
    path = f"rules/{rule.family}/{rule.id}.py".replace("-", "_")
    return {"helpUri": f"{source}/blob/main/{path}"}


def _result(finding: FindingEntry, run: RunEntry, index: Mapping[str, int]) -> Json:
    sentences = [f"{span_of(finding, run)}: {finding['message']}", early_of(finding, run)]
    place: Json = {"artifactLocation": _artifact(run["path"])}
    result: Json = {
        "ruleId": finding["rule"],
        "ruleIndex": index[finding["rule"]],
        "level": LEVELS[finding["severity"]],
        "rank": round(100 * finding["confidence"], 1),
        "message": {"text": _plain("; ".join(shown(text, TEXT_LIMIT) for text in sentences if text))},
        "locations": [
            {
                "physicalLocation": place | _region(finding),
                "logicalLocations": [
                    {"name": shown(run["run"], TEXT_LIMIT), "kind": "run"},
                    {"name": shown(finding["metric"], TEXT_LIMIT), "kind": "metric"},
                ],
            }
        ],
        "partialFingerprints": {"finding/v1": finding["fingerprint"]},
        "properties": {
            "steps": finding["steps"],
            "evidence": finding["evidence"],
            "causedBy": finding["caused_by"],
            "detectableFrom": finding["detectable_from"],
            "remedies": [shown(remedy, TEXT_LIMIT) for remedy in finding["remedies"]],
        },
    }
    if "suppressed" in finding:
        result["baselineState"] = "unchanged" if is_accepted(finding) else "new"
    if is_accepted(finding):
        result["suppressions"] = [{"kind": "external", "justification": "accepted in the baseline"}]
    return result


def _region(finding: FindingEntry) -> Json:
    """The line of a text log that shows a crash; empty for findings from curves."""
    line = finding["evidence"].get("line")
    return {"region": {"startLine": int(line)}} if isinstance(line, float) and line >= 1 else {}


def _unmarked(doc: str) -> str:
    """A docstring as plain text: headings without their marks, code without backticks."""
    return HEADING.sub("", doc).replace("`", "").strip()


def _artifact(path: str) -> dict[str, str]:
    place = place_of(path)
    if place.startswith("/") or not path:
        return {"uri": "file://" + quote(os.fsencode(place))}
    if Path(place).is_absolute():
        return {"uri": Path(place).as_uri()}  # a Windows drive
    return {"uri": quote(os.fsencode(place)), "uriBaseId": HERE}


def _notifications(report: Report) -> Iterator[Json]:
    for note in report["batch"]["notes"]:
        yield _notification("warning", note)
    configured = sentence_of(report["configuration"])
    if configured:
        yield _notification("note", configured)
    for item in report["unreadable"]:
        yield _notification("error", f"unreadable: {item['path']}: {item['reason']}")
    for run in report["runs"]:
        if run["status"] == "not-checked":
            yield _notification("warning", f"not checked: {run['run']}: {not_checked.of_entry(run).reason}")
    for rule, name, reason in failures(report["runs"], report["batch"]):
        failed = _notification("error", f"rule {rule} failed {f'on {name}' if name else 'between runs'}: {reason}")
        yield {**failed, "associatedRule": {"id": rule}}


def _notification(level: str, text: str) -> Json:
    return {"level": level, "message": {"text": _plain(shown(text, TEXT_LIMIT))}}


def _plain(text: str) -> str:
    """A message without links: viewers render `[text](target)` as one (3.11.6), which a backslash prevents."""
    return LINK.sub(r"\[", text)


def _pieces(report: Report) -> Iterator[str]:
    """The log as text in pieces, since thousands of runs result in many megabytes."""
    pieces: list[str] = []
    for piece in json.JSONEncoder(allow_nan=False, indent=1).iterencode(log(report)):
        pieces.append(piece)
        if len(pieces) == CHUNK_PIECES:
            yield "".join(pieces)
            pieces.clear()
    yield "".join(pieces) + "\n"


OUTPUT = Output("sarif", _pieces)

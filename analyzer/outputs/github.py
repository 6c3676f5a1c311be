"""Annotations of a GitHub workflow: commands on standard output for the runner.

GitHub shows ten errors, ten warnings and ten notices per step and drops the rest, so the most severe come first, each
cause before its consequences. Text from logs must not become a command: in a value `%` and line ends, in a property also
`:` and `,`, are escaped as GitHub specifies, every line begins with one of our commands or with our own words, and
`##[`, the begin of older commands, is broken up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report.config_notice import sentence_of
from ..report.entries import (
    SEVERITIES,
    depths,
    early_of,
    failures,
    is_accepted,
    place_of,
    shown,
    span_of,
    tally,
    worst_first,
)
from ..report.verdict_text import unmarked
from .base import Output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..report.schema import FindingEntry, Report, RunEntry

COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
MESSAGE_LIMIT = 1000  # characters; GitHub keeps 64 kB of all annotations of a step
NAME_LIMIT = 100


def _annotations(report: Report) -> Iterator[str]:
    findings = [
        (finding, depth, run)
        for run in worst_first(report["runs"])
        for finding, depth in zip(run["findings"], depths(run["findings"]), strict=True)
    ]
    new = [item for item in findings if not is_accepted(item[0])]
    for finding, _, run in sorted(new, key=lambda item: (-SEVERITIES.index(item[0]["severity"]), item[1] > 0)):
        yield _annotation(finding, run)
    accepted = [item for item in findings if is_accepted(item[0])]
    if accepted:
        yield f"::group::{len(accepted):,} findings accepted in the baseline\n"
        for finding, _, run in accepted:
            yield f"accepted: {finding['rule']} in {shown(run['run'], NAME_LIMIT)}\n"
        yield "::endgroup::\n"
    for item in report["unreadable"]:
        text = f"{shown(item['path'], NAME_LIMIT)}: {shown(item['reason'], MESSAGE_LIMIT)}"
        yield f"::warning title=unreadable::{_value(text)}\n"
    for rule, name, reason in failures(report["runs"], report["batch"]):
        where = f"on {shown(name, NAME_LIMIT)}" if name else "between runs"
        yield f"::warning title=rule failed::{_value(f'{rule} {where}: {shown(reason, MESSAGE_LIMIT)}')}\n"
    notice = sentence_of(report["configuration"])
    if notice:
        yield f"::notice title=configuration::{_value(shown(notice, MESSAGE_LIMIT))}\n"
    judged, stand = tally(report)
    yield f"trainlint {judged}: {stand}\n"


def _annotation(finding: FindingEntry, run: RunEntry) -> str:
    sentences = [f"{span_of(finding, run)}: {finding['message']}", early_of(finding, run)]
    sentences += [f"follows from {finding['caused_by']}" if finding["caused_by"] else ""]
    sentences += [f"-> {remedy}" for remedy in finding["remedies"]]
    message = "\n".join(shown(sentence, MESSAGE_LIMIT) for sentence in sentences if sentence)
    title = f"{finding['rule']} ({finding['confidence']:.2f}) in {shown(run['run'], NAME_LIMIT)}"
    place = place_of(run["path"])
    properties = {"title": title} if place.startswith("/") else {"file": place, "title": title}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{COMMANDS[finding['severity']]} {listed}::{_value(message)}\n"


def _value(text: str) -> str:
    return unmarked(text, "\\x23").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _value(shown(text, MESSAGE_LIMIT)).replace(":", "%3A").replace(",", "%2C")


OUTPUT = Output("github", _annotations)

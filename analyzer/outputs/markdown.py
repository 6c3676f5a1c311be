"""Markdown for a pull request, a job summary or a notebook: the verdict, then each run, causes before consequences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report import not_checked
from ..report.config_notice import sentence_of
from ..report.entries import depths, early_of, failures, is_accepted, remarks_of, span_of, tally, together, worst_first
from .base import Output
from .marks import LIMIT, code, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..report.schema import FindingEntry, Report, RunEntry

MAX_RUNS = 200  # shown with findings; GitHub limits a summary to a megabyte
MAX_NAMES = 50  # of runs that are only listed by name


def _pieces(report: Report) -> Iterator[str]:
    judged, stand = tally(report)
    yield f"# trainlint\n\n**{judged}:** {stand}\n"
    notice = sentence_of(report["configuration"])
    if notice:
        yield f"\n{text(notice, 2 * LIMIT)}\n"
    yield from _together(report)
    failing = worst_first(report["runs"])
    for run in failing[:MAX_RUNS]:
        yield f"\n## {code(run['run'])}: {run['status']}\n\n"
        for finding, depth in zip(run["findings"], depths(run["findings"]), strict=True):
            if finding["severity"] != "info" or is_accepted(finding):
                yield from _finding(finding, depth, run)
        remarks = remarks_of(run)
        if remarks:
            yield f"- info: {', '.join(f'**{rule}**' for rule in remarks)}\n"
    if len(failing) > MAX_RUNS:
        yield f"\n{len(failing) - MAX_RUNS:,} more runs with findings are not shown here.\n"
    yield from _between(report)
    yield from _names(report, "clear", "Clear")
    yield from _not_checked(report)
    yield from _failed(report)
    yield from _unreadable(report)


def _together(report: Report) -> Iterator[str]:
    sentences = together(report)
    if sentences:
        yield "\n## All runs\n\n"
        yield from (f"- {text(sentence)}\n" for sentence in sentences)
        yield f"\n{text(report['insights']['remark'])}\n"


def _between(report: Report) -> Iterator[str]:
    if report["comparisons"]:
        yield "\n## Between runs\n\n"
        for entry in report["comparisons"][:MAX_RUNS]:
            facts = f"({entry['severity']}, confidence {entry['confidence']:.2f})"
            yield f"- **{entry['rule']}** {facts}: {text(entry['message'])}\n"
            for remedy in entry["remedies"]:
                yield f"  - → {text(remedy)}\n"
        if len(report["comparisons"]) > MAX_RUNS:
            yield f"\n… and {len(report['comparisons']) - MAX_RUNS:,} more\n"


def _not_checked(report: Report) -> Iterator[str]:
    runs = [run for run in report["runs"] if run["status"] == "not-checked"]
    if runs:
        yield "\n## Not checked\n\n"
        for run in runs[:MAX_NAMES]:
            reason, next_step = not_checked.of_entry(run)
            yield f"- {code(run['run'])}: {text(reason)} → {text(next_step)}\n"
        yield from _more(len(runs))


def _failed(report: Report) -> Iterator[str]:
    failed = failures(report["runs"], report["batch"])
    if failed:
        yield "\n## Rules that failed\n\n"
        for rule, run, reason in failed[:MAX_NAMES]:
            yield f"- **{rule}** {f'on {code(run)}' if run else 'between runs'}: {text(reason)}\n"
        yield from _more(len(failed))


def _unreadable(report: Report) -> Iterator[str]:
    if report["unreadable"]:
        yield "\n## Unreadable\n\n"
        for item in report["unreadable"][:MAX_NAMES]:
            yield f"- {code(item['path'] or '.')}: {text(item['reason'])}\n"
        yield from _more(len(report["unreadable"]))


def _finding(finding: FindingEntry, depth: int, run: RunEntry) -> Iterator[str]:
    indent = "  " * depth
    state = f"{finding['severity']}, accepted in the baseline" if is_accepted(finding) else finding["severity"]
    cause = f", follows from `{finding['caused_by']}`" if finding["caused_by"] else ""
    facts = f"({state}, confidence {finding['confidence']:.2f}{cause})"
    yield f"{indent}- **{finding['rule']}** {facts}, {span_of(finding, run)}: {text(finding['message'])}\n"
    early = early_of(finding, run)
    if early:
        yield f"{indent}  - {early}\n"
    for remedy in finding["remedies"]:
        yield f"{indent}  - → {text(remedy)}\n"


def _names(report: Report, status: str, title: str) -> Iterator[str]:
    names = [run["run"] for run in report["runs"] if run["status"] == status]
    if names:
        yield f"\n## {title}\n\n{', '.join(map(code, names[:MAX_NAMES]))}\n"
        yield from _more(len(names))


def _more(count: int) -> Iterator[str]:
    if count > MAX_NAMES:
        yield f"\n… and {count - MAX_NAMES:,} more\n"


OUTPUT = Output("markdown", _pieces)

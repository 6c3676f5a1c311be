"""One row a finding, for spreadsheets and data frames.

A text that a spreadsheet would take for a formula (it begins with =, +, -, @ or a tab) gets a leading apostrophe, which
spreadsheets do not show: a metric may be called anything. What cannot be seen is written as an escape.
"""

from __future__ import annotations

import csv
import io
from itertools import chain
from typing import TYPE_CHECKING, Any

from ..report.entries import axis_of, failures, is_accepted
from ..report.verdict_text import harmless, spreadsheet, visible
from .base import Output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COLUMNS = (
    "run", "path", "rule", "severity", "confidence", "message", "metric", "axis", "first_step", "last_step", "caused_by",
    "detectable_from", "share_after", "seconds_after", "q_value", "accepted", "remedy", "fingerprint",
)  # fmt: skip


def rows(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One record a finding, with the keys of `COLUMNS`; None where something is not known."""
    for run in report["runs"]:
        for finding in run["findings"]:
            onset = finding["detectable_from"] or {}
            yield {
                "run": run["run"],
                "path": run["path"],
                **{key: finding[key] for key in ("rule", "severity", "confidence", "message", "metric")},
                "axis": axis_of(finding, run),
                "first_step": finding["steps"][0],
                "last_step": finding["steps"][1],
                "caused_by": finding["caused_by"],
                "detectable_from": onset.get("step"),
                "share_after": onset.get("share_after"),
                "seconds_after": onset.get("seconds_after"),
                "q_value": finding.get("q_value"),
                "accepted": is_accepted(finding),
                "remedy": next(iter(finding["remedies"]), None),
                "fingerprint": finding["fingerprint"],
            }


def _failed(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A record each rule that broke, with the severity "failed": without it a reader would take silence for a pass."""
    paths = {run["run"]: run["path"] for run in report["runs"]}
    for rule, run, reason in failures(report):
        told = {"run": run, "path": paths.get(run, ""), "rule": rule, "severity": "failed", "message": reason}
        yield dict.fromkeys(COLUMNS) | told


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    yield _line(COLUMNS)
    for row in chain(rows(report), _failed(report)):
        yield _line([_cell(value) for value in row.values()])


def _line(cells: Any) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value
    return harmless(visible(spreadsheet(value)))


OUTPUT = Output("csv", _lines)

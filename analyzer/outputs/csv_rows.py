"""One row per finding, for spreadsheets and data frames.

A text that a spreadsheet would take for a formula (it begins with =, +, -, @ or a tab) gets a leading apostrophe, which
spreadsheets do not show: names of metrics may contain any text. Invisible characters are escaped.
"""

from __future__ import annotations

import csv
import io
from itertools import chain
from typing import TYPE_CHECKING, TypedDict

from ..report.entries import axis_of, failures, is_accepted, place_of
from ..report.verdict_text import harmless, spreadsheet, visible
from .base import Output

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..report.schema import Report, RunEntry


class Row(TypedDict):
    """A finding, or a rule that failed; None if a value is unknown."""

    run: str
    path: str
    rule: str
    severity: str
    confidence: float | None
    message: str
    metric: str | None
    axis: str | None
    first_step: int | None
    last_step: int | None
    caused_by: str | None
    detectable_from: int | None
    share_after: float | None
    seconds_after: float | None
    q_value: float | None
    accepted: bool | None
    remedy: str | None
    fingerprint: str | None


COLUMNS = tuple(Row.__annotations__)


def rows(runs: Iterable[RunEntry]) -> Iterator[Row]:
    """One row per finding."""
    for run in runs:
        for finding in run["findings"]:
            onset = finding["detectable_from"]
            yield {
                "run": run["run"],
                "path": place_of(run["path"]),
                "rule": finding["rule"],
                "severity": finding["severity"],
                "confidence": finding["confidence"],
                "message": finding["message"],
                "metric": finding["metric"],
                "axis": axis_of(finding, run),
                "first_step": finding["steps"][0],
                "last_step": finding["steps"][1],
                "caused_by": finding["caused_by"],
                "detectable_from": onset["step"] if onset else None,
                "share_after": onset["share_after"] if onset else None,
                "seconds_after": onset["seconds_after"] if onset else None,
                "q_value": finding.get("q_value"),
                "accepted": is_accepted(finding),
                "remedy": next(iter(finding["remedies"]), None),
                "fingerprint": finding["fingerprint"],
            }


def _failed(report: Report) -> Iterator[Row]:
    """One row per failed rule, with the severity "failed": without it the rule would seem to have passed."""
    paths = {run["run"]: place_of(run["path"]) for run in report["runs"]}
    for rule, run, reason in failures(report["runs"], report["batch"]):
        yield {
            "run": run, "path": paths.get(run, ""), "rule": rule, "severity": "failed", "message": reason,
            "confidence": None, "metric": None, "axis": None, "first_step": None, "last_step": None, "caused_by": None,
            "detectable_from": None, "share_after": None, "seconds_after": None, "q_value": None, "accepted": None,
            "remedy": None, "fingerprint": None,
        }  # fmt: skip


def _lines(report: Report) -> Iterator[str]:
    yield _line(COLUMNS)
    for row in chain(rows(report["runs"]), _failed(report)):
        cells: dict[str, object] = {**row}
        yield _line([_cell(cells[column]) for column in COLUMNS])


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value
    return harmless(visible(spreadsheet(value)))


OUTPUT = Output("csv", _lines)

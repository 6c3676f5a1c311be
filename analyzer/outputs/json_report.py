"""The report as one JSON document, or as one JSON line per run for thousands of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report.json_text import dumped, report_text
from .base import Output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..report.schema import Report, RunEntry


def _document(report: Report) -> Iterator[str]:
    yield report_text(report)


def _line(run: RunEntry) -> str:
    return dumped(run) + "\n"


def _no_more(_: Report) -> Iterator[str]:
    return iter(())


OUTPUT = Output("json", _document)
LINES = Output("jsonl", _no_more, run=_line)

"""The report itself: as one JSON document, or as one line a run for thousands of runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..report.verdict_text import unmarked
from .base import Output

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def dumped(value: Any, indent: int | None = None) -> str:
    """JSON in ASCII, so that any name from a log survives any terminal and any encoding, and none is a command there."""
    return unmarked(json.dumps(value, indent=indent, allow_nan=False), "\\u0023")  # only texts can hold that


def _document(report: Mapping[str, Any]) -> Iterator[str]:
    yield dumped(report, indent=1) + "\n"


def _line(run: dict[str, Any]) -> str:
    return dumped(run) + "\n"


def _no_more(_: Mapping[str, Any]) -> Iterator[str]:
    return iter(())


OUTPUT = Output("json", _document)
LINES = Output("jsonl", _no_more, run=_line)

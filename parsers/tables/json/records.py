"""Lines with one JSON value each, as in logs of trackers."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

from .rows import loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...files.text import Notes


def json_records(text: str, notes: Notes) -> Iterator[tuple[int, Any]]:
    """Yield number and value of each line; blank lines are skipped, and damaged ones noted."""
    for number, line in enumerate(StringIO(text), start=1):
        if line.isspace():
            continue
        value, damage = loads(line)
        if damage is None:
            yield number, value
        else:
            notes.add("the JSON is truncated or damaged: skipped", f"line {number}")

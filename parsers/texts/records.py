r"""Records within a line of text, as fairseq, MLPerf and Torch7 write them: `... | train | {"epoch": 1, "loss": "3.1"}`.

A record becomes a plain line `epoch=1, loss=3.1` for the line parser, with the text before it. Supported are JSON, and
printed Python dicts if they are nested (the line parser handles flat ones). Values that are constant in all records and
are not metrics are hyperparameters.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..files.hyperparameters import MAX_KEYS, flatten
from ..numbers.columns import MAX_COLUMNS
from .shapes.keys import is_measured

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_RECORD = 64 * 1024  # characters; a longer one is a document
MAX_OBJECT = 1000  # lines
MLPERF = ":::MLL"  # also of its older spelling, `:::MLLOG`
MLPERF_COUNTERS = {"epoch_num": "epoch", "step_num": "step", "samples_count": "step", "iter_num": "step"}
_NAME_BEFORE = re.compile(r"([A-Za-z_][\w./-]*)\s*:$")  # `eval_accuracy: {"epoch": 4, "value": 0.24}`
COUNTERS = ("epoch", "step", "iter", "iteration", "update")


class Records:
    """Converts lines with records to plain ones and collects the values that all records share."""

    def __init__(self) -> None:
        self._count = 0
        self._same: dict[str, Any] = {}
        self._names: set[str] = set()
        self._last = self._plain = ""  # the latest line and its result: lines may repeat
        self._of_last = 0  # records with these values

    def plain(self, line: str) -> str:
        """The line, or a plain one if it ends in a record."""
        if line == self._last:
            self._count += self._of_last
            return self._plain
        before = self._count
        self._last, self._plain = line, self._made_plain(line)
        self._of_last = self._count - before
        return self._plain

    def _made_plain(self, line: str) -> str:
        start = line.find("{")
        if start < 0 or len(line) > MAX_RECORD or not line.rstrip().endswith("}"):
            return line
        record = _record(line[start:].rstrip(), is_nested=line.count("{") > 1)
        if record is None:
            return line
        before = line[:start].rstrip()
        if before.lstrip().startswith(MLPERF) and "key" in record:
            return self._of_mlperf(record)
        if "value" in record and before.endswith(":") and (named := _NAME_BEFORE.search(before)):
            record = {named[1] if key == "value" else key: value for key, value in record.items()}
            line = line[: named.start()] + line[start:]
            start = named.start()
        if len(self._names) >= MAX_COLUMNS and not self._names.issuperset(record):
            return line
        self._names.update(record)
        flat = flatten(record)
        if self._count and not self._same:  # no shared values left
            self._count += 1
            return line[:start] + _line(flat)
        settings = {key: value for key, value in flat.items() if not is_measured(key) and key not in COUNTERS}
        if self._count:
            self._same = {key: value for key, value in self._same.items() if settings.get(key) == value}
        else:
            self._same = settings
        self._count += 1
        return line[:start] + _line(flat)

    def settings(self) -> dict[str, Any]:
        """The values that all of several records share."""
        return self._same if self._count > 1 else {}

    def _of_mlperf(self, record: dict[str, Any]) -> str:
        metadata, key, value = record.get("metadata"), str(record.get("key")), record.get("value")
        at = {}
        if isinstance(metadata, Mapping):
            at = {name: metadata[mark] for mark, name in MLPERF_COUNTERS.items() if mark in metadata}
        if not at:
            if value is not None and not isinstance(value, Mapping) and len(self._same) < MAX_KEYS:
                self._same |= flatten({key: value})
                self._count += 2
            return ""
        values = value if isinstance(value, Mapping) else {key: value}
        if len(set(at) & {"step"}) and "epoch" in at:
            return _line(at) + ", " + _line(flatten(values))
        return _line({**at, **flatten(values)})


def with_objects_joined(lines: Sequence[str]) -> list[str]:
    """The same number of lines, a JSON object that is printed over several of them as its last one."""
    found = list(lines)
    first = -1
    for number, line in enumerate(lines):
        bare = line.rstrip()
        if bare == "{":
            first = number
        elif bare in ("}", "},") and first >= 0:
            text = "".join(part.strip() for part in [*lines[first:number], "}"])
            if number - first < MAX_OBJECT and len(text) <= MAX_RECORD and _record(text, is_nested=True) is not None:
                found[first : number + 1] = [*[""] * (number - first), text]
            first = -1
    return found


def _record(text: str, *, is_nested: bool) -> dict[str, Any] | None:
    value: Any = None
    if text.startswith(('{"', '{ "')):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None
    elif is_nested and text.startswith("{'"):
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return None
    return value if isinstance(value, dict) else None


def _line(flat: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in flat.items() if _is_number(value))


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return False
        return "_" not in value
    return isinstance(value, int | float) and not isinstance(value, bool)

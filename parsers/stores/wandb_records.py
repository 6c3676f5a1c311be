"""The records of a Weights & Biases transaction log: rows of history, and the other values of the run.

Numbers of fields are those of wandb_internal.proto, to which versions 0.10 to 0.31 only added.
"""

from __future__ import annotations

import math
import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..numbers.columns import MAX_COLUMNS
from ..tables.json.rows import MAX_DEPTH, MAX_INT_DIGITS, loads
from .protobuf_wire import as_bytes, as_signed, as_text, fields

if TYPE_CHECKING:
    from ..run import Direction

GOALS: dict[int, Direction] = {1: "lower", 2: "higher"}

MAX_TEXT = 1 << 16  # characters of a value; longer ones are images and tables, which are not read

HISTORY = 2  # of a record
_CONFIG, _METRIC, _RUN, _EXIT = 5, 12, 17, 18
_RUN_CONFIG, _RUN_NAME, _RUN_START = 4, 8, 17
_ITEM, _STEP = 1, 2  # of a row of history
_UPDATE, _REMOVE = 1, 2  # of a config
_KEY, _NESTED_KEY, _BOOLEAN, _INTEGER, _NUMBER, _TEXT, _JSON, _VALUE_JSON = 1, 2, 4, 5, 6, 7, 8, 16  # of an item
_NAME, _STEP_METRIC, _GOAL = 1, 4, 8  # of the definition of a metric
_FIRST = 1  # the only relevant field of a step, a time, an exit


@dataclass(slots=True)
class Facts:
    """Content of a transaction log besides rows."""

    name: str = ""
    start_time: float = math.nan
    exit_code: int | None = None
    config: dict[str, Any] = field(default_factory=dict)
    goals: dict[str, Direction] = field(default_factory=dict)
    step_metrics: Counter[str] = field(default_factory=Counter)
    is_too_wide: bool = False  # a row has more values than are read


def history_row(message: bytes, facts: Facts) -> dict[str, Any]:
    """Read one record of history as a tree of values, with `_step` and `_timestamp`. Raises `WireError`."""
    row: dict[str, Any] = {}
    for number, content in fields(message):
        if number == _ITEM:
            if len(row) < MAX_COLUMNS:
                _put(row, *_item(as_bytes(content)))
            else:
                facts.is_too_wide = True
        elif number == _STEP:
            row["_step"] = _first(as_bytes(content), 0)
    runtime = row.get("_runtime")
    if "_timestamp" not in row and isinstance(runtime, int | float):
        row["_timestamp"] = facts.start_time + runtime
    return row


def take(number: int, message: bytes, facts: Facts) -> None:
    """Take the facts of a run from any other record. Raises `WireError`."""
    if number == _RUN:
        for field_number, content in fields(message):
            if field_number == _RUN_CONFIG:
                _configure(as_bytes(content), facts.config)
            elif field_number == _RUN_NAME:
                facts.name = as_text(content)
            elif field_number == _RUN_START:
                facts.start_time = float(_first(as_bytes(content), 0))
    elif number == _CONFIG:
        _configure(message, facts.config)
    elif number == _METRIC:
        values = dict(fields(message))
        facts.step_metrics[as_text(values.get(_STEP_METRIC, b""))] += 1
        goal = GOALS.get(as_signed(values.get(_GOAL, 0)))
        if goal:
            facts.goals[as_text(values.get(_NAME, b""))] = goal
    elif number == _EXIT:
        facts.exit_code = _first(message, 0)


def _first(message: bytes, default: int) -> int:
    return next((as_signed(content) for number, content in fields(message) if number == _FIRST), default)


def _configure(message: bytes, config: dict[str, Any]) -> None:
    for number, content in fields(message):
        if number == _UPDATE:
            _put(config, *_item(as_bytes(content)))
        elif number == _REMOVE:
            config.pop(".".join(_item(as_bytes(content))[0]), None)


def _item(message: bytes) -> tuple[list[str], Any]:
    """Read the path and the value of an item: JSON up to 0.31, after that typed."""
    key, nested, value = "", [], None
    for number, content in fields(message):
        if number == _KEY:
            key = as_text(content)
        elif number == _NESTED_KEY:
            nested.append(as_text(content))
        elif number in (_VALUE_JSON, _JSON):
            value = _from_json(as_text(content))
        else:
            value = _typed(number, content, value)
    return nested or [key], value


def _typed(number: int, content: int | bytes, value: Any) -> Any:
    """Read a typed value; an invalid one leaves the value unchanged."""
    if number == _TEXT:
        return as_text(content)
    if number == _NUMBER and isinstance(content, bytes) and len(content) == struct.calcsize("<d"):
        return struct.unpack("<d", content)[0]
    if number == _INTEGER and isinstance(content, int):
        return (content >> 1) ^ -(content & 1)  # zigzag
    return bool(content) if number == _BOOLEAN else value


def _from_json(text: str) -> Any:
    if len(text) > MAX_TEXT:
        return None
    try:  # nearly all are plain numbers
        return int(text) if len(text) <= MAX_INT_DIGITS and "." not in text else float(text)
    except ValueError:
        return loads(text)[0]


def _put(tree: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1][:MAX_DEPTH]:
        branch = tree.get(part)
        if not isinstance(branch, dict):
            branch = tree[part] = {}
        tree = branch
    tree[path[-1]] = value

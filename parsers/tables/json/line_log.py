"""The rows of a log of JSON lines, and the other lines of its writers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...files.hyperparameters import flatten
from ...settings.recognise import is_known, is_result
from ..axes import CLOCK_NAMES, is_axis_name, plain
from .flow_lines import as_json, is_flow
from .row_table import RowTable
from .rows import as_number, loads

if TYPE_CHECKING:
    from ...files.text import Notes
    from ...run import Hyperparameter

SETTINGS = ("config", "args", "hparams", "hyperparameters")  # repeated in rows, or in a separate row
SNAPSHOTS = ("snapshot_pkl", "snapshot", "checkpoint", "ckpt", "checkpoint_path", "ckpt_path", "model_path")
ENVIRONMENT = "env_info"  # key of the first line of mmcv


_NUMBER_OF_SNAPSHOT = re.compile(r"(?:.*\D)?(\d{1,15})(?:\.[a-z]\w*)?", re.DOTALL)


PLACES = ("epoch", "iter")
MIN_KNOWN = 2  # well-known settings in a first line that has nothing else
_LABEL = re.compile(r"[A-Z]{2,16}:? (?=\{)")  # of a logger before each object: `DLLL {"step": ...`


def is_object(line: str) -> bool:
    """Whether a line begins an object, with or without a label before it."""
    return line.lstrip().startswith("{") or _LABEL.match(line) is not None


def row_in(line: str) -> dict[str, Any] | None:
    """Read a line; None if it is not a whole object of JSON or YAML."""
    if found := _LABEL.match(line):
        line = line[found.end() :]
    row, damage = loads(as_json(line) if is_flow(line) else line)
    return _placed(row) if isinstance(row, dict) and damage is None else None


def _placed(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its counters apart, if it names its place by a list: `"step": [2, 30]` is iteration 30 of epoch 2."""
    place = row.get("step")
    if not isinstance(place, list) or len(place) > len(PLACES) or not all(type(number) is int for number in place):
        return row
    return {**dict(zip(PLACES, place, strict=False)), **{key: value for key, value in row.items() if key != "step"}}


class LineLog:
    """Collects rows, hyperparameters, and the iteration of evaluations."""

    def __init__(self, notes: Notes) -> None:
        self.table = RowTable()
        self.rows = 0
        self._notes = notes
        self._settings: dict[str, Any] = {}
        self._environment: dict[str, Any] = {}
        self._last: dict[str, Any] = {}  # iteration and epoch of the latest row of training
        self._is_mmengine = False  # it writes both `iter` and `step`, and no `mode` as mmcv does

    @property
    def is_by_iteration(self) -> bool:
        """Whether a row depends on the one before, as in logs of mmengine and mmcv."""
        return bool(self._last)

    def add_line(self, number: int, line: str) -> None:
        """Read a line as a row; blank ones are skipped, damaged ones noted."""
        if not line or line.isspace():
            return
        row = row_in(line) if is_object(line) else None
        if row is None:
            self._notes.add("is not a JSON object: skipped", f"line {number}")
            return
        self._take_settings(row)
        if self.rows == 0 and not self._settings and _is_header(row):
            self._settings = row
            return
        if self.rows == 0 and ENVIRONMENT in row and not self._environment:
            self._environment = {key: value for key, value in row.items() if key != ENVIRONMENT}
            return
        self.table.add_row(self.rows, self._placed(row))
        self.rows += 1

    def hyperparameters(self) -> dict[str, Hyperparameter]:
        """The hyperparameters in the log; those of a section such as "config" without its name."""
        settings = {**self._settings, **self._environment}
        inner = {
            key: value
            for section in SETTINGS
            if isinstance(settings.get(section), Mapping)
            for key, value in settings.pop(section).items()
        }
        return flatten({**settings, **inner})

    def _take_settings(self, row: dict[str, Any]) -> None:
        if not self._settings:
            self._settings = {key: row[key] for key in SETTINGS if isinstance(row.get(key), Mapping)}
        for key in SETTINGS:
            if isinstance(row.get(key), Mapping | str):
                del row[key]

    def _placed(self, row: dict[str, Any]) -> dict[str, Any]:
        """Add the iteration to a row of an evaluation by mmengine and mmcv.

        mmengine writes it without `iter` and with the epoch as `step`, mmcv with the length of the validation as `iter`.
        The split, which mmcv writes as `mode`, is added to rows of mmengine.
        """
        if "iter" in row and row.get("mode", "train") == "train":
            self._last = {key: row[key] for key in ("iter", "epoch") if key in row}
            self._is_mmengine |= "step" in row and "mode" not in row
            return {**row, "mode": "train"} if self._is_mmengine else row
        if not self._last:
            return _with_step_of_snapshot(row)
        placed = {**{key: value for key, value in row.items() if key not in ("iter", "step")}, **self._last}
        return {**placed, "mode": "val"} if self._is_mmengine and "step" in row else placed


def _is_header(row: dict[str, Any]) -> bool:
    """Whether the first line has the settings of the run themselves: no place in it, no measurement, but well-known names.

    One is enough if no other number is in the line, but a time.
    """
    if any(map(is_axis_name, row)) or any(is_result(key, value) for key, value in row.items()):
        return False
    flat = flatten(row)
    known = set(filter(is_known, flat))
    others = {key for key in flat.keys() - known if as_number(flat[key]) is not None and plain(key) not in CLOCK_NAMES}
    return len(known) >= MIN_KNOWN or bool(known and not others)


def _with_step_of_snapshot(row: dict[str, Any]) -> dict[str, Any]:
    """Give the row of an evaluation that names no step the number of the snapshot that was evaluated."""
    name = next((row[key] for key in SNAPSHOTS if isinstance(row.get(key), str)), None)
    found = _NUMBER_OF_SNAPSHOT.fullmatch(name) if name is not None and not any(map(is_axis_name, row)) else None
    return {**row, "step": int(found[1])} if found else row

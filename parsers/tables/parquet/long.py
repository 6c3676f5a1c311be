"""A Parquet file in long form, one row a point: columns for the name of the metric, its value, and its step or time.

Neptune's exporter writes such files, with rows for single values between those of series: these are settings of the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...files.hyperparameters import MAX_KEYS
from ...numbers.cells import seconds_of
from ...numbers.columns import MAX_COLUMNS
from ...restarts import Segment
from ...run import Curve
from ...stores.points import MAX_RUNS
from .. import thinning
from ..axes import CLOCK_NAMES, EPOCH_NAMES, MAX_COUNT, STEP_NAMES, clocks_of, plain
from ..columns import RUN_NAMES
from .file import Numbers, Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...files.text import Notes
    from ...run import Bools, Floats, Hyperparameter, Ints
    from .file import Batch, Field, ParquetTable

KEY_NAMES = ("attribute_path", "metric", "metric_name", "tag", "key", "name", "variable")
VALUE_NAMES = ("float_value", "value", "metric_value")
RUN_COLUMNS = (*RUN_NAMES, "run_uuid", "run_hash", "experiment_key")
TYPE_NAME, SERIES = "attribute_type", "float_series"  # of Neptune: what a row holds
SINGLE = frozenset({"float", "int", "string"})  # types of single values: settings
SETTING_NAMES = ("int_value", "string_value")  # of Neptune, beside the value of a series
MAX_POINTS = thinning.MAX_CELLS // 2  # kept whole: each has a row, a step, a time and an epoch beside its value


class Layout(NamedTuple):
    """The columns of a file in long form; None for those that it lacks."""

    key: Field
    value: Field
    run: Field | None
    step: Field | None
    epoch: Field | None
    time: Field | None
    kind: Field | None
    settings: tuple[Field, ...]

    @property
    def fields(self) -> list[Field]:
        own = (self.key, self.value, self.run, self.step, self.epoch, self.time, self.kind, *self.settings)
        return [field for field in own if field is not None]


class _Part(NamedTuple):
    """Points of a metric: int64 or float64 [n] each."""

    row: Ints
    step: Floats
    epoch: Floats
    time: Floats
    value: Floats

    def take(self, at: Ints | Bools) -> _Part:
        return _Part(self.row[at], self.step[at], self.epoch[at], self.time[at], self.value[at])


def layout_of(fields: Sequence[Field]) -> Layout | None:
    """Find the columns of a file in long form; None if it is not."""
    by_name = {plain(field.name): field for field in reversed(fields)}

    def first(names: Iterable[str], *kinds: str) -> Field | None:
        return next((by_name[name] for name in names if name in by_name and by_name[name].kind in kinds), None)

    key, value = first(KEY_NAMES, "text"), first(VALUE_NAMES, "number")
    step, time = first(STEP_NAMES, "number"), first(CLOCK_NAMES, "number", "time", "text")
    if key is None or value is None or (step is None and time is None):
        return None
    kind = first((TYPE_NAME,), "text")
    settings = tuple(by_name[name] for name in SETTING_NAMES if kind and name in by_name)
    return Layout(key, value, first(RUN_COLUMNS, "text"), step, first(EPOCH_NAMES, "number"), time, kind, settings)


class LongTable:
    """Gathers points by run and metric; thinned when they are too many."""

    def __init__(self, notes: Notes) -> None:
        self.settings: dict[str, dict[str, Hyperparameter]] = {}
        self._notes = notes
        self._parts: dict[tuple[str, str], list[_Part]] = {}
        self._shifts: dict[tuple[str, str], int] = {}
        self._rows = self._points = self._logged = self._beyond = 0

    def add(self, parquet: ParquetTable, layout: Layout) -> None:
        """Add the rows of a file."""
        for batch in parquet.batches(layout.fields, self._notes):
            self._add(batch, layout)
            self._rows += batch.rows
            if self._points > MAX_POINTS:
                self._thin()

    def curves(self) -> dict[str, list[Curve]]:
        """The curves of each run by its name, "" for a file without one."""
        if self._logged > self._points:
            self._notes.leave_out(thinning.thinning_note(self._logged, self._points, "points"), "rows")
        if self._beyond:
            self._notes.leave_out(f"only the first {MAX_COLUMNS:,} metrics were read", "rows")
        runs: dict[str, list[Curve]] = {name: [] for name in self.settings}
        for run, tag in list(self._parts):
            runs.setdefault(run, []).append(_curve(tag, _joined(self._parts.pop((run, tag)))))
        return runs

    def _add(self, batch: Batch, layout: Layout) -> None:
        keys = _texts(batch, layout.key)
        runs = _texts(batch, layout.run)
        value = _numbers(batch, layout.value)
        is_point = (keys.code >= 0) & _is_there(batch, layout.value)
        if layout.kind is not None:
            kinds = _texts(batch, layout.kind)
            is_single = np.array([text in SINGLE for text in [*kinds.texts, ""]], np.bool_)[kinds.code]
            self._add_settings(batch, layout, keys, runs, np.flatnonzero((keys.code >= 0) & is_single))
            is_point &= np.array([text == SERIES for text in [*kinds.texts, ""]], np.bool_)[kinds.code]
        at = np.flatnonzero(is_point)
        if not len(at):
            return
        part = _Part(
            self._rows + at, _numbers(batch, layout.step)[at], _numbers(batch, layout.epoch)[at],
            _seconds(batch, layout.time)[at], value[at],
        )  # fmt: skip
        group = (runs.code[at] + 1) * (len(keys.texts) + 1) + keys.code[at]
        order = np.argsort(group, kind="stable")
        starts = np.flatnonzero(np.diff(group[order], prepend=-1))
        for rows in np.split(order, starts[1:]):
            code = int(runs.code[at[rows[0]]])
            name = (runs.texts[code] if code >= 0 else "", keys.texts[int(keys.code[at[rows[0]]])])
            if name not in self._parts and len(self._parts) >= MAX_COLUMNS:
                self._beyond += len(rows)
                continue
            self._parts.setdefault(name, []).append(part.take(rows))
            self._points += len(rows)
            self._logged += len(rows)

    def _add_settings(self, batch: Batch, layout: Layout, keys: Texts, runs: Texts, at: Ints) -> None:
        for row in at.tolist():
            code = int(runs.code[row])
            run = runs.texts[code] if code >= 0 else ""
            if run not in self.settings and len(self.settings) >= MAX_RUNS:
                continue
            settings = self.settings.setdefault(run, {})
            value = next(
                (v for field in (layout.value, *layout.settings) if (v := _cell(batch, field, row)) is not None), None
            )
            if value is not None and len(settings) < MAX_KEYS:
                settings[keys.texts[int(keys.code[row])]] = value

    def _thin(self) -> None:
        counts = [sum(len(part.row) for part in parts) for parts in self._parts.values()]
        points = max(thinning.MIN_POINTS, thinning.fair_share(counts, MAX_POINTS // 2))
        for name, parts in self._parts.items():
            whole = _joined(parts)
            kept, self._shifts[name] = thinning.pick(whole.row, whole.value, points, self._shifts.get(name, 0))
            self._parts[name] = [whole.take(kept)]
        self._points = sum(len(parts[0].row) for parts in self._parts.values())


def _curve(tag: str, points: _Part) -> Curve:
    """Points in the order of their times, if these are known: files are sorted in many ways."""
    if (np.diff(points.time) < 0).any() and not np.isnan(points.time).any():
        order = np.argsort(points.time, kind="stable")
        points = points.take(order)
    is_whole = bool((points.step == np.rint(points.step)).all()) and bool((np.abs(points.step) < MAX_COUNT).all())
    if is_whole:
        return Curve.build(tag, points.step.astype(np.int64), points.value, wall_time=points.time, epoch=points.epoch)
    # steps such as 0.25 count epochs or something else that goes on evenly
    epoch = points.epoch if np.isnan(points.step).all() else points.step
    rows = np.arange(len(points.row))
    return Curve.build(
        tag, rows, points.value, wall_time=points.time, epoch=epoch, axis="row", segments=[Segment(0, 0)]
    )


def _joined(parts: Sequence[_Part]) -> _Part:
    return parts[0] if len(parts) == 1 else _Part(*map(np.concatenate, zip(*parts, strict=True)))


def _texts(batch: Batch, field: Field | None) -> Texts:
    column = batch.columns.get(field.name) if field is not None else None
    return column if isinstance(column, Texts) else Texts([], np.full(batch.rows, -1, np.int64))


def _numbers(batch: Batch, field: Field | None) -> Floats:
    column = batch.columns.get(field.name) if field is not None else None
    return column.value if isinstance(column, Numbers) else np.full(batch.rows, np.nan)


def _is_there(batch: Batch, field: Field) -> Bools:
    column = batch.columns.get(field.name)
    return column.is_there if isinstance(column, Numbers) else np.zeros(batch.rows, np.bool_)


def _seconds(batch: Batch, field: Field | None) -> Floats:
    column = batch.columns.get(field.name) if field is not None else None
    if isinstance(column, Texts):
        return np.append(seconds_of(column.texts), np.nan)[column.code]
    if not isinstance(column, Numbers):
        return np.full(batch.rows, np.nan)
    return column.value / column.per_second if column.per_second else clocks_of(column.value)


def _cell(batch: Batch, field: Field, row: int) -> Hyperparameter:
    column = batch.columns.get(field.name)
    if isinstance(column, Texts):
        code = int(column.code[row])
        return column.texts[code] if code >= 0 else None
    if column is None or not column.is_there[row]:
        return None
    value = float(column.value[row])
    return int(value) if field.name == SETTING_NAMES[0] and abs(value) < MAX_COUNT else value

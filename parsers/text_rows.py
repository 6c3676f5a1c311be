"""Gathers the lines of a text log as rows: which lines stand at the same place, and which place that is.

A line without a counter stands where the line before it stood. Of the progress of an evaluation (`Test: [10/100] ...`)
only its last line counts, with its running averages; what follows it without a counter is about the evaluation, too.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .columns import Column
from .same_lines import SameLines
from .text_keys import SPLIT_OF_WORD, is_measured
from .text_lines import as_float

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .run import Bools, Floats, Ints, Split

MAX_TAGS = 2000
MIN_POINTS = 3  # of a quantity with an unknown name; fewer are remarks
AXES = ("epoch", "step", "batch", "total")


class TextRows:
    """The lines of a log that tell something.

    With `is_bar`, counters `3/4` are progress over running averages, and only their end counts.
    """

    def __init__(self, *, is_bar: bool = False) -> None:
        self._is_bar = is_bar
        self._lines: dict[int, SameLines] = {}
        self._variants: dict[tuple[int, str], SameLines] = {}
        self._pending: tuple[SameLines, Sequence[str], int] | None = None
        self._section = ""  # word of the split whose evaluation was logged last

    def add(self, lines: SameLines, numbers: Sequence[str], line_number: int) -> None:
        """Take a line, with the texts in its holes."""
        shape = lines.shape
        is_evaluation = SPLIT_OF_WORD.get(shape.split, "train") != "train"
        is_progress = shape.batch >= 0 and shape.is_row and (is_evaluation or self._is_bar)
        if self._pending:
            self._settle(lines, numbers, is_progress=is_progress)
        if is_progress:
            self._pending = (lines, numbers, line_number)
            return
        if shape.is_header:
            self._section = shape.split
            return
        if shape.has_axis:
            self._section = ""
        elif self._section and not shape.split and shape.is_row:
            lines = self._variant(lines, self._section)
        self._put(lines, numbers, line_number)

    def finish(self) -> None:
        """Take the last line of an evaluation that nothing follows."""
        if self._pending:
            self._flush()

    def _put(self, lines: SameLines, numbers: Sequence[str], line_number: int) -> None:
        if not lines.line_numbers:
            self._lines[id(lines)] = lines
        lines.add(line_number, numbers)

    def _settle(self, lines: SameLines, numbers: Sequence[str], *, is_progress: bool) -> None:
        """End the pending progress, unless a line carries it on."""
        before = self._pending
        if before and is_progress and before[0].shape.split == lines.shape.split:
            then, now = (_number(s, n, s.shape.batch) for s, n in ((before[0], before[1]), (lines, numbers)))
            epochs = [_number(s, n, s.shape.epoch) for s, n in ((before[0], before[1]), (lines, numbers))]
            if then is not None and now is not None and now >= then and epochs[0] == epochs[1]:
                return
        self._flush()

    def _flush(self) -> None:
        if self._pending:
            lines, numbers, line_number = self._pending
            self._pending = None
            self._section = lines.shape.split
            self._put(self._variant(lines, ""), numbers, line_number)

    def _variant(self, lines: SameLines, section: str) -> SameLines:
        """The same lines as the summary of an evaluation or, with a section, as remarks on one."""
        variant = self._variants.get((id(lines), section))
        if variant is None:
            shape = lines.shape
            values = [
                replace(value, tag=f"{section}/{value.tag}" if section and is_measured(value.tag) else value.tag,
                        hole=value.average if value.average >= 0 and not section else value.hole, average=-1)
                for value in shape.values
                if section or not shape.split or is_measured(value.tag)  # the rest is about the evaluation's speed
            ]  # fmt: skip
            changed = replace(shape, values=values, is_remark=bool(section), batch=-1, total=-1, is_counted=False)
            variant = self._variants[id(lines), section] = SameLines(changed, lines.holes)
        return variant

    def gather(self) -> Rows:
        """Put the lines in order and say where they stand."""
        return Rows(list(self._lines.values()))


class Rows:
    """Rows of a log.

    Attributes:
        line: int64 [rows], number of the last line of each.
        epoch, step, batch, total: float64 [rows], NaN where unknown.
        wall_time: float64 [rows].
        max_steps, epochs: what the counters of the training count up to, None if they do not say or disagree.
        splits: of tags that do not say it themselves.

    """

    def __init__(self, groups: list[SameLines]) -> None:
        counts = [len(group.line_numbers) for group in groups]
        group_of = np.repeat(np.arange(len(groups)), counts)
        line = np.concatenate([np.array(group.line_numbers) for group in groups]) if groups else np.empty(0, np.int64)
        order = np.argsort(line, kind="stable")
        placed = _placed(groups, order)
        is_told = np.any([~np.isnan(placed[axis]) for axis in AXES], axis=0)
        tells = np.array([group.shape.is_row for group in groups], np.bool_)
        kept = np.flatnonzero(tells[group_of[order]] & is_told) if groups else np.empty(0, np.int64)
        row_of_kept = _rows(groups, group_of[order][kept], {axis: placed[axis][kept] for axis in AXES[:3]})
        self.rows = int(row_of_kept[-1]) + 1 if len(kept) else 0
        first = np.flatnonzero(np.diff(row_of_kept, prepend=-1))
        last = np.append(first[1:] - 1, len(kept) - 1) if self.rows else first
        self.line: Ints = line[order][kept][last]
        self.epoch, self.step, self.batch, self.total = (placed[axis][kept][last] for axis in AXES)
        self.wall_time: Floats = placed["clock"][kept][first]
        row = np.full(len(line), -1)
        row[order[kept]] = row_of_kept
        self.max_steps = _plan(groups, "step", "total")
        self.epochs = _plan(groups, "epoch", "epochs")
        self.splits: dict[str, Split] = {}
        self.columns = self._columns(groups, np.split(row, np.cumsum(counts)[:-1]) if groups else [])

    def _columns(self, groups: list[SameLines], rows: list[Ints]) -> dict[str, Column]:
        """Columns by tag; a quantity that is logged both during and after an epoch is two."""
        parts: dict[tuple[str, bool], list[Column]] = {}
        for group, row in sorted(zip(groups, rows, strict=True), key=lambda pair: pair[0].shape.is_remark):
            for value in group.shape.values:
                if (value.tag, group.shape.is_counted) not in parts and len(parts) >= MAX_TAGS:
                    continue
                number = group.column(value.hole) * value.scale
                is_there = (row >= 0) & ~group.is_missing(value.hole)
                if value.whole >= 0:
                    whole = group.column(value.whole)
                    is_there &= whole > 0
                    number = number / np.where(whole > 0, whole, 1)
                parts.setdefault((value.tag, group.shape.is_counted), []).append(
                    Column(row[is_there], number[is_there])
                )
                if value.split and not value.tag.startswith(f"{value.split}/"):
                    self.splits[value.tag] = SPLIT_OF_WORD[value.split]
        found: dict[str, Column] = {}
        for (tag, is_counted), columns in parts.items():
            row = np.concatenate([column.row for column in columns])
            if not len(row) or (len(row) < MIN_POINTS and not is_measured(tag)):
                continue
            _, order = np.unique(row, return_index=True)  # of a remark that repeats a value the first stands
            name = f"epoch/{tag}" if not is_counted and (tag, True) in parts else tag
            found[name] = Column(row[order], np.concatenate([column.value for column in columns])[order])
        return found


def _number(lines: SameLines, numbers: Sequence[str], hole: int) -> float | None:
    return as_float(numbers[lines.holes.index(hole)]) if hole >= 0 else None


def _plan(groups: list[SameLines], counter: str, total: str) -> int | None:
    """The number that a counter by name counts up to, if it is always the same."""
    found: set[float] = set()
    for group in groups:
        if getattr(group.shape, counter) >= 0 and getattr(group.shape, total) >= 0:
            found |= set(np.unique(group.column(getattr(group.shape, total))).tolist())
    planned = found.pop() if len(found) == 1 else math.nan
    return int(planned) if math.isfinite(planned) and planned > 0 else None


def _placed(groups: list[SameLines], order: Ints) -> dict[str, Floats]:
    """Where each line stands, in the order of the log; what it does not say it takes from the lines before it."""

    def said(hole: str) -> Floats:
        if not groups:
            return np.empty(0)
        return np.concatenate([group.column(getattr(group.shape, hole)) for group in groups])[order]

    epoch, step, batch, total = (said(axis) for axis in AXES)
    step = np.where(step == np.floor(step), step, np.nan)
    carried = _carried(epoch, np.zeros(len(epoch), np.int64))
    is_new = (carried[1:] != carried[:-1]) & ~np.isnan(carried[1:])
    of_epoch = np.concatenate([[0], np.cumsum(is_new)])[: len(epoch)]
    whole = np.zeros(len(epoch), np.int64)
    return {
        "epoch": carried,
        "step": _carried(step, whole),
        "batch": _carried(batch, of_epoch),
        "total": _carried(total, of_epoch),
        "clock": said("clock"),
    }


def _carried(value: Floats, section: Ints) -> Floats:
    """Carry the last known value on, within a section."""
    if not len(value):
        return value
    last = np.maximum.accumulate(np.where(~np.isnan(value), np.arange(len(value)), 0))
    return np.where(section[last] == section, value[last], np.nan)


def _rows(groups: list[SameLines], group_of: Ints, placed: dict[str, Floats]) -> Ints:
    """Say which lines share a row: those at one place whose tags differ, and remarks on what is said there."""
    count = len(group_of)
    is_new: Bools = np.zeros(count, np.bool_)
    if not count:
        return np.empty(0, np.int64)
    is_new[0] = True
    for value in placed.values():
        is_new[1:] |= (value[1:] != value[:-1]) & ~(np.isnan(value[1:]) & np.isnan(value[:-1]))
    tags = [frozenset(value.tag for value in group.shape.values) for group in groups]
    here: set[str] = set()
    following = -1
    for index in np.flatnonzero(~is_new).tolist():
        if index != following:
            here = set(tags[group_of[index - 1]])
        mine = tags[group_of[index]]
        if here.isdisjoint(mine) or groups[group_of[index]].shape.is_remark:
            here |= mine
        else:
            is_new[index] = True
            here = set(mine)
        following = index + 1
    return np.cumsum(is_new) - 1

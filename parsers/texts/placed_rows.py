"""Rows of a text log: lines at the same position are one row."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..numbers.columns import Column
from .shapes.keys import SPLIT_OF_WORD, is_measured

if TYPE_CHECKING:
    from ..run import Bools, Floats, Ints, Split
    from .shapes.same_lines import SameLines

MAX_TAGS = 2000
MIN_POINTS = 3  # of a quantity with an unknown name; fewer are remarks
AXES = ("epoch", "step", "batch", "total")


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
        counts = [len(group) for group in groups]
        group_of = np.repeat(np.arange(len(groups)), counts)
        line = np.concatenate([group.line_numbers for group in groups]) if groups else np.empty(0, np.int64)
        order = np.argsort(line, kind="stable")
        placed = _placed(groups, group_of, order)
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
        for group, row in sorted(zip(groups, rows, strict=True), key=lambda pair: not pair[0].shape.is_remark):
            for value in group.shape.values:
                if (value.tag, group.shape.is_counted) not in parts and len(parts) >= MAX_TAGS:
                    continue
                number = group.column(value.hole) * value.scale
                is_there = (row >= 0) & ~group.is_missing(value.hole)
                if value.whole >= 0:
                    whole = group.column(value.whole)
                    is_share = (whole > 0) & np.isfinite(whole)
                    is_there &= is_share
                    number = number / np.where(is_share, whole, 1)
                parts.setdefault((value.tag, group.shape.is_counted), []).append(
                    Column(row[is_there], number[is_there])
                )
                if value.split and (value.split == "cv" or not value.tag.startswith(f"{value.split}/")):
                    self.splits[value.tag] = SPLIT_OF_WORD[value.split]
        found: dict[str, Column] = {}
        for (tag, is_counted), columns in parts.items():
            row = np.concatenate([column.row for column in columns])
            if not len(row) or (len(row) < MIN_POINTS and not is_measured(tag)):
                continue
            _, order = np.unique(row, return_index=True)  # what is said after an evaluation stands for the whole of it
            name = f"epoch/{tag}" if not is_counted and (tag, True) in parts else tag
            found[name] = Column(row[order], np.concatenate([column.value for column in columns])[order])
        return found


def _plan(groups: list[SameLines], counter: str, total: str) -> int | None:
    """The number that a counter by name counts up to, if it is always the same."""
    found: set[float] = set()
    for group in groups:
        if getattr(group.shape, counter) >= 0 and getattr(group.shape, total) >= 0:
            found |= set(np.unique(group.column(getattr(group.shape, total))).tolist())
    planned = found.pop() if len(found) == 1 else math.nan
    return int(planned) if math.isfinite(planned) and planned > 0 else None


def _placed(groups: list[SameLines], group_of: Ints, order: Ints) -> dict[str, Floats]:
    """Position of each line, in log order; missing counters are carried forward from earlier lines."""

    def said(hole: str) -> Floats:
        if not groups:
            return np.empty(0)
        return np.concatenate([group.column(getattr(group.shape, hole)) for group in groups])[order]

    epoch, step, batch, total = (said(axis) for axis in AXES)
    step = np.where(step == np.floor(step), step, np.nan)
    whole = np.zeros(len(epoch), np.int64)
    if _is_said_at_the_end(epoch, batch) or _is_said_at_the_end(epoch, step):
        epoch = np.where(np.isnan(epoch), _carried(epoch[::-1], whole)[::-1], epoch)
    if _is_one_counter(epoch, step, batch):
        step, batch = np.where(np.isnan(step), batch, step), np.full(len(batch), np.nan)
    carried = _carried(epoch, whole)
    if _counts_for_itself(carried, step, batch):
        step = np.full(len(step), np.nan)
    if np.isnan(batch).all() and _starts_with_epochs(carried, step):
        step, batch = batch, step
    is_new = (carried[1:] != carried[:-1]) & ~np.isnan(carried[1:])
    of_epoch = np.concatenate([[0], np.cumsum(is_new)])[: len(epoch)]
    placed = {
        "epoch": carried,
        "step": _carried(step, whole),
        "batch": _carried(batch, of_epoch),
        "total": _carried(total, of_epoch),
    }
    if np.isnan(batch).all():
        _place_before(placed, epoch, step, groups, group_of[order])
    is_below: Bools = np.zeros(len(order), np.bool_)
    if groups:
        is_below = np.array([group.shape.is_below for group in groups], np.bool_)[group_of[order]]
    if is_below.any():  # such lines stand where the next line with a counter does
        is_said: Bools = ~(np.isnan(epoch) & np.isnan(step) & np.isnan(batch))
        following = np.minimum.accumulate(np.where(is_said, np.arange(len(is_said)), len(is_said))[::-1])[::-1]
        following = np.where(following < len(is_said), following, np.arange(len(is_said)))
        placed = {axis: np.where(is_below, value[following], value) for axis, value in placed.items()}
    return {**placed, "clock": said("clock")}


def _place_before(
    placed: dict[str, Floats], epoch: Floats, step: Floats, groups: list[SameLines], group_of: Ints
) -> None:
    """Place an evaluation before the training at step 0, or at epoch 0 where epochs count from 1 and nothing else counts."""
    if np.isnan(placed["epoch"]).all():
        placed["step"] = _begun_before(placed["step"], step, groups, group_of)
    elif np.isnan(placed["step"]).all() and np.nanmin(placed["epoch"]) > 0:
        placed["epoch"] = _begun_before(placed["epoch"], epoch, groups, group_of)


def _begun_before(carried: Floats, said: Floats, groups: list[SameLines], group_of: Ints) -> Floats:
    """A counter with that of an evaluation before the first one, as of a check before the training: it stands at 0.

    Only where the counter begins there: its first number is no larger than what it rises by.
    """
    told = said[np.isfinite(said)]
    rises = np.diff(told)
    if not len(rises) or not 0 <= told[0] <= np.median(rises):
        return carried
    is_held_out = np.array([len(group) >= MIN_POINTS and _is_held_out(group) for group in groups], np.bool_)
    return np.where(np.isnan(carried) & is_held_out[group_of], 0.0, carried)


def _is_held_out(group: SameLines) -> bool:
    splits = [group.shape.split, *(value.split for value in group.shape.values)]
    return group.shape.is_row and any(SPLIT_OF_WORD.get(split, "train") != "train" for split in splits)


def _is_said_at_the_end(epoch: Floats, batch: Floats) -> bool:
    """Whether an epoch is named behind its batches, as in a summary: `batch 1`, `batch 2`, `epoch 1 done`, `batch 1`."""
    is_named, is_batch = ~np.isnan(epoch), ~np.isnan(batch)
    if (is_named & is_batch).any() or np.count_nonzero(is_named) < MIN_POINTS or not is_batch.any():
        return False
    batches = np.flatnonzero(is_batch)
    back = batches[1:][np.diff(batch[batches]) < 0]
    named = np.flatnonzero(is_named)
    first_named = named[np.append(True, np.diff(epoch[named]) != 0)]
    ends = np.unique(np.searchsorted(first_named, batches[:-1][np.diff(batch[batches]) < 0]))
    return bool(batches[0] < named[0]) and len(ends) == len(back) >= len(first_named) - 1 > 0


def _is_one_counter(epoch: Floats, step: Floats, batch: Floats) -> bool:
    """Whether `250/5000` and `iter 300` in other lines, together, count the steps of the whole training."""
    is_step, is_batch = ~np.isnan(step), ~np.isnan(batch)
    if not is_step.any() or not is_batch.any() or (is_step & is_batch).any() or not np.isnan(epoch).all():
        return False
    together = np.where(is_step, step, batch)[is_step | is_batch]
    return bool((np.diff(together) >= 0).all()) and len(np.unique(batch[is_batch])) > 1


def _starts_with_epochs(epoch: Floats, step: Floats) -> bool:
    """Whether steps restart exactly at each new epoch, so that they count within it."""
    said = np.flatnonzero(~np.isnan(step) & ~np.isnan(epoch))
    is_back, is_next = np.diff(step[said]) < 0, np.diff(epoch[said]) > 0
    return bool(is_next.any() and (is_back == is_next).all())


def _counts_for_itself(epoch: Floats, step: Floats, batch: Floats) -> bool:
    """Whether the batches of the epochs count all lines, while steps are said only here and there, as at a checkpoint."""
    said = np.flatnonzero(~np.isnan(batch))
    is_step = ~np.isnan(step)
    if is_step[said].any() or not 0 < np.count_nonzero(is_step) <= len(said) or np.isnan(epoch[said]).any():
        return False
    is_back = np.diff(batch[said]) < 0
    return bool((np.diff(epoch[said])[is_back] > 0).all())


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

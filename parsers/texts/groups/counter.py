"""Finds the counter of a line by its values, and checks counters that were found by name."""

from __future__ import annotations

import re
from itertools import permutations, starmap
from typing import TYPE_CHECKING

import numpy as np

from ..mining.lines import pieces_of
from ..shapes.counting import MIN_LINES, counts, is_measured_like, is_outer, varies
from ..shapes.keys import SPLIT_OF_WORD, is_measured
from ..shapes.same_lines import take_turns
from ..shapes.units import is_unit, scale_of, unit_behind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...run import Floats
    from ..shapes.same_lines import SameLines

MIN_NAMELESS = 10  # lines of numbers without a name
MIN_COLUMNS = 2
MAX_LEFT = 0.5  # of the first value, at the end of a column that falls
MIN_FALLING = 0.7  # of the changes; of nine random ones, in 9 % of the columns as many do
MAX_ROUNDING = 0.01  # of a change, that is printed with fewer digits than the values it lies between
MIN_STANDING = 0.5  # of the lines, in which an epoch does not move on
NO_NAMES = "the numbers have no names: the first of a line counts steps"

_WORD = re.compile(r"[^\W\d_]{3,}")
_JSON = '{"'


def check_counters(group: SameLines) -> None:
    """Check the counters found by their names against their values."""
    shape = group.shape
    for hole in (shape.step, shape.total) if shape.step >= 0 else ():
        if hole >= 0:
            group.columns[hole] = group.column(hole) * _scale_behind(group, hole)
    is_pair = shape.batch >= 0 and shape.total >= 0 and shape.epoch < 0
    if is_pair and is_outer(group.column(shape.batch), group.column(shape.total)):
        shape.epoch, shape.batch, shape.total = shape.batch, shape.total, -1
        shape.settle()
    column = group.column(max(shape.step, shape.batch))
    if min(shape.step, shape.batch, shape.total, shape.epoch) == max(shape.epoch, shape.total) == -1 and not varies(
        column
    ):
        shape.step = shape.batch = -1  # "minibatch 32" is a size
        shape.settle()
    if shape.batch >= 0 and shape.epoch < 0 and shape.total >= 0 and not varies(column) and _counter_of(group):
        shape.batch = shape.total = -1  # "pass 3, document 2000/2000"
        shape.settle()
    if shape.step >= 0 and max(shape.epoch, shape.batch) < 0 and (inner := _counts_more_finely(group, shape.step)) >= 0:
        shape.epoch, shape.step = shape.step, inner  # "[ 3]    870 || loss: 0.5"
        shape.loose = [loose for loose in shape.loose if loose.hole != inner]
        shape.settle()


def _scale_behind(group: SameLines, hole: int) -> float:
    """What a counter is multiplied by: `Step: 20k` is step 20,000."""
    unit = unit_behind(pieces_of(group.line)[0][hole + 1])
    return scale_of(unit) if unit in ("k", "K", "M") else 1.0


def take_counter_of_name(group: SameLines) -> None:
    """`Train loss 3 0.51`: of two numbers after one name, the first is the counter and the second the value."""
    shape = group.shape
    if group.shape.has_counter:
        return
    loose = {each.hole: each for each in shape.loose}
    for value in shape.values:
        follower = loose.get(value.hole + 1)
        if follower is None or follower.key.name or not is_measured(value.tag) or not counts(group.column(value.hole)):
            continue
        if is_measured_like(group.column(follower.hole)):
            shape.step, value.hole = value.hole, follower.hole
            shape.loose.remove(follower)
            shape.settle()
            return


def take_counter_of_split(group: SameLines) -> None:
    """`train 050 2.03 24.5`: after a split alone, the first number is the counter and the others are values."""
    shape = group.shape
    if shape.has_counter or shape.values or len(shape.loose) < MIN_COLUMNS or shape.loose[0].key.name:
        return
    first, *others = shape.loose
    split = SPLIT_OF_WORD.get(first.key.rest.strip().lower())
    is_bare = not any(loose.key.name or loose.key.rest.strip() for loose in others)
    is_measured_each = all(is_measured_like(group.column(loose.hole)) for loose in others)
    if split and is_bare and is_measured_each and counts(group.column(first.hole)):
        if split == "train":
            shape.step = first.hole
        else:
            shape.batch = first.hole  # progress of an evaluation
        shape.loose = others
        shape.settle()


def take_batches_for_steps(groups: Sequence[SameLines]) -> None:
    """Where no line counts steps or epochs, batches and episodes that never start again are the steps."""
    if any(max(group.shape.step, group.shape.epoch) >= 0 for group in groups):
        return
    for group in groups:
        shape = group.shape
        if shape.batch >= 0 > shape.total and (np.diff(group.column(shape.batch)) >= 0).all():
            shape.step, shape.batch = shape.batch, -1
            shape.settle()


def find_counter(groups: Sequence[SameLines], evidence: list[str]) -> bool:
    """Without a named counter, take a number that counts in the most frequent lines, and in lines with the same name for it."""
    best: tuple[int, SameLines, int, str, str] | None = None
    for group in groups:
        if len(group) < MIN_LINES or group.shape.has_counter or group.line.lstrip().startswith(_JSON):
            continue
        found = _counter_of(group)
        if found and (best is None or len(group) > best[0]) and _tells(group, found[0]):
            best = (len(group), group, *found)
    if best is None:
        return False
    _, first, _, name, why = best
    evidence.append(f"steps are counted by {name or 'the first number of a line'!r}: {why}")
    for group in groups:
        found = _counter_of(group) if len(group) >= MIN_LINES and not group.shape.has_counter else None
        if group is first or (found and found[1] == name):
            _count_by(group, found[0] if found else -1)
    return True


def find_title(groups: Sequence[SameLines], evidence: list[str]) -> bool:
    """If no line with values has a counter, take it from lines above them, as `*** generation 3 ***`."""
    told = [group for group in groups if len(group) >= MIN_LINES and _tells(group, -1)]
    for group in sorted(groups, key=len, reverse=True):
        found = _counter_of(group) if len(group) >= MIN_LINES and not _tells(group, -1) else None
        if found and any(take_turns(group, other) for other in told):
            group.shape.values = []
            _count_by(group, found[0])
            evidence.append(f"steps are counted by {found[1] or 'the lines above the records'!r}: {found[2]}")
            return True
    return False


def find_nameless(groups: Sequence[SameLines], evidence: list[str]) -> None:
    """Take lines of bare numbers, `0 1.07 0.48`, as records if the first number counts from 0 or 1.

    One of the other columns must fall like a loss or be the change of another column.
    """
    for group in groups:
        columns = [group.column(loose.hole) for loose in group.shape.loose]
        if len(group) < MIN_NAMELESS or len(columns) < MIN_COLUMNS or _WORD.search(group.shape.text):
            continue
        is_told = any(map(_falls, columns[1:])) or any(starmap(_is_change_of, permutations(columns[1:], 2)))
        if columns[0][0] in (0, 1) and counts(columns[0]) and is_told:
            _count_by(group, group.shape.loose[0].hole)
            evidence.append(NO_NAMES)


def find_nameless_below_epochs(groups: Sequence[SameLines], evidence: list[str]) -> None:
    """Take lines `0: -5.1` below lines `Epoch: 0` as records if nothing else is measured: a counter, and a number that moves."""
    if any(group.shape.values and len(group) >= MIN_LINES for group in groups):
        return
    epochs = [group for group in groups if group.shape.epoch >= 0 and len(group) > 1 and not group.shape.loose]
    for group in groups if epochs else ():
        columns = [group.column(loose.hole) for loose in group.shape.loose]
        is_bare = len(group) >= MIN_NAMELESS and len(columns) == MIN_COLUMNS and not _WORD.search(group.shape.text)
        if is_bare and columns[0][0] in (0, 1) and counts(columns[0]) and is_measured_like(columns[1]):
            _count_by(group, group.shape.loose[0].hole)
            evidence.append(NO_NAMES)


def _falls(value: Floats) -> bool:
    """Whether a column is positive, not whole, and falls by half, nearly always."""
    is_loss_like = is_measured_like(value) and np.isfinite(value).all() and bool((value > 0).all())
    return bool(is_loss_like and value[-1] < MAX_LEFT * value[0] and np.mean(np.diff(value) < 0) > MIN_FALLING)


def _is_change_of(change: Floats, value: Floats) -> bool:
    """Whether a column is the change of another column since the previous line, as in iterative fits."""
    if not is_measured_like(value) or not np.isfinite(value).all() or not np.isfinite(change[1:]).all():
        return False
    moved = np.diff(value)
    return bool(moved.any() and np.allclose(np.abs(change[1:]), np.abs(moved), rtol=MAX_ROUNDING, atol=0.0))


def _count_by(group: SameLines, hole: int) -> None:
    """Set the counter, and a number before it as the epoch if the counter restarts when that number changes."""
    shape = group.shape
    outer = [loose.hole for loose in shape.loose if loose.hole < hole]
    if (inner := _counts_more_finely(group, hole)) >= 0:
        outer, hole = [hole], inner
    epoch = next((each for each in outer if is_outer(group.column(each), group.column(hole))), -1)
    if inner >= 0 and epoch < 0:
        shape.epoch, shape.step = outer[0], inner
    elif epoch >= 0:
        shape.epoch, shape.batch = epoch, hole
    else:
        shape.step = hole
    shape.values = [value for value in shape.values if value.hole not in (hole, epoch)]
    shape.loose = [loose for loose in shape.loose if loose.hole not in (hole, epoch)]
    shape.settle()


def _counts_more_finely(group: SameLines, hole: int) -> int:
    """The unnamed number after a slow counter, if it counts every line; -1 if there is none."""
    if not any(loose.hole == hole + 1 and not loose.key.name for loose in group.shape.loose):
        return -1
    stands = np.diff(group.column(hole)) == 0
    moves = np.diff(group.column(hole + 1))
    is_finer = counts(group.column(hole + 1)) and (moves[stands] > 0).all() and np.mean(stands) > MIN_STANDING
    return hole + 1 if is_finer else -1


def _counter_of(group: SameLines) -> tuple[int, str, str] | None:
    """The first number of a line that counts: hole, name, evidence."""
    shape = group.shape
    names = {loose.hole: loose.key.name for loose in shape.loose}
    names |= {value.hole: value.tag for value in shape.values if not is_measured(value.tag)}
    if shape.may_be_rank and shape.rank != 0:
        names[0] = ""
    of_one = np.ones(len(group), np.bool_)
    if shape.rank >= 0:  # of several processes, each counts for itself
        rank = group.column(shape.rank)
        of_one = rank == rank[0]
    for hole in sorted(names):
        if why := counts(group.column(hole)[of_one]):
            return hole, names[hole].strip().lower(), why
    return None


def _tells(group: SameLines, counter: int) -> bool:
    """Whether lines hold a value beside their counter: a known metric, or numbers with decimals."""
    shape = group.shape
    if any(is_measured(value.tag) for value in shape.values):
        return True
    named = [(value.hole, value.tag) for value in shape.values] + [
        (loose.hole, loose.key.name or loose.behind.strip()) for loose in shape.loose
    ]
    return any(
        hole != counter
        and name
        and not is_unit(name)
        and (is_measured_like(group.column(hole)) or "." in group.number(hole))
        for hole, name in named
    )

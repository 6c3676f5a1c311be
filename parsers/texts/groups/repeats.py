"""Records that a log contains several times, from two log handlers or from several processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..shapes.counting import MIN_LINES, counts
from ..shapes.same_lines import merged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...run import Floats, Ints
    from ..shapes.same_lines import SameLines
    from ..shapes.shape import Shape

MAX_DISTANCE = 3  # lines between a record and its double
MIN_DOUBLED = 0.9  # of the lines of a kind; single equal lines are what a training that stands still logs
MIN_SHARED = 0.9  # of the places, that each process logs
MAX_PROCESSES = 4096
MAX_ALIKE = 8  # kinds of lines with the same tags, that one is compared to


def find_ranks(groups: Sequence[SameLines]) -> None:
    """A number before a colon is a process rank if it does not count in most lines."""
    numbered = [group for group in groups if group.shape.may_be_rank and len(group) >= MIN_LINES]
    of_processes = {number for group in numbered if not counts(group.column(0)) for number in group.column(0).tolist()}
    for group in numbered:
        if of_processes.issuperset(group.column(0).tolist()):
            group.shape.rank = 0


def without_doubles(groups: Sequence[SameLines], evidence: list[str]) -> list[SameLines]:
    """Keep one of records that two handlers wrote in the same way."""
    found = [_without_doubles(group) for group in groups]
    _tell(sum(map(len, groups)) - sum(map(len, found)), evidence)
    return found


def once_each(groups: Sequence[SameLines], evidence: list[str]) -> list[SameLines]:
    """Keep one of records that two handlers wrote in two ways, and the mean over the processes that log the same places."""
    found, copied = _without_copies(groups)
    _tell(copied, evidence)
    found = [_without_quoted_end(group, evidence) for group in found]
    processes = 0
    merged_groups = []
    for group in _joined(found):
        mean, count = _mean_of_processes(group)
        processes = max(processes, count)
        merged_groups.append(mean)
    if processes:
        evidence.append(f"{processes} processes log the same steps: each value is the mean over them")
    return merged_groups


def _without_quoted_end(group: SameLines, evidence: list[str]) -> SameLines:
    """Drop a last line that repeats an earlier record, such as the best step."""
    shape = group.shape
    counter = group.column(max(shape.step, shape.epoch))
    is_single = min(shape.step, shape.epoch) == shape.batch == -1
    if len(group) < 2 * MIN_LINES or not shape.values or not is_single or not counter[-1] < counter[-2]:
        return group
    holes = [value.hole for value in shape.values]
    last, before = (np.stack([group.column(hole)[rows] for hole in holes]) for rows in (slice(-1, None), slice(-1)))
    alike = np.flatnonzero((before == last).all(axis=0))
    if len(alike) != 1 or counter[alike[0]] != counter[-1]:
        return group
    evidence.append(f"the last record, of {counter[-1]:,.0f}, repeats an earlier one: it counts once")
    return group.take(np.arange(len(group)) < len(group) - 1)


def _tell(repeated: int, evidence: list[str]) -> None:
    if repeated:
        evidence.append(f"{repeated} lines repeat the record before them (two log handlers): each counts once")


def _without_doubles(group: SameLines) -> SameLines:
    """Drop exact repetitions of the previous line if nearly all lines are doubled."""
    if len(group) < 2 * MIN_LINES or not group.columns:
        return group
    is_same = np.diff(group.line_numbers) <= MAX_DISTANCE
    for column in group.columns:
        is_same &= (column[1:] == column[:-1]) | (np.isnan(column[1:]) & np.isnan(column[:-1]))
    run_start = np.maximum.accumulate(np.where(np.append(False, is_same), 0, np.arange(len(group))))
    first = (np.arange(len(group)) - run_start) % 2 == 0
    doubled = len(group) - int(np.count_nonzero(first))
    return group.take(first) if 2 * doubled >= MIN_DOUBLED * len(group) and not is_same.all() else group


def _signature(shape: Shape) -> tuple[object, ...]:
    return (tuple(value.tag for value in shape.values), shape.epoch >= 0, shape.step >= 0, shape.batch >= 0)


def _without_copies(groups: Sequence[SameLines]) -> tuple[list[SameLines], int]:
    """Drop kinds of lines with the content of another kind, as from two handlers of which one writes the time."""
    seen: dict[tuple[object, ...], list[SameLines]] = {}
    kept, copied = [], 0
    for group in groups:
        alike = seen.setdefault(_signature(group.shape), [])
        if (
            len(group) >= MIN_LINES
            and group.shape.values
            and any(_says_the_same(group, other) for other in alike[-MAX_ALIKE:])
        ):
            copied += len(group)
            continue
        alike.append(group)
        kept.append(group)
    return kept, copied


def _says_the_same(group: SameLines, other: SameLines) -> bool:
    if len(group) != len(other) or (np.abs(group.line_numbers - other.line_numbers) > MAX_DISTANCE).any():
        return False
    return all(
        np.array_equal(group.column(mine), other.column(theirs), equal_nan=True)
        for mine, theirs in zip(_holes(group.shape), _holes(other.shape), strict=True)
    )


def _holes(shape: Shape) -> list[int]:
    return [shape.epoch, shape.step, shape.batch, *(value.hole for value in shape.values)]


def _joined(groups: Sequence[SameLines]) -> list[SameLines]:
    """Lines of several processes whose number is part of the text, as one group with that number."""
    by_kind: dict[tuple[object, ...], list[SameLines]] = {}
    for group in groups:
        shape = group.shape
        kind = (
            (_signature(shape), tuple(_holes(shape)), len(group.columns)) if shape.label and shape.values else id(group)
        )
        by_kind.setdefault(kind if isinstance(kind, tuple) else (kind,), []).append(group)
    return [
        same[0] if len(same) == 1 else merged([group.ranked(float(group.shape.label)) for group in same])
        for same in by_kind.values()
    ]


def _mean_of_processes(group: SameLines) -> tuple[SameLines, int]:
    """One line for each place that several processes log, and how many these are; 0 if they do not."""
    shape = group.shape
    if len(group) < 2 * MIN_LINES or not shape.values:
        return group, 0
    place = np.stack(
        [np.nan_to_num(group.column(hole), nan=-1.0) for hole in (shape.epoch, shape.step, shape.batch)], axis=1
    )
    if shape.rank >= 0:
        rank = group.column(shape.rank)
        count = len(np.unique(rank[np.isfinite(rank)]))
        occurrence = _occurrence(np.column_stack([place, rank]))
    elif shape.step >= 0:
        count, occurrence = _times_each(place), np.zeros(len(group), np.int64)
    else:
        return group, 0
    if not 2 <= count <= MAX_PROCESSES:
        return group, 0
    _, of_place, lines = np.unique(
        np.column_stack([place, occurrence]), axis=0, return_inverse=True, return_counts=True
    )
    of_place = of_place.reshape(-1)
    if np.count_nonzero(lines == count) < MIN_SHARED * len(lines):
        return group, 0
    last = np.full(len(lines), -1)
    np.maximum.at(last, of_place, np.arange(len(group)))
    order = np.sort(last)
    means = {value.hole: _means(group.column(value.hole), of_place, lines)[of_place[order]] for value in shape.values}
    kept = np.zeros(len(group), np.bool_)
    kept[order] = True
    return group.take(kept).with_columns(means), count


def _occurrence(key: Floats) -> Ints:
    """How many earlier rows are equal to each."""
    _, kind = np.unique(key, axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    order = np.argsort(kind, kind="stable")
    starts = np.flatnonzero(np.diff(kind[order], prepend=-1))
    counted = np.arange(len(kind)) - np.repeat(starts, np.diff(np.append(starts, len(kind))))
    occurrence = np.empty(len(kind), np.int64)
    occurrence[order] = counted
    return occurrence


def _times_each(place: Floats) -> int:
    """How many lines in a row stand at each place, if it is always as many; 0 if not."""
    moves = np.flatnonzero((np.diff(place, axis=0) != 0).any(axis=1)) + 1
    runs = np.diff(np.concatenate([[0], moves, [len(place)]]))
    count = int(np.median(runs))
    return count if len(runs) >= MIN_LINES and np.count_nonzero(runs == count) >= MIN_SHARED * len(runs) else 0


def _means(value: Floats, of_place: Ints, lines: Ints) -> Floats:
    """Mean of the lines of each place; of equal numbers exactly that number."""
    with np.errstate(invalid="ignore"):
        means: Floats = np.bincount(of_place, weights=value, minlength=len(lines)) / lines
    first = np.empty(len(lines))
    first[of_place[::-1]] = value[::-1]
    differs = np.bincount(of_place, weights=value != first[of_place], minlength=len(lines)) > 0
    return np.where(differs, means, first)

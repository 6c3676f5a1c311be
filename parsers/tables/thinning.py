"""Thinning of a table while it is read: memory is bounded by the number of cells, whatever the size of the file.

Each column keeps evenly spaced cells of its own, so that one that is logged rarely is not lost between those of one that is
logged in every row; with them its first and last cell, its extremes, and the cells that are not finite. Where a column of
texts names splits or runs, each of these is thinned on its own. A counter that goes back marks a restart: the rows on both
sides are kept. Rows keep the numbers that they have in the file.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..numbers.columns import Column
from .axes import CLOCK_NAMES, EPOCH_NAMES, STEP_NAMES, plain
from .columns import LABEL_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..run import Bools, Floats, Ints

MAX_CELLS = 7_000_000  # of a table kept completely: each needs 8 to 24 bytes until it is a point of a curve, twice that during thinning
MAX_THINNED = 5_000_000  # of a thinned table: thinning needs memory, and its cells need their rows
MIN_POINTS = 64  # kept in a column of a very wide table
GRID_SHARE, ODD_SHARE, TURN_SHARE = 0.7, 0.15, 0.05  # of the points of a column: evenly spaced, not finite, at restarts
EXTREMES_EVERY = 256  # evenly spaced points per minimum and maximum: few enough not to change the noise of a curve
MAX_GROUPS = 32  # splits or runs that are thinned separately; with more, rows are not distinguished by them


class Thinned(NamedTuple):
    """The kept cells: columns by name, and `rows` int64 [k], the numbers of all rows that still have cells."""

    columns: dict[str, Column]
    clocks: dict[str, Column]
    labels: dict[str, Column]
    rows: Ints


class Thinner:
    """Thins one table repeatedly while it grows.

    Attributes:
        rows: numbers of the rows after the last thinning, increasing; None if there was none.
        dropped: number of dropped cells by column.

    """

    def __init__(self) -> None:
        self.rows: Ints | None = None
        self.dropped: Counter[str] = Counter()
        self._shifts: dict[tuple[str, float], int] = {}

    def is_due(self, cells: int) -> bool:
        """Whether a table with this number of cells has to be thinned."""
        return cells > (MAX_CELLS if self.rows is None else MAX_THINNED)

    def thin(
        self, columns: Mapping[str, Column], clocks: Mapping[str, Column], labels: Mapping[str, Column]
    ) -> Thinned:
        """Keep at most about half of `MAX_THINNED`; for labels, `value` is the code of the text in a row."""
        of_rows = {name: column for name, column in columns.items() if is_of_row(name)}
        metrics = {name: column for name, column in columns.items() if name not in of_rows} or of_rows
        counts = [len(column.row) for part in (columns, clocks, labels) for column in part.values()]
        points = max(MIN_POINTS, fair_share(counts, MAX_THINNED // 2))
        turns = _turns(of_rows, int(TURN_SHARE * points))
        group = _groups([*labels.values(), *(column for name, column in of_rows.items() if plain(name) in LABEL_NAMES)])
        kept = {name: self._picked(name, column, points, turns, group) for name, column in metrics.items()}
        _share(metrics, kept, points)
        rows = _united([metrics[name].row[is_kept] for name, is_kept in kept.items()])
        for column in (*of_rows.values(), *clocks.values()):
            # a row without a step has the position of the row before it, which is kept as well
            before = np.searchsorted(column.row, rows, side="right") - 1
            rows = _united([rows, column.row[before[before >= 0]]])
        taken = {
            name: Column(metrics[name].row[is_kept], metrics[name].value[is_kept]) for name, is_kept in kept.items()
        }
        taken |= {name: _at(column, rows) for name, column in of_rows.items()}
        self.dropped.update({name: len(columns[name].row) - len(taken[name].row) for name in columns})
        self.rows = rows
        return Thinned(
            {name: taken[name] for name in columns},
            {name: _at(column, rows) for name, column in clocks.items()},
            {name: _at(column, rows) for name, column in labels.items()},
            rows,
        )

    def _picked(self, name: str, column: Column, points: int, turns: Ints, group: Column | None) -> Bools:
        row, value = column
        is_kept = np.isin(row, turns, assume_unique=True) if len(turns) else np.zeros(len(row), np.bool_)
        code = _carried(group, row) if group is not None else np.empty(0)
        codes = np.unique(code)
        if not 1 < len(codes) <= MAX_GROUPS:
            picked, self._shifts[name, 0] = pick(row, value, points, self._shifts.get((name, 0), 0))
            return is_kept | picked
        for each in codes.tolist():
            cells = np.flatnonzero(code == each)
            picked, shift = pick(row[cells], value[cells], points // len(codes), self._shifts.get((name, each), 0))
            is_kept[cells[picked]] = True
            self._shifts[name, each] = shift
        return is_kept


def is_of_row(name: str) -> bool:
    """Whether a column is part of the position of its row, and is kept with it."""
    key = plain(name)
    return key in STEP_NAMES or key in EPOCH_NAMES or key in CLOCK_NAMES or key in LABEL_NAMES


def placed(columns: Mapping[str, Column], rows: Ints) -> dict[str, Column]:
    """Columns of a table that has only these rows."""
    return {name: Column(np.searchsorted(rows, column.row), column.value) for name, column in columns.items()}


def thinning_note(logged: int, kept: int, what: str = "rows") -> str:
    """The note about a thinned log."""
    return (
        f"{logged:,} {what} exceed the limit: {kept:,} were kept, evenly spaced, with the first, the last, the extreme"
        " and the non-finite values of each curve"
    )


def fair_share(counts: Sequence[int], most: int) -> int:
    """The number of points that the longest columns may keep so that all columns together keep a given number."""
    left, columns = most, len(counts)
    for index, count in enumerate(sorted(counts)):
        if count * (columns - index) > left:
            return left // (columns - index)
        left -= count
    return max(counts, default=0)


def pick(row: Ints, value: Floats, points: int, shift: int = 0) -> tuple[Bools, int]:
    """Which of n cells to keep, at most about `points` of them: bool [n]. `row` increases.

    They include the first and the last, the smallest and the largest finite one, and those that are not finite, evenly
    chosen if these are too many. One cell per 2 ** `shift` rows is kept, or per more rows if necessary; the shift used is
    returned.
    """
    if len(row) <= points and not shift:
        return np.ones(len(row), np.bool_), 0
    shift = _shift(row, int(GRID_SHARE * points), shift)
    is_kept = _is_first(row >> shift)
    is_kept[-1:] = True
    is_finite = np.isfinite(value)
    odd = np.flatnonzero(~is_finite)
    most = max(int(ODD_SHARE * points), 2)
    if len(odd) > most:
        odd = odd[_is_first(row[odd] >> _shift(row[odd], most))]
    is_kept[odd] = True
    finite = np.flatnonzero(is_finite) if len(odd) else None
    part, number = (row, value) if finite is None else (row[finite], value[finite])
    part = part >> (shift + EXTREMES_EVERY.bit_length() - 1)
    for lowest in (_lowest(part, number), _lowest(part, -number)):
        is_kept[lowest if finite is None else finite[lowest]] = True
    return is_kept, shift


def _share(metrics: Mapping[str, Column], kept: dict[str, Bools], points: int) -> None:
    """Let columns filled in the same rows keep the same rows, if these are not too many, so that they share axes."""
    longest = max(metrics.values(), key=lambda column: len(column.row), default=None)
    if longest is None:
        return
    alike = [
        name for name, column in metrics.items()
        if column.row is longest.row or np.array_equal(column.row, longest.row)
    ]  # fmt: skip
    common: Bools = np.logical_or.reduce([kept[name] for name in alike])
    if np.count_nonzero(common) <= points:
        kept.update(dict.fromkeys(alike, common))


def _turns(of_rows: Mapping[str, Column], most: int) -> Ints:
    """The rows before and at which a counter decreases; evenly spaced ones if these are too many."""
    found = []
    for name, (row, value) in of_rows.items():
        if plain(name) in (*STEP_NAMES, *EPOCH_NAMES) and plain(name) not in LABEL_NAMES:
            back = np.flatnonzero(value[1:] < value[:-1])
            found += [row[back], row[back + 1]]
    turns = _united(found)
    return turns if len(turns) <= most else turns[_is_first(turns >> _shift(turns, max(most, 1)))]


def _groups(labels: Iterable[Column]) -> Column | None:
    """One code for the combination of all columns of labels, if there are few distinct ones."""
    found: Column | None = None
    for label in labels:
        _, code = np.unique(label.value, return_inverse=True)
        if not 1 < (code.max(initial=0) + 1) <= MAX_GROUPS:
            continue
        one = Column(label.row, code.astype(np.float64))
        if found is None:
            found = one
        else:
            row = _united([found.row, one.row])
            found = Column(row, _carried(found, row) * MAX_GROUPS + _carried(one, row))
    return found


def _carried(column: Column, row: Ints) -> Floats:
    """The value of a column at rows, or the last one before; -1 before the first."""
    before = np.searchsorted(column.row, row, side="right") - 1
    return np.where(before >= 0, column.value[np.maximum(before, 0)], -1.0)


def _at(column: Column, rows: Ints) -> Column:
    if not len(rows):
        return Column(column.row[:0], column.value[:0])
    place = np.searchsorted(rows, column.row)
    is_there = rows[np.minimum(place, len(rows) - 1)] == column.row
    return Column(column.row[is_there], column.value[is_there])


def _shift(row: Ints, most: int, least: int = 0) -> int:
    """The power of two that groups rows into at most the given number of groups."""
    most = max(most, 1)
    shift = max(max((len(row) - 1) // most, 1).bit_length() - 1, least)
    while np.count_nonzero(_is_first(row >> shift)) > most:
        shift += 1
    return shift


def _is_first(group: Ints) -> Bools:
    """Whether each is the first of its group; bool [n]."""
    is_first = np.ones(len(group), np.bool_)
    np.not_equal(group[1:], group[:-1], out=is_first[1:])
    return is_first


def _lowest(part: Ints, value: Floats) -> Ints:
    """Index of the first minimum of each part."""
    if not len(part):
        return np.empty(0, np.int64)
    if part[0] == part[-1]:  # as in each of the many columns of a very wide table
        return np.array([np.argmin(value)])
    starts = np.flatnonzero(_is_first(part))
    lowest = np.minimum.reduceat(value, starts)
    sizes = np.diff(starts, append=len(part))
    places = np.flatnonzero(value == np.repeat(lowest, sizes))
    return places[_is_first(part[places])]


def _united(rows: list[Ints]) -> Ints:
    """The union of sorted rows, sorted and unique."""
    first = max(rows, key=len, default=np.empty(0, np.int64))
    others = [each for each in rows if each is not first and not np.array_equal(each, first)]
    return np.unique(np.concatenate([first, *others])) if others else first

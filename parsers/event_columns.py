"""What was read from event files, as columns, and the curves made of them.

Rows come in any order of tags. `Columns.curves` groups them: the rows of a tag keep the order of the log, the curves
stand in the order in which their tags first appeared.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .histograms import MAY_BE_ABSENT, STATISTICS, Histograms, joined, summarise
from .run import Curve, Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .run import Bools, Floats, Ints

_HISTOGRAM_BUCKETS = 1 << 17  # so many are worked out together: enough to hide numpy's overhead, 2 MiB of memory


class Rows(NamedTuple):
    """Some rows of a log: record number, tag number, step, wall time [n] and values [n] or [n, statistics]."""

    record: Ints
    tag: Ints
    step: Ints
    wall_time: Floats
    value: Floats

    def take(self, rows: Ints | Bools) -> Rows:
        """Some of the rows."""
        return Rows(*(part[rows] for part in self))

    def sorted(self, key: Ints) -> Rows:
        """The rows in the order of a key; rows of equal key keep theirs."""
        return self.take(np.argsort(key, kind="stable"))


class Columns:
    """Collects what event files hold, batch after batch, in the order of writing."""

    def __init__(self) -> None:
        self._scalars: list[Rows] = []
        self._histograms: list[Rows] = []
        self._pending: list[tuple[Rows, Histograms]] = []
        self._takeovers: list[tuple[int, int | None]] = []

    def add_scalars(self, parts: list[Rows]) -> None:
        """Add the rows of one batch, in parts of any order of records."""
        if len(parts) == 1:
            self._scalars.append(parts[0])
        elif parts:
            rows = _joined(parts)
            self._scalars.append(rows.sorted(rows.record))

    def add_histograms(self, parts: list[tuple[Rows, Histograms]]) -> None:
        """Add the histograms of one batch; the rows' values are not looked at."""
        self._pending += parts
        if sum(len(bars.rights) for _, bars in self._pending) >= _HISTOGRAM_BUCKETS:
            self._work_out()

    def take_over(self, record: int, purge_step: int | None) -> None:
        """Say that a new writer starts with a record: it voids earlier rows from `purge_step` on.

        None means that it says nothing: then it takes over at its own first step, each curve on its own.
        """
        self._takeovers.append((record, purge_step))

    def curves(self, names: list[str], first_seen: list[int]) -> list[Curve]:
        """One curve a scalar tag, one a statistic of a histogram tag, in the order in which tags were first seen."""
        self._work_out()
        made: dict[int, list[Curve]] = {}
        for parts in (self._scalars, self._histograms):
            for tag, curves in self._grouped(parts, names):
                made.setdefault(tag, []).extend(curves)
            parts.clear()
        return [curve for tag in sorted(made, key=lambda tag: (first_seen[tag], tag)) for curve in made[tag]]

    def _work_out(self) -> None:
        if self._pending:
            rows = _joined([part for part, _ in self._pending])
            bars = joined([bars for _, bars in self._pending])
            rows = rows._replace(value=summarise(bars))
            if not (bars.number > 0).all():  # nothing is known of no values
                rows = rows.take(bars.number > 0)
            self._histograms.append(rows if _rises(rows.record) else rows.sorted(rows.record))
            self._pending.clear()

    def _grouped(self, parts: list[Rows], names: list[str]) -> Iterator[tuple[int, list[Curve]]]:
        """The curves of each tag: one of scalars, several of histograms."""
        if not parts:
            return
        order, bounds, tags = _by_tag(parts)
        step = _gathered([part.step for part in parts], order)
        wall_time = _gathered([part.wall_time for part in parts], order)
        wall_time[wall_time == 0] = np.nan  # no event was written in 1970: the field was left out
        value = _gathered([part.value for part in parts], order)
        writers = self._writers(parts, order)
        unknown = np.broadcast_to(np.nan, len(order))
        is_start = np.zeros(len(order), np.bool_)
        is_start[1:] = step[1:] < step[:-1]
        if writers is not None:
            is_start[1:] |= writers[1:] != writers[:-1]
        is_start[bounds[:-1]] = True
        starts = np.flatnonzero(is_start)
        firsts = np.searchsorted(starts, bounds).tolist()
        places, steps = starts.tolist(), step[starts].tolist()
        said = writers[starts].tolist() if writers is not None else None
        for index, (begin, end) in enumerate(pairwise(bounds.tolist())):
            own = range(firsts[index], firsts[index + 1])
            segments = [Segment(places[i] - begin, steps[i]) for i in own]
            if said is not None and len(own) > 1:
                segments = self._with_purges(segments, [said[i] for i in own])
            part = slice(begin, end)
            name, columns = names[tags[index]], value[part]
            if columns.ndim == 1:
                columns = columns[:, None]
            yield tags[index], [
                curve
                for number in range(columns.shape[1])
                if len(curve := _curve(
                    name, step[part], columns[:, number], wall_time[part], unknown[part],
                    STATISTICS[number] if value.ndim > 1 else "", tuple(segments),
                ))
            ]  # fmt: skip

    def _writers(self, parts: list[Rows], order: Ints) -> Ints | None:
        """How many writers had started before each row, None if there was only one."""
        later = [record for record, _ in self._takeovers[1:]]
        if not later:
            return None
        counts = [np.searchsorted(later, part.record, side="right") for part in parts]
        return _gathered(counts, order)

    def _with_purges(self, segments: list[Segment], writers: list[int]) -> list[Segment]:
        """A writer's own word on where it takes over goes before the step it starts at."""
        found = [segments[0]]
        for segment, before, writer in zip(segments[1:], writers, writers[1:], strict=False):
            words = [purge for _, purge in self._takeovers[before + 1 : writer + 1] if purge is not None]
            found.append(Segment(segment.start, words[-1]) if words else segment)
        return found


def _joined(parts: list[Rows]) -> Rows:
    return parts[0] if len(parts) == 1 else Rows(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _gathered(parts: list[Floats] | list[Ints], order: Ints) -> Floats:
    return (parts[0] if len(parts) == 1 else np.concatenate(parts))[order]


def _rises(numbers: Ints) -> bool:
    return bool((numbers[1:] >= numbers[:-1]).all())


def _by_tag(parts: list[Rows]) -> tuple[Ints, Ints, list[int]]:
    """The order that groups all rows by tag, the bounds of the groups in it, and their tags."""
    tag = np.concatenate([part.tag for part in parts])
    if tag.max() < 1 << 16:
        tag = tag.astype(np.uint16)  # numpy sorts those by radix, six times as fast
    order = np.argsort(tag, kind="stable")
    tag = tag[order]
    bounds = np.concatenate([[0], np.flatnonzero(tag[1:] != tag[:-1]) + 1, [len(tag)]])
    return order, bounds, tag[bounds[:-1]].tolist()


def _curve(
    tag: str, step: Ints, value: Floats, wall_time: Floats, epoch: Floats, statistic: str, segments: tuple[Segment, ...]
) -> Curve:
    """One curve; rows whose statistic the buckets do not tell are left out of it."""
    curve = Curve(tag, step, value, wall_time, epoch, statistic, segments=segments)
    if statistic not in MAY_BE_ABSENT:
        return curve
    known = ~np.isnan(value)
    return curve if known.all() else _pick(curve, known)


def _pick(curve: Curve, known: Bools) -> Curve:
    """The known rows of a curve; segments keep their meaning, those left without a row go."""
    before = np.concatenate([[0], np.cumsum(known)])
    bounds = [*(segment.start for segment in curve.segments), len(curve)]
    segments = [
        Segment(int(before[segment.start]), segment.purge_step)
        for segment, end in zip(curve.segments, bounds[1:], strict=True)
        if before[end] > before[segment.start]
    ]
    return Curve(
        curve.tag, curve.step[known], curve.value[known], curve.wall_time[known], curve.epoch[known],
        curve.statistic, curve.axis, tuple(segments), curve.meaning,
    )  # fmt: skip

"""What was read from event files, as columns, and the curves made of them.

Rows come in any order of tags. `Columns.curves` groups them: the rows of a tag keep the order of the log, the curves
stand in the order in which their tags first appeared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from .histograms import MAY_BE_ABSENT, STATISTICS
from .run import Curve, Segment

if TYPE_CHECKING:
    from .run import Bools, Floats, Ints


class TagBook:
    """Numbers for tag names, in order of first appearance, and the plugin each tag was first announced for."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.plugins: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """The number of a tag; a new one is given to a new name."""
        known = self._numbers.get(name)
        if known is None:
            known = self._numbers[name] = len(self.names)
            self.names.append(name)
            self.plugins.append("")
        return known

    def announce(self, tag: int, plugin: str) -> str:
        """Note the plugin a value names, if any; return what its tag belongs to.

        Writers may name the plugin with the first value of a tag only, so it is kept for those that follow.
        """
        if plugin and not self.plugins[tag]:
            self.plugins[tag] = plugin
        return plugin or self.plugins[tag]


@dataclass(slots=True, eq=False)
class Rows:
    """Rows of one kind, in parts of any length: tag, step, wall time, and one or several values a row."""

    width: int
    count: int = 0
    parts: list[tuple[Ints, Ints, Floats, Floats]] = field(default_factory=list)

    def add(self, tag: Ints, step: Ints, wall_time: Floats, value: Floats) -> None:
        """Append rows: int [n], int64 [n], float64 [n] and float [n, width]."""
        self.parts.append((tag, step, wall_time, value))
        self.count += len(tag)

    def by_tag(self) -> tuple[Ints, Ints, Floats, Floats, Ints]:
        """All rows sorted by tag, else in the order of writing, and the rows' places in that order."""
        if not self.parts:
            empty = np.empty(0)
            none = np.empty(0, np.int64)
            return none, none, empty, empty.reshape(0, self.width), none
        tag, step, wall_time, value = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        order = np.argsort(tag.astype(np.uint16) if tag.max() < 1 << 16 else tag, kind="stable")
        times = wall_time[order]
        times[times == 0] = np.nan  # no event was written in 1970: the field was left out
        return tag[order], step[order], times, value[order].reshape(len(tag), self.width), order


class Columns:
    """Collects what event files hold, file after file, in the order of writing."""

    def __init__(self) -> None:
        self.tags = TagBook()
        self.scalars = Rows(1)
        self.histograms = Rows(len(STATISTICS))
        self._takeovers: list[tuple[int, int, int | None]] = []

    def take_over(self, purge_step: int | None, scalars: int | None = None, histograms: int | None = None) -> None:
        """Say that a new writer starts here, before the next row: it voids earlier rows from `purge_step` on.

        None means that it says nothing: then it takes over at its own first step, each curve on its own. The two
        counts place the start elsewhere than at the end of what has been added.
        """
        rows = self.scalars.count if scalars is None else scalars
        bars = self.histograms.count if histograms is None else histograms
        self._takeovers.append((rows, bars, purge_step))

    def curves(self) -> list[Curve]:
        """One curve a scalar tag, one a statistic of a histogram tag, in order of first appearance."""
        made: dict[int, list[Curve]] = {}
        starts = [(row, purge) for row, _, purge in self._takeovers]
        for tag, curve in self._grouped(self.scalars, starts):
            made.setdefault(tag, []).append(curve)
        starts = [(row, purge) for _, row, purge in self._takeovers]
        for tag, curve in self._grouped(self.histograms, starts):
            made.setdefault(tag, []).append(curve)
        return [curve for tag in sorted(made) for curve in made[tag]]

    def _grouped(self, rows: Rows, takeovers: list[tuple[int, int | None]]) -> list[tuple[int, Curve]]:
        tag, step, wall_time, value, order = rows.by_tag()
        if not len(tag):
            return []
        writer = np.searchsorted([row for row, _ in takeovers], order, side="right")
        is_start = np.concatenate([[True], (np.diff(step) < 0) | (np.diff(writer) != 0)])
        bounds = np.concatenate([[0], np.flatnonzero(np.diff(tag)) + 1, [len(tag)]]).tolist()
        unknown = np.full(len(tag), np.nan)
        found = []
        for start, end in pairwise(bounds):
            part = slice(start, end)
            segments = _segments(step[part], is_start[part], writer[part], [purge for _, purge in takeovers])
            name = self.tags.names[tag[start]]
            for column in range(rows.width):
                statistic = STATISTICS[column] if rows.width > 1 else ""
                values = value[part, column]
                curve = Curve(name, step[part], values, wall_time[part], unknown[part], statistic, segments=segments)
                known = ~np.isnan(values)
                if statistic in MAY_BE_ABSENT and not known.all():
                    curve = _pick(curve, known)
                if len(curve):
                    found.append((int(tag[start]), curve))
        return found


def _segments(step: Ints, is_start: Bools, writer: Ints, purges: list[int | None]) -> tuple[Segment, ...]:
    """Segments of one curve: a writer's own word on where it takes over, else the step it starts at."""
    is_start = is_start.copy()
    is_start[0] = True
    found: list[Segment] = []
    seen = 0
    for row in np.flatnonzero(is_start).tolist():
        said = [purge for purge in purges[seen : writer[row]] if purge is not None] if row else []
        seen = int(writer[row])
        found.append(Segment(row, said[-1] if said else int(step[row])))
    return tuple(found)


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

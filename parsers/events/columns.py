"""Values from event files as columns, and their curves.

Rows arrive in any order of tags. `Columns.curves` groups them: the rows of a tag keep the order of the log, curves are
in the order in which their tags first appeared.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ..restarts import Segment
from ..run import Curve, Meaning
from . import thinning
from .histograms import MAY_BE_ABSENT, STATISTICS, Histograms, joined, summarise
from .rows import PLACE_BITS, Rows, by_tag
from .samples import Samples
from .thinning import Thinner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..run import Bools, BucketSeries, Floats, Ints

_Number = TypeVar("_Number", np.int64, np.float64)
_UNRESOLVED = Meaning()
_HISTOGRAM_BUCKETS = 1 << 15  # computed together: enough to hide numpy's overhead, half a window


class Columns:
    """Collects the values of event files, batch by batch, in the order of writing."""

    def __init__(self) -> None:
        self._scalars: list[Rows] = []
        self._histograms: list[Rows] = []
        self._pending: list[tuple[Rows, Histograms]] = []
        self._samples = Samples()
        self._takeovers: list[tuple[int, int | None]] = []
        self._thinner = Thinner()
        self._rows = 0  # of scalars in memory

    def add_scalars(self, parts: list[Rows]) -> None:
        """Add the rows of one batch, in parts in any order of places."""
        if len(parts) == 1:
            self._scalars.append(parts[0])
        elif parts:
            rows = _joined(parts)
            self._scalars.append(rows.sorted())
        self._rows += sum(len(part.tag) for part in parts)
        if self._rows > thinning.MAX_ROWS:
            self._thin()

    def add_histograms(self, parts: list[tuple[Rows, Histograms]]) -> None:
        """Add the histograms of one batch; the rows' values are not looked at."""
        self._pending += parts
        if sum(len(bars.rights) for _, bars in self._pending) >= _HISTOGRAM_BUCKETS:
            self._work_out()

    def take_over(self, record: int, purge_step: int | None) -> None:
        """Register a new writer that starts with a record: it overwrites earlier rows from `purge_step` on.

        None means unspecified: then it takes over each curve at its first step of that curve.
        """
        self._takeovers.append((record << PLACE_BITS, purge_step))

    def curves(self, names: list[str]) -> list[Curve]:
        """One curve per scalar tag, one per statistic of a histogram tag, in the order of their start in the log."""
        self._work_out()
        if self._thinner.logged:  # thins recent rows to the distance of earlier ones
            self._thin()
        takeovers = self._takeovers[1:]
        found = [*grouped(self._scalars, names, takeovers), *grouped(self._histograms, names, takeovers)]
        self._scalars.clear()
        self._histograms.clear()
        return [curve for _, _, curves in sorted(found, key=lambda group: group[0]) for curve in curves]

    def histograms(self, names: list[str]) -> list[BucketSeries]:
        """A few whole histograms of each tag; call after `curves`."""
        return self._samples.series(names)

    @property
    def thinned_from(self) -> int:
        """The number of logged scalars if not all are kept, otherwise 0; call after `curves`."""
        return self._thinner.logged

    def _thin(self) -> None:
        rows = self._thinner.thin(_joined(self._scalars))
        self._scalars, self._rows = [rows], len(rows.tag)

    def _work_out(self) -> None:
        if self._pending:
            rows = _joined([part for part, _ in self._pending])
            bars = joined([bars for _, bars in self._pending])
            rows = rows._replace(value=summarise(bars))
            if not (bars.number > 0).all():  # without values nothing is known
                rows, bars = rows.take(bars.number > 0), bars.take(bars.number > 0)
            self._samples.add(rows.place, rows.tag.astype(np.int64), rows.step, bars)
            if len(rows.tag):
                self._histograms.append(rows if _rises(rows.place) else rows.sorted())
            self._pending.clear()


def grouped(
    parts: list[Rows], names: list[str], takeovers: list[tuple[int, int | None]]
) -> Iterator[tuple[int, int, list[Curve]]]:
    """For each tag its start, its number, and its curves: one for scalars, several for histograms.

    `takeovers` are the starts of later writers and their purge steps.
    """
    if not parts:
        return
    order, bounds, tags = by_tag(parts)
    place = parts[0].place if len(parts) == 1 else np.concatenate([part.place for part in parts])
    firsts = place[order[bounds[:-1]]].tolist()
    step = _gathered([part.step for part in parts], order)
    wall_time = _gathered([part.wall_time for part in parts], order)
    wall_time[wall_time == 0] = np.nan  # no event was written in 1970: the field was left out
    value = _gathered([part.value for part in parts], order)
    unknown = np.broadcast_to(np.nan, len(order))
    segments = _segments(place[order] if takeovers else place, step, bounds, takeovers)
    for index, (begin, end) in enumerate(pairwise(bounds.tolist())):
        part = slice(begin, end)
        name = names[tags[index] % len(names)]
        if value.ndim == 1:
            yield firsts[index], tags[index], [
                Curve(
                    name, step[part], value[part], wall_time[part], unknown[part], "", "step", segments[index], _UNRESOLVED
                )
            ]  # fmt: skip
            continue
        curves = [
            _curve(name, step[part], column, wall_time[part], unknown[part], statistic, segments[index])
            for statistic, column in zip(STATISTICS, value[part].T, strict=True)
        ]
        yield firsts[index], tags[index], [curve for curve in curves if len(curve)]


def _segments(
    place: Ints, step: Ints, bounds: Ints, takeovers: list[tuple[int, int | None]]
) -> list[tuple[Segment, ...]]:
    """The segments of each group of rows: they start where the step decreases and where another writer takes over.

    Places are looked at only if there are takeovers.
    An explicit purge step of a writer takes precedence over its first step.
    """
    is_start = np.zeros(len(step), np.bool_)
    is_start[1:] = step[1:] < step[:-1]
    writer = np.searchsorted([start for start, _ in takeovers], place, side="right") if takeovers else None
    if writer is not None:
        is_start[1:] |= writer[1:] != writer[:-1]
    is_start[bounds[:-1]] = True
    starts = np.flatnonzero(is_start)
    places, steps = starts.tolist(), step[starts].tolist()
    writers = [0] * len(places) if writer is None else writer[starts].tolist()
    found: list[tuple[Segment, ...]] = []
    for (first, last), begin in zip(pairwise(np.searchsorted(starts, bounds).tolist()), bounds.tolist(), strict=False):
        segments = [Segment(0, steps[first])]
        for index in range(first + 1, last):
            words = [purge for _, purge in takeovers[writers[index - 1] : writers[index]] if purge is not None]
            segments.append(Segment(places[index] - begin, words[-1] if words else steps[index]))
        found.append(tuple(segments))
    return found


def _joined(parts: list[Rows]) -> Rows:
    if len(parts) == 1:
        return parts[0]
    place, tag, step, wall_time, value = zip(*parts, strict=True)
    return Rows(
        np.concatenate(place),
        np.concatenate(tag),
        np.concatenate(step),
        np.concatenate(wall_time),
        np.concatenate(value),
    )


def _gathered(parts: list[NDArray[_Number]], order: Ints) -> NDArray[_Number]:
    return (parts[0] if len(parts) == 1 else np.concatenate(parts))[order]


def _rises(numbers: Ints) -> bool:
    return bool((numbers[1:] >= numbers[:-1]).all())


def _curve(
    tag: str, step: Ints, value: Floats, wall_time: Floats, epoch: Floats, statistic: str, segments: tuple[Segment, ...]
) -> Curve:
    """One curve, without rows whose statistic the buckets do not determine."""
    curve = Curve(tag, step, value, wall_time, epoch, statistic, segments=segments)
    if statistic not in MAY_BE_ABSENT:
        return curve
    known = ~np.isnan(value)
    return curve if known.all() else _pick(curve, known)


def _pick(curve: Curve, known: Bools) -> Curve:
    """The known rows of a curve; segments are kept unless they become empty."""
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

"""A few whole histograms of each tag, evenly chosen while reading, since statistics do not show their shape.

The number of steps of a tag is not known in advance. So every `stride`-th histogram of a tag is kept, at first all; its
stride doubles as the tag grows. When the kept buckets exceed their budget, all strides double, and histograms between
them are dropped.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..run import BucketSeries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..run import Bools, Floats, Ints
    from .histograms import Histograms

MAX_BUCKETS = 1_000_000  # 8 MB: of a hundred tensors with PyTorch's default buckets a dozen steps remain
MAX_STEPS = 24  # of a tag in the end: the number of ridges of a plot
_LAST_STEP = np.iinfo(np.int64).max


class _Kept(NamedTuple):
    """Some histograms: place in the log, tag number, how many of the tag came before, step, sizes [h]; buckets [b]."""

    place: Ints
    tag: Ints
    ordinal: Ints
    step: Ints
    sizes: Ints
    smallest: Floats
    largest: Floats
    rights: NDArray[np.float32]
    counts: NDArray[np.float32]

    def take(self, chosen: Bools) -> _Kept:
        buckets = np.repeat(chosen, self.sizes)
        columns: list[Any] = [*(column[chosen] for column in self[:7]), *(column[buckets] for column in self[7:])]
        return _Kept(*columns)


class Samples:
    """Collects evenly chosen histograms of each tag, in bounded memory."""

    def __init__(self) -> None:
        self._parts: list[_Kept] = []
        self._seen = np.zeros(64, np.int64)
        self._least_stride = 1
        self._buckets = 0

    def add(self, place: Ints, tag: Ints, step: Ints, bars: Histograms) -> None:
        """Take one batch: columns int64 [h] of its histograms, in any order of places within it."""
        if not self._least_stride or not len(tag):
            return
        ordinal = self._ordinals(place, tag)
        chosen = ordinal % self._stride(tag) == 0
        if not chosen.all():
            place, tag, ordinal, step = place[chosen], tag[chosen], ordinal[chosen], step[chosen]
            bars = bars.take(chosen)
        with np.errstate(over="ignore", invalid="ignore"):  # values beyond float32 become infinite
            kept = _Kept(
                place, tag, ordinal, step, bars.sizes, bars.smallest, bars.largest,
                bars.rights.astype(np.float32), bars.counts.astype(np.float32),
            )  # fmt: skip
        self._parts.append(kept)
        self._buckets += len(kept.rights)
        while self._buckets > MAX_BUCKETS:
            self._thin()

    def series(self, names: Sequence[str]) -> list[BucketSeries]:
        """The chosen histograms of each tag that has two or more, as a later writer left them; forgets them all."""
        if not self._parts or not self._least_stride:
            return []
        kept = self._joined()
        kept = kept.take(kept.ordinal % self._stride(kept.tag) == 0)  # also those kept under smaller strides
        self._parts.clear()
        order = np.lexsort((kept.place, kept.tag))
        bounds = [0, *(np.flatnonzero(np.diff(kept.tag[order])) + 1).tolist(), len(order)]
        groups = [_standing(order[first:last], kept.step) for first, last in pairwise(bounds)]
        return [_series(kept, _few(rows), names) for rows in groups if len(rows) > 1]

    def _ordinals(self, place: Ints, tag: Ints) -> Ints:
        """How many histograms of its tag came before each one, int64 [h]."""
        highest = int(tag.max())
        if highest >= len(self._seen):
            self._seen = np.concatenate([self._seen, np.zeros(highest + 1, np.int64)])
        order = np.lexsort((place, tag))
        ranked = tag[order]
        starts = np.searchsorted(ranked, ranked)
        ordinal = np.empty(len(tag), np.int64)
        ordinal[order] = np.arange(len(tag)) - starts + self._seen[ranked]
        self._seen[: highest + 1] += np.bincount(tag)
        return ordinal

    def _stride(self, tag: Ints) -> Ints:
        """Stride of each histogram, int64 [h]: keeps one to two times `MAX_STEPS` histograms of each tag."""
        rounds = np.maximum(self._seen[tag] - 1, 0) // (2 * MAX_STEPS)
        own: Ints = 1 << np.frexp(rounds.astype(np.float64))[1].astype(np.int64)
        return np.maximum(own, self._least_stride)

    def _thin(self) -> None:
        """Drop histograms between the strides, after doubling these if necessary."""
        kept = self._joined()
        thinned = kept.take(kept.ordinal % self._stride(kept.tag) == 0)
        while len(thinned.rights) > MAX_BUCKETS // 2 and self._least_stride:
            # if even one histogram per tag is too much, there are more tensors than anyone would inspect
            self._least_stride = 2 * self._least_stride if thinned.ordinal.any() else 0
            is_kept = thinned.ordinal % self._least_stride == 0 if self._least_stride else thinned.ordinal < 0
            thinned = thinned.take(is_kept)
        self._parts = [thinned]
        self._buckets = len(thinned.rights)

    def _joined(self) -> _Kept:
        if len(self._parts) == 1:
            return self._parts[0]
        columns: list[Any] = [np.concatenate(column) for column in zip(*self._parts, strict=True)]
        return _Kept(*columns)


def _few(rows: Ints) -> Ints:
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(MAX_STEPS, len(rows))).astype(np.int64))]


def _series(kept: _Kept, rows: Ints, names: Sequence[str]) -> BucketSeries:
    ends = np.cumsum(kept.sizes)
    buckets = np.concatenate([np.arange(ends[row] - kept.sizes[row], ends[row]) for row in rows.tolist()])
    columns: list[Any] = [column[rows] for column in (kept.step, kept.sizes, kept.smallest, kept.largest)]
    columns += [column[buckets] for column in (kept.rights, kept.counts)]
    return BucketSeries(names[int(kept.tag[rows[0]])], *columns)


def _standing(rows: Ints, step: Ints) -> Ints:
    """Rows, in the order of writing, that no later row of the same or an earlier step overwrites."""
    steps = step[rows]
    later = np.minimum.accumulate(np.append(steps[1:], _LAST_STEP)[::-1])[::-1]
    return rows[steps < later]

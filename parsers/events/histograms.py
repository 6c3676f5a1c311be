"""Statistics of histograms, many at once, from their buckets.

Bucket i of a histogram covers [right edge of bucket i - 1, right edge of bucket i), as TensorFlow, PyTorch and Keras
write them; the outermost edges are drawn in to the smallest and largest value. No Python object is made for a bucket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Bools, Floats, Ints

STATISTICS = ("norm", "mean", "std", "min", "max", "zero_fraction", "p01", "p50", "p99")
MAY_BE_ABSENT = frozenset({"zero_fraction", "p01", "p50", "p99"})  # NaN means that the buckets do not determine it
QUANTILES = np.array([0.01, 0.50, 0.99])

ZERO_WIDTH = 1e-12  # PyTorch's default buckets next to zero are that wide
ZERO_SHARE = 1e-6  # of the largest magnitude: smaller values are negligible in the layer


@dataclass(frozen=True, slots=True, eq=False)
class Histograms:
    """A batch of h histograms with b buckets in total.

    Attributes:
        rights: float64 [b], right edges, rising within a histogram.
        counts: float64 [b], number (or weight) of values in each bucket.
        sizes: int64 [h], buckets of each histogram.
        smallest, largest: float64 [h], extremes of the values.
        number: float64 [h], number of values.
        total, squares: float64 [h], their sum and the sum of their squares.

    """

    rights: Floats
    counts: Floats
    sizes: Ints
    smallest: Floats
    largest: Floats
    number: Floats
    total: Floats
    squares: Floats

    def take(self, kept: Bools) -> Histograms:
        """Some of the histograms."""
        if kept.all():
            return self
        buckets = np.repeat(kept, self.sizes)
        rest = (getattr(self, slot)[kept] for slot in Histograms.__slots__[2:])
        return Histograms(self.rights[buckets], self.counts[buckets], *rest)


def joined(parts: Sequence[Histograms]) -> Histograms:
    """Several batches as one."""
    if len(parts) == 1:
        return parts[0]
    return Histograms(*(np.concatenate([getattr(part, slot) for part in parts]) for slot in Histograms.__slots__))


def from_triples(triples: Floats, sizes: Ints) -> Histograms:
    """Histograms from (left, right, count) rows, as Keras and TF2 write them.

    `triples` is float64 [b, 3]. Such histograms have no moments: these are computed from the mid-points of the buckets,
    with an error of at most half a bucket's width for the mean. Extremes are the edges of the outermost buckets
    that hold something.
    """
    left, right, counts = (np.ascontiguousarray(column) for column in triples.T)
    middle = (left + right) / 2
    return Histograms(
        right, counts, sizes,
        smallest=_least(np.where(counts > 0, left, np.inf), sizes),
        largest=-_least(np.where(counts > 0, -right, np.inf), sizes),
        number=_sum(counts, sizes),
        total=_sum(counts * middle, sizes),
        squares=_sum(counts * middle * middle, sizes),
    )  # fmt: skip


def summarise(histograms: Histograms) -> Floats:
    """The `STATISTICS` of each histogram, float64 [h, 9]; a row of an empty histogram is all NaN.

    norm is the root of the sum of squares, std that of the population. Percentiles are interpolated linearly within a
    bucket. zero_fraction is the share of values in buckets within `ZERO_WIDTH` (or `ZERO_SHARE` of the largest
    magnitude) of zero; NaN if the bucket around zero is wider than that, because then it is unknown.
    """
    h = histograms
    with np.errstate(all="ignore"):
        mean = h.total / h.number
        std = np.sqrt(np.maximum(h.squares / h.number - mean * mean, 0.0))
        buckets = _Buckets(h)
        columns = [np.sqrt(h.squares), mean, std, h.smallest, h.largest, buckets.zero_fraction(), *buckets.quantiles()]
        table = np.stack(columns, axis=1)
    table[~(h.number > 0)] = np.nan
    return table


class _Buckets:
    """Cumulated counts of a batch, and quantities derived from them."""

    def __init__(self, histograms: Histograms) -> None:
        self.h = histograms
        self.ends = np.cumsum(histograms.sizes)
        self.starts = self.ends - histograms.sizes
        counts = histograms.counts
        if len(counts) and not (counts.min() >= 0 and np.isfinite(counts.sum())):
            # a NaN of one histogram would spread to all later ones in the cumulated counts
            counts = np.where((counts >= 0) & np.isfinite(counts), counts, 0.0)
        self.cumulated = np.zeros(len(counts) + 1)
        np.cumsum(counts, out=self.cumulated[1:])
        self.before = self.cumulated[self.starts]
        self.mass = self.cumulated[self.ends] - self.before
        self.known = (histograms.sizes > 0) & (self.mass > 0)

    def edges(self, bucket: Ints) -> tuple[Floats, Floats]:
        """Left and right edge of one bucket (a row number in the batch) of each histogram, clipped to the extremes."""
        h = self.h
        if not len(h.rights):  # only empty histograms
            return h.smallest, h.largest
        left = np.where(bucket > self.starts, h.rights[np.maximum(bucket, 1) - 1], h.smallest)
        right = h.rights[np.minimum(bucket, len(h.rights) - 1)]
        return np.clip(left, h.smallest, h.largest), np.clip(right, h.smallest, h.largest)

    def quantiles(self) -> list[Floats]:
        return [self._quantile(q) for q in QUANTILES.tolist()]

    def _quantile(self, share: float) -> Floats:
        wanted = self.before + share * self.mass
        bucket = np.searchsorted(self.cumulated[1:], wanted, side="left")
        bucket = np.clip(bucket, self.starts, np.maximum(self.ends - 1, self.starts))
        left, right = self.edges(bucket)
        below = self.cumulated[np.minimum(bucket, len(self.cumulated) - 1)]
        held = self.cumulated[np.minimum(bucket + 1, len(self.cumulated) - 1)] - below
        value = left + (right - left) * np.clip((wanted - below) / held, 0.0, 1.0)
        return np.where(self.known, value, np.nan)

    def zero_fraction(self) -> Floats:
        h = self.h
        near = np.maximum(ZERO_WIDTH, ZERO_SHARE * np.maximum(np.abs(h.smallest), np.abs(h.largest)))
        below = self._rank(-near, inclusive=False)
        within = np.where(h.largest <= near, self.ends, self._rank(near, inclusive=True))
        first = np.where(h.smallest >= -near, self.starts, below + 1)
        mass = self.cumulated[within] - self.cumulated[np.minimum(first, within)]
        middle = np.minimum(self._rank(np.zeros(len(near)), inclusive=True), np.maximum(self.ends - 1, self.starts))
        left, right = self.edges(middle)
        top = len(self.cumulated) - 1
        filled = self.cumulated[np.minimum(middle + 1, top)] > self.cumulated[np.minimum(middle, top)]
        too_wide = filled & (left <= 0) & (right >= 0) & ((left < -near) | (right > near))
        return np.where(self.known & ~too_wide, mass / self.mass, np.nan)

    def _rank(self, limit: Floats, *, inclusive: bool) -> Ints:
        """Bisect every histogram at once: the first of its rows whose right edge is > limit (or >=)."""
        low, high = self.starts.copy(), self.ends.copy()
        rights = self.h.rights
        while (open_ := low < high).any():
            middle = (low + high) >> 1
            edge = rights[np.minimum(middle, len(rights) - 1)]
            is_left: Bools = edge <= limit if inclusive else edge < limit
            low = np.where(open_ & is_left, middle + 1, low)
            high = np.where(open_ & ~is_left, middle, high)
        return low


def _sum(values: Floats, sizes: Ints) -> Floats:
    return np.bincount(np.repeat(np.arange(len(sizes)), sizes), values, minlength=len(sizes)).astype(np.float64)


def _least(values: Floats, sizes: Ints) -> Floats:
    least = np.full(len(sizes), np.inf)
    np.minimum.at(least, np.repeat(np.arange(len(sizes)), sizes), values)
    return least

"""Thinning of curves without visible change, and their compact encoding for a page.

M4 (Jugel et al., VLDB 2014): the first, lowest, highest and last point of every pixel column. Their line chart equals
that of all points. Points that a finding cites, NaN and infinities are kept as well.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ....rules.statistics.distinct import distinct

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ....parsers.run import Bools, Curve, Floats, Ints

MAX_BROKEN_PIECES = 6  # overwritten writer segments that a chart draws; more are mentioned in a note
NON_FINITE_SHARE = 4  # at most a quarter of the points are NaN and infinities, evenly chosen if there are more


@dataclass(frozen=True, slots=True)
class Piece:
    """Points of one curve drawn as one line.

    Attributes:
        step: int64 [n], non-decreasing.
        value: float64 [n], NaN and infinities as logged.
        is_current: False for rows that a later writer segment overwrote.

    """

    step: Ints
    value: Floats
    is_current: bool = True


def pieces_of(curve: Curve, cap: int, cited: Iterable[int] = ()) -> list[Piece]:
    """Thin a curve to about `cap` points: valid rows, then the longest overwritten segments.

    Args:
        curve: any curve; steps may decrease.
        cap: total number of points, without cited ones.
        cited: steps whose points are kept.

    """
    if not len(curve):
        return []
    current, overwritten = _split(curve)
    share = cap if not overwritten else max(8, cap // 2)
    pieces = [_thinned(curve, current, share, cited, is_current=True)]
    share = max(8, share // max(1, len(overwritten)))
    return pieces + [_thinned(curve, rows, share, cited, is_current=False) for rows in overwritten]


def _split(curve: Curve) -> tuple[Ints, list[Ints]]:
    """Valid rows, and the overwritten rows of the largest segments, in order of writing."""
    if len(curve.segments) < 2:
        return np.arange(len(curve)), []
    current = effective_rows(curve)
    is_void = np.ones(len(curve), dtype=bool)
    is_void[current] = False
    bounds = [*(segment.start for segment in curve.segments), len(curve)]
    void = [a + np.flatnonzero(is_void[a:b]) for a, b in pairwise(bounds)]
    largest = sorted(range(len(void)), key=lambda i: -len(void[i]))[:MAX_BROKEN_PIECES]
    return current, [void[i] for i in sorted(largest) if len(void[i])]


def effective_rows(curve: Curve) -> Ints:
    """Indices of the rows that restarts did not overwrite, int64 [m]."""
    numbered = type(curve).build(
        curve.tag, curve.step, np.arange(len(curve), dtype=np.float64), segments=curve.segments
    )  # the function that applies restarts is reused, with row indices as values
    return numbered.effective().value.astype(np.int64)


def _thinned(curve: Curve, rows: Ints, cap: int, cited: Iterable[int], *, is_current: bool) -> Piece:
    order = rows if np.all(np.diff(curve.step[rows]) >= 0) else rows[np.argsort(curve.step[rows], kind="stable")]
    step, value = curve.step[order], curve.value[order]
    kept = m4(step, value, cap, cited)
    return Piece(step[kept], value[kept], is_current)


def m4(step: Ints, value: Floats, cap: int, cited: Iterable[int] = ()) -> Ints:
    """Rows to keep, ascending: M4 of the finite points, NaN and infinities, and cited steps.

    Args:
        step: int64 [n], non-decreasing.
        value: float64 [n].
        cap: rows to keep, without cited ones.
        cited: steps; every row at one of them is kept.

    """
    if len(step) <= cap:
        return np.arange(len(step))
    is_finite = np.isfinite(value)
    broken = _spread(np.flatnonzero(~is_finite), max(1, cap // NON_FINITE_SHARE))
    finite = np.flatnonzero(is_finite)
    buckets = max(1, (cap - len(broken)) // 4)
    extremes = finite[_m4_of_finite(step[finite], value[finite], buckets)] if len(finite) else finite
    forced = rows_at(step, cited)
    return _union(len(step), extremes, broken, forced)


def rows_at(step: Ints, cited: Iterable[int]) -> Ints:
    """Every row at one of the cited steps; `step` is non-decreasing."""
    wanted = np.asarray(list(cited), dtype=np.int64)
    first, end = step.searchsorted(wanted, "left"), step.searchsorted(wanted, "right")
    ranges = [np.arange(a, b) for a, b in zip(first.tolist(), end.tolist(), strict=True) if a < b]
    return np.concatenate([np.empty(0, np.int64), *ranges])


def _m4_of_finite(step: Ints, value: Floats, buckets: int) -> Ints:
    """First, lowest, highest and last row of each bucket; buckets are equal step ranges."""
    span = float(step[-1]) - float(step[0])
    if span > 0:
        bucket = np.minimum((step.astype(np.float64) - float(step[0])) * (buckets / span), buckets - 1).astype(np.int64)
    else:
        bucket = np.arange(len(step)) * buckets // len(step)
    is_first = np.ones(len(step), dtype=bool)
    np.not_equal(bucket[1:], bucket[:-1], out=is_first[1:])
    starts = is_first.nonzero()[0]
    group = is_first.cumsum() - 1
    kept = [starts, starts[1:] - 1, np.array([len(step) - 1])]
    for extreme in (np.minimum, np.maximum):
        rows = (value == extreme.reduceat(value, starts)[group]).nonzero()[0]
        kept.append(rows[rows.searchsorted(starts)])
    return _union(len(step), *kept)


def _union(length: int, *rows: Ints) -> Ints:
    """Ascending unique rows."""
    is_kept = np.zeros(length, dtype=bool)
    for some in rows:
        is_kept[some] = True
    return np.flatnonzero(is_kept)


def _spread(rows: Ints, limit: int) -> Ints:
    """At most `limit` of the rows, first and last among them."""
    if len(rows) <= limit:
        return rows
    return rows[distinct(np.linspace(0, len(rows) - 1, limit).astype(np.int64))]


def encoded(piece: Piece) -> dict[str, object]:
    """A piece for the page: `a` first step, `x` base64 of LEB128 step differences, `y` base64 of little-endian floats.

    Values are float32 (`w` absent) unless that would be visible, then float64 (`w` is 1). NaN and infinities are
    encoded as such; missing points are absent.
    """
    is_wide = _needs_float64(piece.value)
    unsigned = piece.step.view(np.uint64)  # unsigned arithmetic, since a signed difference may overflow
    differences = unsigned[1:] - unsigned[:-1]
    data: dict[str, object] = {
        "a": int(piece.step[0]) if len(piece.step) else 0,
        "x": _base64(varints(differences)),
        "y": _base64(piece.value.astype("<f8" if is_wide else "<f4").tobytes()),
    }
    if is_wide:
        data["w"] = 1
    if not piece.is_current:
        data["v"] = 1
    return data


def varints(numbers: np.ndarray[Any, np.dtype[np.uint64]]) -> bytes:
    """LEB128: seven bits per byte, lowest first, the high bit set on all but the last byte of a number."""
    if not len(numbers) or numbers.max() < 0x80:  # the usual case: one byte each
        return numbers.astype(np.uint8).tobytes()
    places = np.arange(10, dtype=np.uint64)
    digits = (numbers[:, None] >> (places * np.uint64(7))) & np.uint64(0x7F)
    length = 1 + np.max(np.where(digits > 0, places.astype(np.int64), 0), axis=1, initial=0)
    has_more = places.astype(np.int64) < length[:, None] - 1
    used: Bools = places.astype(np.int64) < length[:, None]
    data: bytes = (digits.astype(np.uint8) | (has_more * np.uint8(0x80)))[used].tobytes()
    return data


def _needs_float64(value: Floats) -> bool:
    """Whether float32 would overflow, round a tiny value to zero, or lose a small change of a large value."""
    finite = value[np.isfinite(value)]
    size = np.abs(finite[finite != 0])
    if not len(size):
        return False
    low, high = float(size.min()), float(size.max())
    span = float(finite.max()) / 2 - float(finite.min()) / 2
    return high > 3e38 or low < 1e-37 or 0 < span < 1e-4 * high


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")

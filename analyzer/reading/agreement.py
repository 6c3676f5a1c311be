"""Comparison of the values of two curves to the printed digits, at points that may be counted differently.

Two loggers of one run write two curves whose values are equal up to the rounding of the less precise one. Two seeds of one
configuration have values that are close but not equal. Agreement is therefore measured in *digits of evidence*: for each
compared value, how much closer it agrees than that of another run would, summed over different values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Curve, Floats, Ints

FLOAT32 = 1e-6  # relative; float32 keeps seven digits, and another order of summation changes the last ones
FLOAT32_DIGITS = 7
HALF_UNIT = 0.51  # of the last printed digit: the rounding error is at most half a unit
MIN_AGREEING = 0.95  # share of the compared points; the others are damaged or were written twice
OTHER_RUN = 1e-3  # minimum relative difference between two runs of one configuration; real ones: 2e-4 to 1e-1
MAX_POINT_DIGITS = 4.0  # of evidence of one value, so that no single one decides
MIN_POINTS = 3  # needed before curves count as different
SAMPLE = 256  # values for counting digits
PERCENT = 100.0
COUNTS = frozenset(("step", "epoch"))  # pairings that compare points with the same number


class Precision(NamedTuple):
    """Precision of the values of a curve: maximum number of decimals, and of significant digits."""

    decimals: int
    digits: int

    def unit(self, value: Floats) -> Floats:
        """Unit of the last digit of each value, from the decimals or the significant digits, whichever is larger."""
        magnitude = np.floor(np.log10(np.maximum(np.abs(value), 1e-300)))
        return np.maximum(10.0**-self.decimals, 10.0 ** (magnitude + 1 - self.digits))


def precision_of(value: Floats) -> Precision:
    """Count the digits of finite values; a float32 has those of its shortest decimal representation."""
    value = value[:: max(1, len(value) // SAMPLE)]
    single = value.astype(np.float32)
    texts = map(
        str, single if bool((single == value).all()) else value
    )  # the shortest that reads back as the same number
    decimals, digits = 0, 1
    for text in texts:
        mantissa, _, exponent = text.lstrip("-").partition("e")
        whole, _, part = mantissa.partition(".")
        part = part.rstrip("0")
        decimals = max(decimals, len(part) - int(exponent or 0))
        digits = max(digits, len((whole + part).lstrip("0")))
    return Precision(decimals, digits)


@dataclass(frozen=True, eq=False)
class Measured:
    """A curve for comparison: its effective finite rows, and their precision."""

    curve: Curve

    @cached_property
    def rows(self) -> Curve:
        standing = self.curve.effective()
        is_finite = np.isfinite(standing.value)
        return standing if is_finite.all() else standing.take(is_finite)

    @cached_property
    def precision(self) -> Precision:
        return precision_of(self.rows.value)

    @property
    def fineness(self) -> int:
        """Significant digits, at most those of a float32."""
        return min(self.precision.digits, FLOAT32_DIGITS)

    @cached_property
    def roughness(self) -> float:
        """Median deviation of a value from the line between its neighbours, a lower bound for the difference of other runs."""
        if len(self.rows) < MIN_POINTS:
            return 0.0
        return float(np.median(np.abs(np.diff(self.rows.value, 2)))) / 2


class Match(NamedTuple):
    """Compared points of two curves.

    Attributes:
        first, second: rows of each in `Measured.rows`.
        share: share of the compared values that agree.
        evidence: digits of evidence, 0 unless nearly all agree.
        how: how points were paired: "step", "count" (from 0 or 1), "epoch", "order" or "value".

    """

    first: Ints
    second: Ints
    share: float
    evidence: float
    how: str

    @property
    def agrees(self) -> bool:
        return self.share >= MIN_AGREEING and len(self.first) > 0


NO_MATCH = Match(np.empty(0, np.int64), np.empty(0, np.int64), 0.0, 0.0, "")


def match(one: Measured, other: Measured, *, may_be_percent: bool = False) -> Match:
    """Compare two curves under each possible pairing of points.

    Returns the first that makes most of the shorter curve agree, else that with most evidence, else the simplest that
    compares the same counts: pairs in the order of writing are evidence if their values are equal, but not if they differ.

    `may_be_percent`: one curve may contain fractions and the other the same in percent.
    """
    plainest = best = NO_MATCH
    enough = min(len(one.rows), len(other.rows)) / 2
    with np.errstate(all="ignore"):  # numbers near the limits of float64 overflow, as intended
        for how, rows, others in _pairings(one.rows, other.rows):
            if not len(rows):
                continue
            found = _compared(one, other, rows, others, how, may_be_percent=may_be_percent)
            if found.agrees and len(rows) >= enough:
                return found
            if found.agrees and found.evidence > best.evidence:
                best = found
            if len(rows) > len(plainest.first) and not found.agrees and how in COUNTS:
                plainest = found
    return best if best.agrees and len(plainest.first) < MIN_POINTS else plainest


def _compared(one: Measured, other: Measured, rows: Ints, others: Ints, how: str, *, may_be_percent: bool) -> Match:
    a, b = one.rows.value[rows], other.rows.value[others]
    factor = 1.0
    if may_be_percent:
        tops = float(np.abs(a).max()), float(np.abs(b).max())
        factor = PERCENT if tops[0] <= 1 < tops[1] else 1 / PERCENT if tops[1] <= 1 < tops[0] else 1.0
    unit = np.maximum(one.precision.unit(a) * factor, other.precision.unit(b))
    a = a * factor
    allowed = np.maximum(HALF_UNIT * unit, FLOAT32 * np.maximum(np.abs(a), np.abs(b)))
    agrees = np.abs(a - b) <= allowed
    share = float(np.count_nonzero(agrees) / len(agrees))
    if share < MIN_AGREEING:
        return Match(rows, others, share, 0.0, how)
    rough = max(one.roughness * factor, other.roughness)
    gain = np.log10(np.maximum(np.maximum(rough, OTHER_RUN * np.abs(b)), 1e-300) / (2 * allowed + 1e-300))
    _, different = np.unique(np.round(b / unit), return_index=True)
    digits = np.clip(gain[different], 0.0, MAX_POINT_DIGITS)[agrees[different]]
    return Match(rows, others, share, float(digits.sum()), how)


def _pairings(one: Curve, other: Curve) -> Iterator[tuple[str, Ints, Ints]]:
    """Possible pairings of the points of two curves, the simplest first: each with rows of both."""
    if not len(one) or not len(other):
        return
    a, b = one.step, other.step
    if "row" not in (one.axis, other.axis) or one.axis == other.axis:
        yield "step", *_common(a, b)
        for offset in (1, -1):
            yield "count", *_common(a, b + offset)
    for first, second in (
        (_epochs(one), _epochs(other)),
        (_epochs(one), _counted(other)),
        (_counted(one), _epochs(other)),
    ):
        if first is not None and second is not None:
            for offset in (0, 1, -1):
                yield "epoch", *_last_common(first, second + offset)
    yield "order", *_in_order(len(a), len(b))
    yield "value", *_by_value(one, other)


def _common(a: Ints | Floats, b: Ints | Floats) -> tuple[Ints, Ints]:
    _, rows, others = np.intersect1d(a, b, return_indices=True)
    return rows, others


def _last_common(a: Floats, b: Floats) -> tuple[Ints, Ints]:
    """Rows of the same whole epoch; the last one if there are several."""
    _, rows, others = np.intersect1d(a[::-1], b[::-1], return_indices=True)
    return np.sort(len(a) - 1 - rows), np.sort(len(b) - 1 - others)


def _epochs(curve: Curve) -> Floats | None:
    """The whole epochs of a curve with another axis; None if they are unknown."""
    if curve.axis == "epoch" or np.isnan(curve.epoch).any():
        return None
    return np.floor(curve.epoch)


def _counted(curve: Curve) -> Floats | None:
    return curve.step.astype(np.float64) if curve.axis != "row" else None


def _in_order(a: int, b: int) -> tuple[Ints, Ints]:
    """Pair rows in order; if one curve is a multiple of the length of the other, the last row of each such block."""
    if a == b or max(a, b) % min(a, b):
        common = np.arange(min(a, b))
        return common, common
    each = max(a, b) // min(a, b)
    long, short = np.arange(each - 1, max(a, b), each), np.arange(min(a, b))
    return (long, short) if a > b else (short, long)


def _by_value(one: Curve, other: Curve) -> tuple[Ints, Ints]:
    """Rows of the longer curve with the values of the shorter one, if the steps of the two are related linearly.

    The line through the first and last pair has to match all steps between.
    """
    is_swapped = len(one) < len(other)
    long, short = (other, one) if is_swapped else (one, other)
    order = np.argsort(long.value, kind="stable")
    ranked = long.value[order]
    at = np.clip(np.searchsorted(ranked, short.value), 1, max(len(ranked) - 1, 1))
    below, above = ranked[at - 1], ranked[np.minimum(at, len(ranked) - 1)]
    nearest = np.where(
        np.abs(short.value - below) <= np.abs(above - short.value), at - 1, np.minimum(at, len(ranked) - 1)
    )
    rows = order[nearest]
    size = max(float(np.abs(short.value).max()), 1e-300)
    is_near = np.abs(long.value[rows] - short.value) <= OTHER_RUN * size
    pairs = np.flatnonzero(is_near)
    if len(pairs) < max(MIN_POINTS, MIN_AGREEING * len(short)):
        return NO_MATCH.first, NO_MATCH.second
    steps, counts = long.step[rows[pairs]], short.step[pairs]
    if (np.diff(steps) <= 0).any() or counts[-1] == counts[0]:
        return NO_MATCH.first, NO_MATCH.second
    line = steps[0] + (counts - counts[0]) * ((steps[-1] - steps[0]) / (counts[-1] - counts[0]))
    if np.abs(line - steps).max() > 1:
        return NO_MATCH.first, NO_MATCH.second
    return (pairs, rows[pairs]) if is_swapped else (rows[pairs], pairs)

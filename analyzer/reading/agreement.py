"""Whether two curves hold the same numbers: compared to the digits printed, at points that may be counted differently.

One training that goes through two loggers leaves two curves whose values are equal up to the rounding of the coarser one.
Two seeds of one configuration leave values that are near and not equal. So agreement is measured in *digits of evidence*:
for each compared value, how much finer the agreement is than what another run would show, summed over different values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Curve, Floats, Ints

FLOAT32 = 1e-6  # relative; float32 keeps seven digits, and sums in another order cost some of the last
FLOAT32_DIGITS = 7
HALF_UNIT = 0.51  # of the last printed digit: rounding is by half a unit at most
MIN_AGREEING = 0.95  # share of the compared points; the others are damage, or points written again
OTHER_RUN = 1e-3  # relative difference that two runs of one configuration show at least; seen: 2e-4 to 1e-1
MAX_POINT_DIGITS = 4.0  # of evidence of one value: no single one decides
MIN_POINTS = 3  # that have to be compared before curves are called different
SAMPLE = 256  # values whose digits are counted
PERCENT = 100.0
COUNTS = frozenset(("step", "epoch"))  # ways of pairing that compare points of the same number


class Precision(NamedTuple):
    """How finely the values of a curve were written: decimals at most, and significant digits at most."""

    decimals: int
    digits: int

    def unit(self, value: Floats) -> Floats:
        """The last digit's unit of each value: of a fixed number of decimals, or of significant digits; the coarser."""
        magnitude = np.floor(np.log10(np.maximum(np.abs(value), 1e-300)))
        return np.maximum(10.0**-self.decimals, 10.0 ** (magnitude + 1 - self.digits))


def precision_of(value: Floats) -> Precision:
    """Count the digits of finite values; those of a float32 are those of its shortest text."""
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
    """A curve as it is compared: the rows that stand and are finite, and how finely they were written."""

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
        """Significant digits as far as they tell anything: those of a float32."""
        return min(self.precision.digits, FLOAT32_DIGITS)

    @cached_property
    def roughness(self) -> float:
        """Typical difference of a value from the line between its neighbours: other runs differ by that at least."""
        if len(self.rows) < MIN_POINTS:
            return 0.0
        return float(np.median(np.abs(np.diff(self.rows.value, 2)))) / 2


class Match(NamedTuple):
    """Points of two curves that were compared.

    Attributes:
        first, second: rows of each in `Measured.rows`.
        share: of the compared values that agree.
        evidence: digits, 0 unless nearly all agree.
        how: which points were taken for the same: "step", "count" (from 0 or 1), "epoch", "order" or "value".

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
    """Compare two curves under each way of counting that is possible.

    The first that makes most of the shorter one agree, else that with most evidence, else the plainest that compares the
    same counts: places in the order of writing prove something if values are equal there, and nothing if they are not.

    `may_be_percent`: one may hold shares and the other the same in percent.
    """
    plainest = best = NO_MATCH
    enough = min(len(one.rows), len(other.rows)) / 2
    with np.errstate(all="ignore"):  # numbers near the limits of float64 overflow, as meant
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
    told = np.clip(gain[different], 0.0, MAX_POINT_DIGITS)[agrees[different]]
    return Match(rows, others, share, float(told.sum()), how)


def _pairings(one: Curve, other: Curve) -> Iterator[tuple[str, Ints, Ints]]:
    """Ways in which points of two curves may be the same, the plainest first: each with rows of both."""
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
    """Rows of the same whole epoch, of several the last."""
    _, rows, others = np.intersect1d(a[::-1], b[::-1], return_indices=True)
    return np.sort(len(a) - 1 - rows), np.sort(len(b) - 1 - others)


def _epochs(curve: Curve) -> Floats | None:
    """The whole epochs of a curve that counts something else and knows them; None if it does not."""
    if curve.axis == "epoch" or np.isnan(curve.epoch).any():
        return None
    return np.floor(curve.epoch)


def _counted(curve: Curve) -> Floats | None:
    return curve.step.astype(np.float64) if curve.axis != "row" else None


def _in_order(a: int, b: int) -> tuple[Ints, Ints]:
    """The first with the first; of a curve that is a multiple of the other's length, each last of so many."""
    if a == b or max(a, b) % min(a, b):
        common = np.arange(min(a, b))
        return common, common
    each = max(a, b) // min(a, b)
    long, short = np.arange(each - 1, max(a, b), each), np.arange(min(a, b))
    return (long, short) if a > b else (short, long)


def _by_value(one: Curve, other: Curve) -> tuple[Ints, Ints]:
    """Where the shorter curve's values stand in the longer, if the steps of the two are on one line.

    Only values that occur once are looked for; a line through the outermost has to meet the steps between exactly.
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

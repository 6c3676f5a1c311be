"""Static line charts as plain geometry, shown before, or without, the script.

The template only writes the computed numbers into SVG elements.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ...report.verdict_text import number, short_step
from .downsample import rows_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....parsers.run import Floats
    from .downsample import Piece

LEFT, RIGHT, TOP, BOTTOM = 50, 12, 14, 26  # margins for the axis labels, in units of the view box
HUGE = 1e150  # larger values are clipped: their differences would overflow
PEAK_QUANTILE = 0.985
PEAK_RATIO = 1.7  # peaks are clipped if they would take more than 40% of the height
LABEL_GAP = 4  # distance between a line and its label
CHARACTER = 6.4  # approximate width of a bold character of 11.5 units
STEPS_OF_TICKS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line with its label."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One polyline; `colour` is its index in the palette of the style sheet."""

    path: str
    colour: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A text beside a line, on the side with room; `row` counts from the edge, so that labels do not overlap."""

    x: float
    text: str
    anchor: str
    row: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A vertical line with its label."""

    at: float
    label: Label


@dataclass(frozen=True, slots=True)
class Dot:
    """A point cited in the text."""

    x: float
    y: float
    colour: int


@dataclass(frozen=True, slots=True)
class Shade:
    """The evidence band of a finding."""

    left: float
    width: float
    severity: str
    label: Label | None


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart in the coordinates of its view box, `width` by `height`; clipped peaks are marked at the top edge."""

    width: int
    height: int
    axis: str
    quantity: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    lines: list[Line]
    shades: list[Shade]
    marks: list[Mark]
    dots: list[Dot]
    peaks: list[Tick]
    broken: list[float]
    areas: list[str] = field(default_factory=list)
    ranges: list[Line] = field(default_factory=list)

    @property
    def right(self) -> int:
        return self.width - RIGHT

    @property
    def bottom(self) -> int:
        return self.height - BOTTOM


def draw(
    pieces: Sequence[tuple[Piece, int]],
    *,
    width: int,
    height: int,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    is_log: bool = False,
    bands: Sequence[tuple[float, float, str, str]] = (),
    marks: Sequence[tuple[float, str]] = (),
    cited: Sequence[int] = (),
    axis: str = "step",
    quantity: str = "value",
    areas: Sequence[tuple[Piece, Piece]] = (),
    ranges: Sequence[tuple[Piece, Piece, int]] = (),
) -> Picture:
    """Draw pieces, each with the index of its colour, into a view box; cited steps are dots on the last piece.

    `areas` are filled between a lower and an upper piece, the widest first; `ranges` likewise, each with its colour.
    """
    scale_x = _Scale(*x_range, LEFT, width - RIGHT)
    low, high = (math.log10(v) for v in y_range) if is_log else y_range
    scale_y = _Scale(low, high, height - BOTTOM, TOP)
    lines, peaks, broken = list[Line](), list[Tick](), list[float]()
    dots: list[Dot] = []
    for piece, colour in pieces:
        x = scale_x.of(piece.step.astype(np.float64))
        y = scale_y.of(heights(piece.value, is_log=is_log))
        lines.append(Line(_path(x, np.clip(y, TOP - 4, height)), colour, piece.is_current))
        if piece.is_current:
            at_cited = [row for row in rows_at(piece.step, cited).tolist() if np.isfinite(y[row])]
            dots = [Dot(round(float(x[row]), 1), round(float(y[row]), 1), colour) for row in at_cited]
            broken += x[~np.isfinite(y)].round(1).tolist()[:60]
            highest = int(np.nanargmax(piece.value)) if np.isfinite(y).any() else 0
            if len(y) and y[highest] < TOP - 4:
                peaks.append(Tick(round(float(x[highest]), 1), number(float(piece.value[highest]))))
    places = [float(scale_x.of(at)) for at, _ in marks]
    labels = beside([(at, text) for at, (_, text) in zip(places, marks, strict=True)], width - RIGHT, prefers_left=True)
    return Picture(
        width,
        height,
        axis,
        quantity,
        [Tick(round(float(scale_x.of(v)), 1), short_step(v)) for v in ticks(*x_range, 6 if width > 500 else 4)],
        [Tick(round(float(scale_y.of(v)), 1), _y_label(v, is_log=is_log)) for v in ticks(low, high, 5, whole=is_log)],
        lines,
        _shades(scale_x, bands, width - RIGHT),
        [Mark(round(at, 1), label) for at, label in zip(places, labels, strict=True)],
        dots,
        peaks,
        broken,
        [_area(scale_x, scale_y, *area) for area in areas],
        [Line(_area(scale_x, scale_y, low, up), colour, is_current=True) for low, up, colour in ranges],
    )


def heights(values: Floats, *, is_log: bool) -> Floats:
    """Values for the scale: NaN if they cannot be drawn."""
    drawable = np.where(np.isfinite(values), np.clip(values, -HUGE, HUGE), np.nan)
    if not is_log:
        return drawable
    return np.log10(drawable, where=drawable > 0, out=np.full(len(values), np.nan))


def y_range_of(values: Floats, *, is_robust: bool = True) -> tuple[float, float]:
    """Range of a linear axis; without isolated peaks and dips that would flatten the rest."""
    finite = np.clip(values[np.isfinite(values)], -HUGE, HUGE)
    if not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    if is_robust and len(finite) >= 40:
        lower, upper = _quantiles(finite, 1 - PEAK_QUANTILE, PEAK_QUANTILE)
        if upper > low and high - low > PEAK_RATIO * (upper - low):
            high = upper
        if high > lower and high - low > PEAK_RATIO * (high - lower):
            low = lower
    room = 0.05 * (high - low) or 0.5 * abs(high) or 0.5
    # the axis of a non-negative quantity does not extend below zero
    return (max(low - room, 0.0) if low >= 0 else low - room), high + room


def _quantiles(values: Floats, *shares: float) -> list[float]:
    """Like `numpy.quantile`, whose overhead exceeds the rest of a small chart."""
    places = np.array(shares) * (len(values) - 1)
    found: list[float] = np.interp(places, np.arange(len(values)), np.sort(values)).tolist()
    return found


def log_range_of(values: Floats) -> tuple[float, float] | None:
    """Range of a logarithmic axis over the positive values; None if there is none."""
    positive = values[np.isfinite(values) & (values > 0)]
    if not len(positive):
        return None
    low, high = float(positive.min()), min(float(positive.max()), HUGE)
    return low / 1.3, high * 1.3


def ticks(low: float, high: float, count: int, *, whole: bool = False) -> list[float]:
    """Round numbers from low to high, about `count` of them."""
    if not high > low:
        return [low]
    raw = (high - low) / count
    unit = 10.0 ** math.floor(math.log10(raw))
    gap = next(k * unit for k in STEPS_OF_TICKS if k * unit >= raw * (1 - 1e-9))
    if whole:
        gap = max(1.0, float(math.ceil(gap)))
    first = math.ceil(low / gap - 1e-9)
    return [k * gap for k in range(first, first + 3 * count) if k * gap <= high + 1e-9 * gap]


def _y_label(value: float, *, is_log: bool) -> str:
    if is_log:
        return f"1e{value:.0f}".replace("-", "−") if not -3 <= value <= 3 else f"{10**value:,.6g}"
    return short_step(value) if abs(value) >= 1000 else (f"{value:.6g}" if abs(value) >= 1e-3 else number(value, 2))


def beside(texts: Sequence[tuple[float, str]], right: float, *, prefers_left: bool = False) -> list[Label]:
    """Labels beside vertical lines at given places, in rows without overlap."""
    taken: list[list[tuple[float, float]]] = []
    labels = []
    for at, text in texts:
        room = LABEL_GAP + CHARACTER * len(text)
        goes_left = at - room > LEFT if prefers_left else at + room > right
        span = (at - room, at) if goes_left else (at, at + room)
        row = next((i for i, row in enumerate(taken) if all(span[1] < a or b < span[0] for a, b in row)), len(taken))
        taken += [[]] if row == len(taken) else []
        taken[row].append(span)
        x = at - LABEL_GAP if goes_left else at + LABEL_GAP
        labels.append(Label(round(x, 1), text, "end" if goes_left else "start", row))
    return labels


def _shades(scale: _Scale, bands: Sequence[tuple[float, float, str, str]], right: float) -> list[Shade]:
    edges = [(float(scale.of(first)), float(scale.of(last))) for first, last, *_ in bands]
    labels = beside([(a, label) for (a, _), (*_, label) in zip(edges, bands, strict=True)], right)
    return [
        Shade(round(a, 1), round(max(b - a, 2.0), 1), severity, label if label.text else None)
        for (a, b), (_, _, severity, _), label in zip(edges, bands, labels, strict=True)
    ]


def _path(x: Floats, y: Floats) -> str:
    """SVG path; NaN interrupts the line, and an isolated point becomes a dot."""
    breaks = np.flatnonzero(~np.isfinite(y))
    stretches = [np.arange(a + 1, b) for a, b in pairwise([-1, *breaks.tolist(), len(y)])]
    return "".join(
        "M" + "L".join(map("%.1f %.1f".__mod__, zip(x[rows].tolist(), y[rows].tolist(), strict=True))) + "h.1"
        for rows in stretches
        if len(rows)
    )


def _area(scale_x: _Scale, scale_y: _Scale, lower: Piece, upper: Piece) -> str:
    """SVG path of the area between two pieces, without points that are not finite."""
    edges = []
    for piece in (upper, lower):
        kept = np.isfinite(piece.value)
        x = scale_x.of(piece.step[kept].astype(np.float64))
        edges.append((x, np.clip(scale_y.of(np.clip(piece.value[kept], -HUGE, HUGE)), TOP, scale_y.start)))
    x, y = (np.concatenate([upper_edge, lower_edge[::-1]]) for upper_edge, lower_edge in zip(*edges, strict=True))
    return _path(x, y).removesuffix("h.1") + "z" if len(x) else ""


class _Scale:
    """A linear map from data to view box."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low = low
        self.start = start
        self.factor = (end - start) / (high - low) if high > low else 0.0

    def of(self, value: Any) -> Any:
        return self.start + (value - self.low) * self.factor

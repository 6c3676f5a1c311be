"""Strip plot: best values of the runs over the values of a hyperparameter, with runs that have a finding marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..report.verdict_text import clipped, number, short_step
from ..studies.hyperparameter_columns import level_text
from .drawing.picture import Tick, ticks, y_range_of

if TYPE_CHECKING:
    from ...parsers.run import Bools, Floats, Ints
    from ..studies.hyperparameter_columns import HyperparameterColumn

WIDTH, HEIGHT = 560, 190
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 10, 28
MAX_DOTS = 400  # of a plot, 13 bytes each; more would overlap
MAX_LEVELS = 8  # of a hyperparameter that is not numeric
LOG_RATIO = 20.0  # ratio of the largest to the smallest value from which an axis is logarithmic
JITTER = 9.0  # units to either side, so that runs with the same value do not overlap
GOLDEN = 0.6180339887498949  # any number of multiples of it fills an interval evenly


@dataclass(frozen=True, slots=True)
class StripPlot:
    """A plot in the coordinates of its view box.

    Attributes:
        dots, hits: SVG paths of points as strokes of zero length: runs without and with the finding.
        medians: short lines at the median of each group.
        not_drawn: number of runs not drawn because there are too many, evenly chosen.
        beyond: number of runs whose value is clipped at the edge of the robust range.

    """

    x_ticks: list[Tick]
    y_ticks: list[Tick]
    dots: str
    hits: str
    not_drawn: int
    beyond: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT

    @property
    def right(self) -> int:
        return self.width - RIGHT

    @property
    def bottom(self) -> int:
        return self.height - BOTTOM


def strip_plot(hyperparameter: HyperparameterColumn, values: Floats, is_hit: Bools) -> StripPlot:
    """Draw runs: `values` are float64 [n], `is_hit` bool [n] in the order of the runs of the hyperparameter."""
    place, x_ticks = _places(hyperparameter)
    usable = np.flatnonzero(hyperparameter.is_known & np.isfinite(values) & np.isfinite(place))
    rows = _chosen(usable, is_hit)
    is_log = len(usable) > 0 and _spans_decades(values[usable])
    heights = np.log10(values, where=values > 0, out=np.full(len(values), np.nan)) if is_log else values
    low, high = _log_range(heights[usable]) if is_log else y_range_of(heights[usable])
    y = np.interp(heights, (low, high), (HEIGHT - BOTTOM, TOP))
    is_beyond = (heights[usable] < low) | (heights[usable] > high)
    marks = ticks(low, high, 4, whole=is_log)
    shifted = place + JITTER * (2 * (np.arange(len(place)) * GOLDEN % 1) - 1) * (len(hyperparameter.levels) <= 12)
    return StripPlot(
        x_ticks,
        [
            Tick(
                round(float(np.interp(v, (low, high), (HEIGHT - BOTTOM, TOP))), 1),
                _value_text(10.0**v if is_log else v),
            )
            for v in marks
        ],
        _points(shifted, y, rows[~is_hit[rows]]),
        _points(shifted, y, rows[is_hit[rows]]),
        len(usable) - len(rows),
        int(np.count_nonzero(is_beyond)),
    )


def _spans_decades(values: Floats) -> bool:
    return bool(values.min() > 0 and values.max() / values.min() >= LOG_RATIO)


def _log_range(heights: Floats) -> tuple[float, float]:
    room = 0.05 * float(np.ptp(heights))
    return float(heights.min()) - room, float(heights.max()) + room


def _places(hyperparameter: HyperparameterColumn) -> tuple[Floats, list[Tick]]:
    """Position of each run on the horizontal axis, float64 [n], NaN if it has none; and the labels of the axis."""
    first, last = LEFT + 2 * JITTER, WIDTH - RIGHT - 2 * JITTER
    if not hyperparameter.is_numeric:
        counts = np.bincount(hyperparameter.level[hyperparameter.is_known], minlength=len(hyperparameter.levels))
        shown = np.sort(np.argsort(-counts, kind="stable")[:MAX_LEVELS])
        stops = np.linspace(first, last, len(shown)) if len(shown) > 1 else np.array([(first + last) / 2])
        at = np.full(len(hyperparameter.levels) + 1, np.nan)  # the last entry is for runs that do not log it
        at[shown] = stops
        room = max(4, int((last - first) / len(shown) / 7))
        labels = [
            Tick(round(float(at[i]), 1), clipped(level_text(hyperparameter.levels[i]), room)) for i in shown.tolist()
        ]
        return at[hyperparameter.level], labels
    levels = np.asarray(hyperparameter.levels, np.float64)
    is_log = bool(levels[0] > 0 and levels[-1] / levels[0] >= LOG_RATIO)
    scaled = np.log10(levels) if is_log else levels
    at = np.append(first + (last - first) * (scaled - scaled[0]) / (scaled[-1] - scaled[0]), np.nan)
    if len(levels) <= MAX_LEVELS:
        return at[hyperparameter.level], _apart(
            [Tick(round(x, 1), level_text(v)) for x, v in zip(at.tolist(), levels.tolist(), strict=False)]
        )
    marks = ticks(float(scaled[0]), float(scaled[-1]), 6, whole=is_log)
    texts = [level_text(10.0**v) if is_log else short_step(v) for v in marks]
    places = np.interp(marks, (scaled[0], scaled[-1]), (first, last)).round(1).tolist()
    return at[hyperparameter.level], _apart([Tick(x, text) for x, text in zip(places, texts, strict=True)])


def _apart(labels: list[Tick]) -> list[Tick]:
    """Labels that do not overlap: one too close to its predecessor is dropped."""
    kept: list[Tick] = []
    for label in labels:
        if not kept or label.at - kept[-1].at > 3.6 * (len(label.label) + len(kept[-1].label)):
            kept.append(label)
    return kept


def _chosen(rows: Ints, is_hit: Bools) -> Ints:
    """At most `MAX_DOTS` runs, evenly chosen; at least half of them with the finding if there are enough."""
    if len(rows) <= MAX_DOTS:
        return rows
    hits, others = rows[is_hit[rows]], rows[~is_hit[rows]]
    room = max(MAX_DOTS // 2, MAX_DOTS - len(others))
    hits = _evenly(hits, room)
    return np.sort(np.concatenate([hits, _evenly(others, MAX_DOTS - len(hits))]))


def _evenly(rows: Ints, count: int) -> Ints:
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(np.int64))] if len(rows) else rows


def _points(x: Floats, y: Floats, rows: Ints) -> str:
    return "".join(f"M{x[row]:.1f} {y[row]:.1f}h0" for row in rows.tolist())


def _value_text(value: float) -> str:
    return short_step(value) if abs(value) >= 1000 else number(value, 2) if 0 < abs(value) < 1e-3 else f"{value:.4g}"


def describe(hyperparameter: HyperparameterColumn, metric: str, hits: int, total: int) -> str:
    """The plot as text, for screen readers."""
    span = (
        f"{level_text(hyperparameter.levels[0])} to {level_text(hyperparameter.levels[-1])}"
        if hyperparameter.is_numeric
        else f"{len(hyperparameter.levels)} values"
    )
    marked = f", {hits:,} with the finding marked" if hits else ""
    return f"Best {clipped(metric, 60)} of {total:,} runs over {clipped(hyperparameter.name, 60)} ({span}){marked}; the table below lists the groups"

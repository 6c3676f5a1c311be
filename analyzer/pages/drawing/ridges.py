"""Ridge plots of whole histograms, one ridge per step: the shape that quantiles do not show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ...report.verdict_text import AXIS_WORDS, clipped, number, percent, short_step, step
from .layer_map import in_network_order
from .picture import HUGE, Tick, ticks
from .spread import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....parsers.run import BucketSeries, Curve, Floats
    from ...judging.judgement import RuleFinding

MAX_RIDGES = 12  # tensors per page, 9 kB each; those with findings first
BINS, BIN_WIDTH = 48, 6
LEFT, TOP, GAP, PEAK, BOTTOM = 48, 30, 9, 26, 24  # units of the view box; a peak overlaps the ridges behind it
TAIL = 0.005  # of the values on either side may lie outside: an outlier would compress all others into one bin
SHARES = (0.01, 0.25, 0.5, 0.75, 0.99)
STEP_LABELS = 6
TABLE_ROWS = 8


@dataclass(frozen=True, slots=True)
class Ridges:
    """A ridge plot of one tensor in the coordinates of its view box, and the same data as a table.

    Attributes:
        paths: one per step, the first at the top and behind the others; a height is the square root of the share of
            values, which makes tails visible.
        note: share of values outside of the plot; empty if none.

    """

    anchor: str
    tag: str
    description: str
    height: int
    paths: list[str]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    axis: str
    heads: list[str]
    table: list[list[str]]
    note: str

    @property
    def bottom(self) -> int:
        return self.height - BOTTOM

    @property
    def width(self) -> int:
        return LEFT + BINS * BIN_WIDTH + 10


@dataclass(frozen=True, slots=True)
class RidgeGroup:
    """Tensors of one kind; initially open if one of them has a finding."""

    title: str
    ridges: list[Ridges]
    not_shown: int
    is_open: bool


def ridge_groups(
    histograms: Sequence[BucketSeries], curves: Sequence[Curve], findings: Sequence[RuleFinding]
) -> list[RidgeGroup]:
    """Ridge plots of the tensors whose whole histograms were kept."""
    by_tag = {series.tag: series for series in histograms}
    middles = {curve.tag: curve for curve in reversed(curves) if curve.statistic and curve.tag in by_tag}
    layers = {curve.name: curve.layer for curve in curves}
    cited = {found.finding.metric for found in findings}
    ill_layers = {layers[name] for name in cited if layers.get(name)}
    ill = [tag for tag in middles if any(name.startswith(f"{tag}:") for name in cited)]
    ill += [tag for tag, curve in middles.items() if tag not in ill and curve.layer in ill_layers]
    chosen = set(_chosen(list(middles), ill))
    groups: dict[str, list[Curve]] = {}
    for curve in in_network_order([middles[series.tag] for series in histograms if series.tag in middles]):
        groups.setdefault(kind_of(curve), []).append(curve)
    made = list[RidgeGroup]()
    for title, members in groups.items():
        drawn = [ridges_of(by_tag[curve.tag], curve) for curve in members if curve.tag in chosen]
        shown = [ridges for ridges in drawn if ridges]
        is_open = any(curve.tag in ill for curve in members)
        made.append(RidgeGroup(title, shown, len(members) - len(shown), is_open))
    return [group for group in made if group.ridges]


def _chosen(tags: list[str], first: list[str]) -> list[str]:
    """At most `MAX_RIDGES` tags: those with findings, then the others evenly."""
    first = first[:MAX_RIDGES]
    rest = [tag for tag in tags if tag not in first]
    room = min(MAX_RIDGES - len(first), len(rest))
    return first + [rest[i] for i in np.linspace(0, len(rest) - 1, room).astype(int).tolist()] if room else first


def ridges_of(series: BucketSeries, curve: Curve) -> Ridges | None:
    """Draw one tensor; None if fewer than two of its histograms have finite values."""
    known = [(at, cumulated) for at, cumulated in _cumulated(series) if cumulated is not None]
    if len(known) < 2:
        return None
    quantiles = np.array([np.interp(SHARES, shares, edges) for _, (edges, shares) in known])
    tails = np.array([np.interp((TAIL, 1 - TAIL), shares, edges) for _, (edges, shares) in known])
    low, high = float(tails[:, 0].min()), float(tails[:, 1].max())
    room = 0.03 * (high - low) or 0.5 * abs(high) or 0.5
    bounds = np.linspace(low - room, high + room, BINS + 1)
    below = np.array([np.interp(bounds, edges, shares, left=0.0, right=1.0) for _, (edges, shares) in known])
    masses = np.diff(below, axis=1)
    heights = PEAK * np.sqrt(masses / max(float(masses.max()), 1e-12))
    outside = float((1 - masses.sum(axis=1)).max())
    bases = [TOP + GAP * row for row in range(len(known))]
    steps = [at for at, _ in known]
    labelled = np.unique(np.linspace(0, len(known) - 1, STEP_LABELS).astype(int)).tolist()
    tabled = np.unique(np.linspace(0, len(known) - 1, TABLE_ROWS).astype(int)).tolist()
    axis = AXIS_WORDS[curve.axis]
    name = clipped(series.tag, 80)
    return Ridges(
        anchor=f"histogram-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}",
        tag=clipped(curve.layer or series.tag, 60),
        description=f"Histograms of {name}, {axis}s {step(steps[0])} to {step(steps[-1])}: median "
        f"{number(float(quantiles[0, 2]))} at first, {number(float(quantiles[-1, 2]))} at last; middle 98% from "
        f"{number(float(quantiles[-1, 0]))} to {number(float(quantiles[-1, -1]))} at last",
        height=bases[-1] + 8 + BOTTOM,
        paths=[_path(base, row) for base, row in zip(bases, heights, strict=True)],
        x_ticks=[
            Tick(round(LEFT + BINS * BIN_WIDTH * (v - bounds[0]) / float(bounds[-1] - bounds[0]), 1), _tick_text(v))
            for v in ticks(float(bounds[0]), float(bounds[-1]), 4)
        ],
        y_ticks=[Tick(bases[row] + 3, short_step(steps[row])) for row in labelled],
        axis=axis,
        heads=[axis, "Smallest", *(f"p{100 * share:02.0f}" for share in SHARES), "Largest"],
        table=[
            [step(at), number(float(edges[0])), *(number(float(q)) for q in row), number(float(edges[-1]))]
            for (at, (edges, _)), row in ((known[i], quantiles[i]) for i in tabled)
        ],
        note=f"Up to {percent(outside)} of the values lie outside." if outside > 1e-4 else "",
    )


def _cumulated(series: BucketSeries) -> list[tuple[int, tuple[Floats, Floats] | None]]:
    """For each histogram its step, its edges clipped to the extremes, and the share of values below each edge."""
    found: list[tuple[int, tuple[Floats, Floats] | None]] = []
    ends = np.cumsum(series.sizes).tolist()
    for row, (begin, end) in enumerate(pairwise([0, *ends])):
        low, high = float(series.smallest[row]), float(series.largest[row])
        counts = series.counts[begin:end].astype(np.float64)
        usable = np.where(np.isfinite(counts) & (counts > 0), counts, 0.0)
        total = float(usable.sum())
        if not (-HUGE < low <= high < HUGE and 0 < total < np.inf):
            found.append((int(series.step[row]), None))
            continue
        rights = np.nan_to_num(series.rights[begin:end].astype(np.float64), nan=low, posinf=high, neginf=low)
        edges = np.maximum.accumulate(np.clip(np.concatenate([[low], rights]), low, high))
        edges[-1] = high
        found.append((int(series.step[row]), (edges, np.concatenate([[0.0], np.cumsum(usable)]) / total)))
    return found


def _path(base: int, heights: Floats) -> str:
    """A closed outline through the middle of each bin, in short relative coordinates."""
    levels = np.concatenate([[0.0], heights, [0.0]]).round(1)
    rises = np.diff(levels).round(1)
    first, *middle, last = [f"{-rise:g}" for rise in rises.tolist()]
    half = BIN_WIDTH // 2
    inner = "".join(f"l{BIN_WIDTH} {rise}" for rise in middle)
    return f"M{LEFT} {base}l{half} {first}{inner}l{half} {last}z"


def _tick_text(value: float) -> str:
    return short_step(value) if abs(value) >= 1e-3 or value == 0 else number(value, 2)

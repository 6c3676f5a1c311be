"""Heat map of a quantity of all layers: one row per layer, steps as columns, darker cells for larger values."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ...report.verdict_text import AXIS_WORDS, clipped, number, short_step, step, visible
from .charts import title_of
from .picture import Tick, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....parsers.run import Curve, Floats, Ints, Role
    from ...judging.judgement import RuleFinding

ROLES: tuple[Role, ...] = ("gradient-norm", "update-ratio", "weight-norm", "activation", "zero-fraction", "saturation")
SHARES: frozenset[Role] = frozenset({"zero-fraction", "saturation"})
STATISTICS = ("", "norm", "std", "zero_fraction")  # the one with most points represents a role
MIN_LAYERS = 2
MAX_LAYERS = 48
MAX_COLUMNS = 60
LEVELS = 9  # distinguishable shades
LEFT, WIDTH, RIGHT, ROW, TOP = 170, 720, 12, 15, 4
TABLE_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Shade:
    """All cells of one colour as an SVG path; `name` is a level, "zero" or "broken" (not finite)."""

    name: str
    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Outline:
    """The place of a finding in the row of its layer."""

    x: float
    y: float
    width: float
    severity: str
    rule: str


@dataclass(frozen=True, slots=True)
class LayerMap:
    """A heat map in the coordinates of its view box.

    Attributes:
        number: index of its entry in the data of the page.
        labels: names of the rows with their y positions.
        table: a few columns of the same values, for pages without scripts.
        layers_not_shown: number of rows not shown because there are too many; those with findings are always shown.

    """

    number: int
    title: str
    height: int
    axis: str
    shades: list[Shade]
    labels: list[Tick]
    x_ticks: list[Tick]
    outlines: list[Outline]
    heads: list[str]
    table: list[list[str]]
    layers_not_shown: int

    @property
    def bottom(self) -> int:
        return self.height - 22


def layer_maps(
    curves: Sequence[Curve], findings: Sequence[RuleFinding]
) -> tuple[list[LayerMap], list[dict[str, object]]]:
    """A map for each quantity logged by two or more layers, and its data for the script."""
    maps, data = list[LayerMap](), list[dict[str, object]]()
    for role in ROLES:
        chosen = _chosen(role, curves)
        if len({curve.layer for curve in chosen}) >= MIN_LAYERS:
            made, entry = _map(len(maps), chosen, findings)
            maps.append(made)
            data.append(entry)
    return maps, data


def _chosen(role: Role, curves: Sequence[Curve]) -> list[Curve]:
    """One curve per layer, of the tag family and statistic with most points."""
    families: dict[tuple[str, str, str], dict[str, Curve]] = {}
    for curve in curves:
        if curve.role == role and curve.layer and curve.statistic in STATISTICS and len(curve):
            families.setdefault((curve.statistic, curve.split, curve.axis), {}).setdefault(curve.layer, curve)
    return list(max(families.values(), key=lambda f: sum(map(len, f.values())), default={}).values())


def in_network_order(curves: Sequence[Curve]) -> list[Curve]:
    """Layers in order of the log; by number if the log has them in alphabetical order."""
    names = [curve.layer for curve in curves]
    if names != sorted(names):
        return list(curves)
    return sorted(curves, key=lambda c: [(not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in _parts(c.layer)])


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"(\d{1,9})", name) if part]


def _map(
    number_of_map: int, curves: Sequence[Curve], findings: Sequence[RuleFinding]
) -> tuple[LayerMap, dict[str, object]]:
    role, axis = curves[0].role, AXIS_WORDS[curves[0].axis]
    rows = _shown(in_network_order(curves), {found.finding.metric for found in findings})
    effective = [curve.effective() for curve in rows]
    starts = _columns(effective)
    values = np.array([_medians(curve, starts) for curve in effective])
    is_broken = np.array([_has_broken(curve, starts) for curve in effective])
    last = max(int(curve.step[-1]) for curve in effective if len(curve))
    end = max(last, int(starts[-1]) + 1) if len(starts) < 2 else last + int(np.median(np.diff(starts)))
    scale = (WIDTH - LEFT - RIGHT) / max(int(end) - int(starts[0]), 1)
    edges = LEFT + (np.append(starts, end).astype(np.float64) - float(starts[0])) * scale
    levels, bounds = _levels(values, is_share=role in SHARES)
    levels[is_broken] = LEVELS + 1
    height = TOP + ROW * len(rows) + 22
    shown_columns = np.unique(np.linspace(0, len(starts) - 1, TABLE_COLUMNS).astype(int)).tolist()
    made = LayerMap(
        number=number_of_map,
        title=title_of(role),
        height=height,
        axis=axis,
        shades=_shades(levels, edges, bounds),
        labels=[Tick(TOP + ROW * i + ROW - 4, _short_name(curve.layer)) for i, curve in enumerate(rows)],
        x_ticks=[
            Tick(round(LEFT + (at - float(starts[0])) * scale, 1), short_step(at))
            for at in ticks(float(starts[0]), float(last), 6)
        ],
        outlines=_outlines(rows, findings, starts, edges, end),
        heads=[f"{axis} {step(int(starts[i]))}" for i in shown_columns],
        table=[
            [clipped(curve.layer, 60), *(_cell(values[row, i], is_broken[row, i]) for i in shown_columns)]
            for row, curve in enumerate(rows)
        ],
        layers_not_shown=len(curves) - len(rows),
    )
    entry = {
        "layers": [visible(clipped(curve.layer, 60)) for curve in rows],
        "steps": [*starts.tolist(), end],
        "edges": edges.round(1).tolist(),
        "axis": axis,
        "values": base64.b64encode(np.where(is_broken, np.inf, values).astype("<f8").tobytes()).decode("ascii"),
    }
    return made, entry


def _shown(curves: Sequence[Curve], cited: set[str]) -> list[Curve]:
    """At most `MAX_LAYERS` evenly chosen rows, and all rows with findings."""
    if len(curves) <= MAX_LAYERS:
        return list(curves)
    kept = {i for i, curve in enumerate(curves) if curve.name in cited}
    kept |= set(np.linspace(0, len(curves) - 1, MAX_LAYERS).astype(int).tolist())
    return [curves[i] for i in sorted(kept)]


def _columns(curves: Sequence[Curve]) -> Ints:
    """First step of each column: one column per logged step, or groups of equally many steps."""
    steps = np.unique(np.concatenate([curve.step for curve in curves]))
    picked = np.unique(np.linspace(0, len(steps), min(MAX_COLUMNS, len(steps)), endpoint=False).astype(np.int64))
    starts: Ints = steps[picked]
    return starts


def _medians(curve: Curve, starts: Ints) -> Floats:
    """Median of the finite values of each column, NaN if there is none."""
    is_finite = np.isfinite(curve.value)
    value = curve.value[is_finite]
    column = np.searchsorted(starts, curve.step[is_finite], side="right") - 1
    value = value[np.lexsort((value, column))]
    bounds = np.searchsorted(column, np.arange(len(starts) + 1))
    counts = np.diff(bounds)
    medians = np.full(len(starts), np.nan)
    some, first = np.flatnonzero(counts), bounds[:-1]
    lower, upper = ((first + (counts - extra) // 2)[some] for extra in (1, 0))
    medians[some] = value[lower] / 2 + value[upper] / 2
    return medians


def _has_broken(curve: Curve, starts: Ints) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether each column has a NaN or an infinity."""
    column = np.searchsorted(starts, curve.step[~np.isfinite(curve.value)], side="right") - 1
    return np.bincount(column, minlength=len(starts)).astype(bool)


def _levels(values: Floats, *, is_share: bool) -> tuple[Ints, list[str]]:
    """Level of each cell: 0 for zero, 1 to `LEVELS` from low to high, -1 for no value; and the labels of the levels."""
    finite = values[np.isfinite(values)]
    if is_share:
        full = 100.0 if len(finite) and float(finite.max()) > 1.5 else 1.0
        bounds = np.linspace(0.0, full, LEVELS + 1)
        scaled = values
    else:
        positive = finite[finite > 0]
        low, high = (float(positive.min()), float(positive.max())) if len(positive) else (1.0, 10.0)
        bounds = np.linspace(np.log10(low), max(np.log10(high), np.log10(low) + 1), LEVELS + 1)
        scaled = np.log10(values, where=values > 0, out=np.full(values.shape, np.nan))
    with np.errstate(invalid="ignore"):
        level = 1 + np.clip(np.searchsorted(bounds, scaled, side="right") - 1, 0, LEVELS - 1)
    level = np.where(np.isfinite(scaled), level, -1)
    if not is_share:
        level = np.where(np.isfinite(values) & (values <= 0), 0, level)
    edges = bounds if is_share else 10**bounds
    return level.astype(np.int64), [f"{number(a, 2)} to {number(b, 2)}" for a, b in pairwise(edges)]


def _shades(levels: Ints, edges: Floats, bounds: Sequence[str]) -> list[Shade]:
    """One path per colour; neighbouring cells of one colour are merged."""
    names = {0: ("zero", "zero or below"), LEVELS + 1: ("broken", "NaN or infinite")}
    names |= {i + 1: (str(i), words) for i, words in enumerate(bounds)}
    parts: dict[int, list[str]] = {}
    for row, line in enumerate(levels.tolist()):
        starts = [0, *(np.flatnonzero(np.diff(levels[row])) + 1).tolist(), len(line)]
        for a, b in pairwise(starts):
            if line[a] >= 0:
                left, width = float(edges[a]), float(edges[b] - edges[a])
                parts.setdefault(line[a], []).append(
                    f"M{left:.1f} {TOP + ROW * row}h{width:.1f}v{ROW - 1}h-{width:.1f}z"
                )
    return [Shade(names[level][0], "".join(parts.get(level, [])), names[level][1]) for level in _order(parts)]


def _order(parts: dict[int, list[str]]) -> list[int]:
    """Levels for the legend if there are any; zero and broken only if they occur."""
    has_levels = any(1 <= level <= LEVELS for level in parts)
    return [level for level in range(LEVELS + 2) if level in parts or (has_levels and 1 <= level <= LEVELS)]


def _outlines(
    rows: Sequence[Curve], findings: Sequence[RuleFinding], starts: Ints, edges: Floats, end: int
) -> list[Outline]:
    number_of = {curve.name: i for i, curve in enumerate(rows)}
    outlines = []
    for found in findings:
        row = number_of.get(found.finding.metric)
        if row is not None:
            left, right = np.interp(found.finding.steps, np.append(starts, end).astype(np.float64), edges).tolist()
            y = TOP + ROW * row - 0.5
            outlines.append(
                Outline(round(left, 1), y, round(max(right - left, 3.0), 1), str(found.severity), found.rule.id)
            )
    return outlines


def _short_name(layer: str) -> str:
    """The end of a name that fits beside its row, since names of layers differ at their ends."""
    return layer if len(layer) <= 26 else f"…{layer[-25:]}"


def _cell(value: float, is_broken: Any) -> str:
    return "not finite" if is_broken else "" if np.isnan(value) else number(float(value))

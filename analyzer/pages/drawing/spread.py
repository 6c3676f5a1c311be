"""Distribution of the values of a tensor over the steps, from the statistics of its histograms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...report.verdict_text import AXIS_WORDS, clipped, number
from .downsample import Piece
from .layer_map import in_network_order
from .picture import Picture, draw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....parsers.run import Curve

QUANTILES = ("min", "p01", "p50", "p99", "max")
MIN_POINTS = 2
MAX_POINTS = 48  # of each line; a plot is 340 units wide
MAX_SPREADS = 64  # 3 kB each
FAR_OUT = 8.0  # extremes are not drawn if the rest would be compressed to an eighth of the height
SIZE = (340, 150)


@dataclass(frozen=True, slots=True)
class Spread:
    """A plot of one tensor: range and central 98% as areas, median as a line; `note` states extremes not drawn."""

    tag: str
    picture: Picture
    description: str
    note: str


@dataclass(frozen=True, slots=True)
class SpreadGroup:
    """Tensors of one kind: weights, gradients, activations."""

    title: str
    spreads: list[Spread]
    not_shown: int


def spread_groups(curves: Sequence[Curve]) -> tuple[list[SpreadGroup], set[int]]:
    """Plots of all tensors with histograms, and the `id` of each curve that they show."""
    tensors: dict[tuple[str, str], dict[str, Curve]] = {}
    for curve in curves:
        if curve.statistic in QUANTILES and len(curve) >= MIN_POINTS:
            tensors.setdefault((curve.tag, curve.split), {}).setdefault(curve.statistic, curve)
    whole = {key: parts for key, parts in tensors.items() if {"min", "p50", "max"} <= set(parts)}
    groups: dict[str, list[Curve]] = {}
    for parts in whole.values():
        groups.setdefault(kind_of(parts["p50"]), []).append(parts["p50"])
    shown: set[int] = set()
    made: list[SpreadGroup] = []
    for title, middles in groups.items():
        ordered = in_network_order(middles)[: max(0, MAX_SPREADS - sum(len(group.spreads) for group in made))]
        spreads = [_spread(whole[middle.tag, middle.split]) for middle in ordered]
        shown |= {id(curve) for middle in ordered for curve in whole[middle.tag, middle.split].values()}
        made.append(SpreadGroup(title, spreads, len(middles) - len(ordered)))
    return [group for group in made if group.spreads], shown


def kind_of(curve: Curve) -> str:
    """The tag without the name of the layer."""
    rest = curve.tag.replace(curve.layer, "").strip("/._-: ") if curve.layer else ""
    return clipped(rest.capitalize(), 60) or "Histograms"


def _spread(parts: dict[str, Curve]) -> Spread:
    pieces = {name: _thin(curve.effective()) for name, curve in parts.items()}
    inner = (pieces["p01"], pieces["p99"]) if {"p01", "p99"} <= set(pieces) else None
    low, high = _range(pieces["min"], pieces["max"])
    note = ""
    if inner:
        inner_low, inner_high = _range(*inner)
        if high - low > FAR_OUT * (inner_high - inner_low) > 0:
            note = f"Extremes range from {number(low)} to {number(high)}."
            low, high = inner_low - (inner_high - inner_low), inner_high + (inner_high - inner_low)
    room = 0.05 * (high - low) or 0.5 * abs(high) or 0.5
    steps = pieces["p50"].step
    first, last = float(steps[0]), float(steps[-1])
    middle = parts["p50"]
    return Spread(
        tag=clipped(middle.layer or middle.tag, 60),
        picture=draw(
            [(pieces["p50"], 0)],
            width=SIZE[0],
            height=SIZE[1],
            x_range=(first, last) if last > first else (first - 0.5, first + 0.5),
            y_range=(low - room, high + room),
            areas=[(pieces["min"], pieces["max"]), *([inner] if inner else [])],
            axis=AXIS_WORDS[middle.axis],
        ),
        description=f"Distribution of {clipped(middle.tag, 80)}: smallest {number(low)}, largest {number(high)}, "
        f"last median {number(float(pieces['p50'].value[-1]))}",
        note=note,
    )


def _thin(curve: Curve) -> Piece:
    rows = np.unique(np.linspace(0, len(curve) - 1, MAX_POINTS).astype(np.int64))
    return Piece(curve.step[rows], curve.value[rows])


def _range(lower: Piece, upper: Piece) -> tuple[float, float]:
    low, high = lower.value[np.isfinite(lower.value)], upper.value[np.isfinite(upper.value)]
    return (float(low.min()), float(high.max())) if len(low) and len(high) else (0.0, 1.0)

"""The charts of a run page: grouping of curves, marks, and data."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...report.verdict_text import AXIS_WORDS, clipped, visible
from .data_table import DataTable, data_table
from .downsample import MAX_BROKEN_PIECES, Piece, encoded, m4, pieces_of, rows_at
from .picture import Picture, draw, log_range_of, y_range_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ....parsers.run import Axis, Curve, Floats, Role

POINTS_OF_PAGE = 56_000  # at most 12 bytes per point: a third of the limit of 2 MB per page
POINTS_OF_CURVE = 2_000  # charts are at most 1,100 pixels wide
POINTS_OF_PICTURES = 12_000  # the static plots need about 12 bytes per point
ROWS_OF_TABLES = 1_600  # like the static plots; with scripts a table has every drawn point
MAX_CURVES = 400
MAX_CITED = 400
CURVES_OF_CHART = 6  # number of colours of the palette
COLOURS_OF_SPLITS: dict[str, int] = {"train": 0, "validation": 1, "test": 2}
MAX_RESTARTS = 12
COMMON_SHARE = 0.2  # of the common x range that a chart must cover to use it
RANGE_SAMPLE = 4_000  # values of a curve that determine the range of its axis

SPLIT_WORDS = frozenset({"train", "training", "val", "valid", "validation", "eval", "evaluation", "test", "dev"})
ROLE_TITLES: dict[Role, str] = {
    "loss": "Loss", "perplexity": "Perplexity", "score": "Scores", "reward": "Reward", "entropy": "Entropy",
    "negative-entropy": "Negative entropy", "policy-std": "Standard deviation of the policy", "kl": "KL divergence",
    "approx-kl": "KL divergence of an update", "clip-fraction": "Clip fraction", "policy-ratio": "Policy ratio",
    "explained-variance": "Explained variance", "reward-margin": "Reward margins",
    "uniform-reward-fraction": "Prompts with equal rewards", "truncated-fraction": "Truncated completions",
    "completion-length": "Completion length", "embedding-spread": "Spread of embeddings", "diversity": "Diversity of samples", "discriminator-real": "Discriminator on real samples",
    "discriminator-fake": "Discriminator on generated samples", "learning-rate": "Learning rate", "gradient-norm": "Gradient norms",
    "update-ratio": "Update ratios", "weight-norm": "Weight norms", "zero-fraction": "Zero activations",
    "activation": "Activations", "saturation": "Saturation", "loss-scale": "Loss scale", "throughput": "Throughput",
    "step-time": "Step time", "data-time": "Waiting for data", "memory": "Memory", "utilization": "Utilization",
    "statistic": "Statistics", "counter": "Counters", "setting": "Settings", "unknown": "Not recognised",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Band:
    """The evidence range of a finding."""

    first: int
    last: int
    severity: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Legend:
    """A curve in the legend of a chart."""

    name: str
    colour: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart for the template; `number` is the index of its entry in the data of the page.

    `notes` explain its lines: dotted parts, too many restarts to mark.
    """

    number: int
    title: str
    axis: str
    legends: list[Legend]
    picture: Picture
    description: str
    table: DataTable
    notes: list[str]


class ChartBook:
    """Collects the charts of a page and their shared thinned curves."""

    def __init__(self, curves: Sequence[Curve], cited: Iterable[int] = ()) -> None:
        """`curves`: candidates, most important first; those beyond `MAX_CURVES` are not drawn."""
        self.drawn = [curve for curve in curves if len(curve)][:MAX_CURVES]
        self._number = {id(curve): number for number, curve in enumerate(self.drawn)}
        self._points = min(POINTS_OF_CURVE, max(64, POINTS_OF_PAGE // max(1, len(self.drawn))))
        self._picture_points = min(100, max(24, POINTS_OF_PICTURES // max(1, len(self.drawn))))
        self._table_rows = min(40, max(8, ROWS_OF_TABLES // max(1, len(self.drawn))))
        self._cited = sorted(set(cited))[:MAX_CITED]
        self._pieces: dict[int, list[Piece]] = {}
        self._ranges: dict[Axis, tuple[float, float]] = {}
        self._entries: list[dict[str, object]] = []
        self._colours: dict[int, int] = {}

    def __contains__(self, curve: Curve) -> bool:
        return id(curve) in self._number

    def colour(self, charts: Iterable[Sequence[Curve]]) -> None:
        """Give each curve the colour it has in all charts, in the order of these charts.

        The colour is that of its split, or the next one that is free in its chart.
        """
        for curves in charts:
            taken = [self._colours[id(curve)] for curve in curves if id(curve) in self._colours]
            for curve in curves:
                if id(curve) not in self._colours:
                    free = [colour for colour in range(CURVES_OF_CHART) if colour not in taken]
                    wish = COLOURS_OF_SPLITS.get(curve.split, 0)
                    taken.append(wish if wish in free or not free else free[0])
                    self._colours[id(curve)] = taken[-1]

    def pieces(self, curve: Curve) -> list[Piece]:
        """The thinned lines of a curve, computed once."""
        number = self._number[id(curve)]
        if number not in self._pieces:
            self._pieces[number] = pieces_of(curve, self._points, self._cited)
        return self._pieces[number]

    @property
    def points_drawn(self) -> int:
        """Points of all curves on the page."""
        return sum(len(piece.step) for curve in self.drawn for piece in self.pieces(curve))

    def range_of(self, curves: Sequence[Curve]) -> tuple[float, float]:
        """The x range of a chart, never empty: that of all curves on its axis, so that charts are comparable.

        If its own range is a small part of that, its own: some loggers count one curve in epochs and another in samples.
        """
        axis = curves[0].axis
        if axis not in self._ranges:
            self._ranges[axis] = _span([curve for curve in self.drawn if curve.axis == axis])
        (first, last), (own_first, own_last) = self._ranges[axis], _span(curves)
        if own_last - own_first < COMMON_SHARE * (last - first):
            first, last = own_first, own_last
        half = max(0.5, math.ulp(first))  # near the limits of int64, float64 cannot represent a half
        return (first, last) if last > first else (first - half, first + half)

    def add(
        self,
        curves: Sequence[Curve],
        *,
        title: str = "",
        size: tuple[int, int] = (560, 230),
        bands: Sequence[Band] = (),
        marks: Sequence[tuple[int, str]] = (),
        cited: Sequence[int] = (),
        picture_points: int | None = None,
        colours: Sequence[int] | None = None,
        ranges: Sequence[tuple[Curve, Curve, int]] = (),
    ) -> Chart:
        """Lay out one chart of curves that share an axis; its static plot has `picture_points` per curve.

        `colours` of the curves are by split if not given; `ranges` are filled between a lower and an upper curve, each with its
        colour.
        """
        axis = curves[0].axis
        if colours is None:
            self.colour([curves])
            colours = [self._colours[id(curve)] for curve in curves]
        lines = [(piece, colour) for c, colour in zip(curves, colours, strict=True) for piece in self.pieces(c)]
        current = [piece for piece, _ in lines if piece.is_current]
        edges = [edge for lower, upper, _ in ranges for edge in (lower, upper)]
        values = np.concatenate(
            [self._sample(c) for c in (*curves, *edges)] + [_extremes(piece.value) for piece in current]
        )
        at_cited = np.concatenate([piece.value[rows_at(piece.step, cited)] for piece in current])
        y_range, is_log = _vertical(values, at_cited)
        x_range = self.range_of(curves)
        quantity = _quantity(curves)
        takeovers = sorted({segment.purge_step for curve in curves for segment in curve.segments[1:]})
        restarts = takeovers if len(takeovers) <= MAX_RESTARTS else []
        self._entries.append(
            {
                "curves": [[self._number[id(c)], colour] for c, colour in zip(curves, colours, strict=True)],
                "axis": AXIS_WORDS[axis], "quantity": quantity, "x": x_range, "y": y_range, "log": is_log, "height": size[1],
                "bands": [[b.first, b.last, b.severity, b.label] for b in bands],
                "marks": [[at, label] for at, label in marks], "cited": list(cited), "restarts": restarts,
                **({"ranges": [[self._number[id(low)], self._number[id(up)], tone] for low, up, tone in ranges]} if ranges else {}),
            }
        )  # fmt: skip
        limit = picture_points or self._picture_points
        few = [(_fewer(piece, limit, cited), colour) for piece, colour in lines]
        picture = draw(
            few, width=size[0], height=size[1], x_range=x_range, y_range=y_range, is_log=is_log,
            bands=[(b.first, b.last, b.severity, b.label) for b in bands],
            marks=[*marks, *((at, "restart") for at in restarts)], cited=cited, axis=AXIS_WORDS[axis], quantity=quantity,
            ranges=[(_fewer(self.pieces(low)[0], limit, ()), _fewer(self.pieces(up)[0], limit, ()), tone) for low, up, tone in ranges],
        )  # fmt: skip
        is_layered = len(curves) > 1 and all(curve.layer for curve in curves)
        names = [clipped(curve.layer if is_layered else curve.name, 80) for curve in curves]
        legends = [Legend(name, colour) for name, colour in zip(names, colours, strict=True)]
        span = f"{AXIS_WORDS[axis]} {x_range[0]:,.0f} to {x_range[1]:,.0f}"
        return Chart(
            number=len(self._entries) - 1,
            title=title,
            axis=AXIS_WORDS[axis],
            legends=legends,
            picture=picture,
            description=", ".join([*names, span]),
            table=data_table(current, names, AXIS_WORDS[axis], self._table_rows, cited),
            notes=_notes(curves, lines, takeovers),
        )

    def _sample(self, curve: Curve) -> Floats:
        """Evenly spaced values; thinned ones would overrepresent peaks."""
        return curve.value[:: max(1, len(curve) // RANGE_SAMPLE)]

    def data(self) -> dict[str, object]:
        """Curves and charts for the script of the page."""
        return {
            "curves": [
                {"name": visible(clipped(c.name)), "total": len(c), "pieces": [encoded(p) for p in self.pieces(c)]}
                for c in self.drawn
            ],
            "charts": self._entries,
        }


def groups_of(curves: Sequence[Curve]) -> list[tuple[str, list[list[Curve]]]]:
    """Curves by role, and within a role by chart: (title of the role, charts)."""
    roles: dict[str, dict[tuple[str, ...], list[Curve]]] = {title: {} for title in ROLE_TITLES.values()}
    for curve in curves:
        # one chart for all layers of a quantity, otherwise for all splits of a quantity
        quantity = ("layers", curve.split) if curve.layer else ("", without_split(curve.tag))
        key = (*quantity, curve.statistic, curve.axis)
        roles.setdefault(title_of(curve.role), {}).setdefault(key, []).append(curve)
    return [
        (title, [part for group in charts.values() for part in _parts(group)])
        for title, charts in roles.items()
        if charts
    ]


def title_of(role: Role) -> str:
    """The title of the charts of a role; without an entry of its own, the name of the role."""
    return ROLE_TITLES.get(role, role.replace("-", " ").capitalize())


def _quantity(curves: Sequence[Curve]) -> str:
    """The title of the y axis: the role of the curves, otherwise their name."""
    if curves[0].role != "unknown":
        return title_of(curves[0].role).lower()
    return clipped(visible(without_split(curves[0].name)), 40)


def without_split(tag: str) -> str:
    """The tag without the words that name a split: "val_loss" and "train/loss" are both "loss"."""
    return " ".join(token for token in re.split(r"[/_.\- ]+", tag[:200]) if token.lower() not in SPLIT_WORDS)


def _parts(curves: list[Curve]) -> list[list[Curve]]:
    return [curves[i : i + CURVES_OF_CHART] for i in range(0, len(curves), CURVES_OF_CHART)]


def _vertical(values: Floats, cited: Floats) -> tuple[tuple[float, float], bool]:
    """Range of the y axis, and whether it is logarithmic, which is the case if a linear one would clip cited peaks."""
    low, high = y_range_of(values)
    finite = cited[np.isfinite(cited)]
    if not len(finite) or (finite.min() >= low and finite.max() <= high):
        return (low, high), False
    positive = log_range_of(values)
    if positive and not (values <= 0).any():
        return positive, True
    return y_range_of(values, is_robust=False), False


def _span(curves: Sequence[Curve]) -> tuple[float, float]:
    return float(min(int(c.step.min()) for c in curves)), float(max(int(c.step.max()) for c in curves))


def _extremes(values: Floats) -> Floats:
    finite = values[np.isfinite(values)]
    return np.array([finite.min(), finite.max()]) if len(finite) else finite


def _notes(curves: Sequence[Curve], lines: Sequence[tuple[Piece, int]], takeovers: Sequence[int]) -> list[str]:
    """Explanations of the lines."""
    notes = []
    if any(not piece.is_current for piece, _ in lines):
        notes.append("Dotted: values that a restart overwrote.")
    if len(takeovers) > MAX_RESTARTS:
        notes.append(f"The run restarted at {len(takeovers):,} steps, too many to mark.")
    if any(len(curve.segments) - 1 > MAX_BROKEN_PIECES for curve in curves):
        notes.append(f"Only the {MAX_BROKEN_PIECES} longest overwritten parts are drawn.")
    return notes


def _fewer(piece: Piece, limit: int, cited: Sequence[int]) -> Piece:
    rows = m4(piece.step, piece.value, limit, cited)
    return Piece(piece.step[rows], piece.value[rows], piece.is_current)

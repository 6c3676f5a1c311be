"""The page of a comparison: verdict, what differs, overlaid curves with bands over seeds, and the table of the groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from ...parsers.run import Curve, Meaning
from ..comparison.run_groups import key_of
from ..outputs.comparison_text import facts_of
from ..report.verdict_text import clipped, number, plural
from .drawing.charts import ChartBook, title_of
from .drawing.clocks import clocks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Floats, Ints
    from ...rules.view.study import ThinCurve
    from ..comparison.finished import FinishedComparison
    from ..comparison.run_groups import RunGroup
    from ..report.compare_schema import ComparisonDocument
    from .drawing.charts import Chart

MAX_GROUPS = 6  # number of colours of the palette
MAX_CHARTS = 6
MAX_POINTS = 400
MAX_LABEL = 60
STATUS = {
    "worse": "error", "better": "clear", "no-evidence": "info", "identical": "info", "cannot-tell": "not-checked",
    "fail": "error", "pass": "clear",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group in the table: cells in the order of the head."""

    label: str
    colour: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Contrast:
    """One group against the first: sentence, facts (label, value in A, value in B), and checks of the gate."""

    name: str
    status: str
    word: str
    sentence: str
    facts: list[tuple[str, str, str]]
    checks: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class TitledChart:
    """A chart with its heading."""

    title: str
    chart: Chart


class ComparePage(TypedDict):
    """The content of the template; `data` is for its script."""

    sentence: str
    title: str
    status: str
    word: str
    contrasts: list[Contrast]
    groups: list[GroupRow]
    metric: str
    hero: Chart | None
    hero_title: str
    charts: list[TitledChart]
    axes: list[tuple[str, str]]
    not_drawn: int
    run_count: str
    data: dict[str, object]


def compare_page(finished: FinishedComparison) -> ComparePage:
    """The content of the page."""
    comparisons = finished.comparisons
    first = comparisons[0]
    drawn = finished.groups[:MAX_GROUPS]
    metrics = _metrics(drawn, first)
    overlays = [overlay for key in metrics if (overlay := _overlay(drawn, key)) is not None]
    book = ChartBook([curve for overlay in overlays for curve in overlay.all_curves])
    charts = [_chart(book, overlay, first, is_first=not place) for place, overlay in enumerate(overlays)]
    contrasts = [_contrast(each) for each in comparisons]
    title = (
        contrasts[0].word
        if len(contrasts) == 1
        else f"{len(contrasts)} comparisons with {clipped(first['A'], MAX_LABEL)}"
    )
    return {
        "sentence": first["sentence"] if len(contrasts) == 1 else title,
        "title": title,
        "status": contrasts[0].status if len({each.status for each in contrasts}) == 1 else "info",
        "word": contrasts[0].word,
        "contrasts": contrasts,
        "groups": _rows(finished.groups, comparisons),
        "metric": clipped(first["metric"], MAX_LABEL),
        "hero": charts[0].chart if charts else None,
        "hero_title": charts[0].title if charts else "",
        "charts": charts[1:],
        "axes": [],
        "not_drawn": len(finished.groups) - len(drawn),
        "run_count": plural(sum(len(group.runs) for group in finished.groups), "run"),
        "data": {**book.data(), "clocks": clocks_of([]), "markdown": []},
    }


def _contrast(document: ComparisonDocument) -> Contrast:
    gate = document.get("gate")
    word = _word(document)
    return Contrast(
        clipped(document["B"], MAX_LABEL), STATUS[gate or document["verdict"]], word, document["sentence"], list(facts_of(document)),
        [(STATUS[check["verdict"]], check["verdict"].replace("-", " "), check["sentence"]) for check in document.get("checks", [])],
    )  # fmt: skip


def _word(document: ComparisonDocument) -> str:
    """The verdict as a heading."""
    one, other = (clipped(document[side], MAX_LABEL) for side in ("A", "B"))
    heading = {
        "worse": f"{other} is worse than {one}",
        "better": f"{other} is better than {one}",
        "identical": f"{other} and {one} are identical",
        "no-evidence": f"No evidence of a difference between {other} and {one}",
        "cannot-tell": f"Cannot tell {other} and {one} apart",
    }[document["verdict"]]
    return f"Gate: {document['gate'].replace('-', ' ')}. {heading}" if "gate" in document else heading


def _rows(groups: Sequence[RunGroup], comparisons: Sequence[ComparisonDocument]) -> list[GroupRow]:
    """The table: runs, outcomes, difference to the first group."""
    rows = []
    for place, group in enumerate(groups):
        document = comparisons[max(0, place - 1)]
        values = document["values"]["B" if place else "A"]
        failures = document["failures"]["B" if place else "A"]
        mean, span = "–", "–"
        if values:
            mean = number(float(np.mean(values)), 4)
            span = f"{number(min(values))} to {number(max(values))}" if len(values) > 1 else "one run"
        difference, interval, verdict = "", "", "reference"
        if place:
            difference = "–" if document["difference"] is None else number(document["difference"])
            low, high = document["low"], document["high"]
            interval = "–" if low is None or high is None else f"{number(low)} to {number(high)}"
            verdict = document["verdict"].replace("-", " ")
        cells = [f"{len(group.runs):,}", f"{failures:,}", mean, span, difference, interval, verdict]
        rows.append(GroupRow(clipped(group.label, MAX_LABEL), place if place < MAX_GROUPS else -1, cells))
    return rows


Key = tuple[frozenset[str], str]


def _metrics(groups: Sequence[RunGroup], document: ComparisonDocument) -> list[Key]:
    """Curves to draw: the deciding metric, then those that most groups have."""
    counts: dict[Key, int] = {}
    order: list[Key] = []
    for group in groups:
        own = dict.fromkeys(key_of(curve.name, curve.split) for run in group.runs for curve in run.curves)
        for key in own:
            counts[key] = counts.get(key, 0) + 1
            order += [key] if counts[key] == 1 else []
    deciding = key_of(document["metric"], document["split"])
    ranked = sorted(order, key=lambda key: (key != deciding, -counts[key], order.index(key)))
    return ranked[:MAX_CHARTS]


@dataclass(frozen=True, slots=True)
class Overlay:
    """One metric of all groups: the median of each, and its range over the runs where there are several."""

    role: str
    name: str
    medians: list[tuple[Curve, int]]
    ranges: list[tuple[Curve, Curve, int]]

    @property
    def all_curves(self) -> list[Curve]:
        return [curve for curve, _ in self.medians] + [edge for low, high, _ in self.ranges for edge in (low, high)]


def _overlay(groups: Sequence[RunGroup], key: Key) -> Overlay | None:
    medians: list[tuple[Curve, int]] = []
    ranges: list[tuple[Curve, Curve, int]] = []
    named: ThinCurve | None = None
    for colour, group in enumerate(groups):
        own = [
            next((curve for curve in run.curves if key_of(curve.name, curve.split) == key), None) for run in group.runs
        ]
        curves = [curve for curve in own if curve is not None]
        named = named or next(iter(curves), None)
        curves = [curve for curve in curves if named is not None and curve.axis == named.axis]
        if not curves or named is None:
            continue
        steps, values = _aligned(curves)
        with np.errstate(all="ignore"):
            middle = np.median(values, axis=0) if len(curves) > 1 else values[0]
        letter = chr(ord("A") + colour)
        over = f", median of {len(curves)} runs" if len(curves) > 1 else ""
        meaning = Meaning(role=named.role, split=named.split, direction=named.direction)
        medians.append(
            (
                Curve.build(
                    f"{letter}: {clipped(group.label, 40)}{over}", steps, middle, axis=named.axis, meaning=meaning
                ),
                colour,
            )
        )
        if len(curves) > 1:
            low, high = (
                Curve.build(f"{letter} {word}", steps, edge, axis=named.axis, meaning=meaning)
                for word, edge in (("lowest", values.min(axis=0)), ("highest", values.max(axis=0)))
            )
            ranges.append((low, high, colour))
    return Overlay(title_of(named.role), named.name, medians, ranges) if named is not None and medians else None


def _aligned(curves: Sequence[ThinCurve]) -> tuple[Ints, Floats]:
    """Values of several runs at steps that all of them cover, float64 [runs, steps]; those of a single run as logged."""
    if len(curves) == 1:
        order = np.argsort(curves[0].steps, kind="stable")
        return curves[0].steps[order], curves[0].values[order][None]
    low, high = max(int(c.steps.min()) for c in curves), min(int(c.steps.max()) for c in curves)
    grid = np.unique(np.concatenate([c.steps for c in curves]))
    grid = grid[(grid >= low) & (grid <= high)]
    if not len(grid):
        grid = np.array([low])
    if len(grid) > MAX_POINTS:
        grid = grid[np.linspace(0, len(grid) - 1, MAX_POINTS).round().astype(np.int64)]
    rows = []
    for curve in curves:
        order = np.argsort(curve.steps, kind="stable")
        with np.errstate(all="ignore"):
            rows.append(np.interp(grid, curve.steps[order], curve.values[order]))
    return grid, np.array(rows)


def _chart(book: ChartBook, overlay: Overlay, document: ComparisonDocument, *, is_first: bool) -> TitledChart:
    step = document["part_step"]
    is_on = step is not None and key_of(overlay.name, "") == key_of(document["part_metric"], "")
    marks = [(step, "curves part")] if is_on and step is not None else []
    usable = [(curve, colour) for curve, colour in overlay.medians if curve in book]
    ranges = [each for each in overlay.ranges if each[0] in book and each[1] in book]
    chart = book.add(
        [curve for curve, _ in usable], size=(1060, 260) if is_first else (560, 230), marks=marks,
        colours=[colour for _, colour in usable], ranges=ranges,
    )  # fmt: skip
    return TitledChart(f"{overlay.role}: {clipped(overlay.name, MAX_LABEL)}", chart)

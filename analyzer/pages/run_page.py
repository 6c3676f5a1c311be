"""Content of a run page, section by section, as plain values for the templates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from ..judging.advice import advices_of
from ..judging.headline import candidates
from ..report import not_checked
from ..report import verdict_text as wording
from .drawing.charts import Band, ChartBook, groups_of, without_split
from .drawing.clocks import clocks_of
from .drawing.layer_map import layer_maps
from .drawing.ridges import ridge_groups
from .drawing.spread import spread_groups
from .finding_card import cards_of, markdown_of
from .run_facts import checks_of, facts_of, files_of, hyperparameters_of, metrics_of, tiles_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Axis, Curve, Run, Split
    from ...rules.view.run_view import RunView
    from ..judging.advice import Advice
    from ..judging.headline import Headline
    from ..judging.judgement import Judgement, RuleFinding, Status
    from .drawing.charts import Chart
    from .drawing.clocks import Knots
    from .drawing.layer_map import LayerMap
    from .drawing.ridges import RidgeGroup
    from .drawing.spread import SpreadGroup
    from .finding_card import Card
    from .run_facts import Checks, Table, Tile

MAX_CARDS = 40  # more findings than anyone would read; others are counted
MAX_BANDS = 4  # on the main chart; every finding has a lane below it
MAX_LANES = 12
UNFOLDED_CHARTS = 24
MAIN_SIZE = (960, 280)
SMALL_SIZE = (340, 180)
LANE_WIDTH = 1000
LANE_MINIMUM = 5  # a single step must be visible


@dataclass(frozen=True, slots=True)
class Lane:
    """Ranges of the run in which a rule fired, in thousandths of the width of the main chart.

    Attributes:
        seen: earliest steps of detection of its findings.
        follows: the rule whose finding explains its first one, "" for a first cause.
        remark: the reason if it is empty.

    """

    rule: str
    severity: str
    title: str
    spans: list[tuple[float, float]]
    seen: list[float]
    follows: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The charts of one role."""

    role: str
    charts: list[Chart]
    is_folded: bool


class RunPage(TypedDict):
    """The content of the template of a run page; `data` is for its script."""

    run: Run
    status: Status
    sentence: str
    action: str
    early: str
    task: str
    denominator: str
    tiles: list[Tile]
    hero: Chart | None
    lanes: list[Lane]
    cards: list[Card]
    stories: list[Card]
    findings_not_shown: int
    checks: Checks
    advices: list[Advice]
    layer_maps: list[LayerMap]
    spreads: list[SpreadGroup]
    ridges: list[RidgeGroup]
    groups: list[Group]
    drawn: str
    curves_not_drawn: int
    facts: Table
    hyperparameters: Table
    metrics: Table
    files: dict[str, Table]
    axes: list[tuple[str, str]]
    data: dict[str, object]


def run_page(judgement: Judgement) -> RunPage:
    """The page of one run, section by section."""
    run, view, headline = judgement.run, judgement.view, judgement.headline
    main = _main_curves(view, run.all_curves)
    shown = judgement.findings[:MAX_CARDS]
    maps, map_data = layer_maps(run.all_curves, shown)
    spreads, in_spreads = spread_groups(run.all_curves)
    cited = {found.finding.metric for found in shown}
    apart = [c for c in run.all_curves if id(c) not in in_spreads or c.name in cited or c in main]
    book = ChartBook(_by_importance(apart, main, shown), [s for f in shown for s in f.finding.cited])
    main = [curve for curve in main if curve in book]
    book.colour([main, *(part for _, parts in groups_of([c for c in apart if c in book]) for part in parts)])
    hero = _hero(book, main, headline, judgement.findings) if main else None
    cards = cards_of(shown, judgement, book, main, headline)
    clocks = clocks_of(book.drawn)
    advices = advices_of(view, judgement.verdicts)
    sentence, action = _verdict(judgement)
    return {
        "run": run,
        "status": judgement.status,
        "sentence": sentence,
        "action": action,
        "early": next((card.early for card in cards), ""),
        "task": wording.task_sentence(run),
        "denominator": wording.denominator(judgement),
        "tiles": tiles_of(judgement, headline),
        "hero": hero,
        "lanes": _lanes(judgement.findings, book, main),
        "cards": cards,
        "stories": [card for card in cards if card.follows is None],
        "findings_not_shown": len(judgement.findings) - len(shown),
        "checks": checks_of(judgement, advices),
        "advices": advices,
        "layer_maps": maps,
        "spreads": spreads,
        "ridges": ridge_groups(run.histograms, run.all_curves, shown),
        "groups": _groups(book, apart),
        "drawn": _drawn(book.points_drawn, sum(map(len, apart))),
        "curves_not_drawn": sum(1 for curve in apart if len(curve) and curve not in book),
        "facts": facts_of(run),
        "hyperparameters": hyperparameters_of(run),
        "metrics": metrics_of(run),
        "files": files_of(run),
        "axes": _axes(clocks, book.drawn),
        "data": {
            **book.data(),
            "clocks": clocks,
            "maps": map_data,
            "markdown": {card.anchor: markdown_of(card, run.name) for card in cards},
        },
    }


def _verdict(judgement: Judgement) -> tuple[str, str]:
    """The verdict as a sentence, and what to do first."""
    if judgement.status == "not-checked":
        reason, next_step = not_checked.of_judgement(judgement)
        return f"Not checked: {reason}", f"{wording.capitalised(next_step)}."
    return wording.verdict_sentence(judgement), wording.first_action(judgement)


def _drawn(drawn: int, logged: int) -> str:
    if drawn >= logged:
        return "all logged points are drawn" if logged else ""
    return f"{drawn:,} of {logged:,} logged points are drawn, all peaks and all points cited by findings among them"


def _axes(clocks: dict[Axis, dict[str, Knots]], curves: Sequence[Curve]) -> list[tuple[str, str]]:
    """Choices of the x axis as (value, label); empty if there is no choice."""
    units = {name: knots["unit"] for known in clocks.values() for name, knots in known.items()}
    own = " or ".join(word for axis, word in wording.AXIS_WORDS.items() if any(c.axis == axis for c in curves))
    others = [(name, name if unit == name else f"{name} ({unit})") for name, unit in sorted(units.items())]
    return [("", own), *others] if others else []


def _groups(book: ChartBook, curves: Sequence[Curve]) -> list[Group]:
    """All charts by role; those after the first screens are initially folded."""
    groups: list[Group] = []
    count = 0
    for role, charts in groups_of([curve for curve in curves if curve in book]):
        count += len(charts)
        added = [book.add(part, title=_chart_title(part), size=SMALL_SIZE) for part in charts]
        groups.append(Group(role, added, is_folded=bool(groups) and count > UNFOLDED_CHARTS))
    return groups


def _main_curves(view: RunView, curves: Sequence[Curve]) -> list[Curve]:
    """The curves of the first screen: the main metric in all splits, otherwise the longest curve of the log."""
    originals = dict(zip(map(id, view.all_curves), curves, strict=True))
    usable = [originals[id(seen)] for seen in candidates(view) if len(seen)]
    if not usable:
        usable = sorted((c for c in curves if len(c)), key=len, reverse=True)[:1]
    first_of_split: dict[Split, Curve] = {}
    for curve in usable:
        if curve.role == usable[0].role and curve.axis == usable[0].axis:
            first_of_split.setdefault(curve.split, curve)
    order = {"train": 0, "validation": 1, "test": 2, "none": 3}
    return sorted(first_of_split.values(), key=lambda c: order[c.split])


def _by_importance(curves: Sequence[Curve], main: Sequence[Curve], findings: Sequence[RuleFinding]) -> list[Curve]:
    """The curves in order of importance, if not all can be drawn."""
    cited = {found.finding.metric for found in findings}
    main_ids = set(map(id, main))
    return sorted(curves, key=lambda c: (id(c) not in main_ids, c.name not in cited, c.role == "unknown"))


def _hero(book: ChartBook, main: Sequence[Curve], headline: Headline | None, findings: Sequence[RuleFinding]) -> Chart:
    names = {curve.name for curve in main}
    visible = [found for found in findings if found.finding.metric in names]
    # consequences only have lanes: too many bands would hide the curve
    first_causes = [found for found in visible if not found.caused_by] or visible[:1]
    bands = [Band(*found.finding.steps, str(found.severity), found.rule.id) for found in first_causes[:MAX_BANDS]]
    marks = []
    if headline and headline.curve.name in names and headline.curve.axis == main[0].axis:
        marks = [(headline.best_step, f"{headline.superlative} {wording.number(headline.best)}")]
    return book.add(main, size=MAIN_SIZE, bands=bands, marks=marks, picture_points=300)


def _lanes(findings: Sequence[RuleFinding], book: ChartBook, main: Sequence[Curve]) -> list[Lane]:
    """One lane per rule, in the order of the findings, in the x range of the main chart."""
    if not main:
        return []
    axes = {curve.name: curve.axis for curve in reversed(book.drawn)}
    first, last = book.range_of(main)
    scale = LANE_WIDTH / (last - first)
    lanes: dict[str, Lane] = {}
    for found in findings:
        if found.rule.id not in lanes and len(lanes) == MAX_LANES:
            continue
        lane = lanes.setdefault(
            found.rule.id, Lane(found.rule.id, str(found.severity), found.rule.failure_title, [], [], found.caused_by)
        )
        a, b = found.finding.steps
        if axes.get(found.finding.metric, main[0].axis) == main[0].axis:
            left = float(np.clip((a - first) * scale, 0, LANE_WIDTH - LANE_MINIMUM))
            right = float(np.clip((b - first) * scale, left + LANE_MINIMUM, LANE_WIDTH))
            lane.spans.append((round(left, 1), round(right - left, 1)))
            if found.detectable_from:
                seen = (found.detectable_from.step - first) * scale
                lane.seen.append(round(float(np.clip(seen, 0, LANE_WIDTH - LANE_MINIMUM)), 1))
    return [_with_remark(lane) for lane in lanes.values()]


def _with_remark(lane: Lane) -> Lane:
    if lane.spans:
        return lane
    return replace(lane, remark="on another axis, see its chart")


def _chart_title(curves: Sequence[Curve]) -> str:
    """The common name of several curves; a single curve is named by its legend."""
    if len(curves) == 1:
        return ""
    if curves[0].layer:
        statistic = f", {curves[0].statistic}" if curves[0].statistic else ""
        return f"{wording.plural(len(curves), 'layer')}{statistic}"
    quantity = without_split(curves[0].name)
    return "" if quantity == curves[0].role else wording.clipped(quantity, 60)

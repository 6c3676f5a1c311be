"""Pictures of the rule pages: a finding of each rule, and how often the rule found planted faults, as SVG.

The findings are those of the sample runs; a rule that fires on none of them is shown on a run of its test cases. The
pictures are made when the site is built, with the drawing code of the report.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import trainlint
from trainlint.analyzer.judging.engine import judge
from trainlint.analyzer.pages.render import environment, style
from trainlint.analyzer.pages.run_page import run_page
from trainlint.rules.accuracy import measured, percent
from trainlint.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trainlint.analyzer.judging.judgement import Judgement
    from trainlint.analyzer.pages.drawing.charts import Chart
    from trainlint.analyzer.pages.finding_card import Card
    from trainlint.rules.base import Rule

ROOT = Path(__file__).parents[1]
LEGEND = 26  # height of the legend above a chart, in units of the view box
CHARACTER = 6.2  # approximate width of a character of the legend
LEVELS = ("mild", "moderate", "gross")
BAR_LEFT, BAR_WIDTH, ROW = 150, 340, 26


@dataclass(frozen=True, slots=True)
class Example:
    """A finding of a rule; `source` says on which run, `svg` is empty if the run has no curve to show."""

    source: str
    severity: str
    confidence: float
    message: str
    svg: str


@cache
def examples() -> dict[str, Example]:
    """One finding per rule, by rule id."""
    found: dict[str, Example] = {}
    for source, judgement, wanted in _judgements():
        for card in run_page(judgement)["cards"]:
            if card.rule in wanted and card.rule not in found:
                found[card.rule] = _example(source, card)
    return found


def _judgements() -> Iterator[tuple[str, Judgement, frozenset[str]]]:
    """Judged runs with the rules that they may illustrate: each sample its own rule first, then all, then test cases."""
    samples = [(run, judge(run, RULES)) for run in trainlint.read_runs(str(ROOT / "sample_logs"))]
    for run, judgement in samples:
        folder = Path(run.path).parts
        yield "sample run", judgement, frozenset(rule.id for rule in RULES if rule.id in folder)
    for _, judgement in samples:
        yield "sample run", judgement, frozenset(rule.id for rule in RULES)
    by_id = {rule.id: rule for rule in RULES}
    for case in _cases():
        rule = by_id[case.rule]
        if case.expected == str(rule.severity):
            yield f"simulated run, “{case.name}”", judge(case.make(), [rule]), frozenset({rule.id})


def _cases() -> list[Any]:
    """The cases of `tests/rules`, those with the severity of their rule among them."""
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    paths = sorted((ROOT / "tests" / "rules").glob("*/cases_*.py"))
    return [case for path in paths for case in import_module(f"tests.rules.{path.parent.name}.{path.stem}").CASES]


def _example(source: str, card: Card) -> Example:
    svg = _chart(card.chart) if card.chart else ""
    return Example(source, card.severity, card.confidence, card.message, svg)


def _chart(chart: Chart) -> str:
    """A chart of the report with its legend, as a file of its own."""
    macro = environment().get_template("_macros.html.j2").module.picture  # type: ignore[attr-defined]
    inner = re.sub(r"^\s*<svg[^>]*>|</svg>\s*$", "", str(macro(chart.picture, "")))
    x, keys = 50.0, []
    for legend in chart.legends:
        keys.append(
            f'<path class="line line-{legend.colour}" d="M{x:.0f} 13h13"/><text x="{x + 18:.0f}" y="17">{escape(legend.name)}</text>'
        )
        x += 36 + CHARACTER * len(legend.name)
    body = f'{"".join(keys)}<g transform="translate(0 {LEGEND})">{inner}</g>'
    return _document(chart.picture.width, chart.picture.height + LEGEND, chart.description, body)


def power(rule: Rule[Any]) -> str:
    """Bars: share of planted faults found by their size, and share of healthy runs with an alarm; "" if not measured."""
    entry = measured()["rules"].get(rule.id, {})
    found, alarms = entry.get("found", {}), entry.get("alarms", {})
    rows = [(f"{level} faults found", found[level]) for level in LEVELS if level in found]
    if not rows:
        return ""
    rows += [("alarms on healthy runs", alarms["simulated"])] if "simulated" in alarms else []
    body = "".join(_bar(number, label, rate) for number, (label, rate) in enumerate(rows))
    height = ROW * len(rows) + 30
    ticks = "".join(
        f'<path class="grid" d="M{at} 6V{height - 22}"/><text x="{at}" y="{height - 8}" text-anchor="middle">{share}%</text>'
        for share in (0, 25, 50, 75, 100)
        for at in [BAR_LEFT + BAR_WIDTH * share // 100]
    )
    return _document(560, height, "; ".join(f"{label}: {percent(rate['share'])}" for label, rate in rows), ticks + body)


def _bar(number: int, label: str, rate: dict[str, Any]) -> str:
    top = 8 + ROW * number
    x, low, high = (BAR_LEFT + BAR_WIDTH * rate[key] for key in ("share", "low", "high"))
    colour = 1 if label.startswith("alarms") else 0
    return (
        f'<text x="{BAR_LEFT - 8}" y="{top + 13}" text-anchor="end">{label}</text>'
        f'<rect class="bar line-{colour}" x="{BAR_LEFT}" y="{top}" width="{x - BAR_LEFT:.1f}" height="16"/>'
        f'<path class="whisker" d="M{low:.1f} {top + 8}H{high:.1f}M{low:.1f} {top + 4}v8M{high:.1f} {top + 4}v8"/>'
    )


def _document(width: int, height: int, description: str, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" data-theme="light" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img"><title>{escape(description)}</title><style>{_style()}</style>'
        f'<rect width="{width}" height="{height}" fill="var(--card)"/><g class="picture">{body}</g></svg>\n'
    )


@cache
def _style() -> str:
    """The colours of the report pages and the rules of their charts."""
    sheet = style()
    root = re.search(r"^:root \{.*?^\}", sheet, re.DOTALL | re.MULTILINE)
    assert root
    charts = re.findall(
        r"^(?::root\[|\.(?:is-|line|picture text|picture \.|grid|band|mark|dot-mark|area|peak|broken)).*\}$",
        sheet,
        re.MULTILINE,
    )
    own = "text { font-family: system-ui, sans-serif; } .bar { fill: var(--stroke); opacity: .75; } .whisker { fill: none; stroke: var(--ink); }"
    return "\n".join([root[0], *charts, own])

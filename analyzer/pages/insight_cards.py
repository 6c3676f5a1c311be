"""Associations of the hyperparameters of a study with findings: a card each with sentences, a plot of the runs, and the numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup, escape

from ..across.study_table import table_of
from ..report.verdict_text import clipped, number, percent, visible
from .strip_plot import StripPlot, describe, strip_plot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..across.study_table import StudyTable
    from ..report.insights_schema import InsightEntry, InsightsEntry, Test
    from ..report.schema import RunEntry
    from ..report.studies_schema import StudyEntry

MAX_CARDS = 6  # of a study
MAX_POINTS = 5  # sentences of a card
EFFECT_WORDS: dict[Test, str] = {"rank-sum": "Cliff's delta", "fisher": "difference of shares"}
TEST_WORDS: dict[Test, str] = {"rank-sum": "rank-sum test", "fisher": "Fisher's exact test"}


@dataclass(frozen=True, slots=True)
class Claim:
    """One association: the sentence and its statistics."""

    message: str
    statistics: str


@dataclass(frozen=True, slots=True)
class InsightCard:
    """A hyperparameter, its associations, and a plot; `tied` names hyperparameters that varied together with it."""

    anchor: str
    hyperparameter: str
    claims: list[Claim]
    claims_not_shown: int
    tied: str
    plot: StripPlot
    description: str
    heads: list[str]
    table: list[list[str]]
    metric: str
    rule: str
    markdown: Markup


def insight_cards(
    insights: InsightsEntry | None, number: int, study: StudyEntry, entries: Mapping[str, RunEntry]
) -> list[InsightCard]:
    """Cards of the hyperparameters of a study, given its number, in the order of their most significant association."""
    by_hyperparameter: dict[str, list[InsightEntry]] = {}
    for found in insights["found"] if insights else ():
        if found["study"] == number:
            by_hyperparameter.setdefault(found["setting"], []).append(found)
    table = table_of(study, entries) if by_hyperparameter else None
    if insights is None or table is None:
        return []
    chosen = list(by_hyperparameter.items())[:MAX_CARDS]
    return [_card(claims, number, table, name, insights["remark"]) for name, claims in chosen]


def _card(claims: Sequence[InsightEntry], place: int, study: StudyTable, name: str, remark: str) -> InsightCard:
    first = claims[0]  # its runs are marked in the plot
    hyperparameter = next(hyperparameter for hyperparameter in study.hyperparameters if hyperparameter.name == name)
    is_hit = np.array([entry["outcomes"].get(first["rule"]) == "fired" for entry in study.entries])
    listed = [Claim(found["message"], _statistics(found)) for found in claims[:MAX_POINTS]]
    name = clipped(hyperparameter.name, 60)
    tied = ", ".join(clipped(other, 40) for other in first["tied"][:MAX_POINTS])
    heads, table = _table(first)
    return InsightCard(
        anchor=f"study-{place + 1}-{first['rule']}-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')}",
        hyperparameter=name,
        claims=listed,
        claims_not_shown=len(claims) - len(listed),
        tied=tied,
        plot=strip_plot(hyperparameter, study.best, is_hit),
        description=describe(hyperparameter, first["metric"], int(is_hit.sum()), len(is_hit)),
        heads=heads,
        table=table,
        metric=clipped(first["metric"], 40),
        rule=first["rule"],
        markdown=_markdown(name, listed, tied, heads, table, remark),
    )


def _statistics(found: InsightEntry) -> str:
    effect = f"{EFFECT_WORDS[found['test']]} {number(found['effect'], 2)}"
    if found["test"] == "fisher":
        effect = f"{EFFECT_WORDS['fisher']} {percent(found['effect'])}"
    return f"{TEST_WORDS[found['test']]}, q = {number(found['q_value'], 2)}, {effect}, {found['configurations']:,} configurations"


def _table(found: InsightEntry) -> tuple[list[str], list[list[str]]]:
    """The groups of runs by value: the plot as numbers."""
    heads = [clipped(found["setting"], 40), "Runs", f"With {found['rule']}", f"Median {clipped(found['metric'], 40)}"]
    rows = [
        [
            group["label"], f"{group['runs']:,}", f"{group['found']:,} ({percent(group['found'] / group['runs'])})",
            number(group["median_best"]),
        ]
        for group in found["groups"]
    ]  # fmt: skip
    return heads, rows


def _markdown(
    name: str, claims: Sequence[Claim], tied: str, heads: Sequence[str], table: Sequence[Sequence[str]], remark: str
) -> Markup:
    """The card as Markdown for an issue or a pull request, escaped for the page with its line breaks."""
    lines = [f"**{name}**", "", *(f"- {claim.message} ({claim.statistics})" for claim in claims)]
    lines += ["", f"Varied together with {tied}: these runs cannot separate their effects."] if tied else []
    lines += ["", *(_line(row) for row in (heads, ["---"] * len(heads), *table)), "", remark]
    return escape("\n".join(visible(line) for line in lines) + "\n")


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"

"""Studies on the index page: effects of hyperparameters with a plot each, the ablation table, the table of configurations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from ..across.study_table import outcome_of_entry
from ..report.verdict_text import clipped, number, plural
from ..studies.hyperparameter_columns import HyperparameterColumn, level_text
from ..studies.pairs import ordered
from .insight_cards import InsightCard, insight_cards
from .strip_plot import StripPlot, describe, strip_plot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..report.insights_schema import InsightsEntry
    from ..report.schema import RunEntry
    from ..report.studies_schema import Setting, StudyConfigurationEntry, StudyEntry

MAX_STUDIES = 8
MAX_PLOTS = 4  # of a study
MAX_EFFECTS = 12
MAX_ROWS = 60  # configurations of a study; report.json has all
MAX_COLUMNS = 8
MAX_RUNS = 24  # links of a configuration
MAX_ABLATIONS = 30
BASELINE_WORDS = ("baseline", "reference", "control", "default")
STATUS = {"effect": "info", "no-evidence": "not-checked", "cannot-tell": "not-checked"}
BAND_WIDTH = 120


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What is told of a hyperparameter."""

    status: str
    word: str
    sentence: str


@dataclass(frozen=True, slots=True)
class EffectPlot:
    """The outcomes of the runs over a hyperparameter that has an effect."""

    hyperparameter: str
    plot: StripPlot
    description: str
    metric: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A link to a run; `href` is "" if it has no page."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class ConfigurationRow:
    """A configuration: its settings, numbers, the place of its band in an image of `BAND_WIDTH`, and its runs."""

    settings: list[str]
    numbers: list[str]
    band: tuple[float, float, float] | None
    findings: str
    runs: list[Cell]
    runs_not_shown: int


@dataclass(frozen=True, slots=True)
class AblationRow:
    """A configuration that differs from the reference in one setting: the change, its median, and the difference."""

    change: str
    numbers: list[str]
    runs: list[Cell]


@dataclass(frozen=True, slots=True)
class StudyCard:
    """A study."""

    anchor: str
    metric: str
    facts: str
    effects: list[EffectLine]
    effects_not_shown: int
    plots: list[EffectPlot]
    findings: list[InsightCard]
    reference: str
    ablations: list[AblationRow]
    heads: list[str]
    rows: list[ConfigurationRow]
    rows_not_shown: int


class StudiesPart(TypedDict):
    """The content of the section; without studies it is omitted. `remark`: what was compared with findings."""

    studies: list[StudyCard]
    studies_not_shown: int
    remark: str
    after_best: str


def studies_on_page(
    studies: Sequence[StudyEntry],
    insights: InsightsEntry | None,
    entries: Sequence[RunEntry],
    pages: Mapping[str, str],
) -> StudiesPart:
    """The section of the studies; `pages` are links by the name of the run."""
    told = [
        (number, each)
        for number, each in enumerate(studies)
        if len(each["configurations"]) > 1 or len(each["runs"]) > 2
    ]
    by_name = {entry["run"]: entry for entry in entries}
    cards = [
        _card(study, number, insight_cards(insights, number, study, by_name), by_name, pages)
        for number, study in told[:MAX_STUDIES]
    ]
    return {
        "studies": cards,
        "studies_not_shown": len(told) - len(cards),
        "remark": insights["remark"] if insights else "",
        "after_best": insights["after_best"]["message"] if insights and insights["after_best"] else "",
    }


def _card(
    study: StudyEntry,
    place: int,
    findings: list[InsightCard],
    entries: Mapping[str, RunEntry],
    pages: Mapping[str, str],
) -> StudyCard:
    facts = [plural(len(study["runs"]), "run"), plural(len(study["configurations"]), "configuration")]
    if study["seed_deviation"] is not None:
        facts.append(f"standard deviation between seeds {number(study['seed_deviation'])}")
    effects = study["effects"][:MAX_EFFECTS]
    names = study["hyperparameters"][:MAX_COLUMNS]
    configurations = study["configurations"][:MAX_ROWS]
    reference, ablations = _ablations(study, pages)
    return StudyCard(
        f"study-{place + 1}",
        clipped(study["metric"], 60),
        ", ".join(facts),
        [EffectLine(STATUS[each["verdict"]], each["verdict"].replace("-", " "), each["sentence"]) for each in effects],
        len(study["effects"]) - len(effects),
        _plots(study, entries),
        findings,
        reference,
        ablations,
        [clipped(name, 40) for name in names],
        [_row(each, study, names, entries, pages) for each in configurations],
        len(study["configurations"]) - len(configurations),
    )


def _plots(study: StudyEntry, entries: Mapping[str, RunEntry]) -> list[EffectPlot]:
    """A plot of each effect that is told, the clearest first."""
    outcomes = {name: _outcome(entries.get(name), study) for name in study["runs"]}
    plots: list[EffectPlot] = []
    for effect in study["effects"]:
        name = effect["hyperparameter"]
        if effect["verdict"] != "effect" or effect["kind"] != "outcome" or len(plots) == MAX_PLOTS:
            continue
        setting = {
            run: each["hyperparameters"].get(name, "none") for each in study["configurations"] for run in each["runs"]
        }
        column = _column(name, [setting[run] for run in study["runs"] if run in setting])
        values = np.array([outcomes[run] for run in study["runs"] if run in setting])
        if column is None or not np.isfinite(values).any():
            continue
        plot = strip_plot(column, values, np.zeros(len(values), dtype=bool))
        plots.append(
            EffectPlot(
                clipped(name, 60), plot, describe(column, study["metric"], 0, len(values)), clipped(study["metric"], 40)
            )
        )
    return plots


def _outcome(entry: RunEntry | None, study: StudyEntry) -> float:
    """The outcome of a run that did not fail; NaN if there is none."""
    record = entry.get("record") if entry else None
    return math.nan if not record or record["failure"] else outcome_of_entry(entry, study)


def _column(name: str, values: Sequence[Setting]) -> HyperparameterColumn | None:
    levels = ordered(set(values))
    if len(levels) < 2:
        return None
    level = np.array([levels.index(value) for value in values], np.int64)
    numbers = tuple(value for value in levels if isinstance(value, float))
    if len(numbers) == len(levels):
        return HyperparameterColumn(name, numbers, level, is_numeric=True)
    return HyperparameterColumn(name, tuple(level_text(value) for value in levels), level, is_numeric=False)


def _row(
    each: StudyConfigurationEntry, study: StudyEntry, names: Sequence[str], entries: Mapping[str, RunEntry],
    pages: Mapping[str, str],
) -> ConfigurationRow:  # fmt: skip
    median = "–" if each["median"] is None else number(each["median"], 4)
    span = "–"
    if each["low"] is not None and each["high"] is not None:
        span = (
            f"{number(each['low'])} to {number(each['high'])}"
            if len(each["runs"]) - each["failures"] > 1
            else "one run"
        )
    counts: dict[str, int] = {}
    for run in each["runs"]:
        entry = entries.get(run)
        for finding in {finding["rule"] for finding in entry["findings"]} if entry else ():
            counts[finding] = counts.get(finding, 0) + 1
    worst = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:3]
    return ConfigurationRow(
        [
            clipped(level_text(each["hyperparameters"][name]), 40) if name in each["hyperparameters"] else ""
            for name in names
        ],
        [f"{len(each['runs']):,}", f"{each['failures']:,}", median, span],
        _band(each, study),
        ", ".join(f"{rule} {count}" for rule, count in worst),
        _cells(each["runs"], pages),
        max(0, len(each["runs"]) - MAX_RUNS),
    )


def _cells(runs: Sequence[str], pages: Mapping[str, str]) -> list[Cell]:
    return [Cell(clipped(run, 60), pages.get(run, "")) for run in runs[:MAX_RUNS]]


def _band(each: StudyConfigurationEntry, study: StudyEntry) -> tuple[float, float, float] | None:
    """Left edge, right edge and median of a configuration on the scale of the study; failed ones have none."""
    lows = [other["low"] for other in study["configurations"] if other["low"] is not None]
    highs = [other["high"] for other in study["configurations"] if other["high"] is not None]
    if each["low"] is None or each["high"] is None or each["median"] is None:
        return None
    first, last = min(lows), max(highs)
    if not math.isfinite(last - first) or last <= first:
        return None
    scale = (BAND_WIDTH - 8) / (last - first)
    left, right, middle = (
        round(4 + scale * (value - first), 1) for value in (each["low"], each["high"], each["median"])
    )
    return left, right, middle


def _ablations(study: StudyEntry, pages: Mapping[str, str]) -> tuple[str, list[AblationRow]]:
    """The reference, and the configurations that differ from it in one setting; empty if fewer than two do."""
    configurations = [each for each in study["configurations"] if each["hyperparameters"]]
    if len(configurations) < 3:
        return "", []
    neighbours = [
        (
            each,
            [(other, name) for other in configurations if (name := _only_difference(each, other, study)) is not None],
        )
        for each in configurations[:MAX_ROWS]
    ]
    reference, found = max(neighbours, key=lambda item: (_is_named(item[0]), len(item[1])))
    if len(found) < 2:
        return "", []
    rows = []
    for other, name in found[:MAX_ABLATIONS]:
        one, median = reference["median"], other["median"]
        change = f"{name} {_value(reference, name)} → {_value(other, name)}"
        difference = "–" if one is None or median is None else f"{'+' if median > one else ''}{number(median - one)}"
        shown = "–" if median is None else number(median, 4)
        failed = f"{other['failures']:,}" if other["failures"] else ""
        rows.append(
            AblationRow(change, [shown, difference, f"{len(other['runs']):,}", failed], _cells(other["runs"], pages))
        )
    settings = ", ".join(
        f"{clipped(name, 40)} {_value(reference, name)}" for name in study["hyperparameters"][:MAX_COLUMNS]
    )
    own = "" if reference["median"] is None else f"; median {number(reference['median'], 4)}"
    return f"{settings}{own}", rows


def _is_named(each: StudyConfigurationEntry) -> bool:
    return any(word in run.lower() for run in each["runs"] for word in BASELINE_WORDS)


def _value(each: StudyConfigurationEntry, name: str) -> str:
    return clipped(level_text(each["hyperparameters"].get(name, "none")), 40)


def _only_difference(one: StudyConfigurationEntry, other: StudyConfigurationEntry, study: StudyEntry) -> str | None:
    """The setting in which two configurations differ, if it is one; those tied to it are not counted."""
    tied = {name for effect in study["effects"] for name in effect["tied"]}
    different = [
        name
        for name in study["hyperparameters"]
        if name not in tied and one["hyperparameters"].get(name) != other["hyperparameters"].get(name)
    ]
    return different[0] if len(different) == 1 else None

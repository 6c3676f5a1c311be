"""Insights over many runs: compute after the best value, and associations of hyperparameters with findings and results.

Every comparison of a hyperparameter with a rule, or with the best value, is one test; the q values (Benjamini and
Hochberg 1995) cover all tests of the audit. The result is an association: logs do not show its cause, and
hyperparameters that varied together are named together. Memory per run is a few numbers, whatever the length of its log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..report.verdict_text import plural
from ..studies.association import fisher, kruskal, rank_sum, spearman
from ..studies.hyperparameter_columns import MIN_GROUP, indicators
from .comparison_text import Comparison, groups_of, sentence_of
from .compute_after_best import after_best
from .multiplicity import FALSE_DISCOVERY_RATE, q_values
from .study import MIN_RUNS, studies_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...parsers.run import Floats, Ints
    from ...rules.base import Outcome
    from ..report.insights_schema import InsightEntry, InsightsEntry, Test
    from ..report.schema import RunEntry
    from ..studies.association import Association
    from ..studies.hyperparameter_columns import HyperparameterColumn
    from .study import Study

MAX_RULES = 12  # of a study, the most frequent ones
MAX_FOUND = 24
CODES: dict[Outcome, int] = {"fired": 1, "clear": 0}  # of a run's outcome in a column; any other is -1
# Weaker associations are of no practical use, however significant. Cohen (1988) calls a correlation of 0.3 medium; a delta of
# 0.33 is medium by Romano et al. (2006), and so is an epsilon squared of 0.08 by the same table of Cohen's f.
LEAST_EFFECT: dict[Test, float] = {"rank-sum": 0.33, "fisher": 0.2, "spearman": 0.3, "kruskal": 0.08}


def insights_of(entries: Sequence[RunEntry]) -> InsightsEntry:
    """The part `insights` of the report, from entries of `document.run_entry`; JSON types only."""
    studies = studies_of(entries)
    tried = [comparison for study in studies for comparison in comparisons_of(study)]
    q = q_values([comparison.result.p_value for comparison in tried], len(tried))
    found = [
        (comparison, value)
        for comparison, value in sorted(zip(tried, q, strict=True), key=_rank)
        if value <= FALSE_DISCOVERY_RATE and abs(comparison.result.effect) >= LEAST_EFFECT[comparison.test]
    ]
    told_once = _one_per_question(found)
    return {
        "after_best": after_best(entries),
        "tried": len(tried),
        "found": [_entry(studies.index(c.study), c, value) for c, value in told_once[:MAX_FOUND]],
        "remark": remark(studies, len(tried), len(told_once)),
    }


def _one_per_question(found: Sequence[tuple[Comparison, float]]) -> list[tuple[Comparison, float]]:
    """The most significant of equivalent tests: those of one hyperparameter, or of tied ones, with the same rule."""
    asked: set[tuple[int, str, str]] = set()
    kept = []
    for comparison, q in found:
        study, hyperparameter = comparison.study, comparison.hyperparameter
        if (id(study), hyperparameter.name, comparison.rule) not in asked:
            kept.append((comparison, q))
            asked |= {(id(study), name, comparison.rule) for name in (hyperparameter.name, *study.tied(hyperparameter))}
    return kept


def comparisons_of(study: Study) -> Iterator[Comparison]:
    """All tests that the runs of a study allow."""
    if study.unit.max() + 1 < MIN_RUNS:
        return
    hits = dict(_hits(study))
    best = study.median_best()
    for hyperparameter in study.hyperparameters:
        column = hyperparameter.take(study.first_of_unit)
        for rule, is_hit in hits.items():
            for test, level, result in _with_finding(column, study.majority(is_hit)):
                yield Comparison(study, hyperparameter, rule, test, result, level, is_hit)
        for test, level, result in _with_best(column, best):
            yield Comparison(study, hyperparameter, "", test, result, level)


def _hits(study: Study) -> Iterator[tuple[str, Ints]]:
    """For each of the most frequent rules, the runs with its finding: int64 [n], -1 if it could not judge."""
    counts: dict[str, int] = {}
    for entry in study.entries:
        for rule, outcome in entry["outcomes"].items():
            counts[rule] = counts.get(rule, 0) + (outcome == "fired")
    for rule in sorted(counts, key=lambda rule: (-counts[rule], rule))[:MAX_RULES]:
        is_hit = np.array([CODES.get(entry["outcomes"].get(rule, "not-applicable"), -1) for entry in study.entries])
        if min(np.count_nonzero(is_hit == 1), np.count_nonzero(is_hit == 0)) >= MIN_GROUP:
            yield rule, is_hit


def _with_finding(hyperparameter: HyperparameterColumn, is_hit: Ints) -> Iterator[tuple[Test, str, Association]]:
    """Tests of a hyperparameter against a finding, each with the level that it tests."""
    judged = is_hit >= 0
    if hyperparameter.is_ordered:
        ill, well = (
            np.bincount(
                hyperparameter.level[hyperparameter.is_known & (is_hit == code)], minlength=len(hyperparameter.levels)
            )
            for code in (1, 0)
        )
        if min(ill.sum(), well.sum()) >= MIN_GROUP:
            yield "rank-sum", "", rank_sum(ill, well)
        return
    for level, is_inside in indicators(hyperparameter):
        inside, outside = is_hit[judged & (is_inside == 1)], is_hit[judged & (is_inside == 0)]
        if min(len(inside), len(outside)) >= MIN_GROUP:
            yield "fisher", level, fisher(int(inside.sum()), len(inside), int(outside.sum()), len(outside))


def _with_best(hyperparameter: HyperparameterColumn, values: Floats) -> Iterator[tuple[Test, str, Association]]:
    """Tests of a hyperparameter against the best value, each with the level that it tests."""
    rows = hyperparameter.is_known & np.isfinite(values)
    if int(rows.sum()) < MIN_RUNS:
        return
    best = values[rows]
    if hyperparameter.is_ordered:
        yield "spearman", "", spearman(hyperparameter.values[rows], best)
        group = hyperparameter.bins(rows)[hyperparameter.level[rows]]
        if group.max() > 1:  # with two groups it would repeat the correlation test
            yield "kruskal", "", kruskal(best, group)
        return
    _, place = np.unique(best, return_inverse=True)
    for level, is_inside in indicators(hyperparameter):
        inside = is_inside[rows] == 1
        first, second = (np.bincount(place[part], minlength=int(place.max()) + 1) for part in (inside, ~inside))
        if min(first.sum(), second.sum()) >= MIN_GROUP:
            yield "rank-sum", level, rank_sum(first, second)


def _rank(item: tuple[Comparison, float]) -> tuple[float, float, float, str, str]:
    comparison, q = item
    return q, comparison.result.p_value, -abs(comparison.result.effect), comparison.hyperparameter.name, comparison.rule


def _entry(number_of_study: int, comparison: Comparison, q: float) -> InsightEntry:
    study, hyperparameter = comparison.study, comparison.hyperparameter
    groups = groups_of(comparison)
    return {
        "kind": "finding" if comparison.rule else "outcome",
        "setting": hyperparameter.name,
        "level": comparison.level or None,
        "rule": comparison.rule or None,
        "study": number_of_study,
        "task": study.entries[0]["task"],
        "metric": study.metric,
        "direction": study.direction,
        "message": sentence_of(comparison, groups),
        "tied": study.tied(hyperparameter),
        "runs": sum(group["runs"] for group in groups),
        "configurations": int(study.unit.max()) + 1,
        "test": comparison.test,
        "effect": round(comparison.result.effect, 3),
        "p_value": comparison.result.p_value,
        "q_value": q,
        "groups": groups,
    }


def remark(studies: Sequence[Study], tried: int, found: int) -> str:
    """What was compared and how, or why nothing was: an empty result must not look like "no effect"."""
    if not studies:
        return (
            "Associations of hyperparameters with findings and results were not tested: this needs at least "
            f"{MIN_RUNS} runs that log the same main metric."
        )
    runs = plural(sum(len(study.entries) for study in studies), "comparable run")
    hyperparameters = sum(len(study.hyperparameters) for study in studies)
    units = sum(int(study.unit.max()) + 1 for study in studies)
    if not tried:
        why = (
            f"this needs at least {MIN_RUNS} configurations in a group of runs with the same main metric; there are "
            f"{plural(units, 'configuration')} in {plural(len(studies), 'group')}, or too few findings"
        )
        return f"Associations of hyperparameters with findings and results were not tested for {runs}: {why}."
    looked = f"{plural(tried, 'comparison')} of {plural(hyperparameters, 'hyperparameter')} in {runs}, {plural(units, 'configuration')}"
    if not found:
        return f"{looked}: no hyperparameter is clearly associated with a finding or with the best value."
    return (
        f"{looked}; {FALSE_DISCOVERY_RATE:.0%} of the reported associations are expected to be due to chance. They are not "
        "causes: other differences between the runs may explain them. Runs that differ only in their seed count once."
    )

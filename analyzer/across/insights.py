"""Compute after the best value, and associations of the hyperparameters of studies with findings.

Every comparison of a hyperparameter with a rule is one test; the q values (Benjamini and Hochberg 1995) cover all of them. The
result is an association: logs do not show its cause, and hyperparameters that varied together are named together. Effects on
the outcome are in `effects` and `search_effects`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..report.verdict_text import plural
from ..studies.association import fisher, rank_sum
from ..studies.hyperparameter_columns import MIN_GROUP, indicators
from .comparison_text import Comparison, groups_of, sentence_of
from .compute_after_best import after_best
from .multiplicity import FALSE_DISCOVERY_RATE, q_values
from .study_table import MIN_RUNS, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...parsers.run import Ints
    from ...rules.base import Outcome
    from ..report.insights_schema import InsightEntry, InsightsEntry, Test
    from ..report.schema import RunEntry
    from ..report.studies_schema import StudyEntry
    from ..studies.association import Association
    from ..studies.hyperparameter_columns import HyperparameterColumn
    from .study_table import StudyTable

MAX_RULES = 12  # of a study, the most frequent ones
MAX_FOUND = 24
CODES: dict[Outcome, int] = {"fired": 1, "clear": 0}  # of a run's outcome in a column; any other is -1
# Weaker associations are of no practical use, however significant: a delta of 0.33 is medium by Romano et al. (2006).
LEAST_EFFECT: dict[Test, float] = {"rank-sum": 0.33, "fisher": 0.2}


def insights_of(entries: Sequence[RunEntry], studies: Sequence[StudyEntry] = ()) -> InsightsEntry:
    """The part `insights` of the report, from entries of `document.run_entry` and its studies; JSON types only."""
    by_name = {entry["run"]: entry for entry in entries}
    tables = {number: table for number, study in enumerate(studies) if (table := table_of(study, by_name))}
    place = {id(table): number for number, table in tables.items()}
    tried = [comparison for table in tables.values() for comparison in comparisons_of(table)]
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
        "found": [_entry(place[id(c.study)], c, value) for c, value in told_once[:MAX_FOUND]],
        "remark": remark(list(tables.values()), len(tried), len(told_once)),
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


def comparisons_of(study: StudyTable) -> Iterator[Comparison]:
    """All tests that the runs of a study allow."""
    if study.unit.max() + 1 < MIN_RUNS:
        return
    hits = dict(_hits(study))
    for hyperparameter in study.hyperparameters:
        column = hyperparameter.take(study.first_of_unit)
        for rule, is_hit in hits.items():
            for test, level, result in _with_finding(column, study.majority(is_hit)):
                yield Comparison(study, hyperparameter, rule, test, result, level, is_hit)


def _hits(study: StudyTable) -> Iterator[tuple[str, Ints]]:
    """For each of the most frequent rules, the runs with its finding: int64 [n], -1 if it could not judge."""
    counts: dict[str, int] = {}
    for entry in study.entries:
        for rule, outcome in entry["outcomes"].items():
            counts[rule] = counts.get(rule, 0) + (outcome == "fired")
    for rule in sorted(counts, key=lambda rule: (-counts[rule], rule))[:MAX_RULES]:
        if study.has_failure_causes and all(
            entry["record"]["failure"] for entry in study.entries if entry["outcomes"].get(rule) == "fired"
        ):
            continue  # told as a cause of failure
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


def _rank(item: tuple[Comparison, float]) -> tuple[float, float, float, str, str]:
    comparison, q = item
    return q, comparison.result.p_value, -abs(comparison.result.effect), comparison.hyperparameter.name, comparison.rule


def _entry(number_of_study: int, comparison: Comparison, q: float) -> InsightEntry:
    study, hyperparameter = comparison.study, comparison.hyperparameter
    groups = groups_of(comparison)
    return {
        "kind": "finding",
        "setting": hyperparameter.name,
        "level": comparison.level or None,
        "rule": comparison.rule,
        "study": number_of_study,
        "task": study.entries[0]["task"],
        "metric": study.metric,
        "direction": study.direction,
        "message": sentence_of(comparison),
        "tied": study.tied(hyperparameter),
        "runs": sum(group["runs"] for group in groups),
        "configurations": int(study.unit.max()) + 1,
        "test": comparison.test,
        "effect": round(comparison.result.effect, 3),
        "p_value": comparison.result.p_value,
        "q_value": q,
        "groups": groups,
    }


def remark(studies: Sequence[StudyTable], tried: int, found: int) -> str:
    """What was compared and how, or why nothing was: an empty result must not look like "no effect"."""
    if not studies:
        return f"Associations of hyperparameters with findings were not tested: this needs a study of at least {MIN_RUNS} runs."
    runs = plural(sum(len(study.entries) for study in studies), "run")
    hyperparameters = sum(len(study.hyperparameters) for study in studies)
    units = sum(int(study.unit.max()) + 1 for study in studies)
    if not tried:
        why = f"this needs at least {MIN_RUNS} configurations in a study; there are {units:,}"
        if units >= MIN_RUNS:
            why = f"no finding is made in {MIN_GROUP} or more configurations and absent in as many"
        return f"Associations of hyperparameters with findings were not tested for {runs}: {why}."
    looked = (
        f"{plural(tried, 'comparison')} of {plural(hyperparameters, 'hyperparameter')} with findings in {runs}, "
        f"{plural(units, 'configuration')}"
    )
    if not found:
        return f"{looked}: no hyperparameter is clearly associated with a finding."
    return (
        f"{looked}; {FALSE_DISCOVERY_RATE:.0%} of the reported associations are expected to be due to chance. They are not "
        "causes: other differences between the runs may explain them. Runs that differ only in their seed count once."
    )

"""A comparison as text: the runs grouped by value of the hyperparameter, and one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..report.verdict_text import clipped
from ..studies.hyperparameter_columns import level_text
from .study_table import median

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Bools, Ints
    from ..report.insights_schema import GroupEntry, Test
    from ..studies.association import Association
    from ..studies.hyperparameter_columns import HyperparameterColumn
    from .study_table import StudyTable

MAX_GROUPS = 8  # of a hyperparameter that is not numeric; the remaining values form one group


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """One test of a hyperparameter.

    Attributes:
        rule: id of the rule whose findings are compared.
        test: "rank-sum" or "fisher".
        level: value of the hyperparameter that is compared with all others; "" if values are compared by order.
        is_hit: int64 [n], 1 and 0 for runs with and without the finding, -1 if the rule could not judge.

    """

    study: StudyTable
    hyperparameter: HyperparameterColumn
    rule: str
    test: Test
    result: Association
    level: str
    is_hit: Ints


def groups_of(comparison: Comparison) -> list[GroupEntry]:
    """Groups of runs by value: label, runs, runs with the finding, median outcome."""
    hyperparameter, is_hit = comparison.hyperparameter, comparison.is_hit
    rows = hyperparameter.is_known & (is_hit >= 0)
    bin_of_level = hyperparameter.bins(rows)
    if not hyperparameter.is_numeric:
        counts = np.bincount(hyperparameter.level[rows], minlength=len(hyperparameter.levels))
        place = np.argsort(np.argsort(-counts, kind="stable"))
        bin_of_level = np.minimum(place, MAX_GROUPS)
    groups = []
    for number_of_bin in range(int(bin_of_level.max()) + 1):
        members = rows & (bin_of_level[hyperparameter.level] == number_of_bin)
        if members.any():
            levels = [hyperparameter.levels[i] for i in np.unique(hyperparameter.level[members])]
            groups.append(_group(comparison, members, "others" if number_of_bin == MAX_GROUPS else label_of(levels)))
    return groups


def _group(comparison: Comparison, members: Bools, label: str) -> GroupEntry:
    best = comparison.study.best[members]
    return {
        "label": label,
        "runs": int(members.sum()),
        "found": int((comparison.is_hit[members] == 1).sum()),
        "median_best": median(best),
    }


def label_of(levels: Sequence[float | str]) -> str:
    """Neighbouring values of a group in words."""
    first, last = level_text(levels[0]), level_text(levels[-1])
    return first if first == last else f"{first} to {last}"


def sentence_of(comparison: Comparison) -> str:
    """The association as one sentence, in the past tense."""
    return _finding_by_level(comparison) if comparison.level else _finding_by_number(comparison)


def _finding_by_level(comparison: Comparison) -> str:
    hyperparameter, is_hit = comparison.hyperparameter, comparison.is_hit
    rows = hyperparameter.is_known & (is_hit >= 0)
    inside = rows & _is_level(comparison)
    outside = rows & ~inside
    shares = [f"{int((is_hit[part] == 1).sum()):,} of {int(part.sum()):,}" for part in (inside, outside)]
    return f"{comparison.rule} occurred in {shares[0]} runs with {_equation(comparison)} and in {shares[1]} other runs."


def _finding_by_number(comparison: Comparison) -> str:
    hyperparameter, is_hit = comparison.hyperparameter, comparison.is_hit
    values = hyperparameter.values
    ill, well = (values[hyperparameter.is_known & (is_hit == code)] for code in (1, 0))
    word = "larger" if comparison.result.effect > 0 else "smaller"
    medians = (
        f"median {level_text(median(ill))} in {len(ill):,} against {level_text(median(well))} in {len(well):,} without"
    )
    return f"Runs with {comparison.rule} had a {word} {_name(comparison)}: {medians}."


def _is_level(comparison: Comparison) -> Bools:
    texts = [level_text(level) for level in comparison.hyperparameter.levels]
    return np.asarray(comparison.hyperparameter.level == texts.index(comparison.level))


def _equation(comparison: Comparison) -> str:
    return f"{_name(comparison)} = {comparison.level}"


def _name(comparison: Comparison) -> str:
    return clipped(comparison.hyperparameter.name, 60)

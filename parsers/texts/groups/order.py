"""Logs without a counter: their records are numbered in log order.

loss(x, y) = param(0.0909)          Progress:  0.8% lr: 0.0991 loss: 15.28
accuracy(x, y) = 0.1                Progress:  1.7% lr: 0.0983 loss: 14.49
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...meaning.resolve import meaning_of
from ..shapes.counting import is_measured_like, varies
from ..shapes.keys import is_measured
from ..shapes.same_lines import SameLines

if TYPE_CHECKING:
    from collections.abc import Sequence

_OF_TRAINING = frozenset(("loss", "score", "perplexity", "reward", "learning-rate", "gradient-norm", "entropy", "kl"))
MIN_RECORDS = 10  # with fewer, what recurs may be a report of some models


def numbered_by_order(groups: Sequence[SameLines], evidence: list[str]) -> list[SameLines]:
    """Give lines with a known metric the number of their record as step; other lines are unchanged."""
    counts: Counter[frozenset[str]] = Counter()
    for group in groups:
        counts[_tags(group)] += len(group) if _is_measured(group) else 0
    told = [index for index, group in enumerate(groups) if counts[_tags(group)] >= MIN_RECORDS]
    if not told:
        return list(groups)
    first = groups[told[0]]
    leads = _begins_records(first, groups, told)
    starts = np.unique(np.concatenate([groups[index].line_numbers for index in leads]))
    numbered = list(groups)
    for index in told:
        group = groups[index]
        step = np.searchsorted(starts, group.line_numbers, "right").astype(np.float64)
        shape = replace(group.shape, step=len(group.columns))
        numbered[index] = SameLines(
            shape.settle(), group.line_numbers, group.line, [*group.columns, step], group.missing
        )
    evidence.append("no number counts steps: the records are numbered in the order of their lines")
    return numbered


def _tags(group: SameLines) -> frozenset[str]:
    return frozenset(value.tag for value in group.shape.values)


def _is_measured(group: SameLines) -> bool:
    measured = [group.column(value.hole) for value in group.shape.values if _is_learned(value.tag)]
    return any(varies(column) and is_measured_like(column) for column in measured)


def _is_learned(tag: str) -> bool:
    """Whether a quantity is one that training changes; the hit rate of a cache is not."""
    return is_measured(tag) and meaning_of(tag).role in _OF_TRAINING


def _begins_records(first: SameLines, groups: Sequence[SameLines], told: Sequence[int]) -> list[int]:
    """The groups whose lines begin a record: those that share a tag with the first group."""
    return [index for index in told if _tags(first) & _tags(groups[index])]

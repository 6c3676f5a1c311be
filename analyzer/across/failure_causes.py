"""Which hyperparameter separates the runs of a study that fail from those that do not.

Each hyperparameter is judged by the split of its values that separates them best: a threshold of numbers, one value of
texts. The first cause is the one with the largest likelihood, corrected for the number of splits that it offers; the others
are then tested within the two sides of the first one, where an association that only repeats it is gone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..studies.association import fisher
from ..studies.hyperparameter_columns import level_text
from ..studies.pairs import Design

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Bools, Floats, Ints
    from ...parsers.settings.kinds import Value
    from ...rules.view.study import Study

MIN_CONFIGURATIONS = 4
MAX_SPLITS = 64  # each further one costs power


@dataclass(slots=True, eq=False)
class FailureCause:
    """How a hyperparameter separates failing runs.

    Attributes:
        inside: words of the split, such as "lr >= 0.3".
        is_inside: bool [configurations]; `failed` of `runs` inside and outside of it.
        score: gain of log-likelihood, corrected for the splits tried; the largest comes first.
        agreeing, opposing: controlled pairs in which the run inside the split fails and the other does not, and the reverse.

    """

    study: Study
    hyperparameter: str
    inside: str
    is_inside: Bools
    failed: tuple[int, int]
    runs: tuple[int, int]
    score: float
    p_value: float
    agreeing: int
    opposing: int
    q_value: float = math.nan

    @property
    def is_separated(self) -> bool:
        (first, second), (all_first, all_second) = self.failed, self.runs
        return (first == all_first and second == 0) or (first == 0 and second == all_second)


def causes_of_failure(study: Study) -> list[FailureCause]:
    """The hyperparameters of a study by how well they separate failing runs, the best first; empty if none can."""
    configurations = study.configurations
    failed = np.array([each.failures for each in configurations], np.float64)
    runs = np.array([len(each.runs) for each in configurations], np.float64)
    if len(configurations) < MIN_CONFIGURATIONS or not 0 < failed.sum() < runs.sum():
        return []
    design = Design(study)
    found = []
    for name in study.hyperparameters:
        best = _best_split(design, name, failed, runs)
        if best is not None:
            found.append(best)
    found.sort(key=lambda cause: (-round(cause.score, 6), cause.opposing - cause.agreeing))
    if len(found) > 1:
        _adjust_for_first(found, design, failed, runs)
    return found


def _best_split(design: Design, name: str, failed: Floats, runs: Floats) -> FailureCause | None:
    level, values = design.column[:, design.place(name)], design.levels[name]
    of_level = [np.bincount(level, weights, len(values)).astype(np.float64) for weights in (failed, runs)]
    scored = [(_gain(of_level[0], of_level[1], members), members) for members in _splits(values)]
    if not scored:
        return None
    gain, members = max(scored, key=lambda each: each[0])
    inside = np.isin(level, members)
    first, second = ((int(failed[part].sum()), int(runs[part].sum())) for part in (inside, ~inside))
    p_value = min(1.0, fisher(first[0], first[1], second[0], second[1]).p_value * len(scored))
    if first[0] / first[1] < second[0] / second[1]:  # word the side that fails
        members = np.setdiff1d(np.arange(len(values)), members)
        first, second, inside = second, first, ~inside
    agreeing, opposing = _discordant(design, name, failed / runs, inside)
    # pairs that differ in nothing else decide between hyperparameters that separate the runs equally well
    score = gain - math.log(len(scored)) + 0.5 * (agreeing - opposing) / max(1, agreeing + opposing)
    text = f"{name} {_words(values, members)}"
    return FailureCause(
        design.study, name, text, inside, (first[0], second[0]), (first[1], second[1]), score, p_value, agreeing, opposing
    )  # fmt: skip


def _splits(values: list[Value]) -> Iterator[Ints]:
    """Splits of the levels in two, as the levels of one side: by each threshold of numbers, else each text against the rest."""
    if all(isinstance(value, float) for value in values):
        places = range(1, len(values))
        if len(places) > MAX_SPLITS:
            places = range(1, len(values), len(values) // MAX_SPLITS + 1)
        yield from (np.arange(i, len(values)) for i in places)
    else:
        yield from (np.array([i]) for i in range(min(len(values), MAX_SPLITS) if len(values) > 2 else 1))


def _words(values: list[Value], members: Ints) -> str:
    """The levels of one side of a split, after the name of the hyperparameter."""
    first, last = int(members[0]), int(members[-1])
    if len(members) == 1 and (first in (0, len(values) - 1) or isinstance(values[first], str)):
        equal = level_text(values[first])
        return (
            f"= {equal}"
            if len(values) == 2 or isinstance(values[first], str)
            else f"{'<=' if first == 0 else '>='} {equal}"
        )
    if all(isinstance(values[i], float) for i in members):
        return f">= {level_text(values[first])}" if last == len(values) - 1 else f"<= {level_text(values[last])}"
    outside = [value for i, value in enumerate(values) if i not in members]
    return f"other than {level_text(outside[0])}"


def _gain(failed: Floats, runs: Floats, members: Ints) -> float:
    """Gain of the binomial log-likelihood by a split; counts are those of each level, [levels]."""
    hits, total = float(failed.sum()), float(runs.sum())
    inside, size = float(failed[members].sum()), float(runs[members].sum())
    return _likelihood(inside, size) + _likelihood(hits - inside, total - size) - _likelihood(hits, total)


def _likelihood(hits: float, total: float) -> float:
    share = hits / total if total else 0.0
    return sum(count * math.log(part) for count, part in ((hits, share), (total - hits, 1 - share)) if count > 0)


def _discordant(design: Design, name: str, share: Floats, inside: Bools) -> tuple[int, int]:
    agreeing = opposing = 0
    for pair in design.pairs(name):
        if inside[pair.lower] == inside[pair.higher]:
            continue
        first, second = (pair.lower, pair.higher) if inside[pair.lower] else (pair.higher, pair.lower)
        agreeing += bool(share[first] > share[second])
        opposing += bool(share[first] < share[second])
    return agreeing, opposing


def _adjust_for_first(found: list[FailureCause], design: Design, failed: Floats, runs: Floats) -> None:
    """Test the other causes within the two sides of the first (Mantel and Haenszel 1959)."""
    first = found[0].is_inside
    for cause in found[1:]:
        inside = cause.is_inside
        difference = variance = 0.0
        for stratum in (first, ~first):
            hits, n = float(failed[stratum].sum()), float(runs[stratum].sum())
            own, own_n = float(failed[stratum & inside].sum()), float(runs[stratum & inside].sum())
            if n > 1:
                difference += own - own_n * hits / n
                variance += own_n * (n - own_n) * hits * (n - hits) / (n * n * (n - 1))
        z = max(abs(difference) - 0.5, 0.0) / math.sqrt(variance) if variance > 0 else 0.0
        splits = len(list(_splits(design.levels[cause.hyperparameter])))
        cause.p_value = max(cause.p_value, min(1.0, math.erfc(z / math.sqrt(2)) * splits))

"""Two groups of runs side by side: the metric they share, and whether the second one is better or worse."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from ...parsers.meaning.words import words_of
from ...rules.comparison._equal_curves import equal_runs
from ...rules.statistics.seed_noise import (
    deviation_with_floor,
    half_width,
    pooled_noise,
    seeds_needed,
    smallest_shown,
    t_p_value,
)
from ...rules.view.study import Batch
from ..studies.association import fisher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Direction, Split
    from ...rules.view.study import Outcome, RunDigest

Verdict: TypeAlias = Literal["better", "worse", "no-evidence", "identical", "cannot-tell"]
Reason: TypeAlias = Literal["", "no-runs", "no-metric", "failed", "few-runs", "unknown-noise", "some-failed"]

LEVEL = 0.02  # one-sided error rate of a verdict: a gate may fail at most 2% of equal groups
MIN_FREEDOM = 2
ONE_RUN_ERRORS = 6.0  # one run against one: of the noise of the evaluations
ONE_RUN_SHARE = 0.2  # and of what the metric gained in the whole training, which exceeds what seeds usually do
MIN_EQUAL_POINTS = 20
MIN_EQUAL_BITS = 40.0
_SPLIT_WORDS = frozenset("train training val valid validation eval evaluation test dev".split())


@dataclass(frozen=True, slots=True, eq=False)
class RunGroup:
    """Runs on one side of a comparison; `label` is how the user named them."""

    label: str
    runs: tuple[RunDigest, ...]

    @property
    def failures(self) -> int:
        return sum(bool(run.failure) for run in self.runs)


@dataclass(frozen=True, slots=True)
class SharedMetric:
    """The metric by which two groups are compared."""

    name: str
    split: Split
    direction: Direction
    key: tuple[frozenset[str], str]

    def of(self, run: RunDigest) -> Outcome | None:
        """Its outcome in a run."""
        return next((each for each in run.outcomes if key_of(each.metric, each.split) == self.key), None)

    @property
    def is_lower_better(self) -> bool:
        return self.direction != "higher"


@dataclass(slots=True)
class Difference:
    """What the second group is against the first.

    Attributes:
        difference: mean of the second minus mean of the first, in units of the metric; `low`, `high` its 95% interval.
        shown: smallest difference that these runs would have shown with a power of 80%, NaN if unknown.
        wanted: runs a side that would decide on the difference observed, None if unknown or too many.
        values: outcomes of the finished runs of both.

    """

    verdict: Verdict = "cannot-tell"
    reason: Reason = ""
    metric: SharedMetric | None = None
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_value: float = math.nan
    shown: float = math.nan
    wanted: int | None = None
    values: tuple[tuple[float, ...], tuple[float, ...]] = field(default=((), ()))


def key_of(metric: str, split: str) -> tuple[frozenset[str], str]:
    """The same for `val_loss` and `eval/loss`."""
    return frozenset(words_of(metric)) - _SPLIT_WORDS, split


def shared_metric(first: RunGroup, second: RunGroup) -> SharedMetric | None:
    """The metric with a direction that most runs of both groups have; of several the one that decides."""
    shares: dict[tuple[frozenset[str], str], list[int]] = defaultdict(lambda: [0, 0])
    ranks: dict[tuple[frozenset[str], str], int] = defaultdict(int)
    known: dict[tuple[frozenset[str], str], Outcome] = {}
    for side, group in enumerate((first, second)):
        for run in group.runs:
            for rank, each in enumerate(run.outcomes):
                key = key_of(each.metric, each.split)
                shares[key][side] += 1
                ranks[key] += rank
                known.setdefault(key, each)
    usable = [key for key, (one, other) in shares.items() if one and other]
    if not usable:
        return None
    best = max(
        usable,
        key=lambda key: (
            min(shares[key][0] / len(first.runs), shares[key][1] / len(second.runs)),
            -ranks[key] / sum(shares[key]),
            known[key].metric,
        ),
    )
    return SharedMetric(known[best].metric, known[best].split, known[best].direction, best)


def difference_of(first: RunGroup, second: RunGroup) -> Difference:
    """Compare the outcomes of two groups of runs."""
    if not first.runs or not second.runs:
        return Difference(reason="no-runs")
    metric = shared_metric(first, second)
    if metric is None:
        return Difference(reason="no-metric")
    found = Difference(metric=metric, values=(_values(first, metric), _values(second, metric)))
    if all(found.values):
        found.difference = float(np.mean(found.values[1]) - np.mean(found.values[0]))
    if are_identical(first, second):
        found.verdict = "identical"
    elif not _judge_failures(found, first, second):
        _judge_values(found, first, second, metric)
    return found


def _values(group: RunGroup, metric: SharedMetric) -> tuple[float, ...]:
    outcomes = [metric.of(run) for run in group.runs if not run.failure]
    return tuple(each.value for each in outcomes if each is not None and each.is_known)


def are_identical(first: RunGroup, second: RunGroup) -> bool:
    """Whether each run of one group has a run of the other with the same curves, bit for bit or to all their digits."""
    if len(first.runs) != len(second.runs):
        return False
    hashes = [sorted(_hashes(run) for run in group.runs) for group in (first, second)]
    if hashes[0] == hashes[1]:
        return all(hashes[0])
    if len(first.runs) > 1:
        return False
    return bool(equal_runs(Batch([*first.runs, *second.runs], lambda _: None), MIN_EQUAL_POINTS, MIN_EQUAL_BITS))


def _hashes(run: RunDigest) -> list[tuple[str, str, bytes]]:
    return [(curve.name, curve.split, curve.whole) for curve in run.curves if curve.role != "learning-rate"]


def _judge_failures(found: Difference, first: RunGroup, second: RunGroup) -> bool:
    """Judge by failures alone if they decide; False if the outcomes are to be compared."""
    failed, runs = (first.failures, second.failures), (len(first.runs), len(second.runs))
    if failed[0] == runs[0] and failed[1] == runs[1]:
        found.reason = "failed"
        return True
    is_all = (failed[0] == runs[0]) != (failed[1] == runs[1]) and min(failed) == 0
    p_value = fisher(failed[1], runs[1], failed[0], runs[0]).p_value
    is_worse = failed[1] / runs[1] > failed[0] / runs[0]
    if is_all or p_value / 2 <= LEVEL:
        found.p_value = p_value
        found.verdict = "worse" if is_worse else "better"
        return True
    return False


def _judge_values(found: Difference, first: RunGroup, second: RunGroup, metric: SharedMetric) -> None:
    one, other = found.values
    if not one or not other:
        found.reason = "failed"
        return
    is_worse = (found.difference > 0) == metric.is_lower_better
    noise = pooled_noise(found.values)
    evaluations = _evaluation_noise(first, second, metric)
    if noise.freedom < MIN_FREEDOM:
        spread = max(evaluations * math.sqrt(2), noise.deviation if noise.freedom else 0.0)
        if not math.isfinite(evaluations):
            found.reason = "unknown-noise"
        elif abs(found.difference) > max(ONE_RUN_ERRORS * spread, ONE_RUN_SHARE * _whole_fall(first, second, metric)):
            found.verdict = "worse" if is_worse else "better"
        else:
            found.reason = "few-runs"
        return
    size = max(abs(value) for value in (*one, *other))
    deviation = max(deviation_with_floor(noise, evaluations), 1e-12 * size, 1e-300)
    error = deviation * math.sqrt(1 / len(one) + 1 / len(other))
    found.p_value = t_p_value(found.difference / error, noise.freedom)
    width = half_width(error, noise.freedom)
    found.low, found.high = found.difference - width, found.difference + width
    found.shown = smallest_shown(error, noise.freedom)
    if found.p_value / 2 <= LEVEL:
        found.verdict = "worse" if is_worse else "better"
        return
    found.wanted = seeds_needed(abs(found.difference), error, noise.freedom, (len(one) + len(other)) / 2)
    found.verdict = "no-evidence"


def _evaluation_noise(first: RunGroup, second: RunGroup, metric: SharedMetric) -> float:
    """Root mean square of the standard errors of the outcomes; NaN if none is known."""
    known = [each.noise for each in _outcomes(first, second, metric) if math.isfinite(each.noise)]
    return math.sqrt(sum(noise**2 for noise in known) / len(known)) if known else math.nan


def _whole_fall(first: RunGroup, second: RunGroup, metric: SharedMetric) -> float:
    """What the metric gained from its first evaluation on, the largest of all runs."""
    falls = [abs(each.first - each.value) for each in _outcomes(first, second, metric) if math.isfinite(each.first)]
    return max(falls, default=math.inf)


def _outcomes(first: RunGroup, second: RunGroup, metric: SharedMetric) -> Sequence[Outcome]:
    found = (metric.of(run) for run in (*first.runs, *second.runs) if not run.failure)
    return [each for each in found if each is not None and each.is_known]

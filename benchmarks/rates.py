"""Shares with their exact intervals, counted over many runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trainlint.rules.base import Rule, Severity

CONFIDENCE = 0.95


class Rate(NamedTuple):
    """A share `hits` of `runs`, with its interval of Clopper and Pearson (1934) at 95%."""

    hits: int
    runs: int

    @property
    def share(self) -> float:
        return self.hits / self.runs if self.runs else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper limit; (0, 1) where nothing was counted."""
        from scipy.stats import binomtest

        if not self.runs:
            return 0.0, 1.0
        found = binomtest(self.hits, self.runs).proportion_ci(CONFIDENCE, method="exact")
        return float(found.low), float(found.high)

    def entry(self) -> dict[str, float | int]:
        """What stands in the machine-readable file."""
        low, high = self.interval
        return {
            "hits": self.hits, "runs": self.runs, "share": round(self.share, 6),
            "low": round(low, 6), "high": round(high, 6),
        }  # fmt: skip


class Findings(NamedTuple):
    """Findings on one kind of run: `count` on `runs` of them, and the share `mass` of all runs that are of this kind."""

    count: int
    runs: int
    mass: float


@dataclass(slots=True)
class Tally:
    """What was counted, to be added up over processes.

    Attributes:
        planted: (rule, severity, "fired" or "runs").
        healthy: (rule, family, "alarm", "error", "info" or "runs"); runs are those that the rule could decide. An error
            is an alarm, too.
        alarmed: (family, "runs" or "alarm"): runs with an alarm of any rule.
        right, wrong: (rule, stated confidence in percent) of warnings and errors on planted and on healthy runs.
        failed: what rules that raised had to say.

    """

    planted: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    healthy: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    alarmed: Counter[tuple[str, str]] = field(default_factory=Counter)
    right: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: Counter[tuple[str, int]] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        for name in COUNTERS:
            getattr(self, name).update(getattr(other, name))

    def listed(self) -> dict[str, list[Any]]:
        """Pairs of a key and its count by attribute, counts of zero left out: JSON types only."""
        return {name: [[key, n] for key, n in getattr(self, name).items() if n] for name in COUNTERS}

    @classmethod
    def of(cls, listed: dict[str, list[Any]]) -> Tally:
        """The tally of which `listed` was made."""
        keyed = {
            name: Counter({tuple(key) if isinstance(key, list) else key: n for key, n in pairs})
            for name, pairs in listed.items()
        }
        return cls(**keyed)


COUNTERS = tuple(each.name for each in fields(Tally))


def is_alarm(rule: Rule, severity: Severity) -> bool:
    """Whether a finding counts: a warning or an error, or any finding of a rule that only ever explains."""
    from trainlint.rules.base import Severity

    return severity >= min(rule.severity, Severity.WARNING)


def precision(right: Iterable[Findings], wrong: Iterable[Findings]) -> tuple[float, float, float]:
    """Share of right findings among all, and an interval that is at least as wide as its confidence says.

    For the lower limit every rate of right findings is put at its own lower limit, and every rate of wrong ones at its
    upper limit; for the upper limit the other way round.
    """
    good, bad = _expected(right), _expected(wrong)

    def share(a: float, b: float) -> float:
        return a / (a + b) if a + b else float("nan")

    return share(good[1], bad[1]), share(good[0], bad[2]), share(good[2], bad[0])


def _expected(kinds: Iterable[Findings]) -> tuple[float, float, float]:
    """Lower limit, estimate and upper limit of the findings a run."""
    low = middle = high = 0.0
    for kind in kinds:
        rate = Rate(min(kind.count, kind.runs), kind.runs)
        limits = rate.interval
        low, middle, high = low + kind.mass * limits[0], middle + kind.mass * rate.share, high + kind.mass * limits[1]
    return low, middle, high

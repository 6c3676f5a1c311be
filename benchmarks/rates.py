"""Shares with their exact intervals, counted over many runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trainlint.rules.base import Rule, Severity

CONFIDENCE = 0.95


class Rate(NamedTuple):
    """A share `hits` of `runs`, with its interval of Clopper and Pearson (1934) at 95 %."""

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


class Weight(NamedTuple):
    """Findings of one kind of run: how many of them, on how many runs, which are a share `mass` of all runs."""

    findings: int
    runs: int
    mass: float


@dataclass(slots=True)
class Tally:
    """What was counted, to be added up over processes.

    Attributes:
        planted: (rule, severity, "fired" or "runs").
        healthy: (rule, family, "alarm", "info" or "runs"); runs are those that the rule could decide.
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
        for name in ("planted", "healthy", "alarmed", "right", "wrong", "failed"):
            getattr(self, name).update(getattr(other, name))


def is_alarm(rule: Rule, severity: Severity) -> bool:
    """Whether a finding counts: a warning or an error, or any finding of a rule that only ever explains."""
    from trainlint.rules.base import Severity

    return severity >= min(rule.severity, Severity.WARNING)


def precision(right: Iterable[Weight], wrong: Iterable[Weight]) -> tuple[float, float, float]:
    """Share of right findings among all, with an interval that is at least as wide as its confidence says.

    Every rate of a finding is put at the end of its own interval that is worse (or better) for the share.
    """
    masses = [
        [w.mass * limit for w in kind for limit in (_limits(w)[which],)]
        for kind in (tuple(right), tuple(wrong))
        for which in range(3)
    ]
    good_low, good, good_high, bad_low, bad, bad_high = (sum(m) for m in masses)

    def share(a: float, b: float) -> float:
        return a / (a + b) if a + b else float("nan")

    return share(good, bad), share(good_low, bad_high), share(good_high, bad_low)


def _limits(weight: Weight) -> tuple[float, float, float]:
    """Lower limit, mean and upper limit of findings a run."""
    rate = Rate(min(weight.findings, weight.runs), weight.runs)
    low, high = rate.interval
    return low, rate.share, high

"""Confidence as a function of the evidence: that a finding is true, and that it names the fault.

What a rule states of itself is a prior. The margin of the evidence over the limits of the rule and the number of points
raise or lower it on the scale of log odds, with parameters of the family of the rule that `benchmarks/confidence.py` fits to
runs with known faults (calibration.json; the table of reliability is in docs/accuracy.md). None of the slopes is negative:
stronger evidence never has less confidence.
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from .margins import strength_of

if TYPE_CHECKING:
    from .base import Finding, Rule

FEW_POINTS, MANY_POINTS = 10, 1000  # fewer or more points change nothing
HIGHEST, LOWEST = 0.99, 0.05  # no log proves a fault or its absence
# Where a finding stands in a report: first warning or error, explained by another finding, any other.
Place = Literal["first", "consequence", "other"]


class Case(NamedTuple):
    """What confidence depends on.

    Attributes:
        family: of the rule.
        prior: what the rule states, 0 to 1.
        strength: of `margins.strength_of`; None if the evidence has no degree.
        points: number of finite points of the curve.

    """

    family: str
    prior: float
    strength: float | None
    points: int

    @property
    def features(self) -> tuple[float, float, float]:
        """Log odds of the prior, strength, and share of the way from few points to many."""
        prior = min(max(self.prior, LOWEST), HIGHEST)
        way = math.log(max(self.points, 1) / FEW_POINTS) / math.log(MANY_POINTS / FEW_POINTS)
        strength = parameters()["usual_strength"] if self.strength is None else self.strength
        return math.log(prior / (1 - prior)), strength, min(max(way, 0.0), 1.0)


@cache
def parameters() -> dict[str, Any]:
    """The fitted parameters: schema "trainlint-calibration/1"."""
    text = Path(__file__).with_name("calibration.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def case_of(rule: Rule[Any], finding: Finding, points: int) -> Case:
    """The case of a finding on a curve with so many finite points."""
    return Case(rule.family, float(finding.confidence), strength_of(rule, finding), points)


def confidence_of(case: Case) -> float:
    """Probability that the finding is true."""
    families = parameters()["families"]
    fitted = families.get(case.family, families["any"])
    slopes = (fitted["prior"], fitted["strength"], fitted["points"])
    odds = fitted["intercept"] + sum(slope * x for slope, x in zip(slopes, case.features, strict=True))
    return min(max(1 / (1 + math.exp(-odds)), LOWEST), HIGHEST)


def cause_confidence_of(confidence: float, place: Place) -> float:
    """Probability that the finding is true and names the fault, not a consequence of it."""
    return confidence * float(parameters()["cause"][place])

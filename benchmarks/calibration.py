"""The fit of confidence to findings whose truth is known, and its error on others.

The log odds of a finding are linear in those of its prior, in the strength of its evidence and in the share of the way from few
points to many (`rules/confidence.py`). Penalties keep every parameter near what an expert would guess, and those of a family
near those of all families, as far as the findings leave it open; no slope may be negative.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from rates import Rate
from scipy.optimize import minimize

from trainlint.rules.confidence import HIGHEST, LOWEST, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from trainlint.rules.confidence import Place

    Floats = npt.NDArray[np.float64]

BINS = (0.0, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)  # lower limits of stated confidence
SLOPES = ("prior", "strength", "points")
# Intercept and slopes that an expert would guess, and how far they may be from the truth (standard deviations).
GUESS, DOUBT = np.array([0.0, 1.0, 0.5, 0.25]), np.array([1.0, 0.5, 0.25, 0.25])
FAMILY_DOUBT = np.array([0.5, 0.1, 0.2, 0.1])  # how far a family may be from all
PLACES: tuple[Place, ...] = ("first", "consequence", "other")


class Row(NamedTuple):
    """The surest finding of a rule in a run with known faults.

    Attributes:
        source: "simulated" or "labelled".
        half: 0 or 1.
        weight: share of all runs of the source that it stands for.
        rule: its id.
        family, prior, strength, points: see `rules.confidence.Case`.
        place: where it stands in the report.
        is_true: whether the label needs or allows it; None if the label does not say.
        is_cause: whether the label needs it.

    """

    source: str
    half: int
    weight: float
    rule: str
    family: str
    prior: float
    strength: float | None
    points: int
    place: Place
    is_true: bool | None
    is_cause: bool

    @property
    def case(self) -> Case:
        return Case(self.family, self.prior, self.strength, self.points)


def fitted(rows: Sequence[Row]) -> dict[str, Any]:
    """Parameters as in rules/calibration.json."""
    known = [row for row in rows if row.is_true is not None]
    usual = float(np.median([row.strength for row in known if row.strength is not None]))
    families = sorted({row.family for row in known})
    x = _features(known, usual)
    y = np.array([row.is_true for row in known], float)
    weights = _balanced(known)
    number = np.array([families.index(row.family) for row in known])
    size = GUESS.size
    guess = np.concatenate([GUESS, np.tile(GUESS, len(families))])

    def loss(flat: Floats) -> float:
        every = flat.reshape(-1, size)
        odds = (x * every[1:][number]).sum(axis=1)
        penalty = (((every[0] - GUESS) / DOUBT) ** 2).sum() + (((every[1:] - every[0]) / FAMILY_DOUBT) ** 2).sum()
        return float((weights * (np.logaddexp(0, odds) - y * odds)).sum() + penalty / 2)

    bounds = [(None, None), *[(0.0, None)] * len(SLOPES)] * (1 + len(families))
    best = minimize(loss, guess, method="L-BFGS-B", bounds=bounds).x.reshape(-1, size)
    named = {name: _entry(each) for name, each in zip(("any", *families), best, strict=True)}
    found: dict[str, Any] = {"usual_strength": round(usual, 3), "families": named}
    return found | {"cause": _cause_shares(rows, found)}


def stated_by(parameters: dict[str, Any]) -> Callable[[Row], float]:
    """The confidence that these parameters give a finding."""

    def stated(row: Row) -> float:
        each = parameters["families"].get(row.family, parameters["families"]["any"])
        values = _features([row], parameters["usual_strength"])[0]
        odds = float(values @ [each["intercept"], *(each[slope] for slope in SLOPES)])
        return float(min(max(1 / (1 + np.exp(-odds)), LOWEST), HIGHEST))

    return stated


def _features(rows: Sequence[Row], usual: float) -> Floats:
    """One, and the features of each finding, float64 [rows, 4]."""
    cases = [row.case._replace(strength=usual if row.strength is None else row.strength) for row in rows]
    return np.array([(1.0, *case.features) for case in cases])


def _balanced(rows: Sequence[Row]) -> Floats:
    """Weights: as many findings as are labelled, half of them for each source."""
    weights = np.array([row.weight for row in rows])
    sources = np.array([row.source for row in rows])
    total = max(int((sources == "labelled").sum()), 1)
    for source in ("simulated", "labelled"):
        chosen = sources == source
        if chosen.any():
            weights[chosen] *= total / weights[chosen].sum()
    return weights


def _entry(parameters: Floats) -> dict[str, float]:
    return dict(zip(("intercept", *SLOPES), map(float, parameters.round(3)), strict=True))


def _cause_shares(rows: Sequence[Row], parameters: dict[str, Any]) -> dict[str, float]:
    """For each place the share of findings that name the fault among those that are true, as far as they are stated to be."""
    stated = stated_by(parameters)
    shares = {}
    for place in PLACES:
        here = [row for row in rows if row.source == "labelled" and row.place == place]
        share = (sum(row.is_cause for row in here) + 1) / (sum(map(stated, here)) + 2)
        shares[place] = round(min(share, HIGHEST), 3)
    return shares


def reliability(rows: Sequence[Row], parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """For each source and bin of confidence, how many findings are true, and how many name the fault."""
    stated = stated_by(parameters)
    table: list[dict[str, Any]] = []
    for source in ("simulated", "labelled"):
        known = [row for row in rows if row.source == source and row.is_true is not None]
        truth = [(stated(row), bool(row.is_true), row.weight) for row in known]
        table += _bins(source, "true", truth)
    every = [row for row in rows if row.source == "labelled"]
    cause = [(stated(row) * parameters["cause"][row.place], row.is_cause, row.weight) for row in every]
    return table + list(_bins("labelled", "the cause", cause))


def _bins(source: str, claim: str, found: Sequence[tuple[float, bool, float]]) -> Iterator[dict[str, Any]]:
    for low_end, high_end in pairwise(BINS):
        here = [each for each in found if low_end <= each[0] < high_end]
        if here:
            stated, right, weight = np.array(here, float).T
            share = float(right @ weight / weight.sum())
            effective = int(round(weight.sum() ** 2 / (weight @ weight)))  # noqa: RUF046  (an array scalar)
            low, high = Rate(round(share * effective), effective).interval
            yield {
                "source": source, "claim": claim, "from": low_end, "to": high_end, "findings": len(here),
                "stated": round(float(stated @ weight / weight.sum()), 3), "right": round(share, 3),
                "low": round(low, 3), "high": round(high, 3),
            }  # fmt: skip

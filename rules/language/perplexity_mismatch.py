"""The logged perplexity is not the exponential of the logged loss.

## What it finds
A perplexity that differs systematically from the exponential of every loss of the same split at the same steps.

## Why it matters
A perplexity is compared across papers and models. One that was averaged over batches is too high, since the mean of
exponentials exceeds the exponential of the mean, and by more the smaller the batches; one that is too low leaves
out tokens or was computed from another loss.

## How it is detected
At the steps that both have, the logarithm of the perplexity is compared with the loss. The median difference has to
exceed 0.02 (2 % of the perplexity), 6 standard errors, and the rounding of both. It is compared with every loss of
the split, and with bases 2 and 10, as fairseq uses them; a logarithm that is a fixed multiple of the loss (perplexity a
word, loss a token) agrees as well. A perplexity below the exponential is an information only: the loss may hold
further terms (label smoothing, a router's balance, a penalty). Losses above 20, where programs cut the exponential off, are
left out.

## When it is a false alarm
A loss and a perplexity that are smoothed over different stretches of a steep fall.

## What to do
Average the loss over all tokens of the evaluation, and take the exponential once, at the end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.noise import median_deviation
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats, Ints
    from ..view.run_view import CurveView, RunView

DECIMALS = range(4)  # places to which a log may have been rounded


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(8, "common steps; the spread of fewer differences is a guess")
    limit_nats: float = limit(0.02, "2 % of the perplexity")
    limit_z: float = limit(6.0, "")
    largest_loss: float = limit(20.0, "nats: exp(20) is where programs cut off; no useful model is near")
    min_factor: float = limit(
        0.05, "logarithm of log(perplexity) / loss: words have more tokens than that, and bases differ by more"
    )


class Comparison(NamedTuple):
    """log(perplexity) minus a loss at common steps: float64 [n] in nats."""

    loss: CurveView
    steps: Ints
    differences: Floats
    z: float

    @property
    def shift(self) -> float:
        return median(self.differences)


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding for each perplexity that agrees with no loss."""
    is_compared = False
    for perplexity in run.curves("perplexity"):
        losses = [
            c for c in run.curves("loss")
            if c.split == perplexity.split and c.curve.axis == perplexity.curve.axis and not c.layer
        ]  # fmt: skip
        found = [c for loss in losses if (c := _compared(perplexity, loss, limits)) is not None]
        if not found:
            continue
        is_compared = True
        if not any(_agrees(c, perplexity, limits) for c in found):
            yield _finding(perplexity, min(found, key=lambda c: abs(c.shift)))
    if not is_compared:
        if not any(run.curves("loss", c.split) for c in run.curves("perplexity")):
            raise NotApplicableError("no loss of the same split stands beside the perplexity")
        raise InsufficientDataError(
            f"fewer than {limits.min_points} steps at which both perplexity and loss are usable"
        )


def _compared(perplexity: CurveView, loss: CurveView, limits: Limits) -> Comparison | None:
    steps, rows, loss_rows = np.intersect1d(perplexity.steps, loss.steps, return_indices=True)
    values, losses = perplexity.values[rows], loss.values[loss_rows]
    usable = (values >= 1) & (losses > 0) & (losses < limits.largest_loss)
    if int(usable.sum()) < limits.min_points:
        return None
    differences = np.log(values[usable]) - losses[usable]
    error = median_deviation(differences) / math.sqrt(len(differences))
    shift = abs(median(differences))
    return Comparison(loss, steps[usable], differences, shift / error if error > 0 else math.inf)


def _agrees(comparison: Comparison, perplexity: CurveView, limits: Limits) -> bool:
    loss = comparison.loss.values[np.searchsorted(comparison.loss.steps, comparison.steps)]
    logarithm = comparison.differences + loss
    tolerance = limits.limit_nats + _rounding(perplexity.values) / median(np.exp(logarithm)) + _rounding(loss)
    if abs(comparison.shift) <= tolerance or comparison.z <= limits.limit_z:
        return True
    # A fixed factor (another base, words instead of tokens) has to explain the differences better than a fixed shift.
    factor = median(logarithm / loss)
    rest = median_deviation(logarithm - factor * loss)
    return abs(math.log(factor)) > limits.min_factor and rest < 0.5 * median_deviation(comparison.differences)


def _rounding(values: Floats) -> float:
    """Half a unit of the last place that is logged, 0 where more places are than a person would print."""
    places = next((d for d in DECIMALS if np.array_equal(np.round(values, d), values)), None)
    return 0.5 * 10.0**-places if places is not None else 0.0


def _finding(perplexity: CurveView, comparison: Comparison) -> Finding:
    shift, loss = comparison.shift, comparison.loss
    is_high = shift > 0
    middle = len(comparison.steps) // 2
    step = int(comparison.steps[middle])
    value, of_loss = perplexity.at(step), loss.at(step)
    factor = exp(min(abs(shift), 300.0))
    why = (
        "as means of batch perplexities are"
        if is_high
        else "so that the loss holds more than it, or the perplexity less"
    )
    return Finding(
        message=f"{perplexity.name} is {factor:.3g} times {'above' if is_high else 'below'} exp({loss.name}) in the median: at {loss.unit} "
        f"{step:,} it is {value:.4g}, the loss {of_loss:.4g}; {why}",
        confidence=0.85 if is_high else 0.7,
        metric=perplexity.name,
        steps=(int(comparison.steps[0]), int(comparison.steps[-1])),
        evidence={
            "median_shift_nats": shift,
            "compared_points": float(len(comparison.steps)),
            "z": min(comparison.z, 1e6),
        },
        severity=Severity.WARNING if is_high else Severity.INFO,
        remedies=(
            "average the loss over all tokens and take the exponential once, instead of averaging the perplexities of batches",
            "say of which loss and over which tokens the perplexity is, before it is compared with that of others",
        ),
    )


RULE = Rule(
    id="perplexity-mismatch",
    family="language",
    severity=Severity.WARNING,
    needs=(Need("perplexity", points="min_points"), Need("loss")),
    since="0.1.0",
    title="The perplexity is the exponential of the loss",
    failure_title="Perplexity that does not fit the loss",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=("out-of-range",),
    judges_training=True,
)

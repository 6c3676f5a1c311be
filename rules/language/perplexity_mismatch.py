"""The logged perplexity is not the exponential of the logged loss.

## What it finds
A perplexity that differs systematically from the exponential of every loss of the same split at the same steps.

## Why it matters
Perplexities are compared across papers and models. The mean of batch perplexities is too high, because the mean of
exponentials exceeds the exponential of the mean, and the more so the smaller the batches. A perplexity that is too
low omits tokens or belongs to another loss.

## How it is detected
At common steps the logarithm of the perplexity is compared with the loss. The median difference has to exceed 0.02
nats (2% of the perplexity), 6 standard errors, and the rounding of both. The perplexity has to disagree with every
loss of the split; a logarithm that is a fixed multiple of the loss (perplexity per word, loss per token) agrees. A
perplexity that is 2 or 10 to the power of the loss, up to the rounding of both, at 4 or more points over which the loss
varies by 5%, is reported unless the name of a loss of the run shows another unit than nats (bits, `nll_loss` of
fairseq, which logs in base 2). Of base 2 it is info, because the loss may be in bits, and a warning only if the loss
starts within 10% of ln C, the loss in nats of a uniform prediction over the C tokens or classes of the hyperparameters;
in bits it starts 44% above. A difference below 0.05 nats is reported as info only, and so is a perplexity below the
exponential: the loss may contain further terms (label smoothing, load balancing of a router, a penalty). Losses above 20
are ignored,
because programs clip the exponential there.

## When it is a false alarm
A loss and a perplexity that are smoothed over different windows of a steep fall.

## What to do
Average the loss over all tokens of the evaluation, and take the exponential once, at the end.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import class_count
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.noise import median_deviation
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats, Ints
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

OTHER_BASES = (2.0, 10.0)
# Words of losses that are logarithms to the base 2; `nll_loss` beside a loss is that of fairseq.
_BIT_WORDS = frozenset("bit bits bpc bpd bpb bpw bpt base2 log2 base10 log10 nll".split())
ROUNDING = 1e-6  # nats; float32 holds a perplexity to 1e-7 of it
DECIMALS = range(4)  # decimal places to which a log may have been rounded


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(6, "common steps; the spread of fewer differences is unreliable", unit="points")
    min_exact_points: int = limit(
        4, "common steps of a relation that holds to the last digit; chance does not produce it", unit="points"
    )
    min_spread: float = limit(
        0.05, "of the loss, largest over smallest: at one level any base can be a fixed multiple", unit="%"
    )
    min_shift: float = limit(
        0.02, "2% of the perplexity: a smaller difference does not affect comparisons", unit="nats"
    )
    warning_shift: float = limit(
        0.05, "5% of the perplexity: less than models differ by that are compared", unit="nats"
    )
    min_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")
    largest_loss: float = limit(20.0, "programs clip the exponential of larger losses", unit="nats")
    min_factor_change: float = limit(
        0.05,
        "tolerance for a logarithm that is a multiple of the loss: words per token and bases differ by more",
        unit="%",
    )
    near_chance: float = limit(
        0.1, "of ln C, for the first loss: in bits a model that has learned nothing is 44% above", unit="%"
    )
    max_rest: float = limit(
        0.5, "residual scatter around a fixed multiple over that around a fixed difference", unit="%"
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
    is_compared, uses_nats = False, not any(_BIT_WORDS & set(words_of(c.tag)) for c in run.curves("loss"))
    for perplexity in run.curves("perplexity"):
        losses = [
            c for c in run.curves("loss")
            if c.split == perplexity.split and c.curve.axis == perplexity.curve.axis and not c.layer
        ]  # fmt: skip
        found = [c for loss in losses if (c := _compare(perplexity, loss, limits)) is not None]
        if not found:
            continue
        if (exact := next((pair for c in found if (pair := _exact_base(c, perplexity, limits))), None)) is not None:
            is_compared = True
            if uses_nats:
                yield _other_base(run, perplexity, *exact, limits)
            continue
        found = [c for c in found if len(c.steps) >= limits.min_points]
        is_compared |= bool(found)
        if found and not any(_agrees(c, perplexity, limits) for c in found):
            yield _finding(perplexity, min(found, key=lambda c: abs(c.shift)), limits)
    if not is_compared:
        if not any(run.curves("loss", c.split) for c in run.curves("perplexity")):
            raise NotApplicableError("no loss of the same split as the perplexity is logged")
        raise InsufficientDataError(
            f"needs at least {limits.min_points} common steps of a perplexity of 1 or more and a loss from 0 to {limits.largest_loss:g}"
        )


def _compare(perplexity: CurveView, loss: CurveView, limits: Limits) -> Comparison | None:
    steps, rows, loss_rows = np.intersect1d(perplexity.steps, loss.steps, return_indices=True)
    values, losses = perplexity.values[rows], loss.values[loss_rows]
    usable = (values >= 1) & (losses > 0) & (losses < limits.largest_loss)
    if int(usable.sum()) < limits.min_exact_points:
        return None
    differences = np.log(values[usable]) - losses[usable]
    error = median_deviation(differences) / math.sqrt(len(differences))
    shift = abs(median(differences))
    return Comparison(loss, steps[usable], differences, shift / error if error > 0 else math.inf)


def _exact_base(comparison: Comparison, perplexity: CurveView, limits: Limits) -> tuple[Comparison, float] | None:
    """The base other than e whose power of the loss the perplexity is at every point, up to the rounding of both."""
    loss = comparison.loss.values[np.searchsorted(comparison.loss.steps, comparison.steps)]
    if loss.max() < (1 + limits.min_spread) * loss.min():
        return None
    logarithm = comparison.differences + loss
    of_perplexity = _rounding(perplexity.values) * np.exp(-logarithm)
    for base in OTHER_BASES:
        tolerance = of_perplexity + math.log(base) * _rounding(comparison.loss.values) + ROUNDING
        if (np.abs(logarithm - math.log(base) * loss) <= tolerance).all():
            return comparison, base
    return None


def _agrees(comparison: Comparison, perplexity: CurveView, limits: Limits) -> bool:
    loss = comparison.loss.values[np.searchsorted(comparison.loss.steps, comparison.steps)]
    logarithm = comparison.differences + loss
    tolerance = limits.min_shift + _rounding(perplexity.values) / median(np.exp(logarithm)) + _rounding(loss)
    if abs(comparison.shift) <= tolerance or comparison.z <= limits.min_z:
        return True
    # A constant factor (another base, words instead of tokens) has to explain the differences better than a constant shift.
    factor = median(logarithm / loss)
    if factor <= 0 or abs(math.log(factor)) <= math.log1p(limits.min_factor_change):
        return False
    rest = median_deviation(logarithm - factor * loss)
    return rest < limits.max_rest * median_deviation(comparison.differences)


def _rounding(values: Floats) -> float:
    """Half a unit of the last logged decimal place, 0 if there are more places than usually printed."""
    places = next((d for d in DECIMALS if np.array_equal(np.round(values, d), values)), None)
    return 0.5 * 10.0**-places if places is not None else 0.0


def _finding(perplexity: CurveView, comparison: Comparison, limits: Limits) -> Finding:
    shift, loss = comparison.shift, comparison.loss
    is_high = shift > 0
    step = int(comparison.steps[len(comparison.steps) // 2])
    if is_high:
        why = "a mean of batch perplexities causes this"
    else:
        why = "the loss may contain further terms, or the perplexity may omit tokens"
    return Finding(
        message=f"{perplexity.name} is {exp(shift):.3g} times exp({loss.name}) in the median: at {loss.unit} {step:,} it is "
        f"{perplexity.at(step):.3g} and the loss {loss.at(step):.3g}; {why}",
        confidence=0.85 if is_high else 0.7,
        metric=perplexity.name,
        steps=(int(comparison.steps[0]), int(comparison.steps[-1])),
        evidence={
            "median_shift_nats": shift,
            "compared_points": float(len(comparison.steps)),
            "z": min(comparison.z, 1e6),
            "perplexity": perplexity.at(step),
            "loss": loss.at(step),
        },
        cited=(step,),
        severity=Severity.WARNING if shift > limits.warning_shift else Severity.INFO,
        remedies=(
            "average the loss over all tokens and take the exponential once, instead of averaging batch perplexities",
            "document the loss and the tokens that the perplexity is computed from before comparing it with others",
        ),
    )


def _other_base(run: RunView, perplexity: CurveView, comparison: Comparison, base: float, limits: Limits) -> Finding:
    loss, step = comparison.loss, int(comparison.steps[-1])
    unit = "bits" if base == 2 else "decimal digits"
    is_warning, in_nats = base != 2, f"{exp(loss.at(step)):.3g}"
    meaning = f"the loss is in {unit}, or the perplexity should be {in_nats}"
    if (classes := _classes_of_start(run, loss, limits)) is not None:
        is_warning = True
        meaning = f"the loss starts at {float(loss.values[0]):.3g}, near ln {classes:,.0f}, and so is in nats: the perplexity is {in_nats}"
    return Finding(
        message=f"{perplexity.name} is {base:g} to the power of {loss.name} at all {len(comparison.steps)} common points "
        f"(at {loss.unit} {step:,}: {perplexity.at(step):.3g} and {loss.at(step):.3g}): {meaning}",
        confidence=0.75,
        metric=perplexity.name,
        steps=(int(comparison.steps[0]), step),
        evidence={"base": base, "compared_points": float(len(comparison.steps)), "median_shift_nats": comparison.shift},
        severity=Severity.WARNING if is_warning else Severity.INFO,
        remedies=(
            "use exp() for a loss from cross_entropy(), which is in nats",
            f"if the loss is in {unit}, say so in its name",
        ),
        cited=(step,),
    )


def _classes_of_start(run: RunView, loss: CurveView, limits: Limits) -> float | None:
    """Number of tokens or classes over which the first loss is that of a uniform prediction in nats; None if it is not."""
    classes = class_count(run)
    if classes is None or abs(float(loss.values[0]) / math.log(classes) - 1) > limits.near_chance:
        return None
    return classes


RULE = Rule(
    id="perplexity-mismatch",
    family="language",
    severity=Severity.WARNING,
    needs=(Need("perplexity", points="min_exact_points"), Need("loss")),
    since="0.1.0",
    title="The perplexity is the exponential of the loss",
    failure_title="Perplexity does not match the loss",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=("out-of-range",),
)

"""A loss, a gradient norm or a weight norm is NaN or infinite.

## What it finds
The first step at which a quantity of the training is NaN or infinite, which one it is, and whether the training ever
came back. A loss that stops being logged right after overflowing counts too: some loggers write NaN as nothing.

## Why it matters
A NaN in the loss reaches every weight with the next update. From then on the model computes nothing, however long
the training goes on.

## How it is detected
Values are looked at one by one; no statistics are involved. It is an error if a loss stays non-finite to its end or
for 3 points in a row, a warning if it recovers sooner. A gradient norm alone that is non-finite in at most 1 % of the
points is what dynamic loss scaling looks like when it skips a step: an information. Scores and other metrics may be
undefined for good reasons and are not judged. A loss that ends while other curves of the same log go on for 3 or
more points is counted if it, or the gradient norm, had overflowed (infinite, or a million times the first value).

## When it is a false alarm
A loss that is undefined by design for some steps (no positive example in the batch), or a placeholder that a logger
writes as NaN before the first evaluation.

## What to do
Look at the quantity that went first and at the learning rate just before it. Lower the learning rate or lengthen
the warm-up, clip gradients, use bfloat16 or float32 instead of float16, guard divisions, logarithms and square roots
with a small epsilon, and check the batch of that step for NaN and extreme inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, NotApplicableError, Rule, Severity
from ..statistics.events import groups_of
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView

TELLING_ROLES = frozenset(("loss", "perplexity", "gradient-norm", "weight-norm", "update-ratio"))


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    lasting_points: int = limit(3, "one bad batch gives one or two; a model that is lost gives no finite loss again")
    skipped_share: float = limit(0.01, "loss scaling halves about every 2,000 steps: far fewer skipped steps than this")
    overflow_factor: float = limit(1e6, "no recipe's healthy loss or gradient norm grows a million times")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield one finding for the run: the curve that went bad first."""
    curves = [c for c in run.all_curves if c.role in TELLING_ROLES and len(c.all_values)]
    if not curves:
        raise NotApplicableError("no loss, gradient norm or weight norm is logged")
    bad = [c for c in curves if not c.is_finite.all()]
    is_loss_bad = any(c.role in ("loss", "perplexity") for c in bad)
    silent = None if is_loss_bad else _vanished_loss(run, curves, limits)
    if silent:
        yield silent
    elif bad:
        yield _finding(run, bad, curves, limits)


def _finding(run: RunView, bad: list[CurveView], curves: list[CurveView], limits: Limits) -> Finding:
    # Among curves that go bad at the same step the loss names the trouble best.
    first = min(bad, key=lambda c: (_first_bad_step(c), c.role not in ("loss", "perplexity"), bool(c.layer)))
    step = _first_bad_step(first)
    judged = [c for c in bad if c.role in ("loss", "perplexity")] or bad
    worst = max(judged, key=_longest_stretch)
    stays = any(not c.is_finite[-1] for c in judged)
    longest = _longest_stretch(worst)
    count = int(np.count_nonzero(~first.is_finite))
    evidence = {
        "first_step": float(step),
        "non_finite_points": float(count),
        "logged_points": float(len(first.all_values)),
        "affected_curve_count": float(len(bad)),
        "value_before": first.at(step - 1),
    }
    rate = _learning_rate(run, step)
    if rate is not None:
        evidence["learning_rate"] = rate
    end = int(max(c.all_steps[~c.is_finite][-1] for c in bad))
    if judged[0].role in ("loss", "perplexity"):
        severity = Severity.ERROR if stays or longest >= limits.lasting_points else Severity.WARNING
    else:
        is_skip = count <= max(1, limits.skipped_share * len(first.all_values)) and not stays
        severity = Severity.INFO if is_skip else Severity.WARNING
        if stays and longest >= limits.lasting_points and not any(c.role in ("loss", "perplexity") for c in curves):
            severity = Severity.ERROR
    outcome = "and never recovers" if stays else f"and recovers after {longest} point{'s' * (longest > 1)}"
    return Finding(
        message=f"{first.name} is {_kind(first)} at {first.unit} {step:,} {outcome}; {len(bad)} curve{'s' * (len(bad) > 1)} affected",
        confidence=0.99 if severity is Severity.ERROR else 0.9,
        metric=first.name,
        steps=(step, end),
        evidence=evidence,
        severity=severity,
        remedies=_remedies(step, first, rate),
        cited=(step,),
    )


def _vanished_loss(run: RunView, curves: list[CurveView], limits: Limits) -> Finding | None:
    """The training loss that ends, after an overflow, while the log goes on: NaN written as an empty cell."""
    loss = run.loss("train")
    if loss is None or len(loss) < 2:
        return None
    last = int(loss.all_steps[-1])
    others = [c for c in run.all_curves if c.split == loss.split and c.role == "learning-rate"] or [
        c for c in run.all_curves if c.role not in ("loss", "gradient-norm") and c.curve.axis == loss.curve.axis
    ]
    later = max((int(np.count_nonzero(c.all_steps > last)) for c in others), default=0)
    overflowed = [c for c in (loss, *(c for c in curves if c.role == "gradient-norm")) if _has_overflowed(c, limits)]
    if later < limits.lasting_points or not overflowed:
        return None
    return Finding(
        message=f"{loss.name} is not logged after {loss.unit} {last:,}, where {overflowed[0].name} had reached "
        f"{overflowed[0].all_values[-1]:.3g}, while the log goes on for {later} more points",
        confidence=0.9,
        metric=loss.name,
        steps=(last, run.last_step),
        evidence={"last_logged_step": float(last), "points_after": float(later), "last_value": float(loss.values[-1])},
        severity=Severity.ERROR,
        remedies=_remedies(last, loss, _learning_rate(run, last)),
        cited=(last,),
    )


def _has_overflowed(curve: CurveView, limits: Limits) -> bool:
    """Whether a curve ends non-finite or a million times above its first value."""
    if not len(curve) or not curve.is_finite[-1]:
        return len(curve.all_values) > 0
    return bool(abs(curve.values[-1]) > limits.overflow_factor * max(abs(curve.values[0]), np.finfo(float).tiny))


def _first_bad_step(curve: CurveView) -> int:
    return int(curve.all_steps[int(np.argmin(curve.is_finite))])


def _longest_stretch(curve: CurveView) -> int:
    return max((b - a + 1 for a, b in groups_of(~curve.is_finite)), default=0)


def _kind(curve: CurveView) -> str:
    return "NaN" if np.isnan(curve.all_values[int(np.argmin(curve.is_finite))]) else "infinite"


def _learning_rate(run: RunView, step: int) -> float | None:
    rates = [value for c in run.curves("learning-rate") if np.isfinite(value := c.at(step))]
    return max(rates) if rates else None


def _remedies(step: int, first: CurveView, rate: float | None) -> tuple[str, ...]:
    lower = f"lower the learning rate (it was {rate:.3g})" if rate else "lower the learning rate"
    start = (
        f"check the inputs and the initialisation: {first.name} was bad from its first point"
        if not first.is_finite[0]
        else f"restart from a checkpoint before {first.unit} {step:,} and {lower} or lengthen the warm-up"
    )
    return (
        start,
        "clip gradients at the 90th percentile of their usual norm",
        "in float16 use bfloat16 or float32; guard log, sqrt and division with a small epsilon",
        f"check the batches of {first.unit} {step:,} for NaN and extreme inputs",
    )


RULE = Rule(
    id="non-finite",
    family="numeric",
    severity=Severity.ERROR,
    needs=(),
    since="0.1.0",
    title="All losses and norms are finite",
    failure_title="NaN or infinite values",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "train"),),
    causes=(
        "divergence",
        "exploding-gradients",
        "gradient-bursts",
        "layerwise-gradient-growth",
        "early-loss-explosion",
        "learning-rate-too-high",
    ),
    suits_boosting=True,
)

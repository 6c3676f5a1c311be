"""A loss, a gradient norm or a weight norm is NaN or infinite.

## What it finds
The first step at which a loss, a perplexity, a norm or an update ratio is NaN or infinite, and whether the training
recovers. A training loss that is no longer logged after an overflow counts too: some loggers omit NaN.

## Why it matters
A NaN in the loss propagates to every weight with the next update. From then on all outputs are NaN.

## How it is detected
Every value is checked; no statistics are involved. It is an error if a loss is non-finite at its last point or at 3
points in a row, and a warning if it recovers sooner. Norms and update ratios alone give a warning, or an error if no
loss is logged and they are non-finite at the last point and at 3 points in a row. If they are non-finite at no more
than 1% of the points and recover, dynamic loss scaling probably skipped these steps: reported as info. Scores and
other metrics can be legitimately undefined and are not checked. A training loss that ends while the learning rate or
other curves have 3 or more later points counts if it, or a gradient norm, ends non-finite or at more than a million
times its first value.

## When it is a false alarm
A loss that is undefined at some steps by design (no positive example in the batch), or a placeholder that a logger
writes as NaN before the first evaluation.

## What to do
Start with the quantity that becomes non-finite first and the learning rate just before. Lower the learning rate or
lengthen the warm-up, clip gradients, use bfloat16 or float32 instead of float16, guard divisions, logarithms and
square roots with a small epsilon, and check the batch of that step for NaN and extreme inputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import AnyOf, Finding, Need, NotApplicableError, Rule, Severity
from ..shared.checkpoints import restart_before
from ..statistics.events import groups_of
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Role
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

LOSSES: tuple[Role, ...] = ("loss", "perplexity")
NORMS: tuple[Role, ...] = ("gradient-norm", "weight-norm", "update-ratio")


@thresholds
class Limits:
    """Thresholds of this rule."""

    lasting_points: int = limit(
        3, "a bad batch causes one or two; a model with NaN weights never has a finite loss again", unit="points"
    )
    max_skipped_share: float = limit(
        0.01,
        "a working dynamic scaler skips far fewer steps",
        unit="%",
        source="PyTorch GradScaler tries a larger scale every 2,000 steps",
    )
    min_overflow: float = limit(
        1e6, "last value over the first: no healthy loss or gradient norm grows by this factor", unit="ratio"
    )
    min_loss_points: int = limit(2, "a loss logged only once does not end early", unit="points")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the curve that is non-finite first."""
    curves = [c for c in run.all_curves if c.role in (*LOSSES, *NORMS) and len(c.all_values)]
    if not curves:
        raise NotApplicableError("no loss or norm has a point")
    bad = [c for c in curves if not c.is_finite.all()]
    has_bad_loss = any(c.role in LOSSES for c in bad)
    ended = None if has_bad_loss else _ended_loss(run, curves, limits)
    if ended:
        yield ended
    elif bad:
        yield _finding(run, bad, curves, limits)


def _finding(run: RunView, bad: list[CurveView], curves: list[CurveView], limits: Limits) -> Finding:
    # Of curves that are non-finite from the same step on, the loss is the most informative.
    first = min(bad, key=lambda c: (_first_bad_step(c), c.role not in LOSSES, bool(c.layer)))
    step = _first_bad_step(first)
    judged = [c for c in bad if c.role in LOSSES] or bad
    worst = max(judged, key=lambda c: (not c.is_finite[-1], _longest_stretch(c), c is first))
    evidence = {
        "first_step": float(step),
        "non_finite_points": float(np.count_nonzero(~first.is_finite)),
        "logged_points": float(len(first.all_values)),
        "affected_curve_count": float(len(bad)),
        "longest_stretch": float(_longest_stretch(worst)),
        "worst_first_step": float(_first_bad_step(worst)),
        "worst_points": float(np.count_nonzero(~worst.is_finite)),
        "value_before": first.at(step - 1),
    }
    rate = _learning_rate(run, step)
    if rate is not None:
        evidence["learning_rate"] = rate
    severity = _severity(judged, first, curves, limits)
    start = "" if worst is first else f"{first.name} is {_kind(first)} at {first.unit} {step:,}; "
    return Finding(
        message=f"{start}{_summary(worst)}; {len(bad)} curve{'s' * (len(bad) > 1)} affected",
        confidence=0.99 if severity is Severity.ERROR else 0.9,
        metric=first.name,
        steps=(step, int(max(c.all_steps[~c.is_finite][-1] for c in bad))),
        evidence=evidence,
        severity=severity,
        remedies=_remedies(step, first, rate),
        cited=(step,),
    )


def _severity(judged: list[CurveView], first: CurveView, curves: list[CurveView], limits: Limits) -> Severity:
    stays = any(not c.is_finite[-1] for c in judged)
    is_lasting = max(map(_longest_stretch, judged)) >= limits.lasting_points
    if judged[0].role in LOSSES:
        return Severity.ERROR if stays or is_lasting else Severity.WARNING
    if stays:
        has_loss = any(c.role in LOSSES for c in curves)
        return Severity.ERROR if is_lasting and not has_loss else Severity.WARNING
    count = int(np.count_nonzero(~first.is_finite))
    is_skipped = count <= max(1, limits.max_skipped_share * len(first.all_values))
    return Severity.INFO if is_skipped else Severity.WARNING


def _summary(curve: CurveView) -> str:
    """Where a curve is non-finite, and whether it recovers."""
    step = f"{curve.unit} {_first_bad_step(curve):,}"
    count, longest = int(np.count_nonzero(~curve.is_finite)), _longest_stretch(curve)
    if count > longest:
        end = "recovers" if curve.is_finite[-1] else "does not recover"
        return f"{curve.name} is {_kind(curve)} first at {step}, at {count:,} points in total (up to {longest:,} in a row), and {end}"
    if not curve.is_finite[-1]:
        return f"{curve.name} is {_kind(curve)} from {step} on"
    return f"{curve.name} is {_kind(curve)} at {step} and recovers after {longest:,} point{'s' * (longest > 1)}"


def _ended_loss(run: RunView, curves: list[CurveView], limits: Limits) -> Finding | None:
    """The training loss that ends after an overflow while the log continues: NaN written as an empty cell."""
    loss = run.loss("train")
    if loss is None or len(loss) < limits.min_loss_points:
        return None
    last = int(loss.all_steps[-1])
    others = [c for c in run.curves("learning-rate") if c.split == loss.split] or [
        c for c in run.all_curves if c.role not in ("loss", "gradient-norm") and c.unit == loss.unit
    ]
    later = max((int(np.count_nonzero(c.all_steps > last)) for c in others), default=0)
    overflowed = [c for c in (loss, *(c for c in curves if c.role == "gradient-norm")) if _has_overflowed(c, limits)]
    if later < limits.lasting_points or not overflowed:
        return None
    return Finding(
        message=f"{loss.name} ends at {loss.unit} {last:,} while the log continues for {later:,} more points; "
        f"the last {overflowed[0].name} is {overflowed[0].all_values[-1]:.3g}",
        confidence=0.9,
        metric=loss.name,
        steps=(last, run.last_step),
        evidence={"last_logged_step": float(last), "points_after": float(later), "last_value": float(loss.values[-1])},
        severity=Severity.ERROR,
        remedies=_remedies(last, loss, _learning_rate(run, last)),
        cited=(last,),
    )


def _has_overflowed(curve: CurveView, limits: Limits) -> bool:
    """Whether a curve ends non-finite or far above its first value."""
    if not curve.is_finite[-1]:
        return True
    return bool(abs(curve.values[-1]) > limits.min_overflow * max(abs(curve.values[0]), np.finfo(float).tiny))


def _first_bad_step(curve: CurveView) -> int:
    return int(curve.all_steps[int(np.argmin(curve.is_finite))])


def _longest_stretch(curve: CurveView) -> int:
    return max(b - a + 1 for a, b in groups_of(~curve.is_finite))


def _kind(curve: CurveView) -> str:
    return "NaN" if np.isnan(curve.all_values[int(np.argmin(curve.is_finite))]) else "infinite"


def _learning_rate(run: RunView, step: int) -> float | None:
    rates = [value for c in run.curves("learning-rate") if np.isfinite(value := c.at(step))]
    return max(rates) if rates else None


def _remedies(step: int, first: CurveView, rate: float | None) -> tuple[str, ...]:
    lower = f"lower the learning rate (it was {rate:.3g})" if rate else "lower the learning rate"
    start = (
        f"check the inputs and the initialisation: {first.name} is non-finite from its first point on"
        if not first.is_finite[0]
        else restart_before(first, step, f" and {lower} or lengthen the warm-up")
    )
    return (
        start,
        "clip gradients at the 90th percentile of their usual norm",
        "replace float16 by bfloat16 or float32; guard log, sqrt and division with a small epsilon",
        f"check the batches of {first.unit} {step:,} for NaN and extreme inputs",
    )


RULE = Rule(
    id="non-finite",
    family="numeric",
    severity=Severity.ERROR,
    needs=(AnyOf(tuple(Need(role, points=0) for role in (*LOSSES, *NORMS))),),
    since="0.1.0",
    title="All losses and norms are finite",
    failure_title="NaN or infinite values",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("learning-rate"), Need(None)),
    causes=(
        "divergence",
        "exploding-gradients",
        "gradient-bursts",
        "layer-gradient-imbalance",
        "early-blow-up",
        "learning-rate-too-high",
    ),
    suits_boosting=True,
    needs_all_values=True,
)

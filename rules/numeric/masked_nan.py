"""The loss drops to exactly zero from one point to the next: the logger wrote NaN as 0.

## What it finds
A training or validation loss that is well above zero and then exactly 0.0 at several points, without a descent.

## Why it matters
Some trainers write a NaN loss as zero (`logging_nan_inf_filter` of the Hugging Face Trainer, on by default). The curve
then looks perfect although the weights are NaN.

## How it is detected
3 or more points in a row are exactly 0.0. The last value before them is above 10% of the median of the last 5 values
before them, and above 0.1% of the first value, and no other value of the curve is below 10 units of the last printed
digit: a loss that really reaches zero becomes small first. A gradient norm that is NaN, infinite or zero at more than 50% of these points raises the confidence.

## When it is a false alarm
A loss that is logged with few digits and reaches zero within one logging interval; a loss term that was disabled on
purpose.

## What to do
Disable the filter (`logging_nan_inf_filter=False`) to see the first NaN, then look for its cause: learning rate,
precision, batches with only masked labels (-100), corrupt samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..shared.checkpoints import restart_before
from ..statistics.events import groups_of
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ..view.digits import rounding_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


MAX_UNIT = 0.01  # losses are printed with two digits after the point at least, however round they are


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_zeros: int = limit(3, "batches with only masked labels give one or two exact zeros in a row", unit="points")
    level_points: int = limit(5, "the median of 5 values ignores two outliers", unit="points")
    min_share_of_level: float = limit(
        0.1, "a loss that really falls passes through smaller values on its way to zero", unit="%"
    )
    min_share_of_first: float = limit(
        1e-3, "a loss below this share of its first value may be rounded to zero when printed with few digits", unit="%"
    )
    min_units: float = limit(
        10,
        "of the last printed digit: a loss that comes below this can be rounded to zero at its next points",
        unit="ratio",
    )
    min_share_of_norms: float = limit(
        0.5, "a gradient norm that is NaN, infinite or zero at most of these points confirms the NaN", unit="%"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding for each main loss."""
    for loss in filter(None, (run.loss("train"), run.loss("validation"))):
        for start, end in groups_of(loss.values == 0.0):
            if end - start + 1 >= limits.min_zeros and start and _is_sudden(loss, start, limits):
                yield _finding(run, loss, start, end, limits)
                break


def _is_sudden(loss: CurveView, start: int, limits: Limits) -> bool:
    before = loss.values[max(0, start - limits.level_points) : start]
    last = abs(float(before[-1]))
    level = median(np.abs(before))
    unit = min(rounding_step(loss.values), MAX_UNIT)
    if np.abs(loss.values[loss.values != 0]).min() < limits.min_units * unit:
        return False
    return last > limits.min_share_of_level * level and last > limits.min_share_of_first * abs(float(loss.values[0]))


def _finding(run: RunView, loss: CurveView, start: int, end: int, limits: Limits) -> Finding:
    first, last = int(loss.steps[start]), int(loss.steps[end])
    norms = [c for c in run.curves("gradient-norm") if not c.layer]
    during = [c.all_values[(c.all_steps >= first) & (c.all_steps <= last)] for c in norms]
    bad_shares = [float((~np.isfinite(values) | (values == 0)).mean()) for values in during if len(values)]
    is_confirmed = max(bad_shares, default=0.0) > limits.min_share_of_norms
    confirmation = (
        f"; the gradient norm is NaN, infinite or zero at {max(bad_shares):.0%} of them" if is_confirmed else ""
    )
    return Finding(
        message=f"{loss.name} falls from {loss.values[start - 1]:.3g} to exactly 0 at {loss.unit} {first:,} and is 0 at "
        f"{end - start + 1:,} points in a row{confirmation}",
        confidence=0.98 if is_confirmed else 0.85,
        metric=loss.name,
        steps=(first, last),
        evidence={"value_before": float(loss.values[start - 1]), "zero_points": float(end - start + 1)},
        remedies=(
            "log the loss unfiltered (Hugging Face: logging_nan_inf_filter=False) and find the first NaN",
            restart_before(loss, first, " with a lower learning rate or in bfloat16"),
            "check that not all labels of a batch are masked (-100)",
        ),
        cited=(first,),
    )


RULE = Rule(
    id="masked-nan",
    family="numeric",
    severity=Severity.ERROR,
    needs=(Need("loss", "train", points="level_points"),),
    since="0.1.0",
    title="No NaN is logged as zero",
    failure_title="NaN logged as zero",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "validation"), Need("gradient-norm")),
    causes=("non-finite",),
    suits_boosting=True,
    needs_all_values=True,
)

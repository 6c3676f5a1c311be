"""The training loss drops to exactly zero at once: a NaN that the logger wrote as 0.

## What it finds
A training loss that was well above zero and is then exactly 0.0 for several points, with no descent between.

## Why it matters
Some trainers replace a NaN loss in their logs by zero (`logging_nan_inf_filter` of the Hugging Face trainer, on by
default). The curve then looks perfect while the model is destroyed.

## How it is detected
3 or more points in a row are exactly 0.0, and the last value before them was at least a tenth of the level of the
5 points before it and a thousandth of the first value: a loss that is really learned away shrinks first. A gradient
norm of NaN or 0 over the same points raises the confidence.

## When it is a false alarm
A loss that is logged rounded to few digits and reaches zero in one logging interval; a part of a loss that was
switched off on purpose.

## What to do
Switch the filter off (`logging_nan_inf_filter=False`) to see the first NaN, then treat it as one: learning rate,
precision, labels that are all masked (-100), bad samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..statistics.events import groups_of
from ..statistics.medians import median
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_zeros: int = limit(3, "one or two exact zeros happen with masked batches")
    level_points: int = limit(5, "")
    sudden_share: float = limit(
        0.1, "of the level before: a learned loss passes through smaller values on its way to zero"
    )
    min_share_of_first: float = limit(1e-3, "below this a float printed with few digits may become zero honestly")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield one finding for each main loss that is masked."""
    for loss in filter(None, (run.loss("train"), run.loss("validation"))):
        for start, end in groups_of(loss.values == 0.0):
            if end - start + 1 >= limits.min_zeros and start and _is_sudden(loss, start, limits):
                yield _finding(run, loss, start, end)
                break


def _is_sudden(loss: CurveView, start: int, limits: Limits) -> bool:
    before = loss.values[max(0, start - limits.level_points) : start]
    last = abs(float(before[-1]))
    level = median(np.abs(before))
    return last > limits.sudden_share * level and last > limits.min_share_of_first * abs(float(loss.values[0]))


def _finding(run: RunView, loss: CurveView, start: int, end: int) -> Finding:
    first, last = int(loss.steps[start]), int(loss.steps[end])
    norms = [c for c in run.curves("gradient-norm") if not c.layer]
    during = [c.all_values[(c.all_steps >= first) & (c.all_steps <= last)] for c in norms]
    is_backed = any(len(v) and bool((~np.isfinite(v) | (v == 0)).mean() > 0.5) for v in during)
    backing = "; the gradient norm is NaN or zero there" if is_backed else ""
    return Finding(
        message=f"{loss.name} falls from {loss.values[start - 1]:.3g} to exactly 0 at {loss.unit} {first:,} and stays there for "
        f"{end - start + 1} points{backing}",
        confidence=0.98 if is_backed else 0.85,
        metric=loss.name,
        steps=(first, last),
        evidence={"value_before": float(loss.values[start - 1]), "zero_points": float(end - start + 1)},
        remedies=(
            "log the loss as it is (Hugging Face: logging_nan_inf_filter=False) and look for the first NaN",
            f"restart from a checkpoint before {loss.unit} {first:,} with a lower learning rate or in bfloat16",
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
    title="The loss is not masked",
    failure_title="NaN written as zero",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=("non-finite",),
    suits_boosting=True,
)

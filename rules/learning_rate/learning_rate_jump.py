"""The learning rate jumps up in the middle of the run, above everything before.

## What it finds
A rise of the learning rate by 3 or more from one logged point to the next, after the beginning, to a value that it
had not reached before.

## Why it matters
Optimizer state and weights fit the old rate; a sudden larger one often throws the training off. The usual reason is a
resume that restored the weights but not the schedule.

## How it is detected
Values are looked at one by one, after the first tenth of the points. Warm restarts return to an earlier peak and are
not reported; a warm-up rises in many small steps and is not reported either.

## When it is a false alarm
A second phase of training with a larger rate on purpose.

## What to do
Restore optimizer and schedule from the checkpoint together with the weights, and give the schedule the same number of
steps; if the higher rate is meant, warm up to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "")
    min_ratio: float = limit(3.0, "")
    early_share: float = limit(0.1, "schedules may begin with a few coarse steps")
    above_peak: float = limit(1.05, "a restart returns to the peak; rounding and logging offsets stay below")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the largest jump of the main learning rate."""
    rate = run.learning_rate
    if rate is None:
        return
    values = rate.values
    peaks = np.maximum.accumulate(values)[:-1]
    ratios = np.divide(values[1:], values[:-1], out=np.full(len(values) - 1, 1.0), where=values[:-1] > 0)
    is_jump = (ratios >= limits.min_ratio) & (values[1:] > limits.above_peak * peaks)
    is_jump[: max(1, round(limits.early_share * len(values)))] = False
    if not is_jump.any():
        return
    row = 1 + int(np.argmax(np.where(is_jump, ratios, 0)))
    step = int(rate.steps[row])
    yield Finding(
        message=f"{rate.name} jumps from {values[row - 1]:.3g} to {values[row]:.3g} at {rate.unit} {step:,}; "
        f"its peak before was {peaks[row - 1]:.3g}",
        confidence=0.9,
        metric=rate.name,
        steps=(int(rate.steps[row - 1]), step),
        evidence={
            "before": float(values[row - 1]),
            "after": float(values[row]),
            "ratio": float(ratios[row - 1]),
            "peak_before": float(peaks[row - 1]),
        },
        remedies=(
            "restore optimizer and schedule together with the weights when resuming",
            f"restart from the checkpoint before {rate.unit} {step:,} with the rate that was reached there",
        ),
        cited=(int(rate.steps[row - 1]), step),
    )


RULE = Rule(
    id="learning-rate-jump",
    family="learning-rate",
    severity=Severity.WARNING,
    needs=(Need("learning-rate", points="min_points"),),
    since="0.1.0",
    title="The learning rate does not jump up",
    failure_title="Jump of the learning rate",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=("resume-discontinuity",),
)

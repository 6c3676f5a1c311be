"""The graphics processor is idle much of the time.

## What it finds
A device that is hardly ever busy, or one that does nothing while others of the same run work.

## Why it matters
The device was paid for. Larger batches, or several trainings on one device, would use it; a device that does nothing
was forgotten by the script.

## How it is detected
Of each logged utilization of a graphics processor, the 95th percentile over the run without its first tenth: below
70 % the device is never used well (the limit of SageMaker Debugger, "LowGPUUtilization"). If it is below 5 % while
that of another device of the run is not, that device is idle. Utilization of the central processor, of memory, and of
floating-point operations ("mfu", which is healthy at 30-50 %) is not looked at.

## When it is a false alarm
Utilization says only that some kernel ran, and tells little of small models: a small model on a large device may be
fine as it is. Devices that other people's jobs share.

## What to do
Raise the batch size, look whether the training waits for data, compile the model, log and copy less often; or train
on a smaller device.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView

_DEVICE_WORDS = frozenset("gpu gpus cuda nvidia device".split())
_OTHER_WORDS = frozenset("cpu memory mem ram vram mfu hfu encoder decoder".split())


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "from which the 95th percentile is not simply the maximum")
    start_share: float = limit(0.1, "")
    high_quantile: float = limit(0.95, "")
    limit_percent: float = limit(70.0, "SageMaker Debugger's default")
    idle_percent: float = limit(5.0, "a desktop on the same device takes that much")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all devices together."""
    devices = [c for c in run.curves("utilization") if _is_of_device(c)]
    if not devices:
        raise NotApplicableError("no utilization of a graphics processor is logged")
    devices = [c for c in devices if len(c) >= limits.min_points]
    if not devices:
        raise InsufficientDataError(f"the utilization has fewer than {limits.min_points} points")
    full = max(c.full for c in devices)  # an idle device alone does not tell percentages from shares
    high = {c.name: _high_percent(c, full, limits) for c in devices}
    idle = [c for c in devices if high[c.name] < limits.idle_percent]
    low = [c for c in devices if high[c.name] < limits.limit_percent]
    if not low:
        return
    count = f"{len(low)} of {len(devices)} devices are" if len(devices) > 1 else "the device is"
    is_forgotten = 0 < len(idle) < len(devices)
    worst = min(low, key=lambda c: high[c.name])
    yield Finding(
        message=f"{len(idle)} of {len(devices)} devices do nothing (at most {high[worst.name]:.0f} % busy)"
        if is_forgotten
        else f"{count} busy to {high[worst.name]:.0f} % at most (95th percentile of the utilization)",
        confidence=0.8,
        metric=worst.name,
        steps=(int(worst.steps[0]), int(worst.steps[-1])),
        evidence={
            "high_percent": high[worst.name],
            "median_percent": 100.0 * median(worst.values) / full,
            "device_count": float(len(devices)),
            "low_device_count": float(len(low)),
            "idle_device_count": float(len(idle)),
        },
        remedies=(
            f"use the device of {worst.name}, or do not ask for it"
            if is_forgotten
            else "raise the batch size until memory is full",
            "look whether the training waits for data: log the time that a step waits for its batch",
        ),
    )


def _is_of_device(curve: CurveView) -> bool:
    words = set(words_of(curve.tag))
    return bool(words & _DEVICE_WORDS) and not words & _OTHER_WORDS


def _high_percent(curve: CurveView, full: float, limits: Limits) -> float:
    values = curve.values[int(limits.start_share * len(curve)) :]
    return 100.0 * float(np.quantile(values, limits.high_quantile)) / full


RULE = Rule(
    id="low-utilization",
    family="system",
    severity=Severity.INFO,
    needs=(Need("utilization"),),
    since="0.1.0",
    title="Devices are busy",
    failure_title="Low utilization",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "data-bound",
        "stall",
        "slowdown",
    ),
    suits_boosting=True,
)

"""The GPU is idle much of the time.

## What it finds
A device that is never fully busy, or a device that is idle while other devices of the same run are busy.

## Why it matters
Idle devices cost as much as busy ones. Larger batches, or several training runs per device, would use it; a device
that stays idle is not used by the script.

## How it is detected
The 95th percentile of each logged GPU utilization, without the first 10% of the points, is compared with 70% (the
default of SageMaker Debugger's "LowGPUUtilization"): below it, the device is never well utilised. A device below 5%
is idle, if another device of the run is not. The utilization of CPU, memory and floating-point operations ("mfu",
where 30% to 50% is healthy) is not checked.

## When it is a false alarm
Utilization only shows that some kernel was running: a small model on a large device may be acceptable. Devices shared
with other jobs.

## What to do
Raise the batch size, check whether training waits for data, compile the model, log and copy less often; or train on a
smaller device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

_DEVICE_WORDS = frozenset("gpu gpus cuda nvidia device".split())
_OTHER_WORDS = frozenset("cpu memory mem ram vram mfu hfu encoder decoder".split())


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "with fewer, the 95th percentile is the maximum", unit="points")
    start_share: float = limit(0.1, "devices are idle while data and model are loaded", unit="%")
    busy_quantile: float = limit(
        0.95,
        "high, because evaluations and checkpoints lower the mean of a busy device; not the maximum, which is a single reading",
        unit="%",
        source="SageMaker Debugger, rule LowGPUUtilization",
    )
    min_busy: float = limit(
        0.70,
        "a device below it has room for larger batches",
        unit="%",
        source="SageMaker Debugger, rule LowGPUUtilization",
    )
    min_used: float = limit(0.05, "a desktop session on the same device uses this much", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all devices together."""
    devices = [c for c in run.curves("utilization") if _is_of_device(c)]
    if not devices:
        raise NotApplicableError("no GPU utilization is logged")
    longest = max(map(len, devices))
    devices = [c for c in devices if len(c) >= limits.min_points]
    if not devices:
        raise InsufficientDataError(f"GPU utilization needs at least {limits.min_points} points, has {longest}")
    full = max(
        c.percent_scale for c in devices
    )  # the values of an idle device do not show whether they are percentages; other devices do
    busy = {c.name: _busy_share(c, full, limits) for c in devices}
    idle = [c for c in devices if busy[c.name] < limits.min_used]
    low = [c for c in devices if busy[c.name] < limits.min_busy]
    if not low:
        return
    percentile = f"{100 * limits.busy_quantile:.3g}th percentile of the utilization"
    is_forgotten = 0 < len(idle) < len(devices)
    count = len(idle) if is_forgotten else len(low)
    subject = (
        f"{count} of {len(devices)} devices {'is' if count == 1 else 'are'}" if len(devices) > 1 else "the device is"
    )
    state = "idle" if is_forgotten else f"less than {limits.min_busy:.0%} busy"
    worst = min(low, key=lambda c: busy[c.name])
    yield Finding(
        message=f"{subject} {state}: {worst.name} is at most {busy[worst.name]:.0%} busy ({percentile})",
        confidence=0.8,
        metric=worst.name,
        steps=(int(worst.steps[0]), int(worst.steps[-1])),
        evidence={
            "high_percent": 100.0 * busy[worst.name],
            "median_percent": 100.0 * median(worst.values) / full,
            "device_count": float(len(devices)),
            "low_device_count": float(len(low)),
            "idle_device_count": float(len(idle)),
        },
        remedies=(
            f"use the device of {worst.name}, or do not request it"
            if is_forgotten
            else "raise the batch size until memory is full",
            "check whether training waits for data: log the time that each step waits for its batch",
        ),
    )


def _is_of_device(curve: CurveView) -> bool:
    words = set(words_of(curve.tag))
    return bool(words & _DEVICE_WORDS) and not words & _OTHER_WORDS


def _busy_share(curve: CurveView, full: float, limits: Limits) -> float:
    values = curve.values[int(limits.start_share * len(curve)) :]
    return float(np.quantile(values, limits.busy_quantile)) / full


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

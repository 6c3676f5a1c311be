"""The logged learning rate is not the one of the settings.

## What it finds
A run whose hyperparameters name one learning rate while the logged curve of the learning rate never has it: it is constant at
another value, exceeds all of them, or peaks far below them.

## Why it matters
The settings describe another training than the one that ran. A table of results by learning rate is then wrong, and a
repetition with the same settings may not be the same training.

## How it is detected
The largest value of the learning-rate curve is compared with every number in the settings, since a schedule may have its own
peak, and with the learning rate of the settings times small whole numbers and powers of two, as rules for several devices
or large batches use. It is a mismatch if the peak exceeds the largest learning rate of the settings by more than 5%, or if the
curve falls from a peak of less than half of the smallest one, or is constant away from it, at 10 or more points.

## When it is a false alarm
Optimizers that scale the rate by the size of the parameters (Adafactor, muP), several parameter groups of which only one is
logged, and schedules that multiply the rate by a factor that is not in the settings.

## What to do
Print the learning rate of the optimizer at the first and at the largest step, and find where the value of the settings is
changed or replaced by a default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parsers.settings.kinds import setting_key
from ..base import BatchRule, Comparison, Severity
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.study import Batch, RunDigest

_FACTORS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 16.0, 24.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0)


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "fewer can all lie in a warm-up", unit="points")
    tolerance: float = limit(0.05, "rounding of printed rates, and one step of a schedule", unit="%")
    low: float = limit(0.5, "a peak that falls short by less can be a warm-up that was cut off", unit="ratio")


def check(batch: Batch, limits: Limits) -> Iterator[Comparison]:
    """Yield one finding for each run whose learning rate is another than its settings say."""
    for digest in batch.digests:
        curve = next((each for each in digest.curves if each.role == "learning-rate"), None)
        known = curve.values[np.isfinite(curve.values)] if curve is not None else np.empty(0)
        if curve is None or len(known) < limits.min_points or not (peak := float(known.max())) > 0:
            continue
        found = _mismatch(digest, known, peak, limits)
        if found is not None:
            name, value, how = found
            yield Comparison(
                message=f"the settings of {digest.name} have {name} = {value:.4g}, but {curve.name} {how} {peak:.4g}",
                confidence=0.8,
                runs=(digest.name,),
                evidence={"setting": value, "peak_of_curve": peak, "point_count": float(curve.points)},
                remedies=(
                    f"find where {name} is replaced before the optimizer gets it",
                    "log the settings after they are changed, not before",
                ),
            )


def _mismatch(digest: RunDigest, known: Floats, peak: float, limits: Limits) -> tuple[str, float, str] | None:
    numbers = {
        name: float(value) for name, value in digest.hyperparameters.items() if isinstance(value, float | int) and value
    }
    rates = {name: value for name, value in numbers.items() if setting_key(name) == "learning rate" and value > 0}
    if not rates:
        return None
    explained = [*numbers.values(), *(rate * factor for rate in rates.values() for factor in _FACTORS),
                 *(rate / factor for rate in rates.values() for factor in _FACTORS[1:])]  # fmt: skip
    if any(abs(peak - value) <= limits.tolerance * abs(value) for value in explained):
        return None
    name, largest = max(rates.items(), key=lambda item: item[1])
    if peak > (1 + limits.tolerance) * largest:
        return name, largest, "rises to"
    name, smallest = min(rates.items(), key=lambda item: item[1])
    is_constant = bool(np.ptp(known) <= limits.tolerance * peak)
    has_fallen = bool(known[-1] < 0.9 * peak)
    if is_constant:
        return name, smallest, "is constant at"
    return (name, smallest, "peaks at") if has_fallen and peak < limits.low * smallest else None


RULE = BatchRule(
    id="config-curve-mismatch",
    family="comparison",
    severity=Severity.WARNING,
    since="0.1.0",
    title="The learning rate is the one of the settings",
    failure_title="Settings and curve disagree",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)

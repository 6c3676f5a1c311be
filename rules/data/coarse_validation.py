"""The validation set is so small that its score changes in visible steps, and small differences are not significant.

## What it finds
A validation score that takes only values possible with 200 or fewer samples, and its 95% interval.

## Why it matters
A score a computed on n samples has the standard error sqrt(a (1 - a) / n): 5 percentage points at 80% of 64 samples.
A choice of checkpoint or hyperparameter based on a smaller difference is random.

## How it is detected
The rule looks for the smallest number of samples n, up to 200, for which all values between 0 and 1 are multiples of
1/n within the logged digits. The values must be precise enough that those of a large set would fit by chance in fewer
than 1 of 10,000 cases. At least 5 evaluations and 3 different values are needed. It is reported as info, and as a warning for 16
samples or fewer: one of them is then more than 6 percentage points, and the 95% interval of a score of 50% reaches from a
quarter to three quarters.

## When it is a false alarm
The score is the mean of rounded scores, or the log contains a sample of a larger evaluation.

## What to do
Evaluate on more data, or use cross-validation. Compare models by their loss, which is more informative per sample.
Report an interval with every score.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import Finding, Need, Rule, Severity
from ..shared.digits import percent
from ..statistics.distinct import distinct
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ..view.digits import counted_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.digits import Count
    from ..view.run_view import RunView

Z_95 = 1.96  # two-sided 95% quantile of the standard normal


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(
        5, "fewer do not show the steps of a score; its level is the median of this many", unit="evaluations"
    )
    min_levels: int = limit(3, "two values have one difference, which need not be the smallest step", unit="values")
    max_samples: int = limit(200, "samples; with more, one of them is less than half a percentage point")
    few_samples: int = limit(
        16, "samples; the 95% interval of a score of 50% is then 49 percentage points wide, or wider: it tells little"
    )
    max_coincidence: float = limit(
        1e-4, "none of 2,000 simulated scores of large sets came close to it", unit="p-value", source="simulated runs"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first score computed on few samples."""
    for score in run.curves("score", "validation"):
        count = _count(score, limits)
        if count is not None:
            yield _finding(score, count, limits)
            return


def _count(score: CurveView, limits: Limits) -> Count | None:
    """The number of samples of a score; None if it is large or cannot be inferred."""
    shares = score.values / score.percent_scale
    if len(score) < limits.min_evaluations or shares.min() < 0 or shares.max() > 1:
        return None
    if len(distinct(shares[(shares > 0) & (shares < 1)])) < limits.min_levels:
        return None
    count = counted_on(shares, limits.max_samples)
    return count if count is not None and count.coincidence <= limits.max_coincidence else None


def _finding(score: CurveView, count: Count, limits: Limits) -> Finding:
    shares = score.values / score.percent_scale
    level = median(shares[-limits.min_evaluations :])
    # at 0 and 1 the error of a share is that of a sample more or less
    error = max(math.sqrt(level * (1 - level) / count.samples), 1 / count.samples)
    low, high = max(level - Z_95 * error, 0.0), min(level + Z_95 * error, 1.0)
    return Finding(
        message=f"{score.name} changes in steps of {100 / count.samples:.3g} percentage points, as on {count.samples} samples: "
        f"the 95% interval of its last level is {percent(low)} to {percent(high)}",
        confidence=0.85,
        metric=score.name,
        steps=(int(score.steps[0]), int(score.steps[-1])),
        evidence={
            "sample_count": float(count.samples),
            "standard_error": error,
            "level_low": low,
            "level_high": high,
            "level_count": float(len(distinct(shares))),
        },
        severity=Severity.WARNING if count.samples <= limits.few_samples else Severity.INFO,
        remedies=(
            "evaluate on more data, or use cross-validation",
            "compare models by their loss, and report an interval with every score",
        ),
    )


RULE = Rule(
    id="coarse-validation",
    family="data",
    severity=Severity.INFO,
    needs=(Need("score", "validation", points="min_evaluations"),),
    since="0.1.0",
    title="The validation set is large enough for its score",
    failure_title="Coarse validation score",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)

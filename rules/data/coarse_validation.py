"""The validation set is so small that its score moves in visible steps: small differences mean nothing.

## What it finds
A validation score that takes only values which 200 samples or fewer can give, and how far apart two scores have to be
to differ.

## Why it matters
A score counted on n samples has a standard error of the root of a(1-a)/n: 5 points at 80 % of 64 samples. Choosing a
checkpoint or a setting by less is choosing by luck.

## How it is detected
The smallest number n of samples, up to 200, of which all values between 0 and 1 are multiples within the digits of the
log. The digits have to be so many that other values would fit such a number in less than one case in 10,000; it
takes 5 evaluations and 3 different values.

## When it is a false alarm
The score is the mean of rounded scores, or the log holds a sample of a larger evaluation.

## What to do
Evaluate on more data, or by cross-validation; compare models by their loss, which uses more of each sample; give an
interval with every score.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit
from ..view.digits import counted_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView

Z_95 = 1.96


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(5, "")
    min_levels: int = limit(3, "")
    max_coincidence: float = limit(1e-4, "none of 2,000 simulated scores of large sets came near it")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first score that counts few samples."""
    for score in run.curves("score", "validation"):
        shares = score.values / score.full
        if len(score) < limits.min_evaluations or shares.min() < 0 or shares.max() > 1:
            continue
        inner = np.unique(shares[(shares > 0) & (shares < 1)])
        count = counted_on(shares) if len(inner) >= limits.min_levels else None
        if count is None or count.coincidence > limits.max_coincidence:
            continue
        level = median(shares[-limits.min_evaluations :])
        # at 0 and 1 the error of a share is that of a sample more or less
        error = max(math.sqrt(level * (1 - level) / count.samples), 1 / count.samples)
        yield Finding(
            message=f"{score.name} moves in steps of {100 / count.samples:.2g} points, as {count.samples} samples give them: "
            f"its 95 % interval is {100 * level:.3g} +- {100 * Z_95 * error:.2g} points",
            confidence=0.85,
            metric=score.name,
            steps=(int(score.steps[0]), int(score.steps[-1])),
            evidence={
                "sample_count": float(count.samples),
                "standard_error": error,
                "level_count": float(len(np.unique(shares))),
            },
            remedies=(
                "evaluate on more data, or by cross-validation",
                "compare models by their loss, and give an interval with every score",
            ),
        )
        return


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

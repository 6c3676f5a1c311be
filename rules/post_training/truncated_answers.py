"""Most sampled answers are truncated at the length limit.

## What it finds
Training on rewards (GRPO, PPO) with more than half of the answers at the length limit.

## Why it matters
The reward of a truncated answer depends only on its beginning: it often contains no result, and the end token is
never rewarded. Long answers without content are also a common form of reward hacking.

## How it is detected
The median share of truncated answers (`completions/clipped_ratio` in TRL) over the last 30% of at least 20 points
exceeds 50%.

## When it is a false alarm
Answers that should reach the limit, such as with a fixed reasoning budget.

## What to do
Inspect some answers. Raise the length limit, or penalise length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Finding, Need, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ._curves import late_rows, longest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "the last 30% then holds 6 points, enough for a median", unit="points")
    late_share: float = limit(0.3, "last part of the run, which is judged; answers may be long temporarily", unit="%")
    max_truncated: float = limit(0.5, "above, the typical answer is a fragment", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the share of truncated answers."""
    curve = longest(run, "truncated-fraction", limits.min_points)
    rows = late_rows(curve, limits.late_share)
    share = median(curve.values[rows]) / curve.percent_scale
    if share <= limits.max_truncated:
        return
    yield Finding(
        message=f"{share:.0%} of the answers are truncated at the length limit ({curve.name}, median of the last "
        f"{limits.late_share:.0%} of the run): only their beginning is rewarded",
        confidence=0.8,
        metric=curve.name,
        steps=(int(curve.steps[rows][0]), int(curve.steps[-1])),
        evidence={"truncated_share": share},
        remedies=(
            "raise the length limit, or penalise length",
            "inspect some long answers: check whether they repeat themselves and whether the end token is ever produced",
        ),
    )


RULE = Rule(
    id="truncated-answers",
    family="post-training",
    severity=Severity.WARNING,
    needs=(Need("truncated-fraction", points="min_points"),),
    since="0.1.0",
    title="Answers end before the length limit",
    failure_title="Truncated answers",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=("entropy-collapse", "policy-divergence"),
    formerly="reward-model-saturation",
)

"""The spread of the embeddings vanishes: all inputs get the same representation.

## What it finds
A standard deviation or variance of embeddings, features or projections that ends near zero.

## Why it matters
A contrastive or self-supervised loss can be lowest where every input has the same embedding. The loss looks good, and the
representation holds nothing.

## How it is detected
The largest value of the last tenth of the run (at least 3 points) is at most 5% of the highest level, the median of a
window: a warning. At most 20% is reported as info.

## When it is a false alarm
Embeddings that are scaled on purpose, as by a growing weight decay.

## What to do
Check the stop-gradient, the predictor and the momentum encoder; add negatives or a variance term; lower the learning rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Need, Rule, Severity
from ..shared.vanished import Collapse, VanishedLimits, findings_of
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..base import Finding
    from ..view.run_view import RunView


@thresholds
class Limits(VanishedLimits):
    """Thresholds of this rule."""

    max_left: float = limit(
        0.05, "of the peak; spreads of healthy embeddings stay within a few times of each other", unit="%"
    )
    info_left: float = limit(0.2, "of the peak; less than this is worth a look", unit="%")


COLLAPSE = Collapse(
    "embedding-spread",
    "spread of embeddings",
    "the embeddings collapse",
    (
        "check the stop-gradient, the predictor and the momentum of the target encoder",
        "add a term that keeps the variance up, more negatives or a larger batch, and lower the learning rate",
    ),
)


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the curve of which least is left."""
    yield from findings_of(run, limits, COLLAPSE)


RULE = Rule(
    id="representation-collapse",
    family="network",
    severity=Severity.WARNING,
    needs=(Need("embedding-spread", points="min_points"),),
    since="0.1.0",
    title="The embeddings keep their spread",
    failure_title="Representation collapse",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    judges_end=True,
)

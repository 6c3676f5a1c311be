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

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.vanished import vanished
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "fewer do not show a level and an end", unit="points")
    max_left: float = limit(
        0.05, "of the peak; spreads of healthy embeddings stay within a few times of each other", unit="%"
    )
    info_left: float = limit(0.2, "of the peak; less than this is worth a look", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the curve of which least is left."""
    curves = [c for c in run.curves("embedding-spread") if len(c) >= limits.min_points and c.values.min() >= 0]
    if not curves:
        raise InsufficientDataError(f"no spread of embeddings has {limits.min_points} points")
    curve = min(curves, key=lambda c: vanished(c, limits.max_left).left)
    found = vanished(curve, limits.max_left)
    if found.left > limits.info_left:
        return
    is_gone = found.left <= limits.max_left
    since = found.step if is_gone else int(curve.steps[-1])
    yield Finding(
        message=f"{curve.name} falls to {found.left:.2g} times its highest level ({found.peak:.3g} to {found.end:.3g}"
        + (f", for good at {curve.unit} {since:,})" if is_gone else ")")
        + ": the embeddings collapse",
        confidence=0.85 if is_gone else 0.7,
        metric=curve.name,
        steps=(since, int(curve.steps[-1])),
        evidence={"peak": found.peak, "end": found.end, "left_share": found.left},
        severity=Severity.WARNING if is_gone else Severity.INFO,
        remedies=(
            "check the stop-gradient, the predictor and the momentum of the target encoder",
            "add a term that keeps the variance up, more negatives or a larger batch, and lower the learning rate",
        ),
    )


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

"""The training loss alternates between high and low values from one logged point to the next.

## What it finds
Neighbouring points of the training loss that alternate above and below its trend, by a large share of the loss.

## Why it matters
Each step overshoots the minimum and the next one reverses it: the steps are too large for the curvature of the loss,
and most of each update is undone.

## How it is detected
Over the last half of the points a parabola is fitted to the logarithm of the training loss. The residuals scatter by
more than 10%, and neighbouring residuals have a correlation below -0.5, by more than 5 standard errors of white
noise.

## When it is a false alarm
Two alternating data sources.

## What to do
Lower the learning rate by 3 to 10, or the momentum; raise the batch size if possible.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, Need, NotApplicableError, Rule, Severity
from ..statistics.exponentials import expm1
from ..statistics.medians import median
from ..statistics.noise import MAD_TO_SIGMA
from ..thresholds import limit, thresholds
from ._too_high import lower_rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView

CLIP_SIGMAS = 3.0  # larger residuals are clipped, so that single spikes have no effect


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(
        50, "half of them are judged; with fewer, no correlation reaches 5 standard errors", unit="points"
    )
    min_scatter: float = limit(
        0.1, "standard deviation of the logarithm of the loss; a smaller zigzag does little harm", unit="%"
    )
    max_correlation: float = limit(-0.5, "of neighbouring residuals; a weaker one is noise", unit="correlation")
    min_z: float = limit(5.0, "unlikely by chance, with 1/sqrt(points) as the standard error", unit="standard errors")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    loss = run.loss("train")
    if loss is None or not loss.is_positive:
        raise NotApplicableError("no positive training loss is logged, so relative change is undefined")
    values = loss.scaled[len(loss) // 2 :]
    # A line through the stretch and not the mean of a point's neighbours: x - (before + after) / 2 has a correlation of
    # neighbours of -2/3 for white noise already.
    x = np.linspace(-1, 1, len(values))
    rest = values - np.polynomial.Polynomial.fit(x, values, 2)(x)
    sigma = median(np.abs(rest)) * MAD_TO_SIGMA
    if sigma <= limits.min_scatter:
        return
    rest = np.clip(rest, -CLIP_SIGMAS * sigma, CLIP_SIGMAS * sigma)
    correlation = float(np.dot(rest[1:], rest[:-1]) / np.dot(rest, rest))
    z = -correlation * math.sqrt(len(values))
    if correlation > limits.max_correlation or z < limits.min_z:
        return
    first, last = int(loss.steps[len(loss) // 2]), int(loss.steps[-1])
    yield Finding(
        message=f"{loss.name} alternates between high and low values, {expm1(sigma):.0%} from its trend, over "
        f"the last half of the run (correlation of neighbouring points {correlation:.2f})",
        confidence=0.7,
        metric=loss.name,
        steps=(first, last),
        evidence={"z": z, "correlation": correlation, "noise": sigma},
        remedies=(
            lower_rate(run),
            "lower the momentum, or raise the batch size",
            "shuffle the data, if two sources alternate",
        ),
        cited=(first, last),
    )


RULE = Rule(
    id="zigzag-loss",
    family="learning-rate",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="Neighbouring points of the training loss do not alternate",
    failure_title="Loss zigzag",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("learning-rate"),),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=("learning-rate-too-high", "learning-rate-jump", "resume-discontinuity"),
    needs_all_rows=True,
    formerly="learning-rate-too-high",
)

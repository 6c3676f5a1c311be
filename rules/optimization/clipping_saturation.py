"""Gradient clipping acts in nearly every step: the clipping limit, not the gradient, sets the size of the updates.

## What it finds
A gradient norm that is exactly at its maximum in most steps, because it was logged after clipping, or that is above the
clipping limit of the hyperparameters in most steps, because it was logged before.

## Why it matters
Clipping is meant for rare outliers. If nearly every gradient is clipped to the same norm, its magnitude no longer
matters, and training is slower than the learning rate suggests; SGD becomes a different optimizer.

## How it is detected
The share of points within 0.01% of the largest norm: a continuous quantity does not repeat its maximum. A share of
90% or more is a warning, a share of 50% or more is reported as info (the Deep Learning Tuning Playbook then advises a
lower learning rate). Below the maximum, the norm must take at least 3 different values (if there are fewer than 3
such points, all must differ). A norm that is always at its maximum may be normalised on purpose: it is reported only
if a hyperparameter sets this clipping limit, and as a warning only if the training loss is still above half of its
first value, because adaptive optimizers train well with clipped gradients.

fairseq logs the percentage of clipped updates itself (`clip`):
its median counts like the share of points at the maximum. As the norm is not needed for that, a share of 90% or more is a
warning where the training loss is still above half of its first value, and otherwise info.

If the hyperparameters set a clipping limit (`max_grad_norm`, ...), and 90% of the norms exceed it by more than 1%, they
were logged before clipping, and nearly every step is clipped. That is reported as info, and as a warning if the median
norm is also 10 times the limit and the training loss is still above half of its first value.

## When it is a false alarm
A norm logged with few digits, and optimizers that normalise the gradient by design.

## What to do
Raise the limit to about the 90th percentile of the norms before clipping, or lower the learning rate. Log the norm
before clipping as well.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.distinct import distinct
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ..view.hyperparameter_names import CLIP_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

FAIRSEQ_SHARE = "clip"  # its percentage of updates whose gradient was clipped


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(
        20, "the share of clipped steps is then known to within 22 percentage points", unit="points"
    )
    at_limit: float = limit(
        1e-4, "below the largest norm; clipped norms differ by rounding, which is 1e-6 in float32", unit="%"
    )
    usually_clipped: float = limit(
        0.5,
        "of the points; beyond that, clipping no longer affects only outliers",
        unit="%",
        source="Deep Learning Tuning Playbook: if more than half of the updates are clipped, lower the learning rate",
    )
    nearly_always_clipped: float = limit(0.9, "of the points; the limit then replaces the gradient norm", unit="%")
    slow_share: float = limit(0.5, "of the first loss; a run below it makes progress", unit="%")
    limit_tolerance: float = limit(
        1e-3,
        "between norm and clipping limit; logs round values, and clipping adds a small epsilon to the norm",
        unit="%",
    )
    above_limit: float = limit(
        0.01, "above the clipping limit: more than rounding, so the norm is not clipped", unit="%"
    )
    far_above: float = limit(
        10.0, "of the median norm to the limit: the updates are a tenth of what the gradient asks for", unit="ratio"
    )
    min_distinct: int = limit(3, "below the maximum; fewer mean that the log has too few digits", unit="values")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the whole-model gradient norm with the most points."""
    norms = [c for c in run.curves("gradient-norm") if not c.layer]
    norm = max(norms, key=len, default=None)
    if norm is None or len(norm) < limits.min_points:
        raise InsufficientDataError(f"no gradient norm of the whole model has {limits.min_points} points")
    if finding := _of_logged_share(run, norm, limits) or _of_unclipped(run, norm, limits):
        yield finding
        return
    largest = float(norm.values.max())
    is_clipped = norm.values >= (1 - limits.at_limit) * largest
    share = float(is_clipped.mean())
    below = norm.values[~is_clipped]
    if largest <= 0 or share < limits.usually_clipped or len(distinct(below)) < min(limits.min_distinct, len(below)):
        return
    if not len(below) and not _is_clipping_limit(run, largest, limits):
        return
    is_nearly_always = share >= limits.nearly_always_clipped and (len(below) > 0 or _is_slow(run, limits))
    first, last = (int(step) for step in norm.steps[is_clipped][[0, -1]])
    yield Finding(
        message=f"{norm.name} is at its maximum, {largest:.3g}, at {share:.0%} of {len(norm):,} points: it is clipped",
        confidence=0.9,
        metric=norm.name,
        steps=(first, last),
        evidence={"limit": largest, "clipped_share": share},
        severity=Severity.WARNING if is_nearly_always else Severity.INFO,
        remedies=(
            f"raise the clipping limit of {largest:.3g} to about the 90th percentile of the norms before clipping",
            "or lower the learning rate; log the norm before clipping as well",
        ),
        cited=(first,),
    )


def _of_logged_share(run: RunView, norm: CurveView, limits: Limits) -> Finding | None:
    """The finding where the log says itself which share of the updates was clipped."""
    share = _logged_share(run, limits)
    if share is None or not limits.usually_clipped <= share <= 1:
        return None
    is_nearly_always = share >= limits.nearly_always_clipped and _is_slow(run, limits)
    level, first, last = median(norm.values), int(norm.steps[0]), int(norm.steps[-1])
    return Finding(
        message=f"{FAIRSEQ_SHARE} says that {share:.0%} of the updates are clipped (median), at a {norm.name} of {level:.3g}",
        confidence=0.9,
        metric=norm.name,
        steps=(first, last),
        evidence={"clipped_share": share, "median_norm": level},
        severity=Severity.WARNING if is_nearly_always else Severity.INFO,
        remedies=(
            f"raise the clipping limit to about the 90th percentile of the norms, {float(np.quantile(norm.values, 0.9)):.3g}",
            "or lower the learning rate",
        ),
    )


def _logged_share(run: RunView, limits: Limits) -> float | None:
    """Level of a logged share of clipped updates; where it never changes, the log has it as a setting."""
    if run.run.framework != "fairseq":
        return None
    for curve in run.curves("unknown"):
        if curve.tag == FAIRSEQ_SHARE and len(curve) >= limits.min_points:
            return median(curve.values) / 100
    percent = run.hyperparameter(FAIRSEQ_SHARE)
    return percent / 100 if percent is not None else None


def _of_unclipped(run: RunView, norm: CurveView, limits: Limits) -> Finding | None:
    """The finding where nearly all norms exceed the clipping limit, so they were logged before clipping."""
    clip = run.hyperparameter(*CLIP_KEYS)
    if not clip or clip < 0:
        return None
    is_clipped = norm.values > (1 + limits.above_limit) * clip
    share, level = float(is_clipped.mean()), median(norm.values)
    if share < limits.nearly_always_clipped:
        return None
    high = float(np.quantile(norm.values, 0.9))
    is_slow = level >= limits.far_above * clip and _is_slow(run, limits)
    first, last = (int(step) for step in norm.steps[is_clipped][[0, -1]])
    return Finding(
        message=f"{norm.name} is above the clipping limit of {clip:.3g} at {share:.0%} of {len(norm):,} points, and {level:.3g} in "
        "the median: nearly every step is clipped",
        confidence=0.9,
        metric=norm.name,
        steps=(first, last),
        evidence={"limit": clip, "clipped_share": share, "median_norm": level},
        severity=Severity.WARNING if is_slow else Severity.INFO,
        remedies=(
            f"raise the clipping limit of {clip:.3g} to about the 90th percentile of the norms, {high:.3g}",
            "or lower the learning rate; look for the layer or the batches with the largest gradients",
        ),
        cited=(first,),
    )


def _is_clipping_limit(run: RunView, norm: float, limits: Limits) -> bool:
    """Whether a hyperparameter sets this norm as the clipping limit."""
    logged = run.hyperparameter(*CLIP_KEYS)
    return logged is not None and math.isclose(logged, norm, rel_tol=limits.limit_tolerance)


def _is_slow(run: RunView, limits: Limits) -> bool:
    """Whether the training loss is still above half of its first value."""
    loss = run.loss("train")
    if loss is None or not loss.is_positive or len(loss) < limits.min_points:
        return False
    return median(loss.values[-3:]) > limits.slow_share * median(loss.values[:3])


RULE = Rule(
    id="clipping-saturation",
    family="optimization",
    severity=Severity.WARNING,
    needs=(Need("gradient-norm", points="min_points"),),
    since="0.1.0",
    title="Gradients are rarely clipped",
    failure_title="Gradients clipped nearly always",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "train"), Need("unknown")),
    causes=(
        "exploding-gradients",
        "gradient-bursts",
        "layer-gradient-imbalance",
        "learning-rate-too-high",
    ),
)

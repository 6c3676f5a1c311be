"""Gradients are clipped in nearly every step: the clipping, not the learning rate, sets the size of the updates.

## What it finds
A gradient norm that sits exactly at its maximum in most steps, because it was logged after clipping.

## Why it matters
Clipping is meant for rare outliers. When nearly every gradient is cut to the same length, their size no
longer matters and the training is slower than its learning rate promises; with SGD it is a different optimiser.

## How it is detected
The share of points within 0.01 % of the largest norm: a mass that a continuous quantity does not have. From 90 % on it
is a warning, from 50 % on an information (the share from which the Deep Learning Tuning Playbook advises a lower
learning rate). At least one norm has to be below, or else the gradient may be normalised on purpose, unless the
settings name that very norm as the limit of clipping. Then it is a warning only if the training loss has not lost half
of its first value: optimisers that scale gradients by themselves go on well with clipped ones.

## When it is a false alarm
A norm logged with few digits, and optimisers that normalise the gradient by design.

## What to do
Raise the limit to about the 90th percentile of the norms before clipping, or lower the learning rate. Log the norm
before clipping as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..thresholds import limit
from ..view.hyperparameter_names import CLIP_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "")
    at_limit: float = limit(
        1e-4, "share of the largest norm: clipped norms differ by rounding, which is 1e-6 in float32"
    )
    usually_clipped: float = limit(0.5, "")
    nearly_always_clipped: float = limit(0.9, "")
    slow_share: float = limit(0.5, "of the first loss, as for slow convergence")
    logged_as_said: float = limit(
        1e-3, "relative: digits of a log, and the small number that is added to a norm before dividing by it"
    )
    min_distinct: int = limit(3, "values below the limit, of a norm that is printed with digits enough")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the whole-model gradient norm with the most points."""
    norms = [c for c in run.curves("gradient-norm") if not c.layer]
    norm = max(norms, key=len, default=None)
    if norm is None or len(norm) < limits.min_points:
        raise InsufficientDataError(f"no gradient norm of the whole model has {limits.min_points} points")
    limit = float(norm.values.max())
    is_clipped = norm.values >= (1 - limits.at_limit) * limit
    share = float(is_clipped.mean())
    below = len(np.unique(norm.values[~is_clipped]))
    if (
        limit <= 0
        or share < limits.usually_clipped
        or below < min(limits.min_distinct, len(norm) - int(is_clipped.sum()))
    ):
        return
    if not below and not _is_said(run, limit, limits):
        return
    is_nearly_always = share >= limits.nearly_always_clipped and (below > 0 or _is_slow(run, limits))
    first = int(norm.steps[is_clipped][0])
    yield Finding(
        message=f"{norm.name} is {limit:.3g}, its maximum, at {share:.0%} of {len(norm)} points: it is clipped there",
        confidence=0.9,
        metric=norm.name,
        steps=(first, int(norm.steps[is_clipped][-1])),
        evidence={"limit": limit, "clipped_share": share},
        severity=Severity.WARNING if is_nearly_always else Severity.INFO,
        remedies=(
            f"raise the limit of {limit:.3g} to about the 90th percentile of the norms before clipping",
            "or lower the learning rate; log the norm before clipping as well",
        ),
        cited=(first,),
    )


def _is_said(run: RunView, limit: float, limits: Limits) -> bool:
    """Whether the settings name this limit."""
    said = run.setting(*CLIP_KEYS)
    return said is not None and math.isclose(said, limit, rel_tol=limits.logged_as_said)


def _is_slow(run: RunView, limits: Limits) -> bool:
    """Whether the training loss has not fallen by half."""
    loss = run.loss("train")
    if loss is None or not loss.is_positive or len(loss) < limits.min_points:
        return False
    return float(np.median(loss.values[-3:])) > limits.slow_share * float(np.median(loss.values[:3]))


RULE = Rule(
    id="clipping-saturation",
    family="optimization",
    severity=Severity.WARNING,
    needs=(Need("gradient-norm", points="min_points"),),
    since="0.1.0",
    title="Gradients are clipped rarely",
    failure_title="Gradients clipped nearly always",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "exploding-gradients",
        "gradient-bursts",
        "layerwise-gradient-growth",
        "learning-rate-too-high",
    ),
    judges_training=True,
)

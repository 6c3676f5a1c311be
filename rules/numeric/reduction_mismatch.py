"""Training and validation loss differ by a constant factor: one is a sum where the other is a mean.

## What it finds
A validation loss that is the same multiple of the training loss, or the same part of it, at every evaluation.

## Why it matters
Both losses seem to tell of a generalization gap, or of a leak, and do not. If the training loss is the one that is too
large, the gradients are as well, and the learning rate does not have the usual meaning.

## How it is detected
The median ratio of both losses over at least 8 evaluations is at least 3, or at most 1/3, and 90% of the evaluations are
within 15% of it, while the training loss falls by at least 30% over the log, and both losses by more than 15% between
the first and the last evaluations: a gap that comes from learning grows with it. A batch
size or a number of accumulation steps among the hyperparameters that is within 5% of the factor raises the confidence.

## When it is a false alarm
Losses that are different quantities by design, with another weight or another unit.

## What to do
Divide both losses by the number of samples or tokens that they were summed over. With gradient accumulation, divide the
loss by the number of accumulation steps before it is logged.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.gaps import gap_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.run_view import RunView

COUNT_KEYS = (
    "gradient_accumulation_steps", "accumulate_grad_batches", "accum_steps", "grad_accum_steps", "update_freq",
    "batch_size", "per_device_train_batch_size", "train_batch_size", "micro_batch_size", "eval_batch_size",
)  # fmt: skip


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(8, "fewer may agree by chance", unit="evaluations")
    min_factor: float = limit(
        3.0,
        "dropout, augmentation and label smoothing change a loss by less",
        unit="ratio",
        source="225 tuned runs: 1% end above 3",
    )
    same_share: float = limit(0.9, "of the evaluations; the first ones may lag, and some scatter", unit="%")
    max_spread: float = limit(0.15, "of the median ratio; the noise of a batch or of a small validation set", unit="%")
    min_fall: float = limit(0.3, "of the training loss; where nothing changes, any ratio is constant", unit="%")
    same_count: float = limit(0.05, "between the factor and a logged number of samples or steps", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    gap = gap_of(run, corrects_lag=False)
    count = len(gap.values)
    if count < limits.min_evaluations:
        raise InsufficientDataError(
            f"needs at least {limits.min_evaluations} evaluations with a training loss beside them, has {count}"
        )
    middle = median(gap.values)
    if abs(middle) < math.log(limits.min_factor):
        return
    is_same = np.abs(gap.values - middle) <= math.log1p(limits.max_spread)
    share, fall = float(is_same.mean()), _fall(gap.train.scaled)
    rows = np.searchsorted(gap.validation.steps, gap.steps)
    validation = gap.validation.scaled[rows]
    seen_fall = min(_fall(validation), _fall(validation - gap.values))
    if share < limits.same_share or fall < limits.min_fall or seen_fall <= limits.max_spread:
        return
    factor = exp(abs(middle))
    large, small = (gap.validation, gap.train) if middle > 0 else (gap.train, gap.validation)
    setting = _setting(run, factor, limits)
    yield Finding(
        message=f"{large.name} is {factor:.3g} times {small.name}, within {limits.max_spread:.0%} at {share:.0%} of {count:,} "
        f"evaluations, while {gap.train.name} falls by {fall:.0%}: a sum is compared with a mean"
        + (f" ({setting} is about as large)" if setting else ""),
        confidence=0.95 if setting else 0.85,
        metric=large.name,
        steps=(int(gap.steps[0]), int(gap.steps[-1])),
        evidence={"factor": factor, "same_share": share, "fall_of_training_loss": fall},
        remedies=(
            f"divide {large.name} by the number of samples, tokens or accumulation steps that it is summed over",
            "compute both losses with the same function, and the same reduction",
        ),
    )


def _fall(logs: Floats) -> float:
    """The share by which a loss falls from its first to its last points, given its logarithms."""
    window = window_points(len(logs))
    return 1 - exp(median(logs[-window:]) - median(logs[:window]))


def _setting(run: RunView, factor: float, limits: Limits) -> str:
    """The name of a hyperparameter that counts as many samples or steps as the factor; "" if there is none."""
    values = ((name, run.hyperparameter(name)) for name in COUNT_KEYS)
    return next((n for n, v in values if v and math.isclose(v, factor, rel_tol=limits.same_count)), "")


RULE = Rule(
    id="reduction-mismatch",
    family="numeric",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points="min_evaluations"), Need("loss", "validation", points="min_evaluations")),
    since="0.1.0",
    title="Training and validation loss are on one scale",
    failure_title="Reduction mismatch",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
)

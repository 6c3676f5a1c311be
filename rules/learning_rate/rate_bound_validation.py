"""Training and validation loss rise together from their best values while the learning rate stays high.

## What it finds
A validation loss that ends above its best value, and a training loss that is also higher at the end.

## Why it matters
Overfitting would lower the training loss. If both rise, the updates are too large to converge, and the result depends
on the step at which the run happens to stop.

## How it is detected
On the logarithm of the losses. The last sixth of the evaluations, at least 2, is compared with the best stretch of
the same length before it. The validation loss rose by 10% and by a fifth of its whole descent; the mean training loss
over the steps of the two stretches rose by 5%. Each rise exceeds 2 standard errors (the validation loss after
correction for selecting the best stretch), and both together exceed 4 (Stouffer): sampling noise would not move the
two together. A learning rate that ends below 50% of its peak, or that restarts, is not judged.

## When it is a false alarm
A curriculum, or data that change during the run.

## What to do
Lower the peak learning rate by 3 to 10, lengthen the warm-up, or anneal earlier; raise the batch size if possible.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.exponentials import expm1
from ..statistics.noise import noise_of
from ..statistics.windows import moving_mean
from ..thresholds import limit, thresholds
from ._too_high import lower_rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "fewer do not show the noise of the training loss", unit="points")
    min_evaluations: int = limit(8, "two stretches of 2 and a descent before them", unit="evaluations")
    end_share: float = limit(1 / 6, "of the evaluations; the part that counts as the end of the run", unit="%")
    min_end: int = limit(2, "one evaluation may be an outlier", unit="evaluations")
    validation_rise: float = limit(0.1, "of the loss; a smaller rise is not worth another training run", unit="%")
    training_rise: float = limit(0.05, "of the loss; a smaller rise may be due to the batches", unit="%")
    share_lost: float = limit(0.2, "of the descent; less is fluctuation around the final level", unit="%")
    each_z: float = limit(2.0, "each rise must be significant on its own", unit="standard errors")
    joint_z: float = limit(4.0, "healthy noise stays below", unit="standard errors", source="Stouffer et al. 1949")
    high_rate: float = limit(0.5, "of the peak learning rate; below, it was annealed and is not too high", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    train, validation = run.loss("train"), run.loss("validation")
    if train is None or not train.is_positive or validation is None or not validation.is_positive:
        raise NotApplicableError("no positive losses of both splits are logged, so relative change is undefined")
    if validation.unit != train.unit:
        raise InsufficientDataError("the training and the validation loss are logged on different axes")
    if run.is_rate_cyclic:
        raise InsufficientDataError("the learning rate restarts, and the losses rise with it")
    if run.rate_left is not None and run.rate_left < limits.high_rate:
        raise InsufficientDataError("the learning rate is low at the end, so it cannot be the cause")
    values, count = validation.scaled, max(limits.min_end, int(limits.end_share * len(validation)))
    means = moving_mean(values, count)[: len(values) - 2 * count + 1]
    best = int(np.argmin(means))
    rise = float(values[-count:].mean() - means[best])
    if rise < max(math.log1p(limits.validation_rise), limits.share_lost * float(values[0] - means[best])):
        return
    at_best = _between(train, validation, best, best + count - 1)
    at_end = _between(train, validation, len(values) - count, len(values) - 1)
    if not len(at_best) or not len(at_end):
        raise InsufficientDataError("no training loss is logged around the best or the last validation loss")
    train_rise = float(at_end.mean() - at_best.mean())
    if train_rise < math.log1p(limits.training_rise):
        return
    z_validation = _z_of_validation(validation, best, count, rise)
    z_train = _z(train_rise, math.hypot(train.noise.of_mean(len(at_best)), train.noise.of_mean(len(at_end))))
    joint = (z_train + z_validation) / math.sqrt(2)
    if min(z_train, z_validation) < limits.each_z or joint < limits.joint_z:
        return
    first, last = int(validation.steps[best]), int(validation.steps[-1])
    shares = {"validation_rise": expm1(rise), "training_rise": expm1(train_rise)}
    yield Finding(
        message=f"{validation.name} ends {shares['validation_rise']:.0%} above its best around {validation.unit} {first:,}, and "
        f"{train.name} is {shares['training_rise']:.0%} higher there as well: the steps are too large (not overfitting)",
        confidence=0.75,
        metric=validation.name,
        steps=(first, last),
        evidence={"z": min(joint, 1e6), **shares},
        remedies=(
            lower_rate(run),
            "anneal the learning rate towards the end",
            "raise the batch size, or clip the gradients",
        ),
        cited=(first, last),
    )


def _z_of_validation(validation: CurveView, best: int, count: int, rise: float) -> float:
    """The rise from the best of many stretches, corrected for the selection, over its standard error."""
    sigma = max(validation.noise.sigma, noise_of(validation.scaled[: best + count]).sigma)
    luck = sigma / math.sqrt(count) * math.sqrt(2 * math.log(len(validation) / count))
    return _z(rise - luck, sigma * math.sqrt(2 / count))


def _z(rise: float, error: float) -> float:
    return rise / error if error > 0 else math.inf


def _between(train: CurveView, validation: CurveView, first: int, last: int) -> Floats:
    """Training values that were logged from the evaluation before the first to the last of two rows."""
    begin = int(validation.steps[first - 1]) if first else int(train.steps[0]) - 1
    return np.asarray(train.scaled[(train.steps > begin) & (train.steps <= validation.steps[last])])


RULE = Rule(
    id="rate-bound-validation",
    family="learning-rate",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points="min_points"), Need("loss", "validation", points="min_evaluations")),
    since="0.1.0",
    title="Training and validation loss do not rise together",
    failure_title="Joint rise of the losses",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("learning-rate"),),
    excluded_tasks=("adversarial", "reinforcement"),
    yields_to=("divergence",),
    causes=("learning-rate-too-high", "learning-rate-jump", "resume-discontinuity"),
    judges_end=True,
    formerly="learning-rate-too-high",
)

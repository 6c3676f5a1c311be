"""The training loss falls away from the validation loss: what is still learned does not carry over.

## What it finds
A validation loss that ends at three times the training loss or more, and a training loss that goes on falling by half while
the validation loss stands still.

## Why it matters
A gap alone is no fault: large models have one and generalise well. A gap that grows while nothing is gained on unseen
data is memorised training data, and overfitting is what comes next.

## How it is detected
Each evaluation is compared with the training loss around it. It is an information if the ratio of the losses ends at 3
or more, has doubled since the beginning (a ratio that was there from the start is a difference of scales), and
the growth exceeds 6 standard errors. It is a warning if, over the second half of the run, the trend of ten blocks has
the ratio double, the 90 % interval of the change of the validation loss lies within 2 %, and no validation
score improves. Where the rule overfitting fires, this finding is folded into it.

## When it is a false alarm
Losses that are not the same quantity, and a decay of the learning rate that is still to come.

## What to do
Regularise (augmentation, weight decay, dropout), get more data, or stop where the validation loss stops.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.gaps import gap_of
from ..statistics.change import trend_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.noise import noise_of
from ..statistics.windows import window_points
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..shared.gaps import Gap
    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(12, "four windows of 3")
    wide: float = limit(
        math.log(3.0),
        "Two thirds of the validation loss are not there in training. A ratio of 2 is met by 16 % of 225 tuned runs, which it would only tell that they are large models; 3 by 1 %.",
    )
    growth: float = limit(math.log(2.0), "doubled since the beginning")
    growth_z: float = limit(6.0, "doubled since the beginning")
    flat: float = limit(0.02, "of the validation loss")
    trend_z: float = limit(2.33, "1 %, one-sided")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    gap = gap_of(run, is_lag_undone=False)
    count = len(gap.values)
    if count < limits.min_evaluations:
        raise InsufficientDataError(f"{count} of {limits.min_evaluations} evaluations have a training loss beside them")
    validation = gap.validation
    window = window_points(count)
    end = median(gap.values[-window:])
    growth = end - median(gap.values[:window])
    error = noise_of(gap.values).of_mean(window) * math.sqrt(2)
    z = growth / error if error > 0 else math.inf
    if not (end >= limits.wide and growth >= limits.growth and z > limits.growth_z):
        return
    is_memorising = _widens_in_vain(run, gap, limits)
    since = int(gap.steps[count // 2 if is_memorising else 0])
    vain = ", and only the training loss still falls" if is_memorising else ""
    yield Finding(
        message=f"{validation.name} ends at {exp(end):.3g} times {gap.train.name}, from {exp(end - growth):.3g} times "
        f"at the start{vain}",
        confidence=0.85,
        metric=validation.name,
        steps=(since, int(gap.steps[-1])),
        evidence={"ratio": exp(end), "ratio_at_start": exp(end - growth), "z": min(z, 1e6)},
        severity=Severity.WARNING if is_memorising else Severity.INFO,
        remedies=(
            "regularise: more data or augmentation, weight decay, dropout, or a smaller model",
            "stop where the validation loss stops falling",
        ),
    )


def _widens_in_vain(run: RunView, gap: Gap, limits: Limits) -> bool:
    """Whether over the second half the ratio doubles while validation stands still."""
    half = len(gap.values) // 2
    widening = trend_of(gap.values[half:])
    validation = gap.validation
    course = trend_of(validation.scaled[validation.steps >= gap.steps[half]])
    is_flat = max(-course.low, course.high) < limits.flat
    return (
        widening.z > limits.trend_z
        and widening.change >= limits.wide
        and is_flat
        and not _a_score_improves(run, int(gap.steps[half]), limits)
    )


def _a_score_improves(run: RunView, since: int, limits: Limits) -> bool:
    for score in run.curves("score", "validation"):
        sign = {"higher": 1.0, "lower": -1.0}.get(score.direction, 0.0)
        if sign and sign * trend_of(score.values[score.steps >= since]).z > limits.trend_z:
            return True
    return False


RULE = Rule(
    id="generalization-gap",
    family="generalization",
    severity=Severity.INFO,
    needs=(Need("loss", "train", points="min_evaluations"), Need("loss", "validation", points="min_evaluations")),
    since="0.1.0",
    title="Training and validation loss stay together",
    failure_title="Generalization gap",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
    yields_to=("overfitting",),
    judges_training=True,
    judges_end=True,
)

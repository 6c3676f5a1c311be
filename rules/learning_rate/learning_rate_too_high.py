"""The loss stands still until the learning rate is lowered, and falls at once then.

## What it finds
A training loss that made no progress at the high learning rate, far above what the model can reach, and that fell as soon
as the rate was lowered.

## Why it matters
Steps that overshoot undo each other. The compute at the high rate was spent for little.

## How it is detected
On the logarithm of the training loss, at the points before the rate first fell below 50% of its peak, if they are at
least 10% of all. Over the second half of them the loss surely fell (90% interval) by less than a quarter of the fall that
came after. Its median there is above 50% of the loss of guessing: ln(classes), or the first loss if that is smaller. And
it lies above the end of the log by 30% and 6 standard errors.

## When it is a false alarm
A curriculum, or data that change when the rate does. A step decay that lowers a loss that was already low is how such
schedules work, and is not reported.

## What to do
Lower the peak learning rate by 3 to 10, lengthen the warm-up, or anneal earlier; raise the batch size if that is possible.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import ignorant_loss
from ..shared.progress import before_annealing, change_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.noise import noise_of
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds
from ._too_high import lower_rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "two points of the least part at the high rate", unit="points")
    high_rate: float = limit(0.5, "of the peak rate; below, the rate has been lowered", unit="%")
    min_high_share: float = limit(0.1, "of the points; a shorter part at the high rate is a warm-up", unit="%")
    still_share: float = limit(0.25, "of the later fall; a loss that fell more did not stand still", unit="%")
    min_level: float = limit(
        0.5, "of the loss of guessing; a step decay of a training that goes well starts from a tenth", unit="%"
    )
    min_fall: float = limit(0.3, "of the loss; a step decay that only averages out noise brings less", unit="%")
    fall_z: float = limit(6.0, "beyond doubt, whatever the noise is like", unit="standard errors")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    loss = run.loss("train")
    if loss is None or not loss.is_positive:
        raise NotApplicableError("no positive training loss is logged, so relative change is undefined")
    guess = ignorant_loss(run, loss)
    if math.isnan(guess):
        raise InsufficientDataError(
            "the loss of guessing is unknown: no number of classes is logged, nor the start of the loss"
        )
    is_high = before_annealing(run, loss, limits.high_rate)
    if is_high.all() or is_high.mean() < limits.min_high_share:
        return
    values = loss.scaled[is_high]
    half, noise, window = values[len(values) // 2 :], noise_of(values), window_points(len(loss))
    change = change_of(half, noise)
    level, end = median(half), median(loss.scaled[-window:])
    needed = max(-math.log1p(-limits.min_fall), limits.fall_z * noise.of_mean(window))
    is_still = change.low > -limits.still_share * (level - end)
    if not is_still or level <= math.log(limits.min_level * guess) or level - end < needed:
        return
    first, last = int(loss.steps[0]), int(loss.steps[len(values) - 1])
    yield Finding(
        message=f"{loss.name} stands still at {exp(level):.3g} until {loss.unit} {last:,}, while the learning rate is high, "
        f"and falls to {exp(end):.3g} once it is lowered",
        confidence=0.85,
        metric=loss.name,
        steps=(first, last),
        evidence={"level": exp(level), "end": exp(end), "fall_at_high_rate": -change.change},
        remedies=(
            lower_rate(run),
            "lengthen the warm-up, or anneal the rate earlier",
            "raise the batch size, or clip the gradients",
        ),
        cited=(first, last),
    )


RULE = Rule(
    id="learning-rate-too-high",
    family="learning-rate",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points="min_points"), Need("learning-rate")),
    since="0.1.0",
    title="The loss falls at the highest learning rate",
    failure_title="Learning rate too high",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=("learning-rate-jump", "resume-discontinuity"),
)

"""The loss stagnates until the learning rate is lowered, and then falls immediately.

## What it finds
A training loss that stagnated at the high learning rate, far above the level that the model can reach, and that fell
as soon as the learning rate was lowered.

## Why it matters
Overshooting steps undo each other. Most of the compute at the high learning rate was wasted.

## How it is detected
On the logarithm of the training loss, at the points before the learning rate first fell below 50% of its peak, if
they are at least 10% of all points. Over the second half of these, the fall of the loss (90% interval) was less than
a quarter of the later fall. Its median there is above 50% of the chance-level loss: ln(classes), or the first loss if
that is smaller. It also lies 30% and 6 standard errors above the final level.

## When it is a false alarm
A curriculum, or data that change together with the learning rate. A step decay that lowers an already low loss is
normal and not reported.

## What to do
Lower the peak learning rate by 3 to 10, lengthen the warm-up, or anneal earlier; raise the batch size if possible.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import Finding, Need, Rule, Severity
from ..shared.progress import before_annealing, change_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.noise import noise_of
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds
from ._too_high import loss_and_chance_level, lower_rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "at least two points at the high learning rate", unit="points")
    high_rate: float = limit(0.5, "of the peak; below, the learning rate has been lowered", unit="%")
    min_high_share: float = limit(0.1, "of the points; a shorter part at the high learning rate is a warm-up", unit="%")
    still_share: float = limit(0.25, "of the later fall; a larger fall is progress", unit="%")
    min_level: float = limit(
        0.5, "of the chance-level loss; in healthy runs a step decay starts from a tenth of it", unit="%"
    )
    min_fall: float = limit(0.3, "of the loss; a step decay that only averages out noise lowers it less", unit="%")
    fall_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    loss, guess = loss_and_chance_level(run)
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
        message=f"{loss.name} stagnates at {exp(level):.3g} until {loss.unit} {last:,}, while the learning rate is high, "
        f"and falls to {exp(end):.3g} once it is lowered",
        confidence=0.85,
        metric=loss.name,
        steps=(first, last),
        evidence={"level": exp(level), "end": exp(end), "fall_at_high_rate": -change.change},
        remedies=(
            lower_rate(run),
            "lengthen the warm-up, or anneal the learning rate earlier",
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
    title="The loss also falls at the peak learning rate",
    failure_title="Learning rate too high",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=("learning-rate-jump", "resume-discontinuity"),
)

"""The training loss stands still for a large part of the run.

## What it finds
The longest stretch, at least a fifth of the run, over which the training loss does not change, and whether it fell
again afterwards.

## Why it matters
In the middle of a run it is time that a better schedule would have saved. At the end, high above what was reached by
a fall elsewhere and with a learning rate that was never lowered, it is a training that got stuck.

## How it is detected
As a test of equivalence, not as a missing significance: the run is cut into 20 blocks, and the longest stretch of
blocks is sought whose 90 % interval of the total change (Theil-Sen over the block means) lies inside the larger of 1
% of the loss and 2 % of the whole descent. A stretch that is followed by a fall of 10 % of the descent, and that
changed by less than a fifth of what an even descent would have brought meanwhile, is an information. One that lasts
until the end is a warning only if it covers half the run, the loss is above half of its first value, and the learning
rate is logged and ends above half of its peak. Any other flat end is how a finished training looks.

## When it is a false alarm
A loss at the entropy of its data, which no model can lower; a diffusion or adversarial loss, whose level says little.

## What to do
Lower the learning rate where the stretch begins (a decay by 10, or a cosine schedule over the planned steps). If that
changes nothing, raise the capacity of the model, or weaken weight decay and other regularisation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.change import trend_of
from ..statistics.windows import block_means, window_points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view import CurveView, RunView

MIN_POINTS = 40  # 20 blocks of 2
BLOCKS = 20
MIN_BLOCKS = 4  # a fifth of the run
LEVEL_SHARE = 0.01
DESCENT_SHARE = 0.02
FALL_AFTER = 0.10  # of the descent: what the next schedule step brought
DESCENT_SIGMAS = 5.0  # standard errors of a block: a smaller descent is the range of 20 means of noise
EVEN_SHARE = 0.2  # of an even descent over the stretch: more is slow progress, not none
STUCK_BLOCKS = 10  # half the run
CONFIDENCE = 0.6  # what the simulation bears out: 0.15 to 0.67 of its few warnings were right
STUCK_LEVEL = 0.5  # of the first value: any useful training at least halves a loss, or lowers its learning rate to try
ANNEALED = 0.5  # of the peak learning rate


class Stretch(NamedTuple):
    """Blocks of a flat stretch, first and last."""

    first: int
    last: int


def check(run: RunView) -> Iterator[Finding]:
    """Yield at most one finding: the longest flat stretch of the main training loss."""
    loss = run.loss("train")
    if loss is None:
        raise NotApplicableError("no training loss that is meant to fall is logged")
    if not loss.is_positive:
        raise InsufficientDataError("the loss is not positive, so that no share of its level can be told")
    means = block_means(loss.scaled, BLOCKS)
    first_level = float(np.median(loss.scaled[: window_points(len(loss))]))
    descent = first_level - float(means.min())
    stretch = _longest_flat(means, max(LEVEL_SHARE, DESCENT_SHARE * descent))
    if stretch is None:
        return
    level = float(np.median(means[stretch.first : stretch.last + 1]))
    is_end = stretch.last == BLOCKS - 1
    even = descent * (stretch.last - stretch.first) / BLOCKS
    is_real = descent > DESCENT_SIGMAS * loss.noise.of_mean(len(loss) // BLOCKS)
    is_flat = means[stretch.first] - means[stretch.last] <= EVEN_SHARE * even
    fall = level - float(means[stretch.last + 1 :].min(initial=level))
    if not is_end and is_real and is_flat and fall >= FALL_AFTER * max(descent, LEVEL_SHARE):
        yield _finding(run, loss, stretch, level, stuck=False)
    elif is_end and _is_stuck(run.learning_rate, stretch, level - first_level):
        yield _finding(run, loss, stretch, level, stuck=True)


def _longest_flat(means: np.ndarray, limit: float) -> Stretch | None:
    """Longest stretch of blocks whose change is confidently inside the limit, the first block left out."""
    for length in range(BLOCKS - 1, MIN_BLOCKS - 1, -1):
        for first in range(1, BLOCKS - length + 1):
            part = means[first : first + length]
            if np.ptp(part) > 4 * limit:
                continue
            trend = trend_of(part, length)
            if -limit <= trend.low <= trend.high <= limit:
                return Stretch(first, first + length - 1)
    return None


def _is_stuck(rate: CurveView | None, stretch: Stretch, change: float) -> bool:
    if rate is None or stretch.last - stretch.first + 1 < STUCK_BLOCKS:
        return False
    return change > math.log(STUCK_LEVEL) and float(rate.values[-1]) > ANNEALED * float(rate.values.max())


def _finding(run: RunView, loss: CurveView, stretch: Stretch, level: float, *, stuck: bool) -> Finding:
    edges = np.array_split(np.arange(len(loss)), BLOCKS)
    first, last = int(loss.steps[edges[stretch.first][0]]), int(loss.steps[edges[stretch.last][-1]])
    share = (stretch.last - stretch.first + 1) / BLOCKS
    rate = run.learning_rate
    fate = "to the end, with the learning rate never lowered" if stuck else "before it falls again"
    used = f" (it was {rate.at(first):.3g})" if rate else ""
    return Finding(
        message=f"{loss.name} stays at {math.exp(level):.3g} from {loss.unit} {first:,} to {last:,}, {share:.0%} of the run, {fate}",
        confidence=CONFIDENCE,
        metric=loss.name,
        steps=(first, last),
        evidence={"level": math.exp(level), "run_share": share},
        severity=Severity.WARNING if stuck else Severity.INFO,
        causes=(
            "vanishing-gradients",
            "dead-units",
            "frozen-weights",
            "stuck-at-chance",
            "not-learning",
            "learning-rate-too-high",
            "underfitting",
        ),
        remedies=(
            f"lower the learning rate from {loss.unit} {first:,} on{used}: by 10, or with a cosine schedule",
            *(("if that changes nothing, use a larger model or weaker weight decay",) if stuck else ()),
        ),
        cited=(first, last),
    )


RULE = Rule(
    id="plateau",
    family="optimization",
    severity=Severity.INFO,
    needs=(Need("loss", "train", points=MIN_POINTS),),
    since="0.1.0",
    title="The training loss keeps moving",
    failure_title="Plateau",
    doc=__doc__ or "",
    check=check,
    unsuited=("adversarial", "reinforcement", "diffusion"),
)

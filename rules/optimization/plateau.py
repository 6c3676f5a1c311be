"""The training loss does not change for a large part of the run.

## What it finds
The longest stretch, at least a fifth of the run, over which the training loss does not change, and whether it fell
again afterwards.

## Why it matters
In the middle of a run, a better schedule would have saved this time. At the end, at a high level and with a learning
rate that was never lowered, the run is stuck.

## How it is detected
By an equivalence test, not by a lack of significance: the run is divided into 20 blocks. The rule looks for the
longest stretch of at least 4 blocks whose 90% interval of the total change (a line through the block means, with the
noise of the curve) lies inside the larger of 1% of the loss and 20% of an even descent over the stretch (at most 5%
of a halving, on the logarithmic scale). A stretch followed by a lasting fall of 10% of the descent and 5 standard
errors is reported as info. Over the last half of the run it is a warning if the interval lies inside 10% of a
halving, the loss and the validation loss are above 50% of the chance-level loss (ln C where the number of classes is
known, otherwise the first values), no score exceeds 80%, and the learning rate is logged and ends above 50% of its
peak; fine-tuning is excluded, because it is not expected to halve a loss. Any other flat end is normal for a finished
run.

## When it is a false alarm
A loss at the entropy of its data, which no model can lower; a diffusion or adversarial loss, whose level is not
informative.

## What to do
Lower the learning rate at the beginning of the stretch (a decay by 10, or a cosine schedule over the planned steps).
If that changes nothing, raise the capacity of the model, or weaken weight decay and other regularisation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import chance_level_loss, has_good_score
from ..shared.progress import ONE_SIDED_95, change_of, error_of_change, slopes_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.noise import Noise, low_frequency_noise
from ..statistics.windows import block_means, window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

HALVING = math.log(2)


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(40, "two for each block", unit="points")
    blocks: int = limit(20, "gives a resolution of 5% of the run", unit="blocks")
    min_blocks: int = limit(4, "a fifth of the run; a shorter stretch costs little", unit="blocks")
    level_share: float = limit(0.01, "of the loss; a smaller change is negligible", unit="%")
    even_share: float = limit(0.2, "of an even descent over the stretch; more is slow progress", unit="%")
    max_change: float = limit(
        0.05,
        "of a halving; a fast early descent makes the even descent steep: a language model that fell from 11 to 4 still "
        "learns between 4 and 3.5",
        unit="%",
    )
    fall_after: float = limit(0.10, "of the descent; less does not show that the stretch was avoidable", unit="%")
    fall_z: float = limit(
        5.0, "of a block, including low-frequency noise; the range of 20 noisy means is smaller", unit="standard errors"
    )
    stuck_blocks: int = limit(10, "half the run", unit="blocks")
    stuck_change: float = limit(
        0.10, "of a halving over half the run; the next halving then takes five times the steps so far", unit="%"
    )
    stuck_level: float = limit(0.5, "of the chance-level loss; useful models are below", unit="%")
    good_score: float = limit(0.8, "a score above shows that the task is mostly solved", unit="%")
    high_rate: float = limit(0.5, "of the peak learning rate; below, it has been annealed", unit="%")


class Stretch(NamedTuple):
    """Blocks of a flat stretch, first and last, and the logarithm of the loss there."""

    first: int
    last: int
    level: float


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the longest flat stretch of the main training loss."""
    loss = run.loss("train")
    if loss is None:
        raise NotApplicableError("no training loss that should decrease is logged")
    loss = loss.without_epoch_averaging or loss
    if not loss.is_positive:
        raise InsufficientDataError("the loss is not positive, so relative change is undefined")
    means = block_means(loss.scaled, limits.blocks)
    noise = Noise(loss.noise.of_mean(len(loss) // limits.blocks), 0.0)
    late = means[-limits.stuck_blocks :]
    level = median(late)
    if _is_level(late, noise, limits.stuck_change * HALVING) and _is_stuck(run, loss, level, limits):
        stretch = Stretch(limits.blocks - limits.stuck_blocks, limits.blocks - 1, level)
        yield _finding(run, loss, stretch, limits, stuck=True)
        return
    descent = median(loss.scaled[: window_points(len(loss))]) - float(means.min())
    flat = _longest_flat(means, noise, limits.even_share * descent / limits.blocks, limits)
    if flat is None or flat.last == limits.blocks - 1:
        return
    fall = flat.level - float(means[-1])
    error = max(noise.sigma, low_frequency_noise(loss.scaled).of_mean(len(loss) // limits.blocks))
    if fall >= max(limits.fall_after * descent, limits.level_share, limits.fall_z * error):
        yield _finding(run, loss, flat, limits, stuck=False)


def _is_level(means: Floats, noise: Noise, limit: float) -> bool:
    """Whether the change along some block means lies inside the limit either way, by its 90% interval."""
    change = change_of(means, noise)
    return max(-change.low, change.high) <= limit


def _longest_flat(means: Floats, noise: Noise, limit_a_block: float, limits: Limits) -> Stretch | None:
    """Longest stretch of blocks whose change is confidently inside the limit, the first block left out."""
    for length in range(limits.blocks - 1, limits.min_blocks - 1, -1):
        limit = max(limits.level_share, min(limit_a_block * (length - 1), limits.max_change * HALVING))
        reach = ONE_SIDED_95 * error_of_change(noise, length)
        if not reach <= limit:
            continue  # the noise alone is wider than the limit
        parts = np.lib.stride_tricks.sliding_window_view(means[1:], length)
        level = np.flatnonzero(np.abs(slopes_of(parts, noise.sigma)) + reach <= limit)
        if len(level):
            first = 1 + int(level[0])
            return Stretch(first, first + length - 1, median(means[first : first + length]))
    return None


def _is_stuck(run: RunView, loss: CurveView, level: float, limits: Limits) -> bool:
    """Whether a loss that is flat at the end is high, with the learning rate never lowered."""
    high = limits.stuck_level * chance_level_loss(run, loss)
    if run.run.task == "fine-tuning" or run.rate_left is None or run.rate_left <= limits.high_rate:
        return False
    if has_good_score(run, limits.good_score) or _reaches(run.loss("validation"), high):
        return False  # dropout, augmentation or mixup keep the training loss up
    return exp(level) > high


def _reaches(loss: CurveView | None, level: float) -> bool:
    """Whether the last third of a loss is that low."""
    return loss is not None and median(loss.values[-max(1, len(loss) // 3) :]) <= level


def _finding(run: RunView, loss: CurveView, stretch: Stretch, limits: Limits, *, stuck: bool) -> Finding:
    edges = np.array_split(np.arange(len(loss)), limits.blocks)
    first, last = int(loss.steps[edges[stretch.first][0]]), int(loss.steps[edges[stretch.last][-1]])
    share = (stretch.last - stretch.first + 1) / limits.blocks
    rate = run.learning_rate
    fate = "until the end, and the learning rate was never lowered" if stuck else "before it falls again"
    used = f" (it was {rate.at(first):.3g})" if rate else ""
    return Finding(
        message=f"{loss.name} stays at {exp(stretch.level):.3g} from {loss.unit} {first:,} to {last:,}, {share:.0%} of the run, "
        f"{fate}",
        confidence=0.6,  # in simulation, 15% to 67% of its few warnings were right
        metric=loss.name,
        steps=(first, last),
        evidence={"level": exp(stretch.level), "run_share": share},
        severity=Severity.WARNING if stuck else Severity.INFO,
        remedies=(
            f"lower the learning rate from {loss.unit} {first:,} on{used}: by 10, or with a cosine schedule",
            *(("if that does not help, use a larger model or weaker weight decay",) if stuck else ()),
        ),
        cited=(first, last),
    )


RULE = Rule(
    id="plateau",
    family="optimization",
    severity=Severity.INFO,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The training loss keeps falling",
    failure_title="Plateau",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "validation"), Need("score"), Need("learning-rate")),
    excluded_tasks=("adversarial", "reinforcement", "diffusion"),
    causes=(
        "vanishing-gradients",
        "dead-units",
        "frozen-weights",
        "stuck-at-chance",
        "not-learning",
        "learning-rate-too-high",
        "early-blow-up",
        "underfitting",
    ),
    answers=("learning",),
)

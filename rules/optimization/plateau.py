"""The training loss stands still for a large part of the run.

## What it finds
The longest stretch, at least a fifth of the run, over which the training loss does not change, and whether it fell
again afterwards.

## Why it matters
In the middle of a run it is time that a better schedule would have saved. At the end, high above what was reached by
a fall elsewhere and with a learning rate that was never lowered, it is a training that got stuck.

## How it is detected
As a test of equivalence, not as a missing significance: the run is cut into 20 blocks, and the longest stretch of
blocks is sought whose 90 % interval of the total change (a line through the block means, with the noise of the curve)
lies inside the larger of 1 % of the loss and a fifth of what an even descent would have brought meanwhile (a twentieth
of a halving at most). A stretch that is followed by a fall of 10 % of the descent and 5 standard errors, for good, is an
information. Over the last half of the run it is a warning if the interval lies inside a tenth of a halving, the loss and
the validation loss are above half of what knowing nothing costs (ln C where the number of classes is known, else the
first values), no score exceeds 0.8, and the learning rate is logged and ends above half of its peak; a fine-tuning is
not expected to halve a loss. Any other flat end is how a finished training looks.

## When it is a false alarm
A loss at the entropy of its data, which no model can lower; a diffusion or adversarial loss, whose level says little.

## What to do
Lower the learning rate where the stretch begins (a decay by 10, or a cosine schedule over the planned steps). If that
changes nothing, raise the capacity of the model, or weaken weight decay and other regularisation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import has_good_score, ignorant_loss
from ..shared.progress import HIGH_RATE, ONE_SIDED_95, change_of, error_of_change
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.noise import Noise, wander_of
from ..statistics.windows import block_means, window_points
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(40, "20 blocks of 2")
    blocks: int = limit(20, "")
    min_blocks: int = limit(4, "a fifth of the run")
    level_share: float = limit(0.01, "")
    fall_after: float = limit(0.10, "of the descent: what the next schedule step brought")
    fall_sigmas: float = limit(
        5.0, "standard errors of a block, slow noise included: a smaller one is the range of 20 means of noise"
    )
    even_share: float = limit(
        0.2,
        "Of an even descent over the stretch: more is slow progress, not none. A long fast descent at the beginning makes that lax, hence the ceiling: a language model that goes from 11 to 4 still learns while it comes to 3.5.",
    )
    most_change: float = limit(
        math.log(2) / 20,
        "Of an even descent over the stretch: more is slow progress, not none. A long fast descent at the beginning makes that lax, hence the ceiling: a language model that goes from 11 to 4 still learns while it comes to 3.5.",
    )
    stuck_change: float = limit(
        math.log(2) / 10, "over half the run: at that pace the next halving takes five times the steps so far"
    )
    stuck_blocks: int = limit(10, "half the run")
    confidence: float = limit(0.6, "what the simulation bears out: 0.15 to 0.67 of its few warnings were right")
    stuck_level: float = limit(
        0.5, "of what knowing nothing costs: any useful training halves a loss, or lowers its learning rate to try"
    )


class Stretch(NamedTuple):
    """Blocks of a flat stretch, first and last."""

    first: int
    last: int


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the longest flat stretch of the main training loss."""
    loss = run.loss("train")
    if loss is None:
        raise NotApplicableError("no training loss that is meant to fall is logged")
    loss = loss.undone or loss
    if not loss.is_positive:
        raise InsufficientDataError("the loss is not positive, so that no share of its level can be told")
    means = block_means(loss.scaled, limits.blocks)
    noise = Noise(loss.noise.of_mean(len(loss) // limits.blocks), 0.0)
    first_level = float(np.median(loss.scaled[: window_points(len(loss))]))
    descent = first_level - float(means.min())
    late = means[-limits.stuck_blocks :]
    if _is_level(late, noise, limits.stuck_change) and _is_stuck(run, loss, float(np.median(late)), limits):
        yield _finding(
            run,
            loss,
            Stretch(limits.blocks - limits.stuck_blocks, limits.blocks - 1),
            float(np.median(late)),
            stuck=True,
            limits=limits,
        )
        return
    stretch = _longest_flat(means, noise, limits.even_share * descent / limits.blocks, limits)
    if stretch is None or stretch.last == limits.blocks - 1:
        return
    level = float(np.median(means[stretch.first : stretch.last + 1]))
    fall = level - float(means[-1])
    error = max(noise.sigma, wander_of(loss.scaled).of_mean(len(loss) // limits.blocks))
    if fall >= max(limits.fall_after * descent, limits.level_share, limits.fall_sigmas * error):
        yield _finding(run, loss, stretch, level, stuck=False, limits=limits)


def _is_level(means: Floats, noise: Noise, limit: float) -> bool:
    """Whether the change along some block means lies inside the limit either way, by its 90 % interval."""
    change = change_of(means, noise)
    return -limit <= change.low <= change.high <= limit


def _longest_flat(means: Floats, noise: Noise, limit_a_block: float, limits: Limits) -> Stretch | None:
    """Longest stretch of blocks whose change is confidently inside the limit, the first block left out."""
    for length in range(limits.blocks - 1, limits.min_blocks - 1, -1):
        limit = max(limits.level_share, min(limit_a_block * (length - 1), limits.most_change))
        if ONE_SIDED_95 * error_of_change(noise, length) > limit:
            continue  # no stretch of this length can be told level
        for first in range(1, limits.blocks - length + 1):
            if _is_level(means[first : first + length], noise, limit):
                return Stretch(first, first + length - 1)
    return None


def _is_stuck(run: RunView, loss: CurveView, level: float, limits: Limits) -> bool:
    """Whether a loss that stands still at the end does so high up, with the learning rate never lowered."""
    is_high = run.rate_left is not None and run.rate_left > HIGH_RATE
    guess = ignorant_loss(run, loss)
    if has_good_score(run) or _reaches(run.loss("validation"), limits.stuck_level * guess):
        return False  # dropout, augmentation or mixup keep the training loss up
    return is_high and exp(level) > limits.stuck_level * guess and run.run.task != "fine-tuning"


def _reaches(loss: CurveView | None, level: float) -> bool:
    return loss is not None and len(loss) > 0 and median(loss.values[-max(1, len(loss) // 3) :]) <= level


def _finding(run: RunView, loss: CurveView, stretch: Stretch, level: float, limits: Limits, *, stuck: bool) -> Finding:
    edges = np.array_split(np.arange(len(loss)), limits.blocks)
    first, last = int(loss.steps[edges[stretch.first][0]]), int(loss.steps[edges[stretch.last][-1]])
    share = (stretch.last - stretch.first + 1) / limits.blocks
    rate = run.learning_rate
    fate = "to the end, with the learning rate never lowered" if stuck else "before it falls again"
    used = f" (it was {rate.at(first):.3g})" if rate else ""
    return Finding(
        message=f"{loss.name} stays at {exp(level):.3g} from {loss.unit} {first:,} to {last:,}, {share:.0%} of the run, {fate}",
        confidence=limits.confidence,
        metric=loss.name,
        steps=(first, last),
        evidence={"level": exp(level), "run_share": share},
        severity=Severity.WARNING if stuck else Severity.INFO,
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
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The training loss keeps moving",
    failure_title="Plateau",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement", "diffusion"),
    causes=(
        "vanishing-gradients",
        "dead-units",
        "frozen-weights",
        "stuck-at-chance",
        "not-learning",
        "learning-rate-too-high",
        "underfitting",
    ),
    judges_training=True,
)

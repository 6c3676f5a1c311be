"""The validation loss ends at a multiple of the training loss, and their ratio has grown during the run.

## What it finds
A validation loss that ends at 3 times the training loss or more, and a training loss that keeps falling while the
validation loss stagnates.

## Why it matters
A gap alone is not a fault: large models have one and generalise well. A gap that grows without improvement on unseen
data means that the model memorises its training data; overfitting often follows.

## How it is detected
Each evaluation is compared with the training loss around it. The finding is reported as info if the ratio of the
losses ends at 3 or more, has doubled since the start of the run (a ratio that is large from the start is a difference
of scales), and has grown by more than 6 standard errors. It is a warning if, over the second half of the run, the
trend through ten blocks triples the ratio, the 90% interval of the change of the validation loss lies within 2%, and
no validation score improves; or if the ratio is below 2 at the start and ends at 10 or more, with a validation
loss that is still above half of the first training loss, and no score of 80%: what the training learned does not carry over to
unseen data, or the evaluation is of another model. If overfitting fires with at least the same severity, this finding is
folded into it.

## When it is a false alarm
The two losses are not the same quantity, or a learning-rate decay is still to come.

## What to do
Regularise (augmentation, weight decay, dropout), get more data, or stop where the validation loss stops falling. Check that
the weights that are evaluated (of an average, of a checkpoint) are those that are trained.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.chance import shares_of
from ..shared.gaps import gap_of
from ..statistics.change import trend_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.noise import noise_of
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..shared.gaps import Gap
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(12, "four windows of 3", unit="evaluations")
    min_ratio: float = limit(
        3.0,
        "the training loss is then a third of the validation loss; a ratio of 2 is common for large models",
        unit="ratio",
        source="225 tuned runs: 16% end above 2, 1% above 3",
    )
    min_growth: float = limit(2.0, "a smaller growth may be a difference of scales", unit="ratio")
    growth_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")
    late_growth: float = limit(3.0, "over the second half: only the training loss continues to fall", unit="ratio")
    max_change: float = limit(0.02, "over the second half: a larger change is not stagnation", unit="%")
    far_ratio: float = limit(
        10.0,
        "the training loss is then a tenth of a validation loss that has not halved",
        unit="ratio",
    )
    min_remaining: float = limit(
        0.5, "of the first training loss: below, most of the task was learned for unseen data as well", unit="%"
    )
    good_score: float = limit(0.8, "above, the task is mostly solved, whatever the loss", unit="%")
    trend_z: float = limit(
        2.33, "a trend of a ratio or a score that occurs by chance in 1% of runs, one-sided", unit="standard errors"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    gap = gap_of(run, corrects_lag=False)
    count = len(gap.values)
    if count < limits.min_evaluations:
        raise InsufficientDataError(
            f"needs at least {limits.min_evaluations} evaluations with a training loss beside them, has {count}"
        )
    validation = gap.validation
    window = window_points(count)
    end = median(gap.values[-window:])
    growth = end - median(gap.values[:window])
    error = noise_of(gap.values).of_mean(window) * math.sqrt(2)
    z = growth / error if error > 0 else math.inf
    if not (end >= math.log(limits.min_ratio) and growth >= math.log(limits.min_growth) and z > limits.growth_z):
        return
    is_memorising = _is_memorising(run, gap, limits)
    since = int(gap.steps[count // 2 if is_memorising else 0])
    ratio, ratio_at_start = exp(end), exp(end - growth)
    start = exp(float(gap.train.scaled[0]))
    remaining = exp(median(validation.scaled[-window:])) / start
    is_unlearned = (
        ratio >= limits.far_ratio
        and ratio_at_start < limits.min_growth
        and remaining > limits.min_remaining
        and not _has_good_score(run, limits)
    )
    note = f", and since {validation.unit} {since:,} only the training loss falls" if is_memorising else ""
    if is_unlearned and not is_memorising:
        note = f", and is still at {remaining:.0%} of the first training loss ({start:.3g})"
    yield Finding(
        message=f"{validation.name} ends at {ratio:.3g} times {gap.train.name}, up from {ratio_at_start:.3g} times at the "
        f"start{note}",
        confidence=0.85,
        metric=validation.name,
        steps=(since, int(gap.steps[-1])),
        evidence={"ratio": ratio, "ratio_at_start": ratio_at_start, "z": min(z, 1e6)},
        severity=Severity.WARNING if is_memorising or is_unlearned else Severity.INFO,
        remedies=(
            "regularise: more data or augmentation, weight decay, dropout, or a smaller model",
            "stop where the validation loss stops falling",
        ),
    )


def _is_memorising(run: RunView, gap: Gap, limits: Limits) -> bool:
    """Whether the ratio grows over the second half while the validation loss and its scores stagnate."""
    since = int(gap.steps[len(gap.values) // 2])
    validation = gap.validation
    ratio = trend_of(gap.values[gap.steps >= since])
    loss = trend_of(validation.scaled[validation.steps >= since])
    return (
        ratio.z > limits.trend_z
        and ratio.change >= math.log(limits.late_growth)
        and -limits.max_change < loss.low
        and loss.high < limits.max_change
        and not _has_improving_score(run, since, limits)
    )


def _has_good_score(run: RunView, limits: Limits) -> bool:
    """Whether a validation score between 0 and 1 ends above a good one."""
    shares = [shares_of(score) for score in run.scores_beside_loss("validation")]
    return any(s is not None and median(s[-max(1, len(s) // 3) :]) > limits.good_score for s in shares)


def _has_improving_score(run: RunView, since: int, limits: Limits) -> bool:
    for score in run.scores_beside_loss("validation"):
        sign = {"higher": 1.0, "lower": -1.0}.get(score.direction, 0.0)
        if sign * trend_of(score.values[score.steps >= since]).z > limits.trend_z:
            return True
    return False


RULE = Rule(
    id="generalization-gap",
    family="generalization",
    severity=Severity.INFO,
    needs=(Need("loss", "train", points="min_evaluations"), Need("loss", "validation", points="min_evaluations")),
    since="0.1.0",
    title="Training and validation loss stay close",
    failure_title="Generalization gap",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("score", "validation"),),
    excluded_tasks=("adversarial", "reinforcement"),
    yields_to=("overfitting",),
    answers=("generalization",),
    judges_end=True,
)

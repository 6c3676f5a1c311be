"""The training loss stagnates far above the attainable level: the model does not fit even its training data.

## What it finds
A training loss that is still above half of the chance-level loss and no longer falls, or an accuracy that stagnates
closer to chance than to 100%.

## Why it matters
More steps of the same kind will not help, and neither will more data or regularisation: the model is too small, too
strongly regularised, or its learning rate is too high or too low.

## How it is detected
The chance-level loss is ln C if the number of classes is known, otherwise the first loss of the log (the variance of
the targets, for regression). The last third of the training or validation loss, whichever is lower, has to be between
50% and 95% of it; above that, the model has learned nothing, which other rules report. Stagnation is tested for
equivalence on the part of the run in which the learning rate is above half of its peak: over the last half of this
part, the training or the validation loss falls by less than a tenth of a halving (the end of the 90% interval of a
fitted line), and neither line falls by more or significantly rises by more than 10%. At that pace a halving takes
1,000 times the steps. Alternatively, the accuracy changes by less than 3 percentage points over the last 60% of the
run, above chance but closer to chance than to 100%. It is a warning for classification into 3 or more classes and for
language models; two classes are not judged, and neither are sequences of fewer than 40 symbols. For other tasks the
attainable level is unknown: the finding is reported as info, unless the learning rate was annealed.

## When it is a false alarm
Labels or targets that cannot be predicted better from the inputs; losses with terms that do not fall.

## What to do
Lower the learning rate once, by 10, to see whether the loss then falls. If not, use a larger model, weaken weight
decay and dropout, and try to overfit 100 samples.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import chance_level_loss, class_count, has_good_score, shares_of
from ..shared.digits import percent
from ..shared.progress import before_annealing, change_of
from ..statistics.exponentials import exp, expm1
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

JUDGED_TASKS = ("classification", "language-model")


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "so that a third of the run has enough points", unit="points")
    min_remaining: float = limit(
        0.5,
        "of the chance-level loss: below, the model has learned most of the task",
        unit="%",
        source="225 tuned runs of five workloads end below, most of them at a tenth",
    )
    max_remaining: float = limit(0.95, "of the chance-level loss: above, the model has learned nothing", unit="%")
    good_score: float = limit(0.8, "above, the task is mostly solved, whatever the loss", unit="%")
    max_fall: float = limit(1 - 2**-0.1, "a tenth of a halving: a halving then takes 1,000 times the steps", unit="%")
    max_rise: float = limit(0.1, "a loss that significantly rises by more diverges", unit="%")
    high_rate: float = limit(0.5, "of the peak: below, the learning rate is annealed", unit="%")
    min_high_share: float = limit(0.3, "of the run: a shorter part at a high learning rate is not enough", unit="%")
    min_score_points: int = limit(8, "a line through the last 60% has at least 4 points", unit="points")
    score_share: float = limit(0.6, "of the run over which an accuracy stagnates: most of it", unit="%")
    max_score_change: float = limit(0.03, "of all samples: a larger change is progress", unit="%")
    max_score: float = limit(0.5, "of the way from chance to 100%: above, the task may be hard", unit="%")
    min_score: float = limit(1.5, "times chance: below, learning may not have begun", unit="ratio")
    few_classes: int = limit(
        2, "two classes may overlap too much to be separated: credit, clicks, diagnoses", unit="classes"
    )
    few_symbols: int = limit(
        40, "DNA has 4 symbols, proteins 20 to 33: most of ln C may remain; text has 60 and more", unit="values"
    )


class Standstill(NamedTuple):
    """The curve that stagnates, the change of a fitted line, its first and last step, its level, and a description."""

    curve: CurveView
    change: float
    steps: tuple[int, int]
    level: float
    text: str


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the curve that stagnates."""
    train = run.loss("train")
    if train is None or not train.is_positive:
        raise NotApplicableError(
            "no positive training loss is logged, so its ratio to the chance-level loss is undefined"
        )
    chance_level = chance_level_loss(run, train)
    if math.isnan(chance_level):
        raise InsufficientDataError("needs the number of classes, or a log that begins with the first steps")
    lower, late = _lower_loss(train, run.loss("validation"))
    remaining = late / chance_level
    is_far = limits.min_remaining < remaining < limits.max_remaining
    if not is_far or has_good_score(run, limits.good_score):
        return
    try:
        still = _still_loss(run, train, limits) or _still_score(run, limits)
    except InsufficientDataError:
        still = _still_score(run, limits)
        if still is None:
            raise
    if still is None:
        return
    is_known_level = run.run.task in JUDGED_TASKS
    if is_known_level and chance_level <= math.log(limits.few_classes + 0.5):
        raise InsufficientDataError("two classes may overlap too much to be separated")
    if run.run.task == "language-model" and chance_level <= math.log(limits.few_symbols):
        raise InsufficientDataError("sequences of so few symbols may have an entropy near the chance-level loss")
    is_high = run.rate_left is None or run.rate_left >= limits.high_rate
    if not (is_known_level or is_high):
        return  # the schedule is over, and the attainable level is unknown
    yield Finding(
        message=f"{still.text}; {lower.name} is still at {remaining:.0%} of the chance-level loss ({chance_level:.3g})",
        confidence=0.8 if is_known_level else 0.6,
        metric=still.curve.name,
        steps=still.steps,
        evidence={
            "remaining_share": remaining,
            "chance_level_loss": chance_level,
            "late_loss": late,
            "change": still.change,
            "level": still.level,
        },
        severity=Severity.WARNING if is_known_level else Severity.INFO,
        remedies=_remedies(run, is_high=is_high),
    )


def _remedies(run: RunView, *, is_high: bool) -> tuple[str, ...]:
    rate = f" (it ends at {run.learning_rate.values[-1]:.3g})" if run.learning_rate is not None else ""
    lower = (f"lower the learning rate by 10{rate}: if the loss then falls, it was too high",)
    return (
        *(lower if is_high else ()),
        "use a larger model, or weaken weight decay, dropout and augmentation",
        "try to overfit 100 samples: if that fails, the fault is in the code or in the data",
    )


def _lower_loss(train: CurveView, validation: CurveView | None) -> tuple[CurveView, float]:
    """The loss whose last third is lower, and its level there: dropout and augmentation raise the training loss."""
    losses = [loss for loss in (train, validation) if loss is not None and len(loss)]
    levels = [median(loss.values[-max(len(loss) // 3, 1) :]) for loss in losses]
    return losses[levels.index(min(levels))], min(levels)


def _still_loss(run: RunView, train: CurveView, limits: Limits) -> Standstill | None:
    """The training or validation loss, if one stagnates at a high learning rate and neither changes."""
    found: list[Standstill] = []
    for loss in (train, run.loss("validation")):
        if loss is None or not loss.is_positive:
            continue
        is_high = before_annealing(run, loss, limits.high_rate)
        if is_high.mean() < limits.min_high_share:
            raise InsufficientDataError(
                f"needs at least {limits.min_high_share:.0%} of the run at a high learning rate, has {is_high.mean():.0%}"
            )
        values, steps = loss.scaled[is_high], loss.steps[is_high]
        half = len(values) // 2
        change = change_of(values[half:], loss.noise)
        max_fall, max_rise = -math.log1p(-limits.max_fall), math.log1p(limits.max_rise)
        if change.change < -max_fall or (change.low > 0 and change.change > max_rise):
            return None
        if change.low > -max_fall:
            ends = int(steps[half]), int(steps[-1])
            level = exp(median(values[half:]))
            text = f"{loss.name} stays at {level:.3g} from {loss.unit} {ends[0]:,} to {ends[1]:,}"
            found.append(Standstill(loss, change.change, ends, level, f"{text} ({percent(expm1(change.change), '+')})"))
    if not found:
        raise InsufficientDataError("the loss is too noisy, or has too few points, to tell whether it still falls")
    return found[0]


def _still_score(run: RunView, limits: Limits) -> Standstill | None:
    """An accuracy that stagnates above chance, closer to chance than to 100%."""
    classes = class_count(run)
    if classes is None:
        return None
    highest = 1 / classes + limits.max_score * (1 - 1 / classes)
    for score in run.curves("score"):
        shares = shares_of(score) if "acc" in score.tag.lower() else None
        if shares is None or len(score) < limits.min_score_points:
            continue
        first = len(score) - int(limits.score_share * len(score))
        late = shares[first:]
        change = change_of(late, score.noise)
        is_still = -limits.max_score_change < change.low and change.high < limits.max_score_change
        if is_still and limits.min_score / classes < median(late) < highest:
            ends = int(score.steps[first]), int(score.steps[-1])
            level = median(score.values[first:])
            text = f"{score.name} stays at {level:.3g} from {score.unit} {ends[0]:,} to {ends[1]:,}"
            return Standstill(score, change.change, ends, level, f"{text} ({change.change:+.3f})")
    return None


RULE = Rule(
    id="underfitting",
    family="generalization",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The model fits its training data",
    failure_title="Underfitting",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "validation"), Need("score"), Need("learning-rate")),
    excluded_tasks=(
        "adversarial",
        "reinforcement",
        "diffusion",
        "contrastive",
        "detection",
        "segmentation",
        "fine-tuning",
    ),
    causes=(
        "learning-rate-too-high",
        "early-blow-up",
        "learning-rate-too-low",
        "vanishing-gradients",
        "saturated-activations",
        "dead-units",
        "frozen-weights",
        "clipping-saturation",
    ),
    answers=("learning",),
    judges_end=True,
)

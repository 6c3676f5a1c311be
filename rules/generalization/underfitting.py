"""The training loss has stopped far above what the task allows: the model fits not even its training data.

## What it finds
A training loss that still has more than half of what knowing nothing costs, and that no longer falls, or an accuracy
that stands still far below the middle between guessing and perfect.

## Why it matters
More steps of the same kind will not help, and neither will more data or regularisation: the model is too small, too
strongly regularised, or its learning rate does not let it settle or move.

## How it is detected
What knowing nothing costs is ln C where the number of classes is known, otherwise the first loss of the log (the
variance of the targets, for a regression). The last third of the training loss has to lie between 50 % and 95 % of
that; above, nothing was learned at all, which is for other rules. That it stands still is a test of equivalence on the
part of the run in which the learning rate is above half of its peak: over the last half of it, the training or the
validation loss falls by less than a tenth of a halving (the end of the 90 % interval of a fitted line), and no line
falls by more. At that pace a halving takes 1,000 times the steps. Or else the accuracy: over the last 60 % of the run it changes by
less than 3 points, above chance but nearer to it than to 100 %. It is a warning for classification into 3 and more
classes and for language models; two classes are left undecided, and so are sequences of fewer than 40 symbols. Elsewhere the level that can be reached is unknown, and it is
an information, if the learning rate was not annealed.

## When it is a false alarm
Labels or targets that cannot be predicted better from the inputs; losses with terms that do not fall.

## What to do
Lower the learning rate once, by 10, to see whether the loss then falls. If not, use a larger model, weaken weight
decay and dropout, and try to overfit a hundred samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import class_count, has_good_score, ignorant_loss
from ..shared.progress import HIGH_RATE, before_annealing, change_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import CurveView, RunView

JUDGED_TASKS = ("classification", "language-model")


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "")
    min_remaining: float = limit(
        0.5, "of the loss of guessing; 225 tuned runs of five workloads end below, most of them at a tenth"
    )
    nothing_learned: float = limit(0.95, "")
    max_fall: float = limit(math.log(2) / 10, "")
    max_rise: float = limit(math.log(1.1), "what surely climbs farther diverges")
    min_high_share: float = limit(0.3, "of the run at a high rate: what a shorter part did says little")
    min_score_points: int = limit(8, "")
    score_share: float = limit(0.6, "of the run over which an accuracy stands still")
    max_score_change: float = limit(0.03, "")
    max_score: float = limit(0.5, "of the way from chance to perfect")
    above_chance: float = limit(1.5, "times 1/C: below, learning may not have begun")
    few_classes: int = limit(2, "two classes may overlap so much that little can be learned: credit, clicks, diagnoses")
    few_symbols: int = limit(
        40, "4 of DNA, 20 to 33 of proteins, a toy's: there most of ln C may remain; text has 60 and more"
    )


class Standstill(NamedTuple):
    """What stands still, and how that reads."""

    curve: CurveView
    change: float
    text: str


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the curve that stands still."""
    loss = run.loss("train")
    if loss is None or not loss.is_positive:
        raise NotApplicableError("no positive training loss is logged, so that no share of its level can be told")
    guess = ignorant_loss(run, loss)
    if math.isnan(guess):
        raise InsufficientDataError(
            "neither the number of classes nor the first steps are logged: no level to compare with"
        )
    late = _late_level(loss, run.loss("validation"))
    remaining = late / guess
    if not limits.min_remaining < remaining < limits.nothing_learned or has_good_score(run):
        return
    still = _still_loss(run, loss, limits) or _still_score(run, limits)
    if still is None:
        return
    is_known_level = run.run.task in JUDGED_TASKS
    is_high = run.rate_left is None or run.rate_left >= HIGH_RATE
    if is_known_level and guess <= math.log(limits.few_classes + 0.5):
        raise InsufficientDataError("two classes may overlap so much that little can be learned")
    if run.run.task == "language-model" and guess <= math.log(limits.few_symbols):
        raise InsufficientDataError("sequences of so few symbols may have an entropy near the loss of guessing")
    if not (is_known_level or is_high):
        return  # the schedule is over, and what could be reached is unknown
    first, last = int(still.curve.steps[0]), int(still.curve.steps[-1])
    yield Finding(
        message=f"{still.text}, and {loss.name} still has {remaining:.0%} of the {guess:.3g} that knowing nothing costs",
        confidence=0.8 if is_known_level else 0.6,
        metric=still.curve.name,
        steps=(first, last),
        evidence={"remaining_share": remaining, "guessing": guess, "late_loss": late, "change": still.change},
        severity=Severity.WARNING if is_known_level else Severity.INFO,
        remedies=(
            *((f"lower the learning rate by 10{_used(run)}: if the loss then falls, it was too high",) if is_high else ()),
            "use a larger model, or weaken weight decay, dropout and augmentation",
            "try to overfit a hundred samples: if that fails, the fault is in the code or in the data",
        ),
    )  # fmt: skip


def _late_level(train: CurveView, validation: CurveView | None) -> float:
    """Level of the last third: of the validation loss if that is lower, for dropout and augmentation raise the other."""
    return min(median(c.values[-max(len(c) // 3, 1) :]) for c in (train, validation) if c is not None and len(c))


def _used(run: RunView) -> str:
    return f" (it ends at {run.learning_rate.values[-1]:.3g})" if run.learning_rate is not None else ""


def _still_loss(run: RunView, train: CurveView, limits: Limits) -> Standstill | None:
    """The training or validation loss, if one surely stands still while the rate is high and none moves."""
    validation = run.loss("validation")
    found: list[Standstill] = []
    for loss in (train, validation):
        if loss is None or not loss.is_positive:
            continue
        is_high = before_annealing(run, loss)
        if is_high.mean() < limits.min_high_share:
            raise InsufficientDataError("the learning rate is high in too short a part of the run")
        values = loss.scaled[is_high]
        change = change_of(values[len(values) // 2 :], loss.noise)
        if change.change < -limits.max_fall or (change.low > 0 and change.change > limits.max_rise):
            return None
        if change.low > -limits.max_fall:
            text = f"{loss.name} stands still at {exp(median(values[len(values) // 2 :])):.3g}"
            begin = int(loss.steps[len(values) // 2])
            found.append(
                Standstill(loss, change.change, f"{text} from {loss.unit} {begin:,} on ({change.change:+.1%})")
            )
    return found[0] if found else None


def _still_score(run: RunView, limits: Limits) -> Standstill | None:
    """An accuracy that stands still above chance, nearer to it than to perfect."""
    classes = class_count(run)
    if classes is None or classes <= limits.few_classes:
        return None
    for score in run.curves("score"):
        late = score.values[len(score) - int(limits.score_share * len(score)) :]
        if (
            "acc" not in score.tag.lower()
            or len(score) < limits.min_score_points
            or not 0 <= late.min() <= late.max() <= 1
        ):
            continue
        change = change_of(late, score.noise)
        level = median(late)
        is_still = -limits.max_score_change < change.low <= change.high < limits.max_score_change
        if is_still and limits.above_chance / classes < level < 1 / classes + limits.max_score * (1 - 1 / classes):
            begin = int(score.steps[len(score) - len(late)])
            text = f"{score.name} stands still at {level:.3g} from {score.unit} {begin:,} on ({change.change:+.3f})"
            return Standstill(score, change.change, text)
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
        "early-loss-explosion",
        "learning-rate-too-low",
        "vanishing-gradients",
        "saturated-activations",
        "dead-units",
        "frozen-weights",
        "clipping-saturation",
    ),
    judges_training=True,
    judges_end=True,
)

"""The validation loss rises from its best value while the training loss keeps falling.

## What it finds
The step with the best validation loss, the rise of the loss since then, and whether the rise exceeds the noise.

## Why it matters
After the best step, each update makes the model worse on unseen data. The final checkpoint is not the best one.

## How it is detected
All points of the validation loss from its best window on (a twentieth of the evaluations, at least 3) are compared
with rises of four shapes by generalised least squares, and the median of the last window with that of the best, on the
logarithm of the loss. The rise has to exceed 4 standard errors, after correction for autocorrelated noise, for short
curves and for the selection of the best window, and 5% of the loss. Of fewer than 12 evaluations, the noise is
estimated together with that of other runs; fewer than 8 can show a steep rise but not its absence. The training loss
must not have risen over the same steps. A rise of 20% and 6 standard errors is an error. If a validation score
(accuracy, F1, ..., not one that is constant or at chance level) is as good at the end as at the best loss, only the
calibration of the predictions is worse: reported as a warning, or as info if the loss has risen by less than 10%.

## When it is a false alarm
A later learning-rate decay would have reversed the rise; the training or validation data changed during the run; only
the score matters, and it is still improving.

## What to do
Keep the checkpoint of the best step, stop earlier, and regularise: more data or augmentation, weight decay, dropout,
a smaller model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.best import logged_best_row
from ..shared.chance import class_count
from ..shared.partners import losses_together
from ..shared.progress import change_of
from ..statistics.change import rebound_of
from ..statistics.exponentials import exp, expm1
from ..statistics.medians import median
from ..statistics.short import surest_rebound
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds
from ._repeated_values import is_accuracy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

NETWORK = "regularise: more data or augmentation, weight decay, dropout, or a smaller model"
BOOSTED = "use shallower trees, a lower learning rate, or a part of rows and columns for each tree"


@thresholds
class Limits:
    """Thresholds of this rule."""

    limit_z: float = limit(
        4.0,
        "healthy noise stays below after the corrections of the rebound",
        unit="standard errors",
        source="simulated healthy runs, docs/accuracy.md",
    )
    min_rise: float = limit(0.05, "a smaller rise is not worth another training run", unit="%")
    info_share: float = limit(0.5, "of the smallest rise for a warning: most of such a rise may still come", unit="%")
    undecided_z: float = limit(2.5, "such a rise is no noise in 99 of 100 runs, but no proof", unit="standard errors")
    min_evaluations: int = limit(
        5, "two of a fall and three of a rise: even a steep rise is less sure in fewer", unit="evaluations"
    )
    min_clear: int = limit(
        8,
        "fewer can show a steep rise, but not that there is none: two windows of 3 and some between",
        unit="evaluations",
    )
    usual_noise: float = limit(
        0.03,
        "of the loss from one evaluation to the next, where there are too few to show it",
        unit="%",
        source="nine in ten of 224 tuned runs have less",
    )
    error_rise: float = limit(0.20, "the last checkpoint is then clearly worse than the best", unit="%")
    error_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")
    costly_rise: float = limit(
        0.10, "twice the smallest rise that counts: the predicted probabilities are worse, whatever the score", unit="%"
    )
    score_loss_z: float = limit(
        1.0, "a score that ends further below its best, corrected for selection, is worse", unit="standard errors"
    )
    score_step_z: float = limit(
        2.0, "a score whose last point is further below its value at the best loss is worse", unit="standard errors"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    validation, train = losses_together(run)
    if validation is None or train is None:
        raise InsufficientDataError("cannot determine the main validation and training losses")
    rebound, rise = validation.rebound, validation.rise_share
    if validation.is_positive:
        rebound = surest_rebound(validation.scaled, rebound, limits.usual_noise)
        rise = expm1(rebound.rise)
    if rebound.z <= limits.limit_z or rise <= limits.info_share * limits.min_rise:
        if rebound.z > limits.undecided_z and rise > limits.min_rise:
            raise InsufficientDataError(
                f"{validation.name} may rise by {rise:.0%}, which {len(validation)} evaluations with so much noise do not show surely"
            )
        if len(validation) < limits.min_clear:
            raise InsufficientDataError(
                f"no steep rise in {len(validation)} evaluations; that there is none takes {limits.min_clear}"
            )
        return
    best_step = int(validation.steps[rebound.best_row])
    last_step = int(validation.steps[-1])
    train_best, train_end = _training_level(train, best_step), _training_level(train, int(train.steps[-1]))
    if not train_end <= train_best:
        return
    is_confidence_only = _score_holds(run, best_step, limits)
    best_step = int(validation.steps[logged_best_row(validation, rebound.best_row)])
    severity = Severity.ERROR if rise >= limits.error_rise and rebound.z > limits.error_z else Severity.WARNING
    if is_confidence_only:
        severity = Severity.WARNING if rise >= limits.costly_rise else Severity.INFO
    if rise <= limits.min_rise:
        severity = Severity.INFO
    best, end = (exp(level) if validation.is_positive else level for level in (rebound.best, rebound.end))
    after = (last_step - best_step) / max(last_step - int(validation.steps[0]), 1)
    score_note = ", but the validation score does not get worse" if is_confidence_only else ""
    yield Finding(
        message=f"{validation.name} rises from {best:.3g} around {validation.unit} {best_step:,} to {end:.3g} at the end "
        f"({rise:+.0%}, smoothed), while {train.name} fell from {train_best:.3g} to {train_end:.3g}{score_note}",
        confidence=min(0.99, 0.85 + 0.02 * (min(rebound.z, 12) - limits.limit_z)),
        metric=validation.name,
        steps=(best_step, last_step),
        evidence={
            "best": best,
            "end": end,
            "rise_share": rise,
            "z": min(rebound.z, 1e6),
            "train_at_best": train_best,
            "train_end": train_end,
            "after_best_share": after,
        },
        severity=severity,
        remedies=(
            f"keep the checkpoint at {validation.unit} {best_step:,}, not the last one",
            f"stop early: {after:.0%} of the run came after the best step",
            BOOSTED if run.run.task == "boosting" else NETWORK,
        ),
        cited=(best_step, last_step),
    )


def _training_level(train: CurveView, step: int) -> float:
    """Median training loss of the window that ends at a step."""
    row = int((train.steps <= step).sum())
    window = window_points(len(train))
    part = train.values[max(0, row - window) : max(row, 1)]
    return float(sorted(part)[len(part) // 2])


def _score_holds(run: RunView, best_step: int, limits: Limits) -> bool:
    """Whether every validation score is as good at the end as around the step of the best loss."""
    scores = [
        s
        for s in run.scores_beside_loss("validation")
        if s.direction != "unknown" and len(s) >= limits.min_evaluations and not _says_nothing(run, s)
    ]
    for score in scores:
        sign = -1.0 if score.direction == "higher" else 1.0
        since = score.steps >= best_step
        if since.sum() < 2:
            return False
        after = sign * score.scaled[since]
        is_falling = change_of(after, score.noise).low > 0
        if is_falling or rebound_of(after, score.noise).z > limits.score_loss_z:
            return False
        if after[-1] - after[0] > limits.score_step_z * score.noise.of_mean(1):
            return False
    return bool(scores)


def _says_nothing(run: RunView, score: CurveView) -> bool:
    """Whether a score is the same at all evaluations, or an accuracy that never left chance level: it cannot get worse."""
    if (score.values == score.values[0]).all():
        return True
    classes = class_count(run)
    if classes is None or score.direction != "higher" or not is_accuracy(set(words_of(score.tag))):
        return False
    return median(score.values) / score.percent_scale <= 1 / classes


RULE = Rule(
    id="overfitting",
    family="generalization",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points="min_evaluations"), Need("loss", "validation", points="min_evaluations")),
    since="0.1.0",
    title="The validation loss ends near its best",
    failure_title="Overfitting",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("score", "validation"),),
    excluded_tasks=("adversarial", "reinforcement"),
    answers=("generalization",),
    judges_end=True,
    suits_boosting=True,
)

"""The validation loss rises from its best value while the training loss goes on falling.

## What it finds
The step with the best validation loss, how far the loss has risen by the end, and whether that is more than noise.

## Why it matters
After the best step every update makes the model worse on data that it has not seen. The final checkpoint is not the
one to use.

## How it is detected
The median of the last window of the validation loss (a twentieth of the evaluations, at least 3) is compared with
that of the best window, on the logarithm of the loss. The rise has to exceed 4 standard errors, after
correction for autocorrelated noise, for short curves and for the luck of the best window, and 5 % of the loss; the
training loss must not have risen meanwhile. From a rise of 20 % and 6 standard errors it is an error. If a validation score (accuracy, F1, ...) is as good
at the end as it was at the best loss, only the confidence of the predictions suffers: an information, or a warning if
the loss has doubled.

## When it is a false alarm
When the rise is the last one before a learning-rate drop that undoes it, when validation and training data changed
during the run, or when only the score counts and it still improves.

## What to do
Keep the checkpoint of the best step, stop earlier, and regularise: more data or augmentation, weight decay, dropout,
a smaller model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..progress import change_of
from ..statistics.change import rebound_of
from ..statistics.windows import window_points
from ..view import OVERFIT_RISE, OVERFIT_Z

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view import CurveView, RunView

LIMIT_Z, MIN_RISE = OVERFIT_Z, OVERFIT_RISE  # noise does not get there, and less is not worth another training
MIN_EVALUATIONS = 8  # two windows of 3 and something between them
ERROR_RISE, ERROR_Z = 0.20, 6.0
RUINOUS_RISE = 1.0  # a doubled loss makes the predicted probabilities useless, whatever the score
SCORE_LOSS_Z, SCORE_STEP_Z = 1.0, 2.0  # a score lower by more, with luck taken off or from point to point, has suffered


def check(run: RunView) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    validation, train = run.loss("validation"), run.loss("train")
    if validation is None or train is None:
        raise InsufficientDataError("no main loss could be told among the validation and training losses")
    rebound, rise = validation.rebound, validation.rise_share
    if rebound.z <= LIMIT_Z or rise <= MIN_RISE:
        return
    best_step = int(validation.steps[rebound.best_row])
    last_step = int(validation.steps[-1])
    train_best, train_end = _training_level(train, best_step), _training_level(train, int(train.steps[-1]))
    if not train_end <= train_best:
        return
    is_confidence_only = _score_holds(run, best_step)
    severity = Severity.ERROR if rise >= ERROR_RISE and rebound.z > ERROR_Z else Severity.WARNING
    if is_confidence_only:
        severity = Severity.WARNING if rise >= RUINOUS_RISE else Severity.INFO
    best, end = validation.values[rebound.best_row], validation.values[-1]
    after = (last_step - best_step) / max(last_step - int(validation.steps[0]), 1)
    score_note = ", although the validation score holds" if is_confidence_only else ""
    yield Finding(
        message=f"{validation.name} {best:.3g} -> {end:.3g} ({rise:+.0%} smoothed) after {validation.unit} {best_step:,} while "
        f"{train.name} fell from {train_best:.3g} to {train_end:.3g}{score_note}",
        confidence=min(0.99, 0.85 + 0.02 * (min(rebound.z, 12) - LIMIT_Z)),
        metric=validation.name,
        steps=(best_step, last_step),
        evidence={
            "best": float(best),
            "end": float(end),
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
            "regularise: more data or augmentation, weight decay, dropout, or a smaller model",
        ),
        cited=(best_step, last_step),
    )


def _training_level(train: CurveView, step: int) -> float:
    """Median training loss of the window that ends at a step."""
    row = int((train.steps <= step).sum())
    window = window_points(len(train))
    part = train.values[max(0, row - window) : max(row, 1)]
    return float(sorted(part)[len(part) // 2])


def _score_holds(run: RunView, best_step: int) -> bool:
    """Whether every validation score is as good at the end as around the step of the best loss."""
    scores = [s for s in run.curves("score", "validation") if s.direction != "unknown" and len(s) >= MIN_EVALUATIONS]
    for score in scores:
        sign = -1.0 if score.direction == "higher" else 1.0
        since = score.steps >= best_step
        if since.sum() < 2:
            return False
        after = sign * score.scaled[since]
        is_falling = change_of(after, score.noise).low > 0
        if is_falling or rebound_of(after, score.noise).z > SCORE_LOSS_Z:
            return False
        if after[-1] - after[0] > SCORE_STEP_Z * score.noise.of_mean(1):
            return False
    return bool(scores)


RULE = Rule(
    id="overfitting",
    family="generalization",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points=MIN_EVALUATIONS), Need("loss", "validation", points=MIN_EVALUATIONS)),
    since="0.1.0",
    title="The validation loss ends near its best",
    failure_title="Overfitting",
    doc=__doc__ or "",
    check=check,
    judges_end=True,
    unsuited=("adversarial", "reinforcement"),
)

"""The validation score is perfect almost from the start, which suggests data leakage.

## What it finds
A validation accuracy (or a similar score) at its maximum, or an error at zero, almost from the start, or the validation
loss of a language model near zero.

## Why it matters
Real data contain label errors and ambiguous cases. A perfect score on unseen data nearly always means leakage: a
feature contains the label, validation samples are in the training set, or a language model sees the token that it has
to predict. The model will fail in production.

## How it is detected
At least 5 evaluations; at least 85% of them, and the last one, are at 1 (or 100%), for a score that is a share of
correct predictions or of explained variance (R2), at exactly 0, for an error, or at most 0.05 for the validation loss of a language model.
An R2 comes near 1 without reaching it: it counts as perfect where it ends within 0.001 of 1 and was above 0.95 at the first
evaluation, so that nothing was left to be learned. The log alone cannot distinguish
leakage from an easy task, so the finding states a possibility.

## When it is a false alarm
Toy problems, synthetic data, and tiny validation sets that are really easy.

## What to do
Look for duplicates between the splits, split by group (patient, user, source, time), and train on one feature at a
time to find the one that contains the label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.terms import read_terms
from ...parsers.meaning.words import terms_of
from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

SHARES = ("acc", "f1", "auc", "auroc", "dice", "iou", "map", "r2")
DETERMINATION = frozenset("r2 nse".split())
ERRORS = frozenset("mse rmse mae mape error err wer cer ter".split())


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(5, "fewer may be perfect by chance on a small validation set", unit="evaluations")
    perfect: float = limit(0.99999, "of the maximum: 1 within the precision of float32 and of printed values", unit="%")
    min_share: float = limit(
        0.85, "of the evaluations: a score that requires learning is not perfect this early", unit="%"
    )
    max_unexplained: float = limit(
        0.001, "of the variance at the last evaluation: measurements have more noise than that", unit="%"
    )
    explained_at_first: float = limit(
        0.95, "of the variance at the first evaluation; what has to be learned takes longer", unit="%"
    )
    max_loss: float = limit(0.05, "per token: the best language models are at ten times this value", unit="nats")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first score that is perfect, or the loss of a language model."""
    perfect = [
        (score, score.values >= limits.perfect * score.percent_scale)
        for score in run.curves("score", "validation")
        if _is_share(score)
    ]
    perfect += [(r2, r2.values >= limits.explained_at_first) for r2, _ in perfect if _is_explained(r2, limits)]
    perfect += [(error, error.values == 0) for error in run.curves("score", "validation") if _is_error(error)]
    loss = run.loss("validation")
    if loss is not None and loss.role == "loss" and run.run.task == "language-model":
        perfect.append((loss, loss.values <= limits.max_loss))
    if not perfect:
        raise NotApplicableError("no validation accuracy (or similar score) or loss of a language model is logged")
    longest = max(len(curve) for curve, _ in perfect)
    if longest < limits.min_evaluations:
        raise InsufficientDataError(f"needs at least {limits.min_evaluations} evaluations, has {longest}")
    for curve, is_perfect in perfect:
        if len(curve) < limits.min_evaluations or not is_perfect[-1] or is_perfect.mean() < limits.min_share:
            continue
        first = int(curve.steps[int(np.argmax(is_perfect))])
        is_token = curve is loss and not _is_error(curve)
        share = f"in {is_perfect.mean():.0%} of the evaluations, first at {curve.unit} {first:,}"
        if is_token:
            level = f"at most {limits.max_loss:g} (the next token seems to be known) {share}"
        elif _is_error(curve):
            level = f"exactly 0 {share}"
        elif curve.values[-1] < limits.perfect * curve.percent_scale:
            level = (
                f"{curve.values[0]:.3g} at the first evaluation and only {1 - curve.values[-1]:.2g} below 1 at the last"
            )
        else:
            level = f"perfect {share}"
        yield Finding(
            message=f"{curve.name} is {level}: validation data or labels may have leaked",
            confidence=0.7,
            metric=curve.name,
            steps=(first, int(curve.steps[-1])),
            evidence={"evaluation_share": float(is_perfect.mean()), "evaluation_count": float(len(curve))},
            remedies=(
                "check that the target is the next token and not a visible one"
                if is_token
                else "train on one feature at a time to find one that contains the label",
                "look for duplicates between training and validation data, and split by group",
            ),
            cited=(first,),
        )
        return


def _is_explained(score: CurveView, limits: Limits) -> bool:
    """Whether an R2 explains nearly all of the variance at once and all of it in the end."""
    is_r2 = bool(DETERMINATION & set(terms_of(score.tag))) and score.percent_scale == 1
    return is_r2 and score.values[0] >= limits.explained_at_first and score.values[-1] >= 1 - limits.max_unexplained


def _is_error(score: CurveView) -> bool:
    """Whether a score is an error, which is zero where there are no mistakes."""
    return score.direction == "lower" and bool(ERRORS & read_terms(terms_of(score.tag)).kinds)


def _is_share(score: CurveView) -> bool:
    """Whether a score is a share of correct predictions or similar, whose maximum means no mistakes."""
    return score.direction == "higher" and any(name in score.tag.lower() for name in SHARES)


RULE = Rule(
    id="suspicious-perfection",
    family="generalization",
    severity=Severity.WARNING,
    needs=(
        AnyOf(
            (
                Need("score", "validation", points="min_evaluations"),
                Need("loss", "validation", points="min_evaluations"),
            )
        ),
    ),
    since="0.1.0",
    title="The validation score is not suspiciously perfect",
    failure_title="Suspiciously perfect score",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    yields_to=("zero-loss",),
)

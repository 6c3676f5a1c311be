"""The model is worse than a trivial one: below a logged baseline or a uniform prediction, or with an R2 below zero to the end.

## What it finds
A score that ends below a baseline that is logged beside it (`baseline_acc`, `random_accuracy`, `majority_f1`), or a
coefficient of determination (R2, Nash-Sutcliffe efficiency) that is negative at every evaluation, or the cross entropy of unseen
data that is above that of a uniform prediction at every evaluation, although the training data are learned.

## Why it matters
A constant prediction, or the method that the model should replace, does better. Whatever the loss says, the model is of
no use for this score.

## How it is detected
Baseline and score have the same name but for the word that names the baseline, or the baseline is plainly called so and
there is one accuracy. The medians of their last windows (a twentieth of the evaluations, at least 3) are compared: the
score is worse by more than 3 standard errors and 1% of the baseline. An R2 is below -0.01 in all of at least 5 evaluations.
A validation loss of a classifier or a language model is more than 2% above ln C, the loss of a uniform prediction over C classes
or tokens (25% above the first training loss, if C is unknown), in all of at least 5 evaluations, while the training loss ends 10% below
ln C.

## When it is a false alarm
The baseline is computed on other data or is not trivial; a run that was stopped early; an R2 of data with hardly any
variance.

## What to do
Compare the predictions with the constant one: check the scale of the targets, the labels and the alignment of predictions
and targets.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from ...parsers.meaning.words import terms_of
from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import chance_level_loss, class_count
from ..shared.partners import quantity_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.noise import noise_of
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds
from ._repeated_values import is_accuracy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

CLASSIFIED = ("classification", "language-model")
BASELINES = frozenset("baseline chance random majority dummy naive trivial constant".split())
OF_BASELINE = frozenset("class classifier model level guess guessing".split())
DETERMINATION = frozenset("r2 nse".split())


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(5, "at the beginning of a run any model is worse", unit="evaluations")
    min_z: float = limit(3.0, "a smaller difference may be noise", unit="standard errors")
    min_gap: float = limit(0.01, "of the baseline; less is a tie", unit="%")
    above_uniform: float = limit(
        0.02, "of ln C, at all evaluations: more than the noise of an untrained model", unit="%"
    )
    above_first: float = limit(
        0.25, "of the first training loss, where C is unknown: that may be the loss of a model trained before", unit="%"
    )
    largest_chance: float = limit(14.0, "ln of a million tokens; a larger first loss is a sum", unit="nats")
    learned: float = limit(0.1, "of ln C, below it at the end of training: the training data are learned", unit="%")
    max_r2: float = limit(-0.01, "the mean of other data than the evaluated ones gives an R2 just below zero", unit="")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first score below its baseline, else on an R2."""
    scores = [c for c in run.curves("score") if c.direction != "unknown" and not c.layer]
    pairs = _with_baselines(run, scores)
    shares = [c for c in scores if c.direction == "higher" and DETERMINATION & set(terms_of(c.tag))]
    judged = [*(score for score, _ in pairs), *shares]
    loss = run.loss("validation") if run.run.task in CLASSIFIED else None
    if loss is not None and loss.role == "loss" and len(loss) >= limits.min_evaluations:
        if finding := _above_uniform(run, loss, limits):
            yield finding
            return
        judged = judged or [loss]
    if not judged:
        raise NotApplicableError(
            "neither a baseline of a score, nor an R2, nor a cross entropy of unseen data is logged"
        )
    if max(map(len, judged)) < limits.min_evaluations:
        raise InsufficientDataError(f"no such score has {limits.min_evaluations} evaluations")
    for score, line in pairs:
        if len(score) >= limits.min_evaluations and (finding := _below(score, line, limits)):
            yield finding
            return
    held_out = [c for c in shares if c.split in ("validation", "test")]
    for share in held_out or shares:
        if len(share) >= limits.min_evaluations and share.values.max() < limits.max_r2:
            yield _negative(share)
            return


def _with_baselines(run: RunView, scores: list[CurveView]) -> list[tuple[CurveView, CurveView]]:
    """Scores with their baselines: of the same quantity, or of none that is named where a split has one accuracy."""
    lines: dict[frozenset[str], list[CurveView]] = {}
    for line in run.curves("statistic") + run.curves("unknown"):
        words = quantity_of(line)
        if words & BASELINES and len(line):
            lines.setdefault(words - BASELINES - OF_BASELINE, []).append(line)
    if not lines:
        return []
    accuracies = Counter(c.split for c in scores if _is_accuracy(c))
    pairs = []
    for score in scores:
        alike = lines.get(quantity_of(score), [])
        nameless = lines.get(frozenset(), []) if _is_accuracy(score) and accuracies[score.split] == 1 else []
        line = next((each for each in (*alike, *nameless) if each.split in (score.split, "none")), None)
        if line is not None:
            pairs.append((score, line))
    return pairs


def _is_accuracy(score: CurveView) -> bool:
    return is_accuracy(set(terms_of(score.tag)))


def _below(score: CurveView, line: CurveView, limits: Limits) -> Finding | None:
    sign = 1.0 if score.direction == "higher" else -1.0
    window = window_points(len(score))
    end, level = median(score.values[-window:]), median(line.values[-window_points(len(line)) :])
    gap, error = sign * (level - end), noise_of(score.values).of_mean(window)
    z = gap / error if error > 0 else math.inf
    if gap <= limits.min_gap * abs(level) or z <= limits.min_z:
        return None
    side = "below" if sign > 0 else "above"
    return Finding(
        message=f"{score.name} ends at {end:.3g}, {side} the baseline that is logged beside it ({line.name}: {level:.3g}; medians "
        "of the last evaluations)",
        confidence=0.9,
        metric=score.name,
        steps=(int(score.steps[-window]), int(score.steps[-1])),
        evidence={"end": end, "baseline": level, "z": min(z, 1e6)},
        remedies=(
            "check that labels and predictions belong together: order, classes, shuffling of one of them",
            f"compute {line.name} and {score.name} on the same data, and train on a few samples until the score is perfect",
        ),
    )


def _above_uniform(run: RunView, loss: CurveView, limits: Limits) -> Finding | None:
    train = run.loss("train")
    if train is None or train.role != "loss" or not train.is_positive:
        return None
    chance = chance_level_loss(run, train)
    end = median(train.values[-window_points(len(train)) :])
    lowest = float(loss.values.min())
    above = limits.above_first if class_count(run) is None else limits.above_uniform
    if not (limits.largest_chance > chance and lowest > (1 + above) * chance and end < (1 - limits.learned) * chance):
        return None
    return Finding(
        message=f"{loss.name} is {lowest:.3g} or more at all {len(loss):,} evaluations, and a uniform prediction has {chance:.3g} (of "
        f"{exp(chance):,.0f} classes or tokens), while {train.name} ends at {end:.3g}",
        confidence=0.9,
        metric=loss.name,
        steps=(int(loss.steps[0]), int(loss.steps[-1])),
        evidence={"lowest": lowest, "chance": chance, "train_end": end, "evaluation_count": float(len(loss))},
        remedies=(
            "check that unseen data are prepared as training data are: vocabulary, normalisation, order of columns, classes",
            "evaluate on some of the training data: if that is no better, another model is evaluated than is trained",
        ),
    )


def _negative(share: CurveView) -> Finding:
    end = median(share.values[-3:])
    return Finding(
        message=f"{share.name} is negative at all {len(share):,} evaluations, {share.values.max():.3g} at best: a constant "
        "prediction of the mean would be better",
        confidence=0.9,
        metric=share.name,
        steps=(int(share.steps[0]), int(share.steps[-1])),
        evidence={"best": float(share.values.max()), "end": end, "evaluation_count": float(len(share))},
        remedies=(
            "check the scale of targets and predictions: a transformation that is not undone, or undone twice",
            "compare predictions and targets of a few samples: order, shape (n against n x 1) and units",
        ),
    )


RULE = Rule(
    id="below-baseline",
    family="generalization",
    severity=Severity.WARNING,
    needs=(AnyOf((Need("score", points="min_evaluations"), Need("loss", "validation", points="min_evaluations"))),),
    since="0.1.0",
    title="The scores are above the trivial ones",
    failure_title="Below the baseline",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("statistic"), Need("unknown"), Need("loss", "train")),
    excluded_tasks=("reinforcement", "adversarial"),
    causes=("divergence", "not-learning", "class-collapse"),
    judges_end=True,
)

"""The validation loss stays lower than the training loss.

## What it finds
A validation loss that is lower than the training loss at the same steps, by at least 10% over the second half of the
run.

## Why it matters
Dropout, augmentation and label smoothing make training harder than validation, so this is then normal. Without them,
the validation data are easier, were used for training, or are evaluated with another loss, and the score is too
optimistic.

## How it is detected
Each evaluation is compared with the training loss around it, or, if there is one training loss per evaluation, with
the mean of that and the next one, because it may be a running mean that lags by half an interval. Running means that
reset every epoch are removed first. Over the second half of the evaluations the mean ratio of training to validation
loss has to be at least 1.1 and differ from 1 by more than 3 standard errors, and 90% of the evaluations have to be
lower. Runs whose hyperparameters show dropout, augmentation or label smoothing are not judged. The finding is a
warning if the hyperparameters show that all of them are disabled, and is reported as info if they do not mention
them.

## When it is a false alarm
Regularisation that is not among the hyperparameters, an auxiliary or weight-decay term only in the training loss, or
a small validation set that happens to be easy.

## What to do
Evaluate the loss on the training data in evaluation mode: if it is then lower than the validation loss, there is no
problem. Otherwise look for validation samples among the training data, and compare how both losses are averaged.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.gaps import gap_of
from ..statistics.exponentials import exp
from ..statistics.noise import noise_of
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Hyperparameter
    from ..view.run_view import RunView

DROPOUT = frozenset("dropout droppath drop pdrop".split())
AUGMENTATION = frozenset("augment augmentation augmentations aug mixup cutmix smoothing mosaic randaugment".split())


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(8, "four in the second half", unit="evaluations")
    min_ratio: float = limit(
        1.1,
        "training over validation loss: half an epoch of lag matters less in the second half of a run",
        unit="ratio",
    )
    min_z: float = limit(3.0, "a smaller difference may be noise", unit="standard errors")
    lower_share: float = limit(0.9, "of the evaluations: the difference is persistent", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    gap = gap_of(run, corrects_lag=True)
    count = len(gap.values)
    if count < limits.min_evaluations:
        raise InsufficientDataError(
            f"needs at least {limits.min_evaluations} evaluations with a training loss beside them, has {count}"
        )
    late = gap.values[count // 2 :]
    mean = float(late.mean())
    error = noise_of(gap.values).of_mean(len(late))
    z = -mean / error if error > 0 else math.inf
    if not (mean <= -math.log(limits.min_ratio) and z > limits.min_z and (late < 0).mean() >= limits.lower_share):
        return
    is_on, is_off = _regularisation(run.hyperparameters)
    if is_on:
        return
    validation = gap.validation
    yield Finding(
        message=f"{validation.name} is {1 - exp(mean):.0%} lower than {gap.train.name} over the second half of the run",
        confidence=0.75 if is_off else 0.8,
        metric=validation.name,
        steps=(int(gap.steps[count // 2]), int(gap.steps[-1])),
        evidence={"ratio": exp(mean), "z": min(z, 1e6), "evaluation_count": float(len(late))},
        severity=Severity.WARNING if is_off else Severity.INFO,
        remedies=(
            "evaluate the loss on training data in evaluation mode: there is a fault only if it is still higher",
            "look for validation samples among the training data, and compare how both losses are averaged",
        ),
    )


def _regularisation(hyperparameters: dict[str, Hyperparameter]) -> tuple[bool, bool]:
    """Whether a hyperparameter makes training harder than validation, and whether each kind is logged as disabled."""
    kinds = [
        [value for key, value in hyperparameters.items() if set(words_of(key)) & kind]
        for kind in (DROPOUT, AUGMENTATION)
    ]
    is_on = any(_is_on(value) for kind in kinds for value in kind)
    return is_on, all(kinds) and not is_on


def _is_on(value: Hyperparameter) -> bool:
    if isinstance(value, str):
        return value.strip().lower() not in ("", "0", "0.0", "false", "no", "none", "null", "off")
    return bool(value)


RULE = Rule(
    id="validation-better-than-train",
    family="generalization",
    severity=Severity.INFO,
    needs=(Need("loss", "train", points="min_evaluations"), Need("loss", "validation", points="min_evaluations")),
    since="0.1.0",
    title="The validation loss is not below the training loss",
    failure_title="Validation better than training",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
    yields_to=("reduction-mismatch",),
    causes=("suspicious-perfection",),
)

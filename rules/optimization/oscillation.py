"""The validation loss jumps up and down from evaluation to evaluation.

## What it finds
A validation loss whose scatter around its trend is large in the later part of the run.

## Why it matters
The validation data are the same each time, so the scatter comes from the weights: each stretch of training throws
them far from where they were. The steps are too large to settle, and the result depends on the step at which the run
happened to stop.

## How it is detected
The robust noise (second differences and residuals of a moving median) of the logarithm of the validation loss over
the last two thirds of the evaluations is above 0.1, that is 10 % of the loss from one evaluation to the next, and
above a tenth of the whole descent. It is a warning from 20 %, or a quarter of the descent, on; below, most of what was
learned stays, and keeping the best checkpoint is all that it takes. Unlike the scatter of a training loss, that of the same data does not depend on
the batch size: it was at most 0.034 in 13 healthy trainings measured, and 0.13 at its 99th percentile in 225 tuned
runs, of which those above 0.1 were unstable. A schedule with warm restarts is not judged.

## When it is a false alarm
Evaluation on a random sample of the data that changes each time; very few validation data with a loss of heavy tails;
runs that go on to anneal the learning rate.

## What to do
Lower the learning rate by 3 or anneal it towards the end, raise the batch size, or keep an average of the weights
(EMA, SWA) and evaluate that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.noise import noise_of
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(12, "of which 8 are judged")
    limit_noise: float = limit(0.10, "")
    min_share_of_descent: float = limit(0.10, "")
    warning_noise: float = limit(0.20, "a loss that moves by a fifth tells little of the model between two evaluations")
    warning_share: float = limit(0.25, "of the descent")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    loss = run.loss("validation")
    if loss is None or not loss.is_positive:
        raise InsufficientDataError("no positive validation loss is logged, so that no share of its level can be told")
    if run.is_rate_cyclic:
        raise InsufficientDataError("the learning rate restarts, and the loss goes up and down with it")
    first = len(loss) // 3
    sigma = noise_of(loss.scaled[first:]).sigma
    descent = float(loss.scaled[0] - loss.scaled.min())
    if not (sigma > limits.limit_noise and sigma > limits.min_share_of_descent * descent):
        return
    is_grave = sigma > min(limits.warning_noise, limits.warning_share * descent)
    late = loss.values[first:]
    rate = run.learning_rate
    used = f" (it ends at {rate.values[-1]:.3g})" if rate is not None else ""
    yield Finding(
        message=f"{loss.name} scatters by {np.expm1(sigma):.0%} from one evaluation to the next, between {late.min():.3g} and "
        f"{late.max():.3g} after {loss.unit} {int(loss.steps[first]):,}",
        confidence=0.8,
        metric=loss.name,
        steps=(int(loss.steps[first]), int(loss.steps[-1])),
        severity=Severity.WARNING if is_grave else Severity.INFO,
        evidence={"noise": sigma, "descent": descent, "lowest": float(late.min()), "highest": float(late.max())},
        remedies=(
            f"lower the learning rate by 3, or anneal it towards the end{used}",
            "raise the batch size, or evaluate an average of the weights (EMA, SWA)",
        ),
    )


RULE = Rule(
    id="oscillation",
    family="optimization",
    severity=Severity.WARNING,
    needs=(Need("loss", "validation", points="min_evaluations"),),
    since="0.1.0",
    title="The validation loss settles",
    failure_title="Oscillation",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=(
        "divergence",
        "learning-rate-too-high",
        "loss-zigzag",
        "joint-loss-rise",
    ),
    judges_training=True,
)

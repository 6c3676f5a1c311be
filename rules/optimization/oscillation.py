"""The validation loss fluctuates strongly from evaluation to evaluation.

## What it finds
A validation loss whose scatter around its trend is large in the later part of the run.

## Why it matters
The validation data are the same each time, so the scatter comes from the weights, which change a lot between two
evaluations. The steps are too large to converge, and the result depends on the step at which the run happens to stop.

## How it is detected
The robust noise (second differences and residuals of a moving median) of the logarithm of the validation loss over
the last two thirds of the evaluations is above 0.1, that is 10% of the loss from one evaluation to the next, and
above 10% of the whole descent. From 20% of the loss or 25% of the descent it is a warning; below that, most of the
progress is kept, and keeping the best checkpoint is enough. Unlike the scatter of a training loss, the scatter on
fixed data does not depend on the batch size: it was at most 0.034 in 13 healthy training runs, and its 99th
percentile was 0.13 in 225 tuned runs, of which those above 0.1 were unstable. A schedule with warm restarts is not
judged.

## When it is a false alarm
Evaluation on a random sample of the data that changes each time; very few validation data with a heavy-tailed loss;
runs that will still anneal the learning rate.

## What to do
Lower the learning rate by 3 or anneal it towards the end, raise the batch size, or keep an average of the weights
(EMA, SWA) and evaluate that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.exponentials import expm1
from ..statistics.noise import noise_of
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(12, "8 of them are judged", unit="evaluations")
    early_share: float = limit(1 / 3, "of the run; the loss may still fluctuate there", unit="%")
    limit_noise: float = limit(
        0.10,
        "of the loss; three times the noise of healthy runs",
        unit="%",
        source="at most 0.034 in 13 healthy training runs; of 225 tuned runs, those above were unstable",
    )
    descent_share: float = limit(0.10, "of the whole descent; smaller scatter hardly changes the result", unit="%")
    warning_noise: float = limit(0.20, "of the loss; an evaluation then does not predict the next one", unit="%")
    warning_share: float = limit(0.25, "of the whole descent; more is a large part of the progress", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    loss = run.loss("validation")
    if loss is None:
        raise NotApplicableError("no validation loss that should decrease is logged")
    if not loss.is_positive:
        raise InsufficientDataError("the validation loss is not positive, so relative change is undefined")
    if run.is_rate_cyclic:
        raise InsufficientDataError("the learning rate restarts, and the loss follows it")
    first = int(len(loss) * limits.early_share)
    noise = noise_of(loss.scaled[first:]).sigma
    descent = float(loss.scaled[0] - loss.scaled.min())
    if not noise > max(limits.limit_noise, limits.descent_share * descent):
        return
    late, rate = loss.values[first:], run.learning_rate
    used = f" (it ends at {rate.values[-1]:.3g})" if rate is not None else ""
    is_warning = noise > min(limits.warning_noise, limits.warning_share * descent)
    yield Finding(
        message=f"{loss.name} scatters by {expm1(noise):.0%} from one evaluation to the next, between {late.min():.3g} and "
        f"{late.max():.3g} from {loss.unit} {int(loss.steps[first]):,} on",
        confidence=0.8,
        metric=loss.name,
        steps=(int(loss.steps[first]), int(loss.steps[-1])),
        severity=Severity.WARNING if is_warning else Severity.INFO,
        evidence={"noise": noise, "descent": descent, "lowest": float(late.min()), "highest": float(late.max())},
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
    title="The validation loss is stable",
    failure_title="Oscillation",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("learning-rate"),),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=(
        "divergence",
        "learning-rate-too-high",
        "zigzag-loss",
        "rate-bound-validation",
    ),
    answers=("stability",),
)

"""The validation loss fluctuates strongly from evaluation to evaluation, or the training loss swings up and down.

## What it finds
A validation loss whose scatter around its trend is large in the later part of the run, or a training loss whose level
swings several times by a large factor.

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

A training loss scatters with its batches, but its level does not come back up. Where the validation loss shows nothing, or there is
none, the moving median of the training loss (a twentieth of the points, at least 5) is followed over the last two thirds
of the run: at least 4 swings in turn, each by half of the loss or more and by 6 standard errors of the median of independent
points, are reported as info, and as a warning if each doubles or halves it. Momentum near 1, or a rate at the edge of stability,
does that.

## When it is a false alarm
Evaluation on a random sample of the data that changes each time; very few validation data with a heavy-tailed loss;
runs that will still anneal the learning rate.

## What to do
Lower the learning rate by 3 or anneal it towards the end, raise the batch size, or keep an average of the weights
(EMA, SWA) and evaluate that.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.exponentials import exp, expm1
from ..statistics.medians import levels_of, median
from ..statistics.noise import MAD_TO_SIGMA, noise_of
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

SMALLEST_WINDOW = 5  # points of a moving median that single batches hardly affect


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
    min_points: int = limit(60, "of the training loss: 40 are judged, eight windows of 5", unit="points")
    min_swings: int = limit(4, "two full waves: noise or one disturbance makes a level turn once or twice", unit="")
    info_swing: float = limit(1.5, "of the loss from turn to turn", unit="ratio")
    warning_swing: float = limit(2.0, "of the loss from turn to turn; most of the progress is lost again", unit="ratio")
    swing_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")
    warning_share: float = limit(0.25, "of the whole descent; more is a large part of the progress", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss, else on the main training loss."""
    if run.is_rate_cyclic:
        raise InsufficientDataError("the learning rate restarts, and the loss follows it")
    loss, train = run.loss("validation"), run.loss("train")
    finding = None
    if loss is not None and loss.is_positive and len(loss) >= limits.min_evaluations:
        finding = _of_evaluations(run, loss, limits)
    if finding is None and train is not None and train.is_positive and len(train) >= limits.min_points:
        finding = _of_training(run, train, limits)
    if finding is not None:
        yield finding
        return
    if loss is None:
        raise NotApplicableError("no validation loss that should decrease is logged")
    if len(loss) < limits.min_evaluations:
        raise InsufficientDataError(f"validation loss needs at least {limits.min_evaluations} points, has {len(loss)}")
    if not loss.is_positive:
        raise InsufficientDataError("the validation loss is not positive, so relative change is undefined")


def _of_evaluations(run: RunView, loss: CurveView, limits: Limits) -> Finding | None:
    first = int(len(loss) * limits.early_share)
    noise = noise_of(loss.scaled[first:]).sigma
    descent = float(loss.scaled[0] - loss.scaled.min())
    if not noise > max(limits.limit_noise, limits.descent_share * descent):
        return None
    late = loss.values[first:]
    is_warning = noise > min(limits.warning_noise, limits.warning_share * descent)
    return Finding(
        message=f"{loss.name} scatters by {expm1(noise):.0%} from one evaluation to the next, between {late.min():.3g} and "
        f"{late.max():.3g} from {loss.unit} {int(loss.steps[first]):,} on",
        confidence=0.8,
        metric=loss.name,
        steps=(int(loss.steps[first]), int(loss.steps[-1])),
        severity=Severity.WARNING if is_warning else Severity.INFO,
        evidence={"noise": noise, "descent": descent, "lowest": float(late.min()), "highest": float(late.max())},
        remedies=_remedies(run, "raise the batch size, or evaluate an average of the weights (EMA, SWA)"),
    )


def _of_training(run: RunView, loss: CurveView, limits: Limits) -> Finding | None:
    """The finding where the level of the training loss swings up and down."""
    first = int(len(loss) * limits.early_share)
    window = max(window_points(len(loss)), SMALLEST_WINDOW)
    values = loss.scaled[first:]
    _, level = levels_of(values, window)
    # of neighbouring differences: a swing is slow and does not raise it, as it would the noise around a level
    error = MAD_TO_SIGMA * median(np.abs(np.diff(values))) / math.sqrt(2) / math.sqrt(window)
    swings = _swings(level, max(math.log(limits.info_swing), limits.swing_z * error))
    if len(swings) < limits.min_swings:
        return None
    sizes = np.abs(swings)
    is_warning = np.count_nonzero(sizes >= math.log(limits.warning_swing)) >= limits.min_swings
    low, high = exp(float(level.min())), exp(float(level.max()))
    return Finding(
        message=f"{loss.name} swings up and down {len(swings)} times from {loss.unit} {int(loss.steps[first]):,} on, by a factor of "
        f"{exp(median(sizes)):.3g} (median), between {low:.3g} and {high:.3g} (smoothed)",
        confidence=0.8,
        metric=loss.name,
        steps=(int(loss.steps[first]), int(loss.steps[-1])),
        severity=Severity.WARNING if is_warning else Severity.INFO,
        evidence={"swing_count": float(len(swings)), "lowest": low, "highest": high},
        remedies=_remedies(run, "lower the momentum (0.9 is usual), or raise the batch size"),
    )


def _swings(level: Floats, least: float) -> list[float]:
    """Changes from turn to turn of a smoothed curve, float64 [n], each of at least so much: their signs alternate."""
    turns = [float(level[0])]
    low = high = extreme = turns[0]
    direction = 0
    for value in level.tolist():
        low, high = min(low, value), max(high, value)
        if direction == 0:  # until the first swing, either end of what was seen may be where it began
            rises = value - low >= least
            if rises or high - value >= least:
                direction, turns[0], extreme = (1, low, value) if rises else (-1, high, value)
        elif direction * (value - extreme) > 0:
            extreme = value
        elif direction * (extreme - value) >= least:
            turns.append(extreme)
            direction, extreme = -direction, value
    return np.diff([*turns, extreme]).tolist() if direction else []


def _remedies(run: RunView, second: str) -> tuple[str, ...]:
    rate = run.learning_rate
    used = f" (it ends at {rate.values[-1]:.3g})" if rate is not None else ""
    return f"lower the learning rate by 3, or anneal it towards the end{used}", second


RULE = Rule(
    id="oscillation",
    family="optimization",
    severity=Severity.WARNING,
    needs=(AnyOf((Need("loss", "validation", points=0), Need("loss", "train", points="min_points"))),),
    since="0.1.0",
    title="The losses are stable",
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

"""The loss was still falling when the run ended: more steps would have lowered it further.

## What it finds
A validation loss (or the training loss, if there is no validation loss) that falls significantly at the end of the
run, and a forecast of what 25% more steps would gain.

## Why it matters
A comparison with a finished run underestimates this one. Results from before the loss levels off depend more on the
number of steps than on the method.

## How it is detected
A line through the last fifth of the points of the logarithm of the loss (at least 6) goes on at 70% of its pace,
since most losses level off. The 90% interval of this forecast grows with the noise of a point and with the difference
in pace between the last fifth and the fifth before. On tuned and on simulated runs, cut at half and at four fifths of
their length, which its constants were chosen on, 86% to 93% of the intervals held (`benchmarks/forecast.py`).
Another quarter of the run has to lower the loss by more than 5%, and "no gain" has to lie outside the interval; where
that would be too wide, nothing is said. A
learning rate annealed below 20% of its peak means that the run ended as planned; if no learning rate is logged, a
hyperparameter that names such a schedule, or a fall that gets significantly faster at the end (3 standard errors),
indicates this. Runs that were truncated, that crashed, or that end before 95% of their planned steps are not judged.
If score-decline fires, this finding is folded into it: more steps would not help what is reported.

## When it is a false alarm
A budget fixed on purpose, as in a comparison of methods; pre-training, whose loss rarely levels off.

## What to do
Train longer, with the learning-rate schedule stretched to the new length, or keep the length and raise the learning
rate.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.digits import percent
from ..shared.forecast import EXTENSION, forecast_of
from ..shared.progress import change_of
from ..statistics.exponentials import expm1
from ..thresholds import limit, thresholds
from ..view.hyperparameter_names import STEP_KEYS, names_annealing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(12, "6 for the end and 6 before", unit="points")
    end_share: float = limit(0.2, "of the run; a longer part would include the fast early fall", unit="%")
    min_end: int = limit(6, "two for each third of the end", unit="points")
    min_gain: float = limit(
        0.05,
        "of the loss; a smaller gain is rarely worth 25% more compute",
        unit="%",
        source="10% of 225 tuned runs have it; a gain of 1% is reached by 17%",
    )
    annealed: float = limit(0.2, "of the peak learning rate; below, the run ends as planned", unit="%")
    speed_up_z: float = limit(3.0, "a lower limit hides one in twenty runs that fall evenly", unit="standard errors")
    complete_share: float = limit(0.95, "of the planned steps; a run that ends earlier is unfinished", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss, or else the training loss."""
    if run.run.is_cut_short or any(incident.kind != "announced-stop" for incident in run.run.incidents):
        raise NotApplicableError("the run was truncated, so it is known to be unfinished")
    if run.learning_rate is None and names_annealing(run.hyperparameters):
        raise InsufficientDataError("the hyperparameters name a schedule, but no learning rate is logged")
    losses = [c for c in (run.loss("validation"), run.loss("train")) if c is not None]
    losses = [c for c in losses if len(c) >= limits.min_points and c.is_positive]
    if not losses:
        raise InsufficientDataError(f"no positive loss that should decrease has {limits.min_points} points")
    loss = losses[0]
    planned = run.hyperparameter(*STEP_KEYS)
    if planned and loss.curve.axis == "step" and loss.steps[-1] < limits.complete_share * planned:
        raise NotApplicableError("the run ended before its planned number of steps")
    if not loss.is_finite[-1] or (run.rate_left is not None and run.rate_left < limits.annealed):
        return
    count = max(int(len(loss) * limits.end_share), limits.min_end)
    end = loss.scaled[-count:]
    change = change_of(end, loss.noise)
    forecast = forecast_of(loss)
    if forecast is None:
        return
    is_gain = -expm1(forecast.likely) > limits.min_gain and forecast.high < 0
    if not is_gain or (run.rate_left is None and _speeds_up(loss, count, limits)):
        return
    first, last = int(loss.steps[-count]), int(loss.steps[-1])
    yield Finding(
        message=f"{loss.name} is still falling at the end, by {percent(-expm1(change.change))} since {loss.unit} {first:,}: "
        f"{EXTENSION:.0%} more steps would lower it by about {percent(-expm1(forecast.likely))}, in all likelihood by "
        f"{percent(-expm1(forecast.high))} to {percent(-expm1(forecast.low))} (90% interval)",
        confidence=0.8,
        metric=loss.name,
        steps=(first, last),
        evidence={
            "fall_share": -expm1(change.change),
            "gain_share": -expm1(forecast.likely),
            "gain_low": -expm1(forecast.high),
            "gain_high": -expm1(forecast.low),
            "extension_share": EXTENSION,
        },
        remedies=(
            "train longer, with the learning-rate schedule stretched to the new length",
            "or raise the learning rate, and anneal it within the same number of steps",
        ),
    )


def _speeds_up(loss: CurveView, count: int, limits: Limits) -> bool:
    """Whether the loss falls faster at the end than before: then its learning rate is annealed, logged or not."""
    end, before = change_of(loss.scaled[-count:], loss.noise), change_of(loss.scaled[-2 * count : -count], loss.noise)
    return end.change - before.change < -limits.speed_up_z * math.hypot(end.error, before.error)


RULE = Rule(
    id="undertrained",
    family="optimization",
    severity=Severity.INFO,
    needs=(
        AnyOf(
            (
                Need("loss", "validation", points="min_points"),
                Need("loss", "train", points="min_points"),
                Need("perplexity", "validation", points="min_points"),
                Need("perplexity", "train", points="min_points"),
            )
        ),
    ),
    since="0.1.0",
    title="The loss levels off at the end",
    failure_title="Undertrained",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss"), Need("learning-rate")),
    excluded_tasks=("adversarial", "reinforcement", "diffusion"),
    yields_to=("score-decline",),
    causes=(
        "learning-rate-too-low",
        "slow-convergence",
    ),
    judges_end=True,
)

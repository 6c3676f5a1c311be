"""The learning rate still rises at the end of the run, or for more than half of it.

## What it finds
A warm-up that the run ends in, or that takes more than half of the steps.

## Why it matters
The planned learning rate is never reached, or only when there is hardly any time left: most of the run is slower than
meant, and the annealing is missing or too short. The usual cause is a warm-up given in steps for a run of few steps, in
the wrong unit (batches for epochs), or a schedule that is stepped once per epoch.

## How it is detected
On the main learning rate, from its first value to its peak: it never falls, takes at least 8 different values, rises at
least twofold, and no single step makes up more than 25% of the rise. If the peak is the last value and the run reached its
planned end, or its length is not known, the run ends in the warm-up. If the peak comes after more than 50% of the steps,
the warm-up takes most of the run. Learning-rate range tests, which rise exponentially over two orders of magnitude, and
cyclic schedules are not reported.

## When it is a false alarm
A learning-rate range test; a log that covers only the beginning of a run; a one-cycle schedule with a late peak.

## What to do
Set the warm-up to a few percent of the steps that the run really has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.distinct import distinct
from ..thresholds import limit, thresholds
from ..view.hyperparameter_names import STEP_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_values: int = limit(8, "different ones; fewer are steps of another schedule", unit="values")
    min_rise: float = limit(
        2.0, "from the first value to the peak; a smaller rise hardly slows the training", unit="ratio"
    )
    max_step: float = limit(0.25, "of the rise; a larger single step is a restart or a switch, not a ramp", unit="%")
    max_share: float = limit(
        0.5,
        "of the steps; the tuning playbook lengthens warm-ups to a few percent, one-cycle schedules to 30-45%",
        unit="%",
    )
    test_rise: float = limit(
        100.0, "of an exponential rise: a learning-rate range test", unit="ratio", source="fastai lr_find: 1e-7 to 10"
    )
    max_misfit: float = limit(0.05, "of the rise of the logarithm, from a line: an exponential rise", unit="%")
    plan_reached: float = limit(0.97, "of the planned steps; the last interval need not be logged", unit="%")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main learning rate."""
    rate = run.learning_rate
    if rate is None or len(rate) < limits.min_values:
        raise InsufficientDataError(f"the main learning rate needs at least {limits.min_values} points")
    peak = int(np.argmax(rate.values))
    ramp = rate.values[: peak + 1]
    if not _is_ramp(rate, peak, limits) or _is_range_test(rate, peak, limits):
        return
    share = float(rate.steps[peak] - rate.steps[0]) / max(float(run.last_step - rate.steps[0]), 1.0)
    is_endless = peak == len(rate) - 1
    if share <= limits.max_share or (is_endless and _is_unfinished(run, rate, limits)):
        return
    step, first = int(rate.steps[peak]), int(rate.steps[0])
    what = (
        f"still rises at the end of the run, at {rate.unit} {step:,}"
        if is_endless
        else f"rises until {rate.unit} {step:,}, for {share:.0%} of the run"
    )
    yield Finding(
        message=f"{rate.name} {what}, from {ramp[0]:.3g} to {ramp[-1]:.3g}: the warm-up is longer than planned",
        confidence=0.9 if is_endless else 0.8,
        metric=rate.name,
        steps=(first, step),
        evidence={"warm_up_share": share, "first": float(ramp[0]), "peak": float(ramp[-1])},
        remedies=(
            "set the warm-up to a few percent of the steps that the run has, and check its unit: steps, batches or epochs",
            "call scheduler.step() after every update, if the schedule counts updates",
        ),
        cited=(step,),
    )


def _is_ramp(rate: CurveView, peak: int, limits: Limits) -> bool:
    """Whether the rate rises in many small steps to its peak, and never falls before."""
    ramp = rate.values[: peak + 1]
    rise = float(ramp[-1] - ramp[0])
    if ramp[0] < 0 or ramp[-1] < limits.min_rise * ramp[0] or len(distinct(ramp)) < limits.min_values:
        return False
    steps = np.diff(ramp)
    return bool((steps >= 0).all() and steps.max() <= limits.max_step * rise)


def _is_range_test(rate: CurveView, peak: int, limits: Limits) -> bool:
    """Whether the rate rises exponentially over orders of magnitude."""
    ramp = rate.values[: peak + 1]
    if ramp[0] <= 0 or ramp[-1] < limits.test_rise * ramp[0]:
        return False
    logs, steps = np.log(ramp / ramp[0]), rate.steps[: peak + 1].astype(float)
    line = np.polynomial.Polynomial.fit(steps, logs, 1)(steps)
    return bool(np.abs(logs - line).max() <= limits.max_misfit * logs[-1])


def _is_unfinished(run: RunView, rate: CurveView, limits: Limits) -> bool:
    """Whether the run was cut short of its plan, so that the warm-up would have ended."""
    planned = run.hyperparameter(*STEP_KEYS)
    reached = float(run.last_step)
    return run.run.is_cut_short or bool(planned and rate.unit == "step" and reached < limits.plan_reached * planned)


RULE = Rule(
    id="endless-warm-up",
    family="learning-rate",
    severity=Severity.WARNING,
    needs=(Need("learning-rate", points="min_values"),),
    since="0.1.0",
    title="The warm-up ends early in the run",
    failure_title="Endless warm-up",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    judges_end=True,
)

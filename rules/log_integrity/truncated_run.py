"""The log ends before the planned end of the run.

## What it finds
A last step or epoch below the one planned in the hyperparameters, a log that ends in the middle of a record, or a log
that reports that its run was killed or failed.

## Why it matters
A run that was killed (time limit, out of memory, preemption) looks like a finished run, and its last value is
mistaken for a final result.

## How it is detected
The last logged step is compared with a planned number of steps (`max_steps`, `total_steps`, ...), or the last epoch
with a planned number of epochs. The rule fires below 95% of the plan if more than 1.5 logging intervals are missing.
If the validation loss did not improve in its last 2 or more evaluations, early stopping is the likely cause, unless
the log ends in the middle of a record, or training went on after the last evaluation for 10% of the usual distance of
two: early stopping decides right after an evaluation. In this case, and if the loss is not finite at the end, the finding is reported as info. Where the log itself says that it
stopped early or at a time limit, nothing is reported.

## When it is a false alarm
A run that is still in progress; early stopping without a logged validation loss; a planned length that was changed on
the command line, but not in the saved configuration.

## What to do
Find the cause in the output of the job (time limit, out of memory, exception), and resume from the last checkpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import AnyOf, Finding, Need, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ..view.hyperparameter_names import STEP_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Role
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

ROLES: tuple[Role, ...] = ("loss", "score", "perplexity", "learning-rate", "reward")
EPOCH_KEYS = ("num_train_epochs", "max_epochs", "num_epochs", "n_epochs", "nb_epochs", "epochs")


@thresholds
class Limits:
    """Thresholds of this rule."""

    complete_share: float = limit(0.95, "planned lengths are often rounded up to whole epochs or batches", unit="%")
    intervals: float = limit(1.5, "the last step is not necessarily logged", unit="intervals")
    patience: int = limit(
        2, "without improvement at the end; early stopping rarely has a lower patience", unit="evaluations"
    )
    went_on: float = limit(
        0.1, "of the distance of two evaluations; a loop that was stopped after one may log one more step", unit="%"
    )


class Plan(NamedTuple):
    """The planned and the reached step or epoch, and the length of a logging interval in the same unit."""

    unit: str
    planned: float
    reached: float
    interval: float


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding for the run."""
    curves = [c for role in ROLES for c in run.curves(role) if len(c.all_values)]
    if not curves:
        raise NotApplicableError("no training curve is logged")
    plan = _plan(run, curves)
    if plan is None and not run.run.is_cut_short:
        raise NotApplicableError("the planned number of steps or epochs is not logged")
    is_short = plan is not None and (
        plan.reached < limits.complete_share * plan.planned
        and plan.planned - plan.reached > limits.intervals * plan.interval
    )
    if not is_short and (plan is not None or not run.run.is_cut_short):
        return
    if any(incident.kind == "announced-stop" for incident in run.run.incidents):
        return  # the log says why it ends here
    longest = max(curves, key=lambda c: int(c.all_steps[-1]))  # among equally long curves, the first one: a loss
    yield _finding(run, longest, plan, limits)


def _finding(run: RunView, longest: CurveView, plan: Plan | None, limits: Limits) -> Finding:
    last = int(longest.all_steps[-1])
    evidence = {"last_step": float(last)}
    message = f"the log is cut off after {longest.unit} {last:,}: the run was killed, failed or is still in progress"
    if plan:
        share = plan.reached / plan.planned
        evidence |= {
            f"planned_{plan.unit}s": plan.planned,
            f"reached_{plan.unit}s": plan.reached,
            "reached_share": share,
        }
        message = f"the log ends at {plan.unit} {plan.reached:,.0f} of {plan.planned:,.0f} planned ({share:.0%})"
    explained = _explanation(run, limits) if plan else ""  # early stopping closes the log
    return Finding(
        message=message + (f"; {explained}" if explained else ""),
        confidence=0.6 if explained else 0.85,
        metric=longest.name,
        steps=(last, last),
        evidence=evidence,
        severity=Severity.INFO if explained else Severity.WARNING,
        remedies=(
            "find the cause in the output of the job: time limit, out of memory, an exception",
            f"resume from the last checkpoint before {longest.unit} {last:,}; do not compare its last values with finished runs",
        ),
        cited=(last,),
    )


def _plan(run: RunView, curves: list[CurveView]) -> Plan | None:
    on_steps = [c for c in curves if c.curve.axis == "step"]
    planned = run.hyperparameter(*STEP_KEYS)
    if planned and planned > 0 and on_steps:
        return Plan("step", planned, float(max(int(c.all_steps[-1]) for c in on_steps)), _interval(on_steps))
    planned = run.hyperparameter(*EPOCH_KEYS)
    if not planned or planned <= 0:
        return None
    epochs = [c.curve.epoch[np.isfinite(c.curve.epoch)] for c in curves]
    epochs += [c.all_steps.astype(float) for c in curves if c.curve.axis == "epoch"]
    epochs = [e for e in epochs if len(e)]
    if not epochs:
        return None
    first, last = min(float(e.min()) for e in epochs), max(float(e.max()) for e in epochs)
    # If whole epochs are counted from 0, the number of finished epochs is one more than the last number.
    is_from_zero = first == 0 and all(bool((e == np.floor(e)).all()) for e in epochs)
    return Plan("epoch", planned, last + is_from_zero, 1.0)


def _interval(curves: list[CurveView]) -> float:
    """Median distance of logged steps of the curve with the largest last step."""
    farthest = max(curves, key=lambda c: (int(c.all_steps[-1]), len(c.all_steps)))
    gaps = np.diff(farthest.different_steps)
    return median(gaps) if len(gaps) else 0.0


def _explanation(run: RunView, limits: Limits) -> str:
    """A cause in the log that may explain the early end of the run."""
    losses = [c for c in (run.loss("train"), run.loss("validation")) if c is not None]
    if any(not c.is_finite[-1:].all() for c in losses):
        return "its loss is not finite at the end"
    validation = run.loss("validation")
    if validation is not None and len(validation) > limits.patience:
        since_best = len(validation) - 1 - int(np.argmin(validation.values))
        if since_best >= limits.patience and not _went_on(run, validation, limits):
            return f"early stopping is likely: {validation.name} did not improve in its last {since_best} evaluations"
    return ""


def _went_on(run: RunView, validation: CurveView, limits: Limits) -> bool:
    """Whether the log ends after the last evaluation: in the middle of a record, or some way into the next epoch."""
    if run.run.is_cut_short:
        return True
    train = run.loss("train")
    if train is None or train.unit != validation.unit or not len(train):
        return False
    return int(train.steps[-1]) - int(validation.steps[-1]) > limits.went_on * validation.interval


RULE = Rule(
    id="truncated-run",
    family="log-integrity",
    severity=Severity.WARNING,
    needs=(AnyOf(tuple(Need(role, points=0) for role in ROLES)),),
    since="0.1.0",
    title="The log reaches the planned end",
    failure_title="Truncated run",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    facts=("planned number of steps or epochs",),
    causes=(
        "non-finite",
        "out-of-memory",
        "uncaught-exception",
    ),
    judges_whole_log=True,
    suits_boosting=True,
    judges_end=True,
)

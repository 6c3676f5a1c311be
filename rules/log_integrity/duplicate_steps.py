"""One step has several values.

## What it finds
Steps that are logged more than once in a curve, with different values.

## Why it matters
Nobody can say which value holds. Charts draw vertical lines or the last value only; averages and comparisons with
other runs count such steps twice.

## How it is detected
Restarts are resolved first, so that steps which were trained again do not count. Then every step of a loss, a score, a
learning rate or a gradient norm may occur once. It fires if 10 % of the steps of a curve, and 5 or more rows, are
repetitions with another value. Repetitions of the same value, as when the last evaluation is logged again, are
harmless.

## When it is a false alarm
Curves that are meant to have several values a step, such as one of each episode, of each device or of each data set.

## What to do
Count the step once for each optimizer update, in one place; log from rank 0 only; give what is measured on different
data tags of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, InsufficientDataError, NotApplicableError, Rule, Severity
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Ints
    from ..view.run_view import CurveView, RunView

ROLES = frozenset(("loss", "score", "perplexity", "learning-rate", "gradient-norm"))


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "")
    min_rows: int = limit(5, "an evaluation before, and one more after the training, repeat a step or two")
    min_share: float = limit(0.1, "of the different steps")
    same: float = limit(1e-6, "relative; the same value as float32 and as text")


class Repetition(NamedTuple):
    """Steps of a curve with several values, int64 [n], rows too many, and the share of all different steps."""

    curve: CurveView
    steps: Ints
    rows: int
    share: float


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the curve with most repeated steps, which speaks for all."""
    curves = [c for c in run.all_curves if c.role in ROLES and c.curve.axis == "step" and not c.curve.statistic]
    if not curves:
        raise NotApplicableError("no curve of the training is logged by steps")
    judged = [_repetition(c, limits) for c in curves if len(c) >= limits.min_points]
    if not judged:
        raise InsufficientDataError(f"no curve has {limits.min_points} points")
    repeated = [r for r in judged if r.rows >= limits.min_rows and r.share >= limits.min_share]
    if not repeated:
        return
    worst = max(repeated, key=lambda r: (r.rows, r.curve.role == "loss"))
    per_step = 1 + worst.rows / len(worst.steps)
    yield Finding(
        message=f"{len(worst.steps):,} steps ({worst.share:.0%}) of {worst.curve.name} have several values, "
        f"{per_step:.3g} on average, the first step {int(worst.steps[0]):,}; so in {len(repeated)} of {len(judged)} curves",
        confidence=0.85,
        metric=worst.curve.name,
        steps=(int(worst.steps[0]), int(worst.steps[-1])),
        evidence={
            "repeated_step_count": float(len(worst.steps)),
            "repeated_row_count": float(worst.rows),
            "repeated_share": worst.share,
            "repeated_curve_count": float(len(repeated)),
        },
        remedies=(
            "count the step once for each optimizer update, and pass it to every log call",
            "log from rank 0 only, and give values of different data tags of their own",
        ),
    )


def _repetition(curve: CurveView, limits: Limits) -> Repetition:
    steps, values = curve.steps, curve.values
    again = np.flatnonzero(steps[1:] == steps[:-1]) + 1
    again = again[~np.isclose(values[again], values[again - 1], rtol=limits.same, atol=0.0)]
    repeated = np.unique(steps[again])
    different = 1 + np.count_nonzero(steps[1:] != steps[:-1])
    return Repetition(curve, repeated, len(again), len(repeated) / different)


RULE = Rule(
    id="duplicate-steps",
    family="log-integrity",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="Each step has one value",
    failure_title="Duplicate steps",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("reinforcement",),  # several episodes end, and several updates are made, at one step
    causes=("interleaved-writers",),
    judges_whole_log=True,
    suits_boosting=True,
    needs_all_rows=True,
)

"""The loss is exactly zero from the first point on: no target reaches it, or it is not the loss that is trained.

## What it finds
A training or validation loss of exactly 0.0 at nearly every point, from the first one on. Also a part of the loss that is
exactly zero at every point while a score of the same run is zero as well.

## Why it matters
A loss of zero has no gradient: nothing is learned, and the curve looks perfect.

## How it is detected
The first value and at least 95% of at least 5 values of a main loss are exactly 0. If a score improves significantly
(Mann-Kendall score above 2.33), the loss is only too small for its printed digits, which is not reported. A gradient norm
of NaN or zero raises the confidence; one that is positive shows that another loss is trained than is logged, and makes
the finding a warning. So does a loss of which only a part is zero.

## When it is a false alarm
A loss that is smaller than the printed digits from the start; a term of the loss that is disabled on purpose.

## What to do
Check that targets reach the loss: labels that are all masked (-100), boxes that are all filtered out, an empty data set.
Check whether NaN is logged as zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.change import trend_of
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(5, "batches with only masked labels give a few zeros in a row", unit="points")
    zero_share: float = limit(
        0.95, "of the points; single others come from rounding or a partly masked batch", unit="%"
    )
    trend_z: float = limit(
        2.33,
        "a trend of a score that occurs by chance in 1% of runs, one-sided: the model learns",
        unit="standard errors",
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on a main loss, else on a part of the training loss."""
    if run.curves("reward"):
        raise NotApplicableError("the loss of a policy may be zero: its advantages cancel out")
    main = [c for c in (run.loss("train"), run.loss("validation")) if c is not None and c.role == "loss"]
    long = [c for c in main if len(c) >= limits.min_points]
    if not long:
        raise InsufficientDataError(f"no main loss has {limits.min_points} points")
    zero = [c for c in long if _zeros(c) >= limits.zero_share and c.values[0] == 0]
    scores = [c for c in run.curves("score") if len(c) >= limits.min_points]
    if any(_is_improving(score, limits) for score in scores):
        return
    if zero:
        yield _of_whole(run, zero)
        return
    dead_score = next((c for c in scores if c.direction == "higher" and not c.values.any()), None)
    part = next((c for c in _parts(run, limits) if not c.values.any()), None)
    if dead_score is not None and part is not None:
        yield _of_part(part, dead_score)


def _parts(run: RunView, limits: Limits) -> list[CurveView]:
    splits = ("train", "none")
    return [c for c in run.curves("loss") if c.split in splits and not c.layer and len(c) >= limits.min_points]


def _zeros(loss: CurveView) -> float:
    return float((loss.values == 0).mean())


def _is_improving(score: CurveView, limits: Limits) -> bool:
    sign = {"higher": 1.0, "lower": -1.0}.get(score.direction, 0.0)
    return sign * trend_of(score.values).z > limits.trend_z


def _of_whole(run: RunView, zero: list[CurveView]) -> Finding:
    loss = zero[0]
    norms = [c.all_values for c in run.curves("gradient-norm") if not c.layer]
    is_dead = any(not (np.isfinite(values) & (values != 0)).any() for values in norms)
    is_trained = any(median(np.nan_to_num(values, posinf=0.0, neginf=0.0)) > 0 for values in norms)
    beside = "".join(f", and so is {other.name}" for other in zero[1:])
    if is_dead:
        beside += "; the gradient norm is NaN, infinite or zero throughout"
    elif is_trained:
        beside += "; the gradient norm is not zero, so another loss is trained than is logged"
    return Finding(
        message=f"{loss.name} is exactly 0 at {np.count_nonzero(loss.values == 0):,} of {len(loss):,} points, from the first "
        f"one on{beside}",
        confidence=0.98 if is_dead else 0.93,
        metric=loss.name,
        steps=(int(loss.steps[0]), int(loss.steps[-1])),
        evidence={
            "zero_share": _zeros(loss),
            "zero_count": float(np.count_nonzero(loss.values == 0)),
            "point_count": float(len(loss)),
        },
        severity=Severity.WARNING if is_trained else Severity.ERROR,
        remedies=(
            "log the loss that backward() is called on, before it is reset, rounded or divided"
            if is_trained
            else "check that targets reach the loss: labels all masked (-100), boxes all filtered out, empty batches",
            "log the loss unfiltered (Hugging Face: logging_nan_inf_filter=False): NaN may be written as 0",
        ),
    )


def _of_part(part: CurveView, score: CurveView) -> Finding:
    return Finding(
        message=f"{part.name} is exactly 0 at all {len(part):,} points, and {score.name} is 0 at all {len(score):,}: "
        "no target reaches this part of the loss",
        confidence=0.85,
        metric=part.name,
        steps=(int(part.steps[0]), int(part.steps[-1])),
        evidence={"zero_share": 1.0, "point_count": float(len(part))},
        severity=Severity.WARNING,
        remedies=(
            f"check the targets that {part.name} is given, and whether it is filtered or clipped to 0 where they do not fit",
            "if the part is disabled on purpose, remove it from the log, and look for the cause of the score elsewhere",
        ),
    )


RULE = Rule(
    id="zero-loss",
    family="numeric",
    severity=Severity.ERROR,
    needs=(AnyOf((Need("loss", "train", points="min_points"), Need("loss", "validation", points="min_points"))),),
    since="0.1.0",
    title="The loss is not zero from the start",
    failure_title="Zero loss",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss"), Need("perplexity"), Need("score"), Need("reward"), Need("gradient-norm")),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=("non-finite",),
    suits_boosting=True,
)

"""The best evaluation is an outlier: the evaluations around it are worse than elsewhere in the run.

## What it finds
An isolated best validation value: far from all others, or at a step around which the model was worse than elsewhere
in the run.

## Why it matters
Selecting the best checkpoint then selects a model that is not the best, and reports a value that new data will not
reproduce.

## How it is detected
The median of the evaluations around the best one (2.5% of all evaluations on each side, at least 2, excluding itself)
is compared with the best window of the run (median of a twentieth, at least 3), for the validation loss and the first
score of known direction. It has to be worse by 1% of the loss (of the full range for a score), by 7.5% of the total
improvement since the start (of the logarithm, for a loss), and by 4 standard errors, after correction for
autocorrelated noise and for the selection of the best window, which has to lie elsewhere. A best evaluation with too
few others around it is not judged, and neither is a schedule with warm restarts, because each cycle ends with a local
best.

Alternatively, the best loss is an outlier: 8 times the noise and 7.5% below the median of the evaluations around it,
and at least half as far below the second best loss.

## When it is a false alarm
A model that was better for only one evaluation, for example after weight averaging.

## What to do
Select the checkpoint by a smoothed curve, evaluate on more data, or average the weights of several steps. Report the
value on data that was not used for the selection.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import AnyOf, Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.change import best_window_of
from ..statistics.distinct import distinct
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.noise import noise_of
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(
        20, "for the best, the evaluations around it, and windows elsewhere", unit="evaluations"
    )
    min_neighbours: int = limit(2, "on each side: a median of four", unit="evaluations")
    min_z: float = limit(
        4.0,
        "a smaller difference occurs by chance",
        unit="standard errors",
        source="simulation: at 3, 1% of healthy runs with AR(1) noise fire",
    )
    min_worse: float = limit(0.01, "with a smaller difference both checkpoints are equally good", unit="%")
    descent_share: float = limit(
        0.075,
        "of the total improvement: smaller differences are common in runs with outliers",
        unit="%",
        source="simulation: 1% of healthy runs with t(4) noise fire, at half of it 4%",
    )
    outlier_drop: float = limit(0.075, "of the loss: the same as for a worse level", unit="%")
    outlier_sigmas: float = limit(
        8.0,
        "the noise of a long curve has smaller outliers",
        unit="sigma",
        source="simulation: t(4) noise exceeds it in 1% of curves of 100 evaluations, in 4% of those of 400",
    )
    outlier_lead: float = limit(0.5, "of the drop: if the second best is closer, the best is not isolated", unit="%")


class Luck(NamedTuple):
    """Best row, the levels around it and in the best window (lower is better), the row of that, and the z score.

    `is_outlier`: the best evaluation is one value apart from all others, wherever the best window is.
    """

    row: int
    around: float
    elsewhere: float
    elsewhere_row: int
    z: float
    is_outlier: bool = False


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss, or else on the first score."""
    loss = run.loss("validation")
    scores = [s for s in run.scores_beside_loss("validation") if s.direction != "unknown"]
    judged = [c for c in (loss, *scores[:1]) if c is not None and len(c) >= limits.min_evaluations]
    if not judged:
        raise InsufficientDataError(
            f"needs a main validation loss or a score of known direction with at least {limits.min_evaluations} points"
        )
    if run.is_rate_cyclic:
        raise InsufficientDataError("the learning rate restarts: the best evaluations are at the ends of its cycles")
    for curve in judged:
        if luck := _luck(curve, is_score=curve is not loss, limits=limits):
            found = _finding(curve, luck, is_score=curve is not loss)
            is_secondary = loss is not None and curve is not loss
            yield replace(found, severity=Severity.INFO) if is_secondary else found
            return


def _finding(curve: CurveView, luck: Luck, *, is_score: bool) -> Finding:
    if is_score:
        sign = -1.0 if curve.direction == "higher" else 1.0
        around, elsewhere = (sign * level * curve.percent_scale for level in (luck.around, luck.elsewhere))
    elif curve.is_positive:
        around, elsewhere = exp(luck.around), exp(luck.elsewhere)
    else:
        around, elsewhere = luck.around, luck.elsewhere
    step = int(curve.steps[luck.row])
    better = step if luck.is_outlier else int(curve.steps[luck.elsewhere_row])
    others = "" if luck.is_outlier else f", those around {curve.unit} {better:,} at {elsewhere:.3g}"
    return Finding(
        message=f"{curve.name} is best at {curve.unit} {step:,} ({curve.values[luck.row]:.3g}), but the evaluations around it are "
        f"at {around:.3g}{others}",
        confidence=0.75,
        metric=curve.name,
        steps=(min(step, better), max(step, better)),
        evidence={
            "best": float(curve.values[luck.row]),
            "around_best": around,
            "best_window": elsewhere,
            "z": min(luck.z, 1e6),
        },
        remedies=(
            f"evaluate the checkpoint of {curve.unit} {step:,} again before using it"
            if luck.is_outlier
            else f"select the checkpoint by a smoothed curve: around {curve.unit} {better:,} the model is better",
            "evaluate on more data, or average the weights of several steps",
        ),
        cited=(step, better),
    )


def _luck(curve: CurveView, limits: Limits, *, is_score: bool) -> Luck | None:
    sign = -1.0 if curve.direction == "higher" else 1.0
    values = sign * curve.values / curve.percent_scale if is_score else curve.scaled
    noise = noise_of(values)
    levels = distinct(values)
    if is_score and len(levels) > 1:  # counts of few samples repeat: their noise is at least one sample
        noise = replace(noise, sigma=max(noise.sigma, float(np.diff(levels).min())))
    window = window_points(len(values))
    half = max(limits.min_neighbours, window // 2)
    row = int(np.argmin(values))
    if row < half or row + half >= len(values):
        return None
    best_row, best = best_window_of(values)
    around = median(np.concatenate((values[row - half : row], values[row + 1 : row + half + 1])))
    drop, lead = around - float(values[row]), float(np.partition(values, 1)[1]) - float(values[row])
    is_far = drop >= -math.log1p(-limits.outlier_drop) and drop > limits.outlier_sigmas * noise.sigma
    if is_far and lead >= limits.outlier_lead * drop and curve.is_positive and not is_score:
        z = drop / noise.sigma if noise.sigma > 0 else math.inf
        return Luck(row, around, best, best_row, z, is_outlier=True)
    if abs(best_row - row) <= half + window // 2:
        return None
    worse = around - best
    unit = 1.0 if is_score or curve.is_positive else abs(best)
    gained = median(values[:window]) - best
    curse = noise.of_mean(window) * math.sqrt(2 * math.log(len(values) / window))
    error = math.hypot(noise.of_mean(window), noise.of_mean(2 * half))
    z = (worse - curse) / error if error > 0 else math.inf
    if worse < max(limits.min_worse * unit, limits.descent_share * gained) or not z > limits.min_z:
        return None
    return Luck(row, around, best, best_row, z)


RULE = Rule(
    id="lucky-best",
    family="generalization",
    severity=Severity.WARNING,
    needs=(
        AnyOf(
            (
                Need("loss", "validation", points="min_evaluations"),
                Need("score", "validation", points="min_evaluations"),
            )
        ),
    ),
    since="0.1.0",
    title="The best evaluation is not an outlier",
    failure_title="Lucky best evaluation",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("learning-rate"),),
    excluded_tasks=("adversarial",),
    causes=(
        "oscillation",
        "coarse-validation",
    ),
)

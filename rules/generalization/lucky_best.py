"""The best evaluation is a lucky one: those around it are worse than others of the run.

## What it finds
A best validation value that stands alone, far from all others or at a step around which the model was worse than
elsewhere.

## Why it matters
"Keep the best checkpoint" then keeps a model that is not the best, and reports a value that new data will not confirm.

## How it is detected
The median of the evaluations around the best one (a twentieth of all on each side, at least 2, without itself) is
compared with the best window of the run (median of a twentieth, at least 3), for the validation loss and the first
score of known direction. It has to be worse by 1 % of the loss (of the full range for a score), by 7.5 % of all that
was gained since the start (of its logarithm for a loss), and by 4 standard errors, after correction for autocorrelated noise and for the luck of the best window, which has to lie elsewhere. A
best evaluation with too few others behind it is not judged, nor is a schedule with warm restarts, whose cycles each end
with a best of their own.

Or the best loss is no part of the curve at all: 8 times the noise and 7.5 % below the median of those around it, and at
least half as far below the second best.

## When it is a false alarm
A model that was better for one evaluation only, as after an averaging of weights.

## What to do
Choose the checkpoint by a smoothed curve, evaluate on more data, or average the weights of several steps. Report the
value of data that took no part in the choice.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, InsufficientDataError, NotApplicableError, Rule, Severity
from ..statistics.change import rebound_of
from ..statistics.exponentials import exp
from ..statistics.noise import noise_of
from ..statistics.windows import window_points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view import CurveView, RunView

MIN_EVALUATIONS = 20  # the best, its neighbours, and windows elsewhere
MIN_NEIGHBOURS = 2  # on each side
LIMIT_Z = 4.0  # at 3, 1 % of simulated healthy runs with AR(1) noise fire
MIN_WORSE = 0.01
DESCENT_SHARE = 0.075  # of all that was gained: then 1 % of healthy runs with t(4) noise fire, at half of it 4 %
# Of the loss: a single evaluation that is better by as much as a worse level would be.
ALONE = -math.log1p(-DESCENT_SHARE)
ALONE_SIGMAS = 8.0  # t(4) noise gets there in 1 % of curves of 100 evaluations, in 4 % of those of 400


class Luck(NamedTuple):
    """Best row, the levels around it and in the best window (lower is better), the row of that, and the z score.

    `is_alone`: the best evaluation is one value apart from all others, wherever the best window is.
    """

    row: int
    around: float
    elsewhere: float
    elsewhere_row: int
    z: float
    is_alone: bool = False


def check(run: RunView) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss, or else on the first score."""
    loss = run.loss("validation")
    scores = [s for s in run.curves("score", "validation") if s.direction != "unknown"]
    if loss is None and not scores:
        raise NotApplicableError("no validation loss or score is logged")
    judged = [c for c in (loss, *scores[:1]) if c is not None and len(c) >= MIN_EVALUATIONS]
    if not judged:
        raise InsufficientDataError(f"no validation loss or score has {MIN_EVALUATIONS} evaluations")
    if run.is_rate_cyclic:
        raise InsufficientDataError("the learning rate restarts: the best evaluations stand at the ends of its cycles")
    for curve in judged:
        is_share = curve is not loss
        luck = _luck(curve, is_share=is_share)
        if luck is None:
            continue
        sign = -1.0 if curve.direction == "higher" else 1.0
        around, elsewhere = (
            sign * level * curve.full if is_share else level for level in (luck.around, luck.elsewhere)
        )
        if not is_share and curve.is_positive:
            around, elsewhere = exp(around), exp(elsewhere)
        step = int(curve.steps[luck.row])
        better = step if luck.is_alone else int(curve.steps[luck.elsewhere_row])
        others = "" if luck.is_alone else f", those around {curve.unit} {better:,} {elsewhere:.4g}"
        yield Finding(
            message=f"the best {curve.name}, {curve.values[luck.row]:.4g} at {curve.unit} {step:,}, stands alone: the evaluations "
            f"around it have {around:.4g}{others}",
            confidence=0.75,
            metric=curve.name,
            steps=(min(step, better), max(step, better)),
            evidence={
                "best": float(curve.values[luck.row]),
                "around_best": around,
                "best_window": elsewhere,
                "z": min(luck.z, 1e6),
            },
            causes=("oscillation", "coarse-validation"),
            remedies=(
                f"evaluate the checkpoint of {curve.unit} {step:,} again before it is used"
                if luck.is_alone
                else f"choose the checkpoint by a smoothed curve: around {curve.unit} {better:,} the model is better",
                "evaluate on more data, or average the weights of several steps",
            ),
            cited=(step, better),
        )
        return


def _luck(curve: CurveView, *, is_share: bool) -> Luck | None:
    sign = -1.0 if curve.direction == "higher" else 1.0
    values = sign * curve.values / curve.full if is_share else curve.scaled
    noise = noise_of(values)
    distinct = np.unique(values)
    if is_share and len(distinct) > 1:  # counts of few samples stand still: their noise is a sample at least
        noise = replace(noise, sigma=max(noise.sigma, float(np.diff(distinct).min())))
    window = window_points(len(values))
    half = max(MIN_NEIGHBOURS, window // 2)
    row = int(np.argmin(values))
    best = rebound_of(values, noise)
    if row < half or row + half >= len(values):
        return None
    around = float(np.median(np.concatenate((values[row - half : row], values[row + 1 : row + half + 1]))))
    distance, lead = around - float(values[row]), float(np.partition(values, 1)[1]) - float(values[row])
    is_loss = curve.is_positive and not is_share
    if is_loss and distance >= ALONE and lead >= distance / 2 and distance > ALONE_SIGMAS * noise.sigma:
        return Luck(
            row,
            around,
            best.best,
            best.best_row,
            distance / noise.sigma if noise.sigma > 0 else math.inf,
            is_alone=True,
        )
    if abs(best.best_row - row) <= half + window // 2:
        return None
    worse = around - best.best
    unit = 1.0 if is_share or curve.is_positive else abs(best.best)
    gate = max(MIN_WORSE * unit, DESCENT_SHARE * (float(np.median(values[:window])) - best.best))
    curse = noise.of_mean(window) * math.sqrt(2 * math.log(max(len(values) / window, 1.0)))
    error = math.hypot(noise.of_mean(window), noise.of_mean(2 * half))
    z = (worse - curse) / error if error > 0 else math.inf
    if not (worse >= gate and z > LIMIT_Z):
        return None
    return Luck(row, around, best.best, best.best_row, z)


RULE = Rule(
    id="lucky-best",
    family="generalization",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="The best evaluation is among good ones",
    failure_title="Lucky best evaluation",
    doc=__doc__ or "",
    check=check,
    unsuited=("adversarial",),
)

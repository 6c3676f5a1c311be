"""The validation score gets worse when the validation loss gets better: one of the two may be computed incorrectly.

## What it finds
A score that contradicts its loss: from one part of the run to the next, the score gets worse while the loss gets
better.

## Why it matters
The loss trains the model, and the score selects it. If they contradict each other, one of them has a wrong reduction,
threshold, label mapping or sign, or the loss does not match the objective.

## How it is detected
Loss and score at common steps are averaged over up to 30 blocks. The rank correlation (Spearman) of their changes
from block to block, with the score negated so that lower is better, has to be negative by more than 3 standard
errors, which include the correlation caused by differencing. From the first window to the last, both have to change
by more than 6 standard errors, one for the better, the other for the worse. Without that correlation, a steady trend
is enough: nearly all pairs of ten block means are in order, for the loss towards better, for the score towards worse.
Scores whose better direction is unknown are skipped.

## When it is a false alarm
A loss that rises because the model becomes overconfident in its few mistakes, while the score improves.

## What to do
Compute both manually for a few samples. Check the reduction (sum or mean) of the loss, the threshold and the label
order of the score, and whether both use the same data in the same mode.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.change import trend_of
from ..statistics.correlation import rank_correlation
from ..statistics.medians import median
from ..statistics.noise import noise_of
from ..statistics.windows import block_means, window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


DIFFERENCE_INFLATION = 1.5  # variance of the correlation of two differenced white noises: 1 + 2 * (1/2)^2


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(16, "with fewer, hardly any correlation exceeds 3 standard errors", unit="evaluations")
    blocks: int = limit(30, "changes between shorter blocks are mostly noise", unit="blocks")
    min_z: float = limit(3.0, "a weaker negative correlation occurs by chance", unit="standard errors")
    trend_z: float = limit(
        3.0,
        "ten blocks in perfect order have 3.94; in random order 1 in 2,100 passes",
        unit="standard errors",
        source="Kendall's test",
    )
    moved_z: float = limit(6.0, "loss and score both changed significantly", unit="standard errors")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first score that contradicts the main validation loss."""
    loss = run.loss("validation")
    if loss is None:
        raise InsufficientDataError("cannot determine the main validation loss")
    scores = [s for s in run.scores_beside_loss("validation") if s.direction != "unknown" and s.unit == loss.unit]
    if all(len(score) < limits.min_evaluations for score in scores):
        raise InsufficientDataError(
            f"needs a validation score of known direction with at least {limits.min_evaluations} points"
        )
    for score in scores:
        if finding := _disagreement(loss, score, limits):
            yield finding
            return


def _disagreement(loss: CurveView, score: CurveView, limits: Limits) -> Finding | None:
    steps, of_loss, of_score = np.intersect1d(loss.steps, score.steps, return_indices=True)
    if len(steps) < limits.min_evaluations:
        return None
    sign = -1.0 if score.direction == "higher" else 1.0
    losses, scored = loss.scaled[of_loss], sign * score.values[of_score]
    changes = [np.diff(block_means(values, limits.blocks)) for values in (losses, scored)]
    correlation = rank_correlation(*changes)
    z = -correlation / math.sqrt(DIFFERENCE_INFLATION / len(changes[0]))
    moves = _move(losses), _move(scored)
    if not min(moves) < -limits.moved_z or not max(moves) > limits.moved_z:
        return None
    if z > limits.min_z:
        how = f"block by block (rank correlation of their changes {correlation:.2f})"
    elif trend_of(losses).z < -limits.trend_z and trend_of(scored).z > limits.trend_z:
        how = "both steadily"
    else:
        return None
    better, worse = ("better", "worse") if moves[0] < 0 else ("worse", "better")
    first, last = (
        f"{curve.values[rows[0]]:.3g} -> {curve.values[rows[-1]]:.3g}"
        for curve, rows in ((loss, of_loss), (score, of_score))
    )
    return Finding(
        message=f"{loss.name} gets {better} ({first}) while {score.name} gets {worse} ({last}), {how}",
        confidence=0.8,
        metric=score.name,
        steps=(int(steps[0]), int(steps[-1])),
        evidence={"rank_correlation": correlation, "z": z, "evaluation_count": float(len(steps))},
        remedies=(
            "compute loss and score manually for a few samples",
            "check the reduction of the loss, and the threshold and the label order of the score",
        ),
    )


def _move(values: Floats) -> float:
    """Change from the first window to the last in standard errors."""
    window = window_points(len(values))
    change = median(values[-window:]) - median(values[:window])
    error = noise_of(values).of_mean(window) * math.sqrt(2)
    return change / error if error > 0 else math.copysign(math.inf, change) if change else 0.0


RULE = Rule(
    id="metric-loss-disagreement",
    family="generalization",
    severity=Severity.WARNING,
    needs=(Need("loss", "validation", points="min_evaluations"), Need("score", "validation", points="min_evaluations")),
    since="0.1.0",
    title="Score and loss agree",
    failure_title="Score and loss disagree",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=("overfitting",),
)

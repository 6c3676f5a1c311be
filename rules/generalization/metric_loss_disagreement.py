"""The validation score gets worse when the validation loss gets better: one of the two is computed wrongly.

## What it finds
A score that moves against its loss: from one part of the run to the next, the score falls where the loss falls.

## Why it matters
A model is trained by the one and chosen by the other. If they contradict each other, one of them has the wrong
reduction, threshold, label mapping or sign, or the loss does not serve the goal.

## How it is detected
Loss and score at common steps are averaged over up to 30 blocks. The rank correlation (Spearman) of their changes from
block to block, the score turned so that lower is better, has to be negative by more than 3 standard errors, which
allow for the correlation that differences bring, and below -0.5; and from the first window to the last both have to
move beyond 6 standard errors, the one for the better, the other for the worse. A steady parting is enough without that correlation: ten blocks in nearly perfect order, of the loss for the
better and of the score for the worse. Scores whose better direction is unknown are not judged.

## When it is a false alarm
A loss that rises because the model grows too sure of its few mistakes, while the score improves from start to end.

## What to do
Compute both by hand for a handful of samples. Check the reduction (sum or mean) of the loss, the threshold and the
label order of the score, and whether both use the same data in the same mode.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.change import trend_of
from ..statistics.correlation import rank_correlation
from ..statistics.noise import noise_of
from ..statistics.windows import block_means, window_points
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.run_view import RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_evaluations: int = limit(16, "with fewer, no correlation is 3 standard errors from 0")
    blocks: int = limit(30, "")
    limit_z: float = limit(3.0, "")
    limit_correlation: float = limit(-0.5, "")
    difference_inflation: float = limit(
        1.5, "variance of the correlation of two differenced white noises: 1 + 2 * (1/2)^2"
    )
    trend_z: float = limit(3.0, "of 3.94 that 10 blocks in perfect order have; in random order 1 in 2,100 passes")
    moved_z: float = limit(6.0, "")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the first score that contradicts the main validation loss."""
    loss = run.loss("validation")
    scores = [
        s for s in run.curves("score", "validation") if s.direction != "unknown" and len(s) >= limits.min_evaluations
    ]
    if loss is None or not scores:
        raise InsufficientDataError("no main validation loss and score of known direction could be told")
    for score in scores:
        steps, of_loss, of_score = np.intersect1d(loss.steps, score.steps, return_indices=True)
        if len(steps) < limits.min_evaluations or score.split != loss.split or score.unit != loss.unit:
            continue
        sign = -1.0 if score.direction == "higher" else 1.0
        losses, scored = loss.scaled[of_loss], sign * score.values[of_score]
        changes = [np.diff(block_means(values, limits.blocks)) for values in (losses, scored)]
        correlation = rank_correlation(*changes)
        z = -correlation / math.sqrt(limits.difference_inflation / len(changes[0]))
        moves = (_move(losses), _move(scored))
        is_against = z > limits.limit_z and correlation < limits.limit_correlation
        if not (
            (is_against or _part_ways(losses, scored, limits))
            and min(moves) < -limits.moved_z
            and max(moves) > limits.moved_z
        ):
            continue
        is_loss_better = moves[0] < 0
        first, last = (
            f"{curve.values[rows[0]]:.3g} -> {curve.values[rows[-1]]:.3g}"
            for curve, rows in ((loss, of_loss), (score, of_score))
        )
        yield Finding(
            message=f"{loss.name} gets {'better' if is_loss_better else 'worse'} ({first}) while {score.name} gets "
            f"{'worse' if is_loss_better else 'better'} ({last}), part by part (rank correlation {correlation:.2f})",
            confidence=0.8,
            metric=score.name,
            steps=(int(steps[0]), int(steps[-1])),
            evidence={"rank_correlation": correlation, "z": z, "evaluation_count": float(len(steps))},
            remedies=(
                "compute loss and score by hand for a handful of samples",
                "check the reduction of the loss, and the threshold and the label order of the score",
            ),
        )
        return


def _part_ways(losses: Floats, scored: Floats, limits: Limits) -> bool:
    """Whether the loss gets better and the score worse, both steadily: their changes then need not be correlated."""
    return trend_of(losses).z < -limits.trend_z and trend_of(scored).z > limits.trend_z


def _move(values: Floats) -> float:
    """Change from the first window to the last in standard errors."""
    window = window_points(len(values))
    change = float(np.median(values[-window:]) - np.median(values[:window]))
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
    judges_training=True,
)

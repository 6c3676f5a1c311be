"""The training loss rises from its best level and does not recover.

## What it finds
The step from which the training loss rises, the share of the progress that is lost at the end, or a loss that ends
above its first value.

## Why it matters
Updates make the model worse on its own training data: the optimisation has failed, and further steps are wasted.

## How it is detected
All points of the training loss from its best window on (a twentieth of the points, at least 3) are compared with rises
of four shapes by generalised least squares, and the median of the last window with that of the best, on the logarithm
of the loss. The rise has to exceed 4 standard errors, after correction for autocorrelated noise, for short curves and
for the selection of the best window (of fewer than 12 points, the noise is estimated together with that of other runs,
and fewer can show a steep rise but not its absence), 20% of the descent from the first
window to the best, and 10% of the loss. Up to 6 standard errors it is a warning, above an error. A loss that doubles
from its best and rises by 6 sigma of its noise is judged without the correction for low-frequency noise. A loss that
ends at more than twice its first value has diverged in any case. A validation loss that rises alone is overfitting
and is not judged here. A training loss that rises alone, while the validation loss does not end higher, is not a
divergence either: the schedule or the regularisation has changed. Neither is a loss that rises together with the
training accuracy, which is a column under a wrong name. Where the weight of a part of the loss is logged and was raised,
the loss is judged as if the last weight had applied throughout.

## When it is a false alarm
A schedule with warm restarts that stops in the middle of a cycle (recognised if the learning rate is logged: it was
below 50% of its peak at the best loss and is back at the end), a curriculum or a loss weight that changes, losses
that need not decrease (adversarial, actor-critic), which are excluded if their names identify them.

## What to do
Lower the learning rate or lengthen the warm-up, clip gradients, and restart from the best checkpoint. If the rise
begins at a resume or a learning-rate change, check that first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.accumulation import reset_advice
from ..shared.checkpoints import restart_before
from ..shared.partners import losses_together
from ..statistics.correlation import rank_correlation
from ..statistics.exponentials import exp, expm1
from ..statistics.medians import median
from ..statistics.short import surest_rebound
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(6, "three of a fall and three of a rise", unit="points")
    min_clear: int = limit(
        12, "fewer can show a steep rise, but not that there is none: four windows of 3", unit="points"
    )
    usual_noise: float = limit(
        0.1,
        "of the loss from one point to the next, where there are too few to show it",
        unit="%",
        source="nineteen in twenty of 224 tuned runs have less",
    )
    limit_z: float = limit(
        4.0,
        "healthy noise stays below after the corrections of the rebound",
        unit="standard errors",
        source="simulated healthy runs, docs/accuracy.md",
    )
    error_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")
    min_share_lost: float = limit(0.2, "of the descent; less is fluctuation around the final level", unit="%")
    min_rise: float = limit(0.1, "of the loss, so that noise around a tiny descent does not count", unit="%")
    doubled: float = limit(2.0, "of the best or the first level; low-frequency noise does not explain it", unit="ratio")
    doubled_sigmas: float = limit(6.0, "of single points, in case the noise alone can double the loss", unit="sigma")
    annealed: float = limit(
        0.5,
        "of the peak learning rate; a lower one at the best loss and a higher one at the end mean a restart",
        unit="%",
    )
    same_course: float = limit(
        0.9, "rank correlation with a training accuracy; a training loss and its accuracy have a negative one"
    )
    restarted: float = limit(
        1.05, "of the earlier peak; a warm restart does not exceed it by more than rounding", unit="ratio"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss, or on the one that was measured with the validation loss."""
    loss = run.loss("train")
    if loss is None:
        raise NotApplicableError("no training loss that should decrease is logged")
    _, beside = losses_together(run)
    others = [beside] if beside is not None and beside is not loss and len(beside) >= limits.min_points else []
    for each in (loss, *others):
        if finding := _finding(run, each, limits):
            yield finding
            return
    if len(loss) < limits.min_clear:
        raise InsufficientDataError(f"no steep rise in {len(loss)} points; that there is none takes {limits.min_clear}")


def _finding(run: RunView, loss: CurveView, limits: Limits) -> Finding | None:
    rebound, rise_share, window = loss.rebound, loss.rise_share, window_points(len(loss))
    above_start = rebound.end - float(loss.scaled[0])
    if loss.is_positive:
        rebound = surest_rebound(loss.scaled, rebound, limits.usual_noise)
        rise_share = expm1(rebound.rise)
    descent = max(median(loss.scaled[:window]) - rebound.best, 0.0)
    share_lost = rebound.rise / descent if descent > 0 else math.inf
    has_doubled = _is_doubled(loss, rebound.rise, limits)
    is_long = len(loss) >= limits.min_clear
    is_sure = rebound.z > limits.limit_z or (has_doubled and is_long and rebound.z > 0)
    has_climbed = is_sure and rise_share > limits.min_rise and share_lost >= limits.min_share_lost
    if not has_climbed and not _is_doubled(loss, above_start, limits):
        return None
    best_row = rebound.best_row if has_climbed else 0
    best_step, last_step = int(loss.steps[best_row]), int(loss.steps[-1])
    if has_climbed and _generalises_as_well(run.loss("validation"), loss, best_step):
        return None
    if score := _score_that_rises_with(run, loss, limits):
        raise InsufficientDataError(f"{loss.name} rises together with {score}: it may hold a score, not a loss")
    if _is_mid_cycle(run.learning_rate, best_step, limits):
        raise InsufficientDataError("the learning rate is in the middle of a cycle at the end of the log")
    levels = rebound.best if has_climbed else float(loss.scaled[0]), rebound.end
    best, end = (exp(level) if loss.is_positive else level for level in levels)
    is_warning = has_climbed and not has_doubled and rebound.z <= limits.error_z
    return Finding(
        message=f"{loss.name} rises from {best:.3g} around {loss.unit} {best_step:,} to {end:.3g} at the end"
        + (f", {exp(levels[1] - levels[0]):.3g} times as high" if loss.is_positive else "")
        + " (smoothed)",
        confidence=min(0.99, 0.9 + 0.01 * max(min(rebound.z, 15) - limits.error_z, 0)) if has_climbed else 0.95,
        metric=loss.name,
        steps=(best_step, last_step),
        evidence={
            "best": best,
            "end": end,
            "lost_descent_share": min(share_lost, 1e6),
            "z": min(rebound.z, 1e6),
        },
        severity=Severity.WARNING if is_warning else Severity.ERROR,
        remedies=(*reset_advice(run), *_remedies(run.learning_rate, loss, best_step)),
        cited=(best_step, last_step),
    )


def _score_that_rises_with(run: RunView, loss: CurveView, limits: Limits) -> str:
    """Name of a training accuracy that rises wherever the loss does; "" if none does."""
    for score in run.curves("score", "train"):
        _, rows, of_score = np.intersect1d(loss.steps, score.steps, return_indices=True)
        if score.direction != "higher" or len(rows) < limits.min_points:
            continue
        if rank_correlation(loss.values[rows], score.values[of_score]) >= limits.same_course:
            return score.name
    return ""


def _is_doubled(loss: CurveView, rise: float, limits: Limits) -> bool:
    """Whether a rise on the logarithm of a positive loss is a doubling and beyond its noise."""
    return loss.is_positive and rise > max(math.log(limits.doubled), limits.doubled_sigmas * loss.noise.sigma)


def _generalises_as_well(validation: CurveView | None, loss: CurveView, best_step: int) -> bool:
    """Whether the validation loss ends no higher than it was when the training loss was best."""
    if validation is None or validation.unit != loss.unit:
        return False
    window = window_points(len(validation))
    row = max(int(np.searchsorted(validation.steps, best_step, side="right")), 1)
    if len(validation) - row < window:
        return False
    at_best = float(validation.values[row - 1 : row + 1].mean())  # earlier ones may belong to the descent
    return median(validation.values[-window:]) <= at_best


def _is_mid_cycle(rate: CurveView | None, best_step: int, limits: Limits) -> bool:
    """Whether the learning rate was annealed at the best step and is now back near, not above, an earlier peak."""
    if rate is None:
        return False
    until_best = rate.values[rate.steps <= best_step]
    if len(until_best) == 0:
        return False
    peak, end = float(until_best.max()), float(rate.values[-1])
    threshold = limits.annealed * peak
    return float(until_best[-1]) < threshold < end <= limits.restarted * peak


def _remedies(rate: CurveView | None, loss: CurveView, best_step: int) -> tuple[str, ...]:
    used = f" (it was {rate.at(best_step):.3g} there)" if rate is not None and rate.steps[0] <= best_step else ""
    return (
        restart_before(loss, best_step, f" with a learning rate 3 to 10 times lower{used}"),
        "clip gradients at the 90th percentile of their norm before the rise, or lengthen the warm-up",
        "check what changed there: a resume, a schedule step, new data",
    )


RULE = Rule(
    id="divergence",
    family="optimization",
    severity=Severity.ERROR,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The training loss does not rise again",
    failure_title="Divergence",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "validation"), Need("score", "train"), Need("learning-rate"), Need("gradient-norm")),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=(
        "learning-rate-jump",
        "learning-rate-too-high",
        "early-blow-up",
        "zigzag-loss",
        "exploding-gradients",
        "gradient-bursts",
        "layer-gradient-imbalance",
        "loss-spike",
    ),
    answers=("stability",),
    judges_end=True,
)

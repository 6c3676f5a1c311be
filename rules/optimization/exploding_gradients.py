"""The gradient norm grows out of all proportion while the loss does not fall.

## What it finds
A gradient norm that has grown to ten times its level and stays there, one that bursts again and again together with
the loss, or layers through which the gradient grows a thousandfold on its way back.

## Why it matters
Updates that large throw the weights out of the region where the gradient says anything about the loss. It is the usual
forerunner of a divergence or of NaN.

## How it is detected
On the logarithm of the norm of the whole model. (1) Growth: from the lowest of 10 blocks on, the later blocks rise
(Mann-Kendall, 5 %), the last one lies 10 times and 6 standard errors above the lowest one, and the training loss did not fall in
that stretch. It is an error if the loss also rises by 10 % and beyond 6 standard errors, or if it, or the norm, is no longer finite at the end. (2) Bursts: at
3 or more places the norm exceeds its recent level tenfold and by 10 sigma, and within 2 points of it the training loss jumps by 10 % and 6
sigma, in at most 2 % of the points (or 6 of them). (3) Layers: the median norm of the first third of at least 4 layers is 1,000 times that of the last third, at
most a tenth of the pairs of layers fall the other way, and the loss has not fallen. The size of a norm by itself says nothing: it depends on the
model and on the batch.

## When it is a false alarm
Losses that need not fall, and a scale of the loss that changes (loss scaling that is not taken out before the norm is
logged).

## What to do
Clip the gradient norm at about its 90th percentile before the growth, lower the learning rate, lengthen the warm-up, and check the
initialisation and normalisation of the layers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, NotApplicableError, Rule, Severity
from ..shared.progress import change_of, progress_of
from ..shared.series import aligned, series_of, share_falling
from ..statistics.change import trend_of
from ..statistics.events import groups_of
from ..statistics.exponentials import exp
from ..statistics.medians import median
from ..statistics.windows import TREND_BLOCKS, block_means
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Bools
    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "")
    tenfold: float = limit(
        math.log(10), "healthy norms grow up to fivefold as a loss falls: gradients of the few hard samples remain"
    )
    growth_z: float = limit(6.0, "")
    trend_z: float = limit(1.64, "")
    min_blocks: int = limit(4, "")
    max_loss_fall: float = limit(0.01, "of the loss over the growth")
    loss_rise: float = limit(math.log(1.1), "")
    loss_z: float = limit(6.0, "")
    level_points: int = limit(11, "as for loss spikes")
    noise_points: int = limit(51, "as for loss spikes")
    burst_sigmas: float = limit(10.0, "")
    backed_sigmas: float = limit(6.0, "")
    backed_rise: float = limit(math.log(1.1), "")
    near_points: int = limit(2, "")
    min_bursts: int = limit(3, "")
    max_burst_share: float = limit(0.02, "")
    few_bursts: int = limit(6, "")
    min_layers: int = limit(4, "")
    layer_ratio: float = limit(1e3, "")
    max_share_falling: float = limit(0.1, "")
    no_progress: float = limit(0.10, "share of the loss")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: growth of the whole norm before bursts, bursts before layers."""
    norm = max((c for c in run.curves("gradient-norm") if not c.layer and c.is_positive), key=len, default=None)
    layers = series_of(run.layers("gradient-norm"))
    if norm is None and len(layers) < limits.min_layers:
        raise NotApplicableError("no gradient norm of the whole model or of several layers is logged")
    loss = run.loss("train")
    if norm is not None and len(norm) >= limits.min_points:
        finding = _growth(norm, loss, limits) or (_bursts(norm, loss, limits) if loss is not None else None)
        if finding is not None:
            yield finding
            return
    elif len(layers) < limits.min_layers:
        raise InsufficientDataError(f"the gradient norm has fewer than {limits.min_points} points")
    finding = _layers(layers, loss, limits) if len(layers) >= limits.min_layers else None
    if finding is not None:
        yield finding


def _growth(norm: CurveView, loss: CurveView | None, limits: Limits) -> Finding | None:
    means = block_means(norm.scaled)
    lowest = int(np.argmin(means))
    if len(means) - lowest < limits.min_blocks:
        return None
    rise = float(means[-1] - means[lowest])
    z = rise / (norm.noise.of_mean(len(norm) // TREND_BLOCKS) * math.sqrt(2)) if norm.noise.sigma > 0 else math.inf
    trend = trend_of(means[lowest:], len(means) - lowest)
    if rise < limits.tenfold or z < limits.growth_z or not trend.z > limits.trend_z:
        return None
    first = int(norm.steps[lowest * len(norm) // TREND_BLOCKS])
    is_ruined = not norm.is_finite[-1]
    if loss is not None and len(loss):
        during = change_of(loss.scaled[loss.steps >= first], loss.noise)
        is_ruined = is_ruined or not loss.is_finite[-1]
        if not during.change > -limits.max_loss_fall and not is_ruined:
            return None
        is_ruined = is_ruined or during.change > max(limits.loss_rise, limits.loss_z * during.error)
    low, high = exp(means[lowest]), exp(float(means[-1]))
    return _finding(
        norm, (first, int(norm.steps[-1])), f"{norm.name} grows from {low:.3g} at {norm.unit} {first:,} to {high:.3g} at "
        "the end while the loss does not fall",
        {"lowest": low, "end": high, "z": min(z, 1e6)}, 0.9 if is_ruined else 0.8,
        Severity.ERROR if is_ruined else Severity.WARNING,
    )  # fmt: skip


def _bursts(norm: CurveView, loss: CurveView, limits: Limits) -> Finding | None:
    if len(loss) < limits.min_points or not loss.is_positive:
        return None
    is_burst = _stands_out(norm, limits.burst_sigmas, limits.tenfold, limits)
    jumps = loss.steps[_stands_out(loss, limits.backed_sigmas, limits.backed_rise, limits)]
    near = np.zeros(len(norm), dtype=bool)
    for row in np.searchsorted(norm.steps, jumps):
        near[max(0, int(row) - limits.near_points) : int(row) + limits.near_points + 1] = True
    groups = groups_of(is_burst & near, gap=limits.level_points)
    if len(groups) < limits.min_bursts or len(groups) > max(limits.max_burst_share * len(norm), limits.few_bursts):
        return None
    rows = [a + int(np.argmax(norm.values[a : b + 1])) for a, b in groups]
    largest = max(rows, key=lambda row: float(norm.values[row]))
    usual = median(norm.values)
    return _finding(
        norm, (int(norm.steps[rows[0]]), int(norm.steps[rows[-1]])),
        f"{norm.name} bursts {len(groups)} times together with the loss, at {norm.unit} {int(norm.steps[largest]):,} to "
        f"{norm.values[largest]:.3g} (median {usual:.3g})",
        {"burst_count": float(len(groups)), "largest": float(norm.values[largest]), "median": usual}, 0.85, Severity.WARNING,
    )  # fmt: skip


def _stands_out(curve: CurveView, sigmas: float, rise: float, limits: Limits) -> Bools:
    level, deviation = curve.trailing_deviation(limits.level_points, limits.noise_points)
    with np.errstate(invalid="ignore"):
        return (deviation > sigmas) & (curve.scaled - level > rise)


def _layers(layers: list[CurveView], loss: CurveView | None, limits: Limits) -> Finding | None:
    steps, norms = aligned(layers)
    progress = progress_of(loss)
    if len(steps) < limits.min_blocks or progress is None:
        return None
    medians = np.median(norms, axis=1)
    third = max(1, len(layers) // 3)
    ratio = float(np.median(medians[:third]) / np.median(medians[-third:]))
    if (
        ratio < limits.layer_ratio
        or share_falling(medians[::-1]) > limits.max_share_falling
        or progress >= limits.no_progress
    ):
        return None
    return _finding(
        layers[0], (int(steps[0]), int(steps[-1])),
        f"the gradient norm grows from {medians[-1]:.2g} in {layers[-1].layer} to {medians[0]:.2g} in {layers[0].layer}, and the "
        "loss makes no progress",
        {"first_layer": float(medians[0]), "last_layer": float(medians[-1]), "layer_count": float(len(layers))}, 0.85,
        Severity.WARNING,
    )  # fmt: skip


def _finding(
    norm: CurveView, steps: tuple[int, int], message: str, evidence: dict[str, float], confidence: float, severity: Severity
) -> Finding:  # fmt: skip
    return Finding(
        message=message,
        confidence=confidence,
        metric=norm.name,
        steps=steps,
        evidence=evidence,
        severity=severity,
        remedies=(
            f"clip the gradient norm at about {np.quantile(norm.values, 0.5):.2g}, its median so far, or lower the learning rate",
            f"restart from a checkpoint before {norm.unit} {steps[0]:,}",
            "check initialisation and normalisation: gradients that grow from layer to layer need smaller weights",
        ),
        cited=steps,
    )


RULE = Rule(
    id="exploding-gradients",
    family="optimization",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="Gradients keep their size",
    failure_title="Exploding gradients",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=(
        "learning-rate-jump",
        "learning-rate-too-high",
        "activation-drift",
        "resume-discontinuity",
    ),
    judges_training=True,
)

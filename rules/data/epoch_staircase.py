"""The training loss drops at the beginning of every epoch: the model recognises samples that it has seen.

## What it finds
A training loss that stays nearly level within the epochs and drops from the end of one to the beginning of the next.

## Why it matters
Between the last batch of an epoch and the first of the next, the model hardly changes, but its samples are no longer
new. A drop at the epoch border is memorisation, not generalisation, which the validation loss soon shows.

## How it is detected
In 3 or more whole epochs of at least 8 points, parallel lines are fitted to the logarithm of the loss (in the first
epoch, whose beginning is steep, to its second half); the drop at a border is the distance between two lines. The loss
has to drop at 75% or more of the borders, the mean drop has to exceed 3 standard errors and 2% of the loss, and all
borders together have to account for at least 50% of the fall. A running mean that resets every epoch also drops at
the border, because it lags behind; it is recognised by scatter that decreases within the epoch, and the rule does not
decide. A learning rate that changes by 25% at half of the borders explains the drops. The finding is reported as
info, or as a warning if the validation loss ends 3 standard errors and 1% above its best.

## When it is a false alarm
Fine-tuning for several epochs, where some memorisation is wanted; a curriculum that changes with the epoch.

## What to do
Train for fewer epochs, add data or augmentation, deduplicate the data, and choose the checkpoint by the validation loss.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.distinct import distinct_rows
from ..statistics.exponentials import expm1
from ..statistics.medians import median
from ..statistics.noise import MAX_AUTOCORRELATION, Noise, median_deviation
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats, Ints
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


CORRELATION_BIAS = 4.0  # of a lag-1 correlation after detrending, times the number of points (Kendall 1954)


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_epochs: int = limit(3, "two borders; one drop may be chance", unit="epochs")
    min_points_an_epoch: int = limit(8, "only half of the first epoch is used", unit="points")
    max_length_change: float = limit(0.1, "epochs of another length are incomplete", unit="%")
    min_dropping: float = limit(0.75, "share of borders with a drop; noise alone gives one half", unit="%")
    min_z: float = limit(3.0, "of the mean drop; noise alone stays below", unit="standard errors")
    min_drop: float = limit(0.02, "of the loss; a smaller drop does no harm", unit="%")
    min_share_of_fall: float = limit(0.5, "a loss that falls by learning falls within the epochs", unit="%")
    max_fading: float = limit(
        2.0,
        "scatter in the first third of the epochs over that in the last third; a mean of k points scatters as 1/k",
        unit="ratio",
    )
    min_rate_change: float = limit(
        0.25, "of the learning rate at a border; a smaller change does not shift the loss", unit="%"
    )
    min_rate_borders: float = limit(
        0.5, "share of borders at which the learning rate changes, which then explains the drops", unit="%"
    )
    min_validation_z: float = limit(3.0, "healthy noise stays below", unit="standard errors")
    min_validation_rise: float = limit(0.01, "a smaller rise of the validation loss does no harm", unit="%")

    @property
    def min_points(self) -> int:
        """Points of the shortest log that can be judged."""
        return self.min_epochs * self.min_points_an_epoch


class Borders(NamedTuple):
    """Drops from epoch to epoch on the log scale, the standard error of their mean, and the steps where epochs begin."""

    drops: Floats
    error: float
    steps: Ints


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    loss = run.loss("train")
    if loss is None or not loss.is_positive:
        raise InsufficientDataError("the training loss is not positive, so relative change is undefined")
    parts = _epochs(loss, limits)
    if len(parts) < limits.min_epochs:
        raise InsufficientDataError(
            f"needs at least {limits.min_epochs} whole epochs of {limits.min_points_an_epoch} or more points, has {len(parts)}"
        )
    if _fades(loss, parts, limits):
        raise InsufficientDataError("the loss is a running mean that resets every epoch")
    borders = _borders(loss, parts)
    drop, total = float(borders.drops.mean()), float(borders.drops.sum())
    z = drop / borders.error if borders.error > 0 else math.inf
    fall = _late_level(loss, parts[0]) - _late_level(loss, parts[-1])
    if z <= limits.min_z or drop <= math.log1p(limits.min_drop) or total < limits.min_share_of_fall * fall:
        return
    if float((borders.drops > 0).mean()) < limits.min_dropping or _rate_changes(run, borders.steps, limits):
        return
    rise = _validation_rise(run, limits)
    worse = f"; the validation loss ends {rise:.0%} above its best" if rise > limits.min_validation_rise else ""
    yield Finding(
        message=f"{loss.name} drops by {-expm1(-drop):.0%} on average at each of {len(borders.drops)} epoch borders, which account for "
        f"{min(total / max(fall, 1e-12), 1):.0%} of its fall{worse}",
        confidence=0.85,
        metric=loss.name,
        steps=(int(borders.steps[0]), int(borders.steps[-1])),
        evidence={
            "mean_drop": drop,
            "z": min(z, 1e6),
            "border_count": float(len(borders.drops)),
            "fall": fall,
            "validation_rise": rise,
        },
        severity=Severity.WARNING if worse else Severity.INFO,
        remedies=(
            "train for fewer epochs, and choose the checkpoint by the validation loss",
            "add data or augmentation, and remove duplicates from the data",
        ),
        cited=tuple(borders.steps.tolist()),
    )


def _late_level(loss: CurveView, rows: Ints) -> float:
    """Median of the second half of an epoch, on the log scale."""
    return median(loss.scaled[rows[len(rows) // 2 :]])


def _validation_rise(run: RunView, limits: Limits) -> float:
    """How far the validation loss ends above its best, as a share; 0 where that may be noise."""
    validation = run.loss("validation")
    if validation is None or not validation.is_positive or validation.rebound.z <= limits.min_validation_z:
        return 0.0
    return expm1(validation.rebound.rise)


def _epochs(loss: CurveView, limits: Limits) -> list[Ints]:
    """Rows of every whole epoch; epochs of unusual length, mostly the last one, are excluded."""
    known = np.flatnonzero(np.isfinite(loss.epochs))
    numbers = np.floor(loss.epochs[known] + 1e-9).astype(np.int64)
    _, starts, counts = distinct_rows(numbers)
    usual = int(median(counts)) if len(counts) else 0
    if usual < limits.min_points_an_epoch:
        return []
    longer = max(1, limits.max_length_change * usual)
    return [known[a : a + n] for a, n in zip(starts, counts, strict=True) if abs(n - usual) <= longer]


def _fades(loss: CurveView, parts: list[Ints], limits: Limits) -> bool:
    """Whether neighbouring points differ more at the beginning of the epochs than at their end."""
    first, last = [], []
    for rows in parts:
        jumps = np.abs(np.diff(loss.scaled[rows], n=2))
        third = max(len(jumps) // 3, 1)
        first.append(jumps[:third])
        last.append(jumps[-third:])
    early, late = median(np.concatenate(first)), median(np.concatenate(last))
    return early > limits.max_fading * late


def _borders(loss: CurveView, parts: list[Ints]) -> Borders:
    """Fit one slope to all epochs, each at its own level, and read the drops between them where they meet."""
    kept = [parts[0][len(parts[0]) // 2 :], *parts[1:]]
    rows = [part - part.mean() for part in kept]
    values = [loss.scaled[part] - loss.scaled[part].mean() for part in kept]
    x, y = np.concatenate(rows), np.concatenate(values)
    power = float(np.dot(x, x))
    slope = float(np.dot(x, y)) / power
    rest = y - slope * x
    noise = max(median_deviation(rest), float(rest.std()))
    phi = float(np.dot(rest[1:], rest[:-1])) / max(float(np.dot(rest, rest)), np.finfo(float).tiny)
    phi += CORRELATION_BIAS / min(len(part) for part in kept)
    sigma = Noise(noise, min(max(phi, 0.0), MAX_AUTOCORRELATION)).of_mean(1)
    levels = np.array([loss.scaled[part].mean() for part in kept])
    distances = np.diff([part.mean() for part in kept])
    drops = levels[:-1] + slope * distances - levels[1:]
    # The levels in between cancel in the sum; the error of the slope has its full effect.
    variance = 1 / len(kept[0]) + 1 / len(kept[-1]) + float(distances.sum()) ** 2 / power
    error = sigma * math.sqrt(variance) / len(drops)
    return Borders(drops, error, np.array([int(loss.steps[part[0]]) for part in kept[1:]], dtype=np.int64))


def _rate_changes(run: RunView, steps: Ints, limits: Limits) -> bool:
    """Whether the learning rate changes at so many borders that it explains them."""
    rate = run.learning_rate
    if rate is None or len(rate) < len(steps):
        return False
    rows = np.clip(np.searchsorted(rate.steps, steps), 1, len(rate) - 1)
    low = np.minimum(rate.values[rows], rate.values[rows - 1])
    high = np.maximum(rate.values[rows], rate.values[rows - 1])
    return bool((high > (1 + limits.min_rate_change) * low).mean() >= limits.min_rate_borders)


RULE = Rule(
    id="epoch-staircase",
    family="data",
    severity=Severity.INFO,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The loss falls within the epochs",
    failure_title="Loss drops at epoch borders",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("loss", "validation"), Need("learning-rate")),
    excluded_tasks=("adversarial", "reinforcement"),
)

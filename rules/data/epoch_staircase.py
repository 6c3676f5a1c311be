"""The training loss falls in steps, one at the beginning of every epoch: the model recognises samples it has seen.

## What it finds
A training loss that stays nearly level within the epochs and drops from the end of one to the beginning of the next.

## Why it matters
Between the last batch of an epoch and the first of the next the model has hardly changed; only the samples are now
old acquaintances. What falls at the border is memory, not understanding, and the validation loss soon tells.

## How it is detected
On the logarithm of the loss, in 3 or more whole epochs of at least 8 points: parallel straight lines are fitted to the epochs (of the first, whose beginning is steep,
to its second half), and the drop at a border is the distance of the two lines. At least three quarters of the
borders have to drop, the mean drop has to exceed 3 standard errors and 2 % of the loss, and the borders together have to bring at
least half of the fall since the first of them. A running mean that starts anew each epoch also drops at the border, because it lags
behind: it is told by its scatter, which fades within the epoch, and left undecided. A learning rate that changes by a
quarter at the borders excuses them. It is an information; a warning if the validation loss ends above its best by 3
standard errors and 1 %.

## When it is a false alarm
Fine-tuning for several epochs, where some memorising is wanted; a curriculum that changes with the epoch.

## What to do
Train for fewer epochs, add data or augmentation, deduplicate the data, and choose the checkpoint by the validation loss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..statistics.exponentials import expm1
from ..statistics.medians import median
from ..statistics.noise import MAX_AUTOCORRELATION, Noise, median_deviation
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats, Ints
    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_epochs: int = limit(3, "")
    min_points_an_epoch: int = limit(8, "")
    min_dropping: float = limit(0.75, "")
    limit_z: float = limit(3.0, "")
    min_drop: float = limit(math.log(1.02), "")
    min_share_of_fall: float = limit(0.5, "a loss that falls as it learns falls within the epochs")
    bias: float = limit(4.0, "of a lag-1 correlation after a line was taken off, times the points (Kendall 1954)")
    fading: float = limit(
        2.0, "scatter of the first over that of the last third of an epoch; a mean of k points scatters as 1/k"
    )
    rate_change: float = limit(1.25, "")
    worse_z: float = limit(3.0, "")
    worse_rise: float = limit(0.01, "")

    @property
    def min_points(self) -> int:
        """What follows from the others."""
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
        raise InsufficientDataError("no positive training loss is logged, so that no share of its level can be told")
    parts = _epochs(loss, limits)
    if len(parts) < limits.min_epochs:
        raise InsufficientDataError(
            f"{len(parts)} of {limits.min_epochs} whole epochs with {limits.min_points_an_epoch} or more points that it takes"
        )
    if _fades(loss, parts, limits):
        raise InsufficientDataError("the loss is a running mean that starts anew each epoch")
    borders = _borders(loss, parts, limits)
    drop = float(borders.drops.mean())
    z = drop / borders.error if borders.error > 0 else math.inf
    before, after = parts[0], parts[-1]
    fall = float(np.median(loss.scaled[before[len(before) // 2 :]]) - np.median(loss.scaled[after[len(after) // 2 :]]))
    is_stair = (
        z > limits.limit_z and drop > limits.min_drop and float((borders.drops > 0).mean()) >= limits.min_dropping
    )
    if (
        not is_stair
        or borders.drops.sum() < limits.min_share_of_fall * fall
        or _rate_changes(run, borders.steps, limits)
    ):
        return
    validation = run.loss("validation")
    rise = 0.0
    if validation is not None and validation.is_positive and validation.rebound.z > limits.worse_z:
        rise = expm1(validation.rebound.rise)
    worse = (
        f", and {validation.name} ends {rise:.0%} above its best"
        if validation is not None and rise > limits.worse_rise
        else ""
    )
    yield Finding(
        message=f"{loss.name} drops by {-expm1(-drop):.0%} on average at the beginning of each of {len(borders.drops)} "
        f"epochs, and these borders bring {min(float(borders.drops.sum()) / max(fall, 1e-12), 1):.0%} of its fall{worse}",
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


def _epochs(loss: CurveView, limits: Limits) -> list[Ints]:
    """Rows of every whole epoch; those of unusual length, the last one mostly, are left out."""
    known = np.flatnonzero(np.isfinite(loss.epochs))
    numbers = np.floor(loss.epochs[known] + 1e-9).astype(np.int64)
    _, starts, counts = np.unique(numbers, return_index=True, return_counts=True)
    usual = int(np.median(counts)) if len(counts) else 0
    if usual < limits.min_points_an_epoch:
        return []
    return [known[a : a + n] for a, n in zip(starts, counts, strict=True) if abs(n - usual) <= max(1, 0.1 * usual)]


def _fades(loss: CurveView, parts: list[Ints], limits: Limits) -> bool:
    """Whether neighbouring points differ more at the beginning of the epochs than at their end."""
    first, last = [], []
    for rows in parts:
        jumps = np.abs(np.diff(loss.scaled[rows], n=2))
        third = max(len(jumps) // 3, 1)
        first.append(jumps[:third])
        last.append(jumps[-third:])
    early, late = median(np.concatenate(first)), median(np.concatenate(last))
    return early > limits.fading * late


def _borders(loss: CurveView, parts: list[Ints], limits: Limits) -> Borders:
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
    phi += limits.bias / min(len(part) for part in kept)
    sigma = Noise(noise, min(max(phi, 0.0), MAX_AUTOCORRELATION)).of_mean(1)
    levels = np.array([loss.scaled[part].mean() for part in kept])
    distances = np.diff([part.mean() for part in kept])
    drops = levels[:-1] + slope * distances - levels[1:]
    # The levels between cancel in the sum; the slope counts with its whole lever.
    variance = 1 / len(kept[0]) + 1 / len(kept[-1]) + float(distances.sum()) ** 2 / power
    error = sigma * math.sqrt(variance) / len(drops)
    return Borders(drops, error, np.array([int(loss.steps[part[0]]) for part in kept[1:]], dtype=np.int64))


def _rate_changes(run: RunView, steps: Ints, limits: Limits) -> bool:
    """Whether the learning rate changes much at half of the borders."""
    rate = run.learning_rate
    if rate is None or len(rate) < len(steps):
        return False
    rows = np.clip(np.searchsorted(rate.steps, steps), 1, len(rate) - 1)
    low = np.minimum(rate.values[rows], rate.values[rows - 1])
    high = np.maximum(rate.values[rows], rate.values[rows - 1])
    return bool((high > limits.rate_change * low).mean() >= 1 / 2)


RULE = Rule(
    id="epoch-staircase",
    family="data",
    severity=Severity.INFO,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The loss falls within the epochs",
    failure_title="Loss falls in steps, epoch by epoch",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
)

"""The training loss repeats the same pattern in every epoch: the data are not shuffled.

## What it finds
A course of the loss within the epochs that comes back from epoch to epoch, batch by batch.

## Why it matters
Batches that come in the same order, sorted by class or by source, pull the model to and fro; the last ones seen weigh
most. Convergence is slower and worse, and batch normalisation statistics are wrong.

## How it is detected
The loss on a logarithmic scale, without a cubic fitted in each epoch (which takes out the descent), is put on a
common grid of phases. Running means that start anew every epoch are undone first. The mean correlation of each epoch
with the next has to be above 0.3 and larger than in 99 % of 199 random rotations of the epochs against each other. It
takes 4 whole epochs of at least 8 points; of more, the first is left out, in which the descent is steepest. Where the
learning rate restarts, nothing is said.

## When it is a false alarm
A learning rate that cycles once an epoch and is not logged; data whose order has a meaning and must be kept (time series, curricula).

## What to do
Shuffle the training data every epoch (`DataLoader(shuffle=True)`, `tf.data` with a shuffle buffer as large as the
data set, a new seed each epoch for distributed samplers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.epoch_means_removed import undone
from ..statistics.correlation import mean_correlation, rotation_p
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.run_view import CurveView, RunView

DEGREE = 3  # what a parabola leaves of a steep descent is one and the same wave in each epoch


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_epochs: int = limit(4, "")
    min_points_an_epoch: int = limit(8, "")
    max_points_an_epoch: int = limit(200, "finer phases add time, not evidence")
    min_correlation: float = limit(0.3, "")

    @property
    def min_points(self) -> int:
        """What follows from the others."""
        return self.min_epochs * self.min_points_an_epoch


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    loss = run.loss("train")
    if loss is None:
        raise InsufficientDataError("no main training loss could be told")
    if run.is_rate_cyclic:
        raise InsufficientDataError("the learning rate restarts, and the loss goes up and down with it")
    loss = undone(loss)
    profiles, steps = _profiles(loss, limits)
    if len(profiles) < limits.min_epochs:
        raise InsufficientDataError(
            f"{len(profiles)} of {limits.min_epochs} whole epochs with {limits.min_points_an_epoch} or more points that it takes"
        )
    observed = mean_correlation(profiles)
    if observed <= limits.min_correlation:
        return
    p = rotation_p(profiles)
    if p > 0.01:
        return
    yield Finding(
        message=f"{loss.name} repeats itself from epoch to epoch (correlation {observed:.2f} over {len(profiles)} epochs, "
        f"p = {p:.3f}): the batches come in the same order",
        confidence=0.9,
        metric=loss.name,
        steps=(int(steps[0]), int(steps[1])),
        evidence={"correlation": observed, "p": p, "epoch_count": float(len(profiles))},
        remedies=(
            "shuffle the training data every epoch: DataLoader(shuffle=True), a new seed each epoch for distributed samplers",
            "with tf.data, use a shuffle buffer as large as the data set",
        ),
    )


def _profiles(loss: CurveView, limits: Limits) -> tuple[np.ndarray, tuple[int, int]]:
    """Residuals of whole epochs on a grid of phases, float64 [epochs, phases], and the steps that they span."""
    epochs = loss.epochs
    known = np.isfinite(epochs)
    numbers = np.floor(epochs[known] + 1e-9).astype(np.int64)
    values, steps = loss.scaled[known], loss.steps[known]
    labels, starts, counts = np.unique(numbers, return_index=True, return_counts=True)
    usual = int(np.median(counts)) if len(counts) else 0
    if usual < limits.min_points_an_epoch or len(labels) < limits.min_epochs:
        return np.empty((0, 0)), (0, 0)
    whole = [(a, n) for a, n in zip(starts, counts, strict=True) if abs(n - usual) <= max(1, 0.1 * usual)]
    whole = whole[1:] if len(whole) > limits.min_epochs else whole
    if not whole:  # of two lengths in turns, neither is the median
        return np.empty((0, 0)), (0, 0)
    grid = np.linspace(0, 1, min(usual, limits.max_points_an_epoch))
    bases = {count: _polynomials(count) for count in {count for _, count in whole}}
    rows = []
    for start, count in whole:
        part, basis = values[start : start + count], bases[count]
        rest = part - basis @ (basis.T @ part)
        rows.append(np.interp(grid, np.linspace(0, 1, count), rest))
    last = whole[-1][0] + whole[-1][1] - 1
    return np.array(rows), (int(steps[whole[0][0]]), int(steps[last]))


def _polynomials(points: int) -> Floats:
    """Orthonormal basis of the polynomials of `DEGREE` on an even grid, float64 [points, DEGREE + 1]."""
    return np.asarray(np.linalg.qr(np.vander(np.linspace(-1, 1, points), DEGREE + 1))[0])


RULE = Rule(
    id="epoch-periodic-loss",
    family="data",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The data are shuffled",
    failure_title="Loss repeats every epoch",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)

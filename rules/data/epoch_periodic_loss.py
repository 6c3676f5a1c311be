"""The training loss repeats the same pattern in every epoch: the data are not shuffled.

## What it finds
A pattern of the loss within the epoch that repeats in every epoch, batch by batch.

## Why it matters
Batches in a fixed order, sorted by class or by source, move the model back and forth, and the last ones have the most
influence. Convergence is slower and worse, and batch normalisation statistics are biased.

## How it is detected
The logarithm of the loss, without a cubic fitted to each epoch (which removes the descent), is interpolated on a
common grid of phases. Running means that reset every epoch are removed first. The mean correlation between
consecutive epochs has to exceed 0.3, and the correlation after random rotation of the epochs in 99% of 199 cases. At
least 4 whole epochs of 8 points are needed; if there are more, the first one, with the steepest descent, is excluded.
With learning-rate restarts the rule does not decide.

## When it is a false alarm
A learning rate that cycles once per epoch and is not logged; data that must be kept in order (time series,
curricula).

## What to do
Shuffle the training data every epoch (`DataLoader(shuffle=True)`, `tf.data` with a shuffle buffer as large as the
data set, a new seed each epoch for distributed samplers).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.epoch_means_removed import without_epoch_averaging
from ..statistics.correlation import mean_correlation, rotation_p
from ..statistics.distinct import distinct_rows
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

DEGREE = 3  # the residual of a steep descent after a parabola is the same wave in each epoch


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_epochs: int = limit(4, "three pairs of neighbours; fewer agree by chance", unit="epochs")
    min_points_an_epoch: int = limit(8, "twice the number of coefficients of the cubic", unit="points")
    max_points_an_epoch: int = limit(200, "finer phases take time and add no evidence", unit="points")
    max_length_change: float = limit(0.1, "epochs of another length are incomplete, or have other phases", unit="%")
    min_correlation: float = limit(0.3, "a weaker pattern hardly affects training", unit="correlation")
    guessed_correlation: float = limit(
        0.6, "where epochs are not logged, and each is taken to end with an evaluation", unit="correlation"
    )
    max_p: float = limit(0.01, "share of random rotations with an equal or higher correlation", unit="p-value")

    @property
    def min_points(self) -> int:
        """Points of the shortest log that can be judged."""
        return self.min_epochs * self.min_points_an_epoch


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main training loss."""
    loss = run.loss("train")
    if loss is None:
        raise InsufficientDataError("cannot determine the main training loss")
    if run.is_rate_cyclic:
        raise InsufficientDataError("the learning rate restarts, and the loss follows it")
    loss = without_epoch_averaging(loss)
    epochs, is_known = _epochs_of(run, loss)
    profiles, steps = _profiles(loss, epochs, limits)
    if len(profiles) < limits.min_epochs:
        raise InsufficientDataError(
            f"needs at least {limits.min_epochs} whole epochs of {limits.min_points_an_epoch} or more points, has {len(profiles)}"
        )
    observed = mean_correlation(profiles)
    if observed <= (limits.min_correlation if is_known else limits.guessed_correlation):
        return
    p = rotation_p(profiles)
    if p > limits.max_p:
        return
    yield Finding(
        message=f"{loss.name} repeats the same pattern in each of {len(profiles)} {'epochs' if is_known else 'stretches between evaluations'} (mean correlation {observed:.2f} from one to the "
        f"next, p = {p:.3f}): the batches have the same order in each epoch",
        confidence=0.9,
        metric=loss.name,
        steps=steps,
        evidence={"correlation": observed, "p": p, "epoch_count": float(len(profiles))},
        remedies=(
            "shuffle the training data every epoch: DataLoader(shuffle=True), and a new seed each epoch for distributed samplers",
            "with tf.data, use a shuffle buffer as large as the data set",
        ),
    )


def _epochs_of(run: RunView, loss: CurveView) -> tuple[Floats, bool]:
    """The epoch of each point, and whether it is logged, if only as a curve: else each ends with an evaluation, as in most loops."""
    validation = run.loss("validation")
    if not np.isfinite(loss.epochs).any():
        for counter in run.curves("counter"):
            if words_of(counter.tag) == ["epoch"] and counter.unit == loss.unit and len(counter) >= len(loss):
                return counter.at_each(loss.steps), True
    if np.isfinite(loss.epochs).any() or validation is None or validation.unit != loss.unit:
        return loss.epochs, True
    return np.searchsorted(validation.different_steps, loss.steps).astype(np.float64), False


def _profiles(loss: CurveView, epochs: Floats, limits: Limits) -> tuple[np.ndarray, tuple[int, int]]:
    """Residuals of whole epochs on a grid of phases, float64 [epochs, phases], and the steps that they span."""
    known = np.isfinite(epochs)
    numbers = np.floor(epochs[known] + 1e-9).astype(np.int64)
    values, steps = loss.scaled[known], loss.steps[known]
    _, starts, counts = distinct_rows(numbers)
    usual = int(median(counts)) if len(counts) else 0
    if usual < limits.min_points_an_epoch:
        return np.empty((0, 0)), (0, 0)
    longer = max(1, limits.max_length_change * usual)
    whole = [(a, n) for a, n in zip(starts, counts, strict=True) if abs(n - usual) <= longer]
    whole = whole[1:] if len(whole) > limits.min_epochs else whole
    if not whole:  # if two lengths alternate, neither is the median
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
    failure_title="Epoch-periodic loss",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    needs_all_rows=True,
    reads=(Need("learning-rate"), Need("loss", "validation"), Need("counter")),
)

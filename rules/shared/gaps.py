"""Training against validation loss per evaluation, on the same axis and at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import InsufficientDataError
from ..statistics.medians import median, part_medians
from .epoch_means_removed import without_epoch_averaging
from .partners import losses_together

if TYPE_CHECKING:
    from ...parsers.run import Bools, Floats, Ints
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

FEW_POINTS = 2  # training points an evaluation, from which on a window around it has some on both sides

ROUNDED = 1e-3  # of the first training loss: zeros beside values this small are small themselves


class Gap(NamedTuple):
    """Logarithm of the validation loss over that of the training loss.

    Attributes:
        validation, train: the curves.
        steps: of the evaluations with a training loss at the same time, int64 [n].
        values: ln(validation) - ln(train), float64 [n].

    """

    validation: CurveView
    train: CurveView
    steps: Ints
    values: Floats


def gap_of(run: RunView, *, corrects_lag: bool) -> Gap:
    """Compare the main losses; raises InsufficientDataError where they cannot be.

    Where many training points come between two evaluations, each evaluation is compared with the median of those
    around it. Where there is one, it may be the mean over the interval before the evaluation, and so half an interval
    older: with `corrects_lag` it is averaged with the next one, which can only make the training loss too good, and
    without, it is taken as it is, which can only make it too bad.
    """
    validation, beside = losses_together(run)
    trains = [c for c in (beside, *run.curves("loss", "train")) if c is not None and c.direction == "lower"]
    train = next((c for c in trains if validation is not None and c.unit == validation.unit and not c.layer), None)
    if validation is None or train is None:
        raise InsufficientDataError("no training and validation loss share an axis")
    train = _without_rounded_zeros(without_epoch_averaging(train))
    if not (validation.is_positive and train.is_positive and train.role == validation.role):
        raise InsufficientDataError("the losses are not positive, so their ratio is undefined")
    level, known = _beside(train, validation, corrects_lag=corrects_lag)
    values = validation.scaled[known] - level[known]
    return Gap(validation, train, validation.steps[known], values)


def _without_rounded_zeros(train: CurveView) -> CurveView:
    """The curve with its smallest positive value in place of zeros, where these are tiny values as the log rounds them."""
    values = train.values
    if not len(values) or values.min() != 0 or values.max() == 0:
        return train
    smallest = float(values[values > 0].min())
    if smallest > ROUNDED * float(values[0]):
        return train
    return train.converted(np.where(train.all_values == 0, smallest, train.all_values), train.name, role=train.role)


def _beside(train: CurveView, validation: CurveView, *, corrects_lag: bool) -> tuple[Floats, Bools]:
    """Training level at each evaluation, float64 [n], and whether there is one, bool [n]."""
    steps = validation.steps
    if len(train) >= FEW_POINTS * len(validation):
        half = max(median(np.diff(steps)) / 2, 1.0) if len(steps) > 1 else np.inf
        first = np.searchsorted(train.steps, steps - half, side="right")
        last = np.searchsorted(train.steps, steps + half, side="right")
        level = part_medians(train.scaled, first, last)
    else:
        row = np.searchsorted(train.steps, steps, side="right") - 1
        after = row + corrects_lag
        level = (train.scaled[row] + train.scaled[np.minimum(after, len(train) - 1)]) / 2
        level[(row < 0) | (after >= len(train))] = np.nan
    return level, np.isfinite(level)

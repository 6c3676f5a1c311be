"""Epochs of a run that logs them as a metric, as Lightning does in event files and many do in MLflow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.tables.axes import EPOCH_NAMES, plain

if TYPE_CHECKING:
    from ...parsers.run import Curve, Floats, Run


def add_epochs(run: Run) -> None:
    """Give the points of each curve of steps the epoch that was logged last, if its own are unknown.

    Nothing is extrapolated: before the first and after the last logged epoch they stay unknown.
    """
    counter = _counter(run.all_curves)
    if counter is None:
        return
    run.all_curves = [
        replace(curve, epoch=_epochs_at(curve, counter)) if _lacks_epochs(curve) else curve for curve in run.all_curves
    ]


def _counter(curves: list[Curve]) -> Curve | None:
    """The longest curve that is named as an epoch and never falls as its steps rise; None if there is none."""
    named = [curve.effective() for curve in curves if plain(curve.tag) in EPOCH_NAMES and curve.axis == "step"]
    return max(filter(_counts, named), key=len, default=None)


def _counts(curve: Curve) -> bool:
    return (
        len(curve) > 0
        and bool(np.isfinite(curve.value).all())
        and float(curve.value[0]) >= 0
        and bool((np.diff(curve.value) >= 0).all())
        and bool((np.diff(curve.step) >= 0).all())
    )


def _lacks_epochs(curve: Curve) -> bool:
    return curve.axis == "step" and len(curve) > 0 and bool(np.isnan(curve.epoch).all())


def _epochs_at(curve: Curve, counter: Curve) -> Floats:
    row = np.searchsorted(counter.step, curve.step, side="right") - 1
    is_known = (row >= 0) & (curve.step <= counter.step[-1])
    return np.where(is_known, counter.value[np.maximum(row, 0)], np.nan)

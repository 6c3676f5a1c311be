"""Alignment of curves whose steps count epochs with training steps that count updates.

Custom loops log the training loss at every update and the validation loss once per epoch, each with a separate counter.
Wall times show at which update an epoch ended; without times such a curve is marked as counting epochs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.run import Note

if TYPE_CHECKING:
    from ...parsers.run import Curve, Floats, Ints, Run

MIN_EPOCHS = 3  # points of a curve of epochs; two are too few to recognise one
MIN_RATIO = 3.0  # of updates to epochs; below, it may be another counter
MAX_UNEVEN = 0.5  # relative deviation of the length of an epoch from the median
TRAINING_ROLES = frozenset(("loss", "score", "perplexity", "learning-rate", "gradient-norm", "reward"))


def align(run: Run) -> None:
    """Move curves of epochs to training steps, or mark them as counting epochs; adds a note."""
    trunk = _trunk(run.all_curves)
    if trunk is None:
        return
    moved: list[str] = []
    marked: list[str] = []
    for i, curve in enumerate(run.all_curves):
        if not _counts_epochs(curve, trunk):
            continue
        steps = _steps_by_time(curve, trunk)
        if steps is not None:
            run.all_curves[i] = replace(curve, step=steps, epoch=curve.step.astype(np.float64))
            moved.append(curve.tag)
        elif _has_no_step_of(trunk, curve):
            run.all_curves[i] = replace(curve, axis="epoch", epoch=curve.step.astype(np.float64))
            marked.append(curve.tag)
    if moved:
        run.notes.append(
            Note(run.path, _named(moved), "steps count epochs: moved to the training steps of the same time")
        )
    if marked:
        run.notes.append(Note(run.path, _named(marked), "steps count epochs, unlike those of the training"))


def _trunk(curves: list[Curve]) -> Curve | None:
    """The training curve with the largest step; None if there is none."""
    found = [
        c for c in curves
        if c.axis == "step" and c.split in ("train", "none") and c.role in TRAINING_ROLES and not c.layer and len(c)
        and len(c.segments) == 1
    ]  # fmt: skip
    return max(found, key=lambda c: (int(c.step[-1]), len(c)), default=None)


def _counts_epochs(curve: Curve, trunk: Curve) -> bool:
    """Whether steps are 0, 1, 2, ... or 1, 2, 3, ... and end long before the training steps."""
    step = curve.step
    return (
        curve.axis == "step"
        and len(step) >= MIN_EPOCHS
        and step[0] in (0, 1)
        and trunk.step[-1] >= MIN_RATIO * (step[-1] + 1)
        and bool((np.diff(step) == 1).all())
        and bool(np.isnan(curve.epoch).all())
    )


def _steps_by_time(curve: Curve, trunk: Curve) -> Ints | None:
    """The last training step before each point, if these are about equally far apart, as epochs are; otherwise None."""
    if not (_is_rising(curve.wall_time) and _is_rising(trunk.wall_time)):
        return None
    row = np.searchsorted(trunk.wall_time, curve.wall_time, side="right") - 1
    steps = trunk.step[np.maximum(row, 0)]
    lengths = np.diff(steps)
    usual = float(np.median(lengths))
    is_even = usual >= MIN_RATIO and bool((np.abs(lengths - usual) <= MAX_UNEVEN * usual).all())
    return steps if is_even else None


def _has_no_step_of(trunk: Curve, curve: Curve) -> bool:
    """Whether no training point was logged at the steps of a curve, except the first."""
    return bool(np.isnan(curve.wall_time).all()) and not np.isin(curve.step[curve.step > 0], trunk.step).any()


def _is_rising(times: Floats) -> bool:
    return bool((np.diff(times) >= 0).all()) and bool(np.isfinite(times).all())


def _named(tags: list[str]) -> str:
    shown = ", ".join(tags[:3])
    return f"{shown} and {len(tags) - 3} more" if len(tags) > 3 else shown

"""Curves of one quantity in several splits: what was measured together is compared with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.vocabulary import SPLITS
from ...parsers.meaning.words import FILLERS, words_of

if TYPE_CHECKING:
    from ...parsers.run import Split
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

MIN_COMMON = 0.9  # of the steps of the shorter of two curves: they were measured together


def partner_of(run: RunView, curve: CurveView, split: Split) -> CurveView | None:
    """The curve of the same quantity in another split, on the same axis; of several the one with most points."""
    quantity = quantity_of(curve)
    alike = [
        other
        for other in run.curves(curve.role, split)
        if other.unit == curve.unit and other.direction == curve.direction and quantity_of(other) == quantity
    ]
    return max(alike, key=len, default=None)


def losses_together(run: RunView) -> tuple[CurveView | None, CurveView | None]:
    """The main validation loss, and the training loss that was measured with it, else the main training loss.

    Where an evaluation computes the loss of training data as well, that is comparable: not the loss of single batches.
    """
    validation, train = run.loss("validation"), run.loss("train")
    if validation is None or train is None or _are_together(train, validation):
        return validation, train
    alike = [
        c
        for c in run.curves("loss", "train")
        if c.direction == "lower" and not c.layer and c.unit == validation.unit and _are_together(c, validation)
    ]
    same = [c for c in alike if quantity_of(c) == quantity_of(validation)]
    return validation, max(same, key=len, default=train)


def _are_together(one: CurveView, other: CurveView) -> bool:
    """Whether two curves have nearly all steps in common."""
    common = len(np.intersect1d(one.different_steps, other.different_steps, assume_unique=True))
    return common >= MIN_COMMON * max(len(one.different_steps), len(other.different_steps), 1)


def quantity_of(curve: CurveView) -> frozenset[str]:
    """The words of a tag without those that name the split or say how the values were gathered."""
    return frozenset(words_of(curve.tag)) - set(SPLITS) - FILLERS

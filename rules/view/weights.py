"""Losses that are weighted sums, one weight of which is logged and grows: such a sum may rise while all its parts fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.vocabulary import KL, SETTING_HEADS, SPLITS
from ...parsers.meaning.words import FILLERS, terms_of

if TYPE_CHECKING:
    from .curve_view import CurvesOf, CurveView

MIN_RAISE = 1.1  # of the last weight to the first: less hardly moves the sum
_OF_KL = frozenset(("beta", "anneal", "annealing"))  # what a weight of the KL is called alone


def at_final_weight(curves: CurvesOf, loss: CurveView) -> CurveView:
    """The loss as if a weight that was raised had been the last one throughout; the loss itself if none was.

    Values at different weights are of different objectives, so that no rule can compare them.
    """
    for weight in curves("setting"):
        is_raised = len(weight) > 1 and weight.values[-1] > max(MIN_RAISE * weight.values[0], weight.values[0])
        part = _part_of(curves, loss, weight) if is_raised and weight.values.min() >= 0 else None
        if part is not None:
            more = (weight.values[-1] - weight.at_each(loss.all_steps)) * part.at_each(loss.all_steps)
            values = loss.all_values + np.where(np.isfinite(more), more, 0.0)
            return loss.converted(values, f"{loss.name} at {weight.name} {weight.values[-1]:.3g}", role=loss.role)
    return loss


def _part_of(curves: CurvesOf, loss: CurveView, weight: CurveView) -> CurveView | None:
    """The part of a loss that a weight is of, by their words."""
    words = set(terms_of(weight.tag)) - SETTING_HEADS - set(SPLITS) - FILLERS - {"loss"}
    named = words | (KL if words & (_OF_KL | KL) else set())
    parts = [c for c in (*curves("loss"), *curves("kl")) if c.split in (loss.split, "none") and c is not loss]
    return max((c for c in parts if named & set(terms_of(c.tag)) and len(c)), key=len, default=None)

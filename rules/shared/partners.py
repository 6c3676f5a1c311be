"""Curves of one quantity in several splits: what was measured together is compared with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...parsers.meaning.words import FILLERS, words_of

if TYPE_CHECKING:
    from ...parsers.run import Split
    from ..view.run_view import CurveView, RunView

SPLIT_WORDS = frozenset("train training val valid validation eval evaluation dev test testing holdout".split())


def partner_of(run: RunView, curve: CurveView, split: Split) -> CurveView | None:
    """The curve of the same quantity in another split, on the same axis; of several the one with most points."""
    quantity = quantity_of(curve)
    alike = [
        other
        for other in run.curves(curve.role, split)
        if other.unit == curve.unit and other.direction == curve.direction and quantity_of(other) == quantity
    ]
    return max(alike, key=len, default=None)


def quantity_of(curve: CurveView) -> frozenset[str]:
    """The words of a tag without those that name the split or say how the values were gathered."""
    return frozenset(words_of(curve.tag)) - SPLIT_WORDS - FILLERS

"""Curves of post-training, and the last part of a run; shared by the rules of the family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...parsers.meaning.words import words_of
from ..base import InsufficientDataError

if TYPE_CHECKING:
    from ...parsers.run import Role, Split
    from ..view.run_view import CurveView, RunView

PREFERENCE_WORDS = {"rewards", "accuracies"}  # of the tag of a share of correctly ranked pairs, as TRL logs it


def longest(run: RunView, role: Role, points: int) -> CurveView:
    """The longest curve of a role, one of training if there is one.

    Raises:
        InsufficientDataError: none has so many points.

    """
    usable = [c for c in run.curves(role) if len(c) >= points]
    if not usable:
        raise InsufficientDataError(f"{role.replace('-', ' ')} needs at least {points} points")
    return max(usable, key=lambda c: (c.split != "validation", len(c)))


def ranking_accuracy(run: RunView, split: Split) -> CurveView | None:
    """The share of preference pairs whose chosen answer gets the higher reward; None if it is not logged."""
    found = [c for c in run.curves("score", split) if len(c) and set(words_of(c.tag)) >= PREFERENCE_WORDS]
    return max(found, key=len, default=None)


def late_rows(curve: CurveView, share: float) -> slice:
    """Rows of the last part of a curve, at least one."""
    return slice(len(curve) - max(1, round(share * len(curve))), None)

"""Curves without running means, for rules that judge single points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import InsufficientDataError

if TYPE_CHECKING:
    from ..view.curve_view import CurveView


def without_epoch_averaging(curve: CurveView) -> CurveView:
    """The curve without running means that reset every epoch; raises InsufficientDataError if they cannot be removed."""
    if curve.without_epoch_averaging is None:
        raise InsufficientDataError(
            f"{curve.name} is a running mean that resets every epoch, with too few digits to remove it"
        )
    return curve.without_epoch_averaging

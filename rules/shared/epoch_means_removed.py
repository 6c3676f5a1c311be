"""What rules ask for that judge a curve point by point, whatever form it was logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import InsufficientDataError

if TYPE_CHECKING:
    from ..view.run_view import CurveView


def undone(curve: CurveView) -> CurveView:
    """The curve without running means that start anew each epoch; raises InsufficientDataError if it cannot be told."""
    if curve.undone is None:
        raise InsufficientDataError(
            f"{curve.name} is a running mean that resets every epoch, with too few digits to undo it"
        )
    return curve.undone

"""Shared by the rules on the gradient norm of the whole model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import InsufficientDataError, NotApplicableError

if TYPE_CHECKING:
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


def whole_norm(run: RunView, min_points: int) -> CurveView:
    """The longest positive gradient norm that belongs to no layer.

    Raises:
        NotApplicableError: there is none.
        InsufficientDataError: it has fewer points than needed.

    """
    norms = [c for c in run.curves("gradient-norm") if not c.layer and c.is_positive]
    if not norms:
        raise NotApplicableError("no positive gradient norm of the whole model is logged")
    norm = max(norms, key=len)
    if len(norm) < min_points:
        raise InsufficientDataError(f"the gradient norm needs at least {min_points} points, has {len(norm)}")
    return norm

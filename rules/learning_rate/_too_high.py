"""Shared by the rules on learning rates that are too high."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import InsufficientDataError, NotApplicableError
from ..shared.chance import chance_level_loss

if TYPE_CHECKING:
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


def loss_and_chance_level(run: RunView) -> tuple[CurveView, float]:
    """The main training loss, and the loss of a model that has learned nothing.

    Raises:
        NotApplicableError: no positive training loss is logged.
        InsufficientDataError: the loss of such a model is unknown.

    """
    loss = run.loss("train")
    if loss is None or not loss.is_positive:
        raise NotApplicableError("no positive training loss is logged, so relative change is undefined")
    guess = chance_level_loss(run, loss)
    if math.isnan(guess):
        raise InsufficientDataError(
            "the chance-level loss is unknown: neither the number of classes nor the start of the loss is logged"
        )
    return loss, guess


def lower_rate(run: RunView) -> str:
    """The remedy, with the peak of the learning rate if it is logged."""
    rate = run.learning_rate
    peak = f" (its peak is {rate.values.max():.3g})" if rate is not None else ""
    return f"lower the learning rate by 3 to 10{peak}"

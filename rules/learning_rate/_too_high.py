"""Shared by the rules on learning rates that are too high."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..view.run_view import RunView


def lower_rate(run: RunView) -> str:
    """The remedy, with the peak of the learning rate if it is logged."""
    rate = run.learning_rate
    peak = f" (its peak is {rate.values.max():.3g})" if rate is not None else ""
    return f"lower the learning rate by 3 to 10{peak}"

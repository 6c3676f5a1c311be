"""Advice to go back to a checkpoint, where there can be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..view.curve_view import CurveView


def restart_before(curve: CurveView, step: int, change: str = "") -> str:
    """To restart from a checkpoint before a step with a change, " with a lower rate"; anew if nothing was logged before it."""
    if not len(curve.all_steps) or step <= int(curve.all_steps[0]):
        return f"start anew{change}" if change else "start anew, since there is no earlier checkpoint"
    return f"restart from a checkpoint before {curve.unit} {step:,}{change}"

"""The rules, family by family: explicit, greppable, and the order in which reports list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Rule

RULES: tuple[Rule, ...] = ()

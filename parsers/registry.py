"""The parsers, in the order in which a file is offered to them: special formats before general ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .tensorboard import PARSER as TENSORBOARD

if TYPE_CHECKING:
    from .base import Parser

PARSERS: tuple[Parser, ...] = (TENSORBOARD,)

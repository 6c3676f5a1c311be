"""Types of hyperparameters that a tracker stored as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..run import Hyperparameter

MAX_DIGITS = 18  # longer ones are names

_INTEGER = re.compile(r"[-+]?\d+")
_REAL = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?")
_WORDS: dict[str, Hyperparameter] = {"true": True, "false": False, "none": None, "null": None}


def typed(text: str) -> Hyperparameter:
    """Read "0.1" as a number and "True" as a boolean; other values remain text."""
    text = text.strip()
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if len(text) <= MAX_DIGITS and _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _REAL.fullmatch(text) else text

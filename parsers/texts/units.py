"""Units behind numbers."""

from __future__ import annotations

import re

_BEHIND = re.compile(r"(?:ms|us|µs|secs?|s|[kKMGTB](?:i?B)?)(?![A-Za-z0-9])")
_KNOWN = re.compile(r"ms|us|µs|[kKmMgGtTbB](?:i?[bB])?")
_SCALES = {"ms": 1e-3, "us": 1e-6, "µs": 1e-6, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "b": 1e9}


def unit_behind(text: str) -> str:
    """The unit that a text begins with, right behind a number; "" if there is none."""
    found = _BEHIND.match(text)
    return found[0] if found else ""


def scale_of(unit: str) -> float:
    """What a number in this unit is multiplied by: times are in seconds, 3.1M is 3.1e6."""
    if not _KNOWN.fullmatch(unit):
        return 1.0
    return _SCALES.get(unit.lower() if unit[:1] in "muµ" else unit[:1].lower(), 1.0)

"""Regular expressions that are compiled on first use: many of them are long, and most logs need few."""

from __future__ import annotations

import re
from typing import Any, cast

METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")


class _LatePattern:
    """A proxy that compiles the pattern when a method is first used, and has its methods from then on."""

    def __init__(self, source: str, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._source, self._flags)
        for method in METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def late_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern of a regular expression, compiled on first use; `source` must be a valid one."""
    return cast("re.Pattern[str]", _LatePattern(source, flags))

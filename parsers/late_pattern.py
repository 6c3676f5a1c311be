"""Regular expressions that are compiled when they are first used: many of them are long, and most logs meet few."""

from __future__ import annotations

import re
from typing import Any, cast

METHODS = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")


class _LatePattern:
    """Stands for a pattern until a method of it is asked for, and has the methods of the pattern from then on."""

    def __init__(self, source: str, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._source, self._flags)
        for method in METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def late_pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern of a regular expression, compiled by its first use; `source` must be a valid one."""
    return cast("re.Pattern[str]", _LatePattern(source, flags))

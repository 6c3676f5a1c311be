"""Fast reading of lines: a line of a known shape costs one dictionary look-up and one regular expression."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .dialects import GENERIC, Dialect
from .line_shapes import shape_of
from .lines import MAX_LINE, pieces_of, visible
from .same_lines import SameLines

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_SHAPES = 20_000  # of one file; prose has a new one with every line
MAX_PATTERNS = 400  # compiled ones; for further shapes, lines are split at their numbers one by one
MAX_WORDS = 200  # keys whose lines are examined even if there are too many shapes
MAX_ALIKE = 40  # shapes that differ only in digits, such as names of layers

_DIGITS = b"0123456789"


class _Known(NamedTuple):
    """A known shape; `pattern` matches its lines, None if they have no data."""

    lines: SameLines
    pattern: re.Pattern[str] | None


class ShapeReader:
    """Caches the shapes of the lines of a file."""

    def __init__(self, dialect: Dialect = GENERIC) -> None:
        self._adapt = dialect.adapt
        self._known: dict[bytes, list[_Known]] = {}
        self._shapes = self._patterns = 0
        self._words: set[str] = set()

    def read(self, line: str) -> tuple[SameLines, Sequence[str]] | None:
        """Read one line: the lines of its shape, and the texts in their holes; None if it has no data."""
        if "\r" in line or "\x1b" in line or "\b" in line:
            line = visible(line)
        if len(line) > MAX_LINE:
            return None
        key = line.encode("utf-8", "surrogatepass").translate(None, _DIGITS)
        for lines, pattern in self._known.get(key, ()):
            if pattern is None:
                return None
            if match := pattern.fullmatch(line):
                return lines, match.groups()
        return self._learn(key, line)

    def _learn(self, key: bytes, line: str) -> tuple[SameLines, Sequence[str]] | None:
        """Read a line of a new shape."""
        is_full = self._shapes >= MAX_SHAPES
        if is_full and not any(word in line for word in self._words):
            return None
        texts, numbers = pieces_of(line)
        shape = self._adapt(shape_of(texts, numbers))
        lines = SameLines(shape)
        has_data = shape.is_row or shape.has_axis or (shape.is_header and bool(shape.split))
        alike = self._known.setdefault(key, []) if not is_full else []
        if not is_full and len(alike) < MAX_ALIKE and (not has_data or self._patterns < MAX_PATTERNS):
            self._shapes += 1
            self._patterns += has_data
            alike.append(_Known(lines, _pattern_of(texts, numbers, lines.holes) if has_data else None))
        if shape.is_row and len(self._words) < MAX_WORDS:
            self._words |= {value.tag.rpartition("/")[2] for value in shape.values}
        return (lines, [numbers[hole] for hole in lines.holes]) if has_data else None


def _pattern_of(texts: list[str], numbers: list[str], holes: list[int]) -> re.Pattern[str]:
    """A pattern of lines that differ from this one in the digits of their numbers; groups are the requested holes."""
    parts = [re.escape(texts[0])]
    for hole, number in enumerate(numbers):
        digits = re.sub("[0-9]+", "[0-9]+", re.escape(number))
        parts += [f"({digits})" if hole in holes else digits, re.escape(texts[hole + 1])]
    return re.compile("".join(parts))

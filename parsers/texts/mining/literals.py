"""Numbers between texts that are the same in every line, read at once: the texts are replaced by commas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...numbers.plain_numbers import NumberReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...run import Floats

MIN_LINES = 8  # of fewer, the set-up costs more than it saves
_OF_NUMBERS = frozenset("0123456789.+-eE")
_READER = NumberReader()


class Literals:
    """The texts around the numbers of some lines, exactly as logged; the first number may be a date.

    A text can be replaced if it holds a character that no number has: then it is found nowhere else. Longer texts go
    first, as they may hold shorter ones.
    """

    __slots__ = ("_before", "_between", "_first", "_has_date", "_last", "_numbers", "can_read")

    def __init__(self, texts: Sequence[str], is_clock: Sequence[bool]) -> None:
        self._has_date = bool(is_clock) and is_clock[0]
        self._before = texts[0] if self._has_date else ""
        self._first, self._last = texts[self._has_date], texts[-1]
        self._between = sorted(set(texts[1 + self._has_date : -1]) - {","}, key=len, reverse=True)
        self._numbers = len(is_clock) - self._has_date
        self.can_read = (
            self._numbers > 0
            and not any(is_clock[1:])
            and not any(_OF_NUMBERS.issuperset(text) for text in self._between)
        )

    def read(self, lines: Sequence[str], start: int, end: int) -> tuple[Sequence[str], Floats] | None:
        """Read lines: the dates, which lie from `start` to `end` in each, and the numbers, float64 [lines, numbers].

        None where a line is unlike the others, or holds a number that is not written as in JSON.
        """
        dates: Sequence[str] = ()
        if self._has_date:
            if self._before and not all(line.startswith(self._before) for line in lines):
                return None
            dates = [line[start:end] for line in lines]
            lines = [line[end:] for line in lines]
        text = "\n".join(lines)
        if not text.startswith(self._first) or not text.endswith(self._last):
            return None
        text = text[len(self._first) : len(text) - len(self._last)]
        text = text.replace(f"{self._last}\n{self._first}", ",")
        for between in self._between:
            text = text.replace(between, ",")
        count = len(lines) * self._numbers
        if not text.isascii() or text.count(",") != count - 1:
            return None
        numbers = _READER.read(np.frombuffer(f"{text},".encode("ascii"), np.uint8), np.ones(count, np.bool_))
        return None if numbers is None else (dates, numbers.reshape(len(lines), self._numbers))

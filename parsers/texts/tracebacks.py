"""Python tracebacks in a text log."""

from __future__ import annotations

import re
from typing import NamedTuple

from .mining.lines import visible

FRAME_LINES = 8  # last lines of a traceback
CHAIN_LINES = 8  # lines within which a chained one follows
MAX_BLOCK = 400  # lines of a traceback; torch.compile writes long ones
TRACEBACK = "Traceback (most recent call last)"
_EXCEPTION = re.compile(r"^(?:[A-Za-z_]\w*\.)*([A-Za-z_]\w*)\s*(?::|$)")
_BY_HAND = frozenset({"KeyboardInterrupt", "SystemExit", "GeneratorExit"})
_CHAIN = ("During handling of the above exception", "The above exception was the direct cause")
MAX_LINE = 2000  # characters examined of a line


class Traceback(NamedTuple):
    """A traceback, with chained ones.

    Attributes:
        lines: from its first line to the one that names the last exception.
        context: the last frames and that line, without the prefix of a launcher.
        is_by_hand: whether the user stopped the program.

    """

    lines: int
    context: tuple[str, ...]
    is_by_hand: bool


def read_traceback(text: str, start: int) -> Traceback | None:
    """Read the traceback whose first line begins at a position; None if its exception is missing."""
    block = _Block(text, start)
    at, following = None, block.exception_after(0)
    while following is not None:
        at = following
        again = block.chained_after(at)
        following = None if again is None else block.exception_after(again)
    if at is None:
        return None
    name = _EXCEPTION.match(block.lines[at])
    context = tuple(block.lines[max(0, at - FRAME_LINES) : at + 1])
    return Traceback(at, context, bool(name and name[1] in _BY_HAND))


def line_at(text: str, start: int) -> str:
    """The visible part of the line that begins at a position."""
    end = text.find("\n", start, start + MAX_LINE)
    return visible(text[start : end if end >= 0 else start + MAX_LINE]).rstrip()


class _Block:
    """The lines from the first one of a traceback on, without the prefix of a launcher; read only as far as asked for."""

    def __init__(self, text: str, start: int) -> None:
        self._text, self._next = text, start
        first = line_at(text, start)
        self._prefix = first[: first.find(TRACEBACK)]
        self.lines: list[str] = []

    def line(self, index: int) -> str | None:
        """The line of an index; None beyond the end."""
        while len(self.lines) <= index:
            if self._next < 0 or len(self.lines) >= MAX_BLOCK:
                return None
            self.lines.append(line_at(self._text, self._next).removeprefix(self._prefix))
            self._next = self._text.find("\n", self._next) + 1 or -1
        return self.lines[index]

    def exception_after(self, start: int) -> int | None:
        """Index of the line that names the exception of the traceback at `start`."""
        index = start + 1
        while (line := self.line(index)) is not None:
            if line and not line[0].isspace():
                return index if _EXCEPTION.match(line) else None
            index += 1
        return None

    def chained_after(self, end: int) -> int | None:
        """Index of the chained traceback after the one that ended at `end`."""
        for index in range(end + 1, end + CHAIN_LINES):
            line = self.line(index)
            if line is None:
                return None
            if line.startswith(TRACEBACK):
                return index if any(each.startswith(_CHAIN) for each in self.lines[end + 1 : index]) else None
        return None

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
    lines = []
    position = start
    for _ in range(MAX_BLOCK):
        lines.append(line_at(text, position))
        position = text.find("\n", position) + 1
        if not position:
            break
    prefix = lines[0][: lines[0].find(TRACEBACK)]
    plain = [line.removeprefix(prefix) for line in lines]
    at, following = None, _exception_after(plain, 0)
    while following is not None:
        at = following
        again = _chained_after(plain, at)
        following = None if again is None else _exception_after(plain, again)
    if at is None:
        return None
    name = _EXCEPTION.match(plain[at])
    return Traceback(at, tuple(plain[max(0, at - FRAME_LINES) : at + 1]), bool(name and name[1] in _BY_HAND))


def line_at(text: str, start: int) -> str:
    """The visible part of the line that begins at a position."""
    end = text.find("\n", start, start + MAX_LINE)
    return visible(text[start : end if end >= 0 else start + MAX_LINE]).rstrip()


def _exception_after(plain: list[str], start: int) -> int | None:
    """Index of the line that names the exception of the traceback at `start`."""
    for index in range(start + 1, len(plain)):
        line = plain[index]
        if line and not line[0].isspace():
            return index if _EXCEPTION.match(line) else None
    return None


def _chained_after(plain: list[str], end: int) -> int | None:
    """Index of the chained traceback after the one that ended at `end`."""
    for index in range(end + 1, min(end + CHAIN_LINES, len(plain))):
        if plain[index].startswith(TRACEBACK):
            return index if any(line.startswith(_CHAIN) for line in plain[end + 1 : index]) else None
    return None

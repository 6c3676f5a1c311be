"""Lines of text: their visible part, and the numbers in them."""

from __future__ import annotations

import re

MAX_LINE = 20_000  # characters; longer lines are data, not log
MAX_HOLES = 500
_TIME = (
    r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}(?:[ T]+[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
    r"|[0-9]{2}[-/][0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?"  # without a year: detectron2
    r"|[0-9]{1,3}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]+)?(?![0-9:])"
)
_DIGITS = r"[-+]?(?:[0-9]+(?:,[0-9]{3}(?![0-9]))*(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_UNIT_BEHIND = r"(?=$|[^\w]|_|(?:[mu]?s|secs?|[kKMGTB](?:i?B)?)(?![A-Za-z0-9]))"
_ASSIGNED = r"(?<==)[-+]?(?:[nN]a[nN]|NAN|[iI]nf(?:inity)?|INF)(?![A-Za-z0-9_])"  # whatever follows: it is not prose
_WORD_NUMBER = r"[-+]?(?:[nN]a[nN]|NAN|[iI]nf(?:inity)?|INF)(?:(?=ms)|(?![A-Za-z0-9_]| (?:iter|loss|value|grad|step|skip|check|detect|encounter|found|batch)))"
NUMBER = re.compile(rf"(?<![\w.@])({_TIME}|{_DIGITS}{_UNIT_BEHIND}|{_ASSIGNED}|{_WORD_NUMBER})")

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]")
_OVERWRITING = re.compile(r"[\r\x08]+")


def visible(line: str) -> str:
    """The text of a line as shown on a terminal: without colours and overwritten parts of progress bars."""
    line = without_colours(line)
    if "\r" in line or "\b" in line:
        parts = [part for part in _OVERWRITING.split(line) if part and not part.isspace()]
        line = parts[-1] if parts else ""
    return line


def without_colours(text: str) -> str:
    return _ANSI.sub("", text) if "\x1b" in text else text


def pieces_of(line: str) -> tuple[list[str], list[str]]:
    """Split a line at its numbers: n + 1 texts around n numbers."""
    pieces = NUMBER.split(line, MAX_HOLES)
    return pieces[::2], pieces[1::2]


def as_float(text: str) -> float | None:
    """A number as written in a log; None for a time or anything else."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float(text.replace(",", "")) if ":" not in text else None
    except ValueError:
        return None

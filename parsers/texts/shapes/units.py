"""Units behind numbers."""

from __future__ import annotations

import re

_BEHIND = re.compile(r"(?:ms|us|µs|secs?|seconds?|s|[kKMGTB](?:i?B)?|k?Hz|dB)(?![A-Za-z0-9])")
_SPACED = re.compile(r" (?:ms|us|s|secs?|seconds?|minutes?|mins?|hours?|hrs?|[kMG]i?B|[kM]?Hz)(?=[\s,;|)\].])")
_RATE = re.compile(
    r" ?[^\W\d_]+(?:[ /][^\W\d_]+)?/(?:s|sec|secs|second|min|minute|h|hour|it|iter|step|batch|device|thread|GPU|gpu)\b(?!:|\s*[=(])"
)
_PER = re.compile(r"/(?:s|sec|secs|second|it|iter|step)(?=\s)")  # `74.3/s`: of what stands before it
_STOP = re.compile(r"[ \t]*[,.;|*]?[ \t]+")
_KNOWN = re.compile(r"ms|us|µs|[kKmMgGTbB](?:i?[bB])?|t[bB]")  # a single t is a time
_SCALES = {"ms": 1e-3, "us": 1e-6, "µs": 1e-6, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "b": 1e9}


def unit_behind(text: str) -> str:
    """The unit that a text begins with, behind a number; "" if there is none."""
    found = _BEHIND.match(text) or _SPACED.match(text)
    return found[0] if found else ""


def rate_behind(text: str) -> str:
    """The speed that a text begins with, behind a number, as ` words/s`; "" if there is none."""
    found = _RATE.match(text)
    return found[0] if found else ""


def without_unit(before: str, behind: str) -> tuple[str, str]:
    """Split a text between two numbers into the unit of the first number and the rest.

    `12 ms loss` is ` loss`. Of `35 words/s 0.3` the speed belongs to the first number if the second has one, too.
    """
    closed = before[1:] if before[:1] in (")", "]") else before  # "1758.4 (1582.7) Hz objective"
    if unit := unit_behind(closed):
        rest = closed[len(unit) :]
        return (rest[1:] if rest.startswith(". ") else rest), unit
    if before.startswith("% "):
        return before[1:], ""
    if found := _PER.match(before):
        return before[found.end() :], found[0]
    rate = rate_behind(before)
    if rate and (_STOP.sub("", before[len(rate) :], count=1) or rate_behind(behind)):
        return before[len(rate) :], rate
    return before, ""


def scale_of(unit: str) -> float:
    """What a number in this unit is multiplied by: times are in seconds, 3.1M is 3.1e6."""
    if not _KNOWN.fullmatch(unit):
        return 1.0
    return _SCALES.get(unit.lower() if unit[:1] in "muµ" else unit[:1].lower(), 1.0)


_UNITS = frozenset(
    "s sec secs second seconds ms us min mins minute minutes h hr hrs hour hours day days b kb mb gb tb kib mib gib bytes "
    "b/s kb/s mb/s gb/s it/s it s/it iter/s iters/s img/s images/s samples/s samples/sec tokens/s tok/s % x fps".split()
)


def is_unit(words: str) -> bool:
    """Whether words behind a number are a unit of time, size or speed, and name nothing."""
    return words.split(" ", 1)[0].lower() in _UNITS

"""The end of a truncated file: the last number may have lost digits or its exponent."""

from __future__ import annotations

import re

MAX_TAIL = 4096  # characters searched for a line with a similar end
MESSAGE = "the file ends within a line: its last number may be truncated and is skipped"

_NUMBER_AT_END = re.compile(r"(?<![\w.])[-+]?\d[\d.]*(?:[eE][-+]?\d*)?[-+.]?\Z")


def may_be_cut(number: str, whole: str) -> bool:
    """Whether a number at the end of a file may be truncated: it is shorter than the last complete one of its kind.

    Many complete files end without a line end, so that alone does not count. A number with as many decimals is correct to
    these decimals in any case; but 1.25 may be the rest of 1.25e-05.
    """
    digits, exponent = _parts(number)
    whole_digits, whole_exponent = _parts(whole)
    return len(exponent) < len(whole_exponent) or _length(digits) < _length(whole_digits)


def without_cut_number(text: str) -> str:
    """Remove the number at the end of a text if an earlier line ends with a longer one."""
    found = _NUMBER_AT_END.search(text, max(len(text) - MAX_TAIL, 0))
    if found is None:
        return text
    before = text[max(found.start() - MAX_TAIL, 0) : found.start()].split("\n")[1:-1]
    whole = next((end[0] for line in reversed(before) if (end := _NUMBER_AT_END.search(line.rstrip("\r")))), None)
    return text[: found.start()] if whole is not None and may_be_cut(found[0], whole) else text


def _parts(number: str) -> tuple[str, str]:
    digits, _, exponent = number.strip().lower().replace(",", ".").partition("e")
    return digits, exponent


def _length(digits: str) -> tuple[bool, int]:
    """Number of decimals; for an integer all digits, and it counts as shorter than any number with a point."""
    _, point, places = digits.partition(".")
    return bool(point), len(places) if point else len(digits.lstrip("+-"))

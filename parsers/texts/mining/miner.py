"""Gathers the lines of a text log by skeleton, many at a time.

A line like one seen before, but for its digits, costs one dictionary look-up; lines of one skeleton are then read at once.
Only a line like none before is cut at its numbers by itself.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .lines import MAX_LINE, is_time, visible
from .skeletons import Skeleton, Variant, skeleton_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_KINDS = 20_000  # skeletons of one file, and lines that occurred once; prose makes a new one with every line
MAX_KEYS = 100_000  # lines that differ in more than digits and may still have one skeleton

_DIGITS = b"0123456789"
_NEW = -1
_DONE = -2


class _Single(NamedTuple):
    """A line whose skeleton occurred only once so far."""

    line_number: int
    line: str
    texts: tuple[str, ...]
    numbers: list[str]


def _begun(single: _Single) -> Skeleton:
    skeleton = Skeleton(single.texts, single.numbers, single.line)
    skeleton.add(single.line_number, single.numbers)
    return skeleton


class Miner:
    """Gathers lines by skeleton; `is_kept` decides whether a line that occurs only once is kept."""

    def __init__(self, is_kept: Callable[[str], bool]) -> None:
        self._is_kept = is_kept
        self._kinds: dict[tuple[object, ...], int] = {}
        self._skeletons: list[Skeleton] = []
        self._singles: dict[tuple[object, ...], _Single] = {}
        self._several: set[tuple[object, ...]] = set()
        self._codes: dict[bytes, int] = {}
        self._variants: list[Variant] = []
        self._lines = 0

    def add(self, lines: list[str]) -> None:
        """Take the next lines."""
        text = "\n".join(lines)
        if "\x1b" in text or "\r" in text or "\b" in text:
            lines = [visible(line) if "\x1b" in line or "\r" in line or "\b" in line else line for line in lines]
            text = "\n".join(lines)
        keys = text.encode("utf-8", "surrogatepass").translate(None, _DIGITS).split(b"\n")
        code = np.array(list(map(self._codes.get, keys, repeat(_NEW))))
        first = self._lines + 1
        self._lines += len(lines)
        for i in np.flatnonzero(code == _NEW).tolist():
            code[i] = self._codes.get(keys[i], _NEW)
            if code[i] == _NEW:
                self._learn(keys[i], lines[i], first + i)
                code[i] = _DONE
        order = np.argsort(code, kind="stable")
        starts = np.flatnonzero(np.diff(code[order], prepend=_DONE - 1)).tolist()
        for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
            rows = order[start:end].tolist()
            if (which := int(code[rows[0]])) >= 0:
                self._add_alike(self._variants[which], [first + i for i in rows], [lines[i] for i in rows])
        if len(self._singles) > MAX_KINDS or len(self._skeletons) > MAX_KINDS:
            self._forget()

    def skeletons(self) -> list[Skeleton]:
        """All that occurred several times, or are worth keeping."""
        singles = [single for single in self._singles.values() if self._is_kept(single.line)]
        return self._skeletons + [_begun(single) for single in singles]

    def _add_alike(self, variant: Variant, line_numbers: list[int], lines: list[str]) -> None:
        others = self._skeletons[variant.code].add_alike(line_numbers, lines, variant)
        for other in others:
            self._learn(b"", lines[other], line_numbers[other])

    def _learn(self, key: bytes, line: str, line_number: int) -> None:
        """Take a line that looks like none before."""
        if len(line) > MAX_LINE or not line or line.isspace():
            return
        texts, numbers = skeleton_of(line)
        clocks = tuple(map(is_time, numbers))
        kind = (texts, clocks)
        code = self._kinds.get(kind)
        if code is None:
            new = _Single(line_number, line, texts, numbers)
            plain = (tuple(" ".join(text.split()) for text in texts), clocks)  # but for blanks that align the numbers
            if plain not in self._several:
                single = self._singles.pop(plain, None)
                if single is None:
                    self._singles[plain] = new
                    return
                self._several.add(plain)
                self._kinds[single.texts, clocks] = len(self._skeletons)
                self._skeletons.append(_begun(single))
            code = self._kinds.setdefault(kind, len(self._skeletons))
            if code == len(self._skeletons):
                self._skeletons.append(_begun(new))
            else:
                self._skeletons[code].add(line_number, numbers)
        else:
            self._skeletons[code].add(line_number, numbers)
        if key and len(self._codes) < MAX_KEYS:
            self._codes[key] = len(self._variants)
            self._variants.append(Variant(code, line))

    def _forget(self) -> None:
        """Forget what occurred only once, and is not worth keeping: prose. Of too many others, keep the half."""
        kept = [(kind, single) for kind, single in self._singles.items() if self._is_kept(single.line)]
        self._singles = dict(kept[-MAX_KINDS // 2 :])
        if len(self._skeletons) > MAX_KINDS:
            self._skeletons = sorted(self._skeletons, key=len, reverse=True)[: MAX_KINDS // 2]
            self._kinds = {(s.texts, s.is_clock): code for code, s in enumerate(self._skeletons)}
            self._codes, self._variants = {}, []
            self._several.clear()


def mined(lines: Iterable[list[str]], is_kept: Callable[[str], bool]) -> list[Skeleton]:
    """Gather the lines of a text, given some thousand at a time."""
    miner = Miner(is_kept)
    for some in lines:
        miner.add(some)
    return miner.skeletons()

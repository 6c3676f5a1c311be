"""Gathers the lines of a text log by skeleton, many at a time.

A line like one seen before, but for its digits, costs one dictionary look-up; lines of one skeleton are then read by one
search for its pattern. Only a line like none before is cut at its numbers by itself.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

import numpy as np

from .lines import MAX_LINE, visible
from .skeletons import Skeleton, Variant, skeleton_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_KINDS = 20_000  # skeletons of one file; prose makes a new one with every line
MAX_KEYS = 100_000  # lines that differ in more than digits and may still have one skeleton

_DIGITS = b"0123456789"
_NEW = -1
_DULL = -2


class Miner:
    """Gathers lines by skeleton.

    `is_kept` says whether a skeleton that occurred only once is worth keeping when there are too many.
    """

    def __init__(self, is_kept: Callable[[Skeleton], bool] = lambda _: False) -> None:
        self._is_kept = is_kept
        self._kinds: dict[tuple[tuple[str, ...], tuple[bool, ...]], int] = {}
        self._skeletons: list[Skeleton] = []
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
        codes = list(map(self._codes.get, keys, repeat(_NEW)))
        first = self._lines + 1
        self._lines += len(lines)
        code = np.array(codes)
        for i in np.flatnonzero(code == _NEW).tolist():
            code[i] = self._codes.get(keys[i], _NEW)
            if code[i] == _NEW:
                self._learn(keys[i], lines[i], first + i)
                code[i] = _DULL
        order = np.argsort(code, kind="stable")
        starts = np.flatnonzero(np.diff(code[order], prepend=_DULL - 1))
        for index in np.split(order, starts[1:]):
            which = int(code[index[0]]) if len(index) else _DULL
            if which < 0:
                continue
            rows = index.tolist()
            variant = self._variants[which]
            skeleton = self._skeletons[variant.code]
            others = skeleton.add_alike([first + i for i in rows], [lines[i] for i in rows], variant)
            for other in others:
                self._learn(b"", lines[rows[other]], first + rows[other])
        if len(self._skeletons) > MAX_KINDS:
            self._forget()

    def skeletons(self) -> list[Skeleton]:
        """All that were found, in the order of their first lines."""
        return self._skeletons

    def _learn(self, key: bytes, line: str, line_number: int) -> None:
        """Take a line that looks like none before."""
        if len(line) > MAX_LINE or not line or line.isspace():
            return
        texts, numbers = skeleton_of(line)
        new = Skeleton(texts, numbers, line)
        kind = (texts, new.is_clock)
        code = self._kinds.setdefault(kind, len(self._skeletons))
        if code == len(self._skeletons):
            self._skeletons.append(new)
        if key and len(self._codes) < MAX_KEYS:
            self._codes[key] = len(self._variants)
            self._variants.append(Variant(code, line))
        self._skeletons[code].add(line_number, numbers)

    def _forget(self) -> None:
        """Forget what occurred only once: prose; the older half of all that is there if that does not help."""
        kept = [skeleton for skeleton in self._skeletons if len(skeleton) > 1 or self._is_kept(skeleton)]
        kept = sorted(kept, key=len, reverse=True)[: MAX_KINDS // 2]
        self._skeletons = sorted(kept, key=lambda skeleton: skeleton.first_line)
        self._kinds = {(s.texts, s.is_clock): code for code, s in enumerate(self._skeletons)}
        self._codes, self._variants = {}, []


def mined(lines: Iterable[list[str]], is_kept: Callable[[Skeleton], bool] = lambda _: False) -> list[Skeleton]:
    """Gather the lines of a text, given some thousand at a time."""
    miner = Miner(is_kept)
    for some in lines:
        miner.add(some)
    return miner.skeletons()

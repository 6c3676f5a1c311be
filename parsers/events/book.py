"""Numbers for byte strings (tags, metadata), with lookups of thousands at a time.

A hash table: the words of a string are hashed to a slot and then compared with the string there, so that a collision
costs time but never gives a wrong number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .framing.window import column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..run import Bools, Ints
    from .framing.window import Window, Words

LONGEST_TEXT = 256  # bytes; longer strings are not handled here

_WORD_COUNT = LONGEST_TEXT // 8
_FIRST_SLOT_BITS = 12
_ROOM = 16  # slots per string, which keeps collisions rare
_PROBES = 3  # candidate slots of a string
_ABSENT = -1
_WORD = (1 << 64) - 1
# mask of a word if n bytes of the string are left, at n + LONGEST_TEXT
_KEPT_BITS = np.array(
    [(1 << 8 * min(max(left, 0), 8)) - 1 for left in range(-LONGEST_TEXT, LONGEST_TEXT + 1)], dtype=np.uint64
)
_HALF = np.uint64(32)
_GOLDEN = 0x9E3779B97F4A7C15  # 2 ** 64 / golden ratio: its powers are odd and have no pattern in their bits
_MULTIPLIERS = np.array([pow(_GOLDEN, power, 1 << 64) for power in range(1, _WORD_COUNT + 2)], np.uint64)


class Book:
    """Byte strings and their numbers, assigned in the order of first lookup."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []
        self._numbers: dict[bytes, int] = {}
        self._make_slots(_FIRST_SLOT_BITS)
        self._hashes: dict[int, int] = {}
        # the last column is unused: the target of _ABSENT
        self._lengths = np.full(16, _ABSENT, np.int64)
        self._words: Words = np.zeros((1, 16), np.uint64)

    def number(self, text: bytes) -> int:
        """The number of one string, assigned if new."""
        known = self._numbers.get(text)
        if known is not None:
            return known
        number = self._numbers[text] = len(self.texts)
        self.texts.append(text)
        if number + 1 == len(self._lengths):
            self._widen(number)
        if len(text) <= LONGEST_TEXT:
            words = np.frombuffer(text.ljust(-len(text) % 8 + len(text), b"\0"), "<u8")
            if len(words) > len(self._words):
                missing = len(words) - len(self._words)
                self._words = np.concatenate([self._words, np.zeros((missing, self._words.shape[1]), np.uint64)])
            self._words[: len(words), number] = words
            self._lengths[number] = len(text)
        return number

    def find(self, text: bytes) -> int | None:
        """The number of one string, if assigned."""
        return self._numbers.get(text)

    def numbers(self, window: Window, places: Ints, lengths: Ints) -> Ints:
        """The numbers of strings in a window, none longer than `LONGEST_TEXT`: int64 [n]."""
        words = _words_of(window, places, lengths)
        hashes = lengths.astype(np.uint64) * _MULTIPLIERS[-1]
        for word, multiplier in zip(words, _MULTIPLIERS, strict=False):
            hashes += word * multiplier
        hashes ^= hashes >> _HALF  # the low bits of a product depend only on the low bits of its factors
        hashes *= _MULTIPLIERS[0]
        found, unknown = self._find(hashes, words, lengths)
        if len(unknown):
            self._learn(window, places[unknown], lengths[unknown], hashes[unknown])
            found, unknown = self._find(hashes, words, lengths)
            for row in unknown.tolist():  # those for which no slot was free
                found[row] = self.number(_text(window, places[row], lengths[row]))
        return found

    def _find(self, hashes: Words, words: list[Words], lengths: Ints) -> tuple[Ints, Ints]:
        """The number of each string, and the rows of unknown strings."""
        found, same = self._probe(0, hashes, words, lengths)
        unknown = np.flatnonzero(~same)
        for turn in range(1, _PROBES):
            if not len(unknown):
                break
            found[unknown], same = self._probe(
                turn, hashes[unknown], [word[unknown] for word in words], lengths[unknown]
            )
            unknown = unknown[~same]
        return found, unknown

    def _probe(self, turn: int, hashes: Words, words: list[Words], lengths: Ints) -> tuple[Ints, Bools]:
        """The entry in one of the candidate slots of each string, and whether it is the string itself."""
        found = self._slots.take(((hashes << self._shifts[turn]) >> self._shift_down).astype(np.int64))
        same = self._lengths.take(found) == lengths
        for word, known in zip(words, self._words, strict=False):
            same &= known.take(found) == word
        if len(words) > len(self._words):
            same &= lengths <= 8 * len(self._words)
        return found, same

    def _learn(self, window: Window, places: Ints, lengths: Ints, hashes: Words) -> None:
        """Assign numbers to the strings of these rows, in order, and slots if free."""
        fresh: dict[int, int] = {}
        for row in first_rows(hashes).tolist():
            number = self.number(_text(window, places[row], lengths[row]))
            if number not in self._hashes:
                fresh[number] = int(hashes[row])
        self._hashes |= fresh
        if len(self._hashes) * _ROOM > len(self._slots):
            self._make_slots((len(self._hashes) * _ROOM).bit_length() + 1)
            fresh = self._hashes
        down = int(self._shift_down)
        for number, value in fresh.items():
            for shift in self._shifts:
                slot = (value << int(shift) & _WORD) >> down
                if self._slots[slot] == _ABSENT:
                    self._slots[slot] = number
                    break

    def _make_slots(self, bits: int) -> None:
        """Empty slots, and the shifts that turn a hash into the index of a slot."""
        self._slots = np.full(1 << bits, _ABSENT, np.int64)
        self._shift_down = np.uint64(64 - bits)
        self._shifts = [np.uint64(turn * bits) for turn in range(_PROBES)]

    def _widen(self, count: int) -> None:
        lengths = np.full(4 * len(self._lengths), _ABSENT, np.int64)
        lengths[:count] = self._lengths[:count]
        words = np.zeros((len(self._words), len(lengths)), np.uint64)
        words[:, :count] = self._words[:, :count]
        self._lengths, self._words = lengths, words


def first_rows(keys: NDArray[np.generic]) -> Ints:
    """The first row of each key, in order.

    `np.unique` does it too, but imports numpy.ma: 0.1 s.
    """
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    is_first = np.ones(len(keys), np.bool_)
    is_first[1:] = ranked[1:] != ranked[:-1]
    return np.sort(order[is_first])


def _words_of(window: Window, places: Ints, lengths: Ints) -> list[NDArray[np.uint64]]:
    """The strings as words, zero-padded: as many arrays uint64 [n] as the longest has words."""
    count = (int(lengths.max()) + 7) // 8 if len(lengths) else 0
    words: list[NDArray[np.uint64]] = []
    if not count:
        return words
    rows = window.rows(places, 8 * count)
    for index in range(count):
        word = column(rows, 8 * index, "<u8")
        word &= _KEPT_BITS.take(lengths + (LONGEST_TEXT - 8 * index))
        words.append(word)
    return words


def _text(window: Window, place: int, length: int) -> bytes:
    return bytes(window.memory[place : place + length])

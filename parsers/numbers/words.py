"""Runs of digits as integers: eight bytes are read as one 64-bit word, with three multiplications.

The method is that of simdjson and fast_float (D. Lemire), here on numpy arrays of words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..run import Bools, Ints

    Words = NDArray[np.uint64]
    Bytes = NDArray[np.uint8]

PAD = 24  # bytes before a chunk: the longest run is read as three words that end with it
MAX_DIGITS = 19  # any number of so many digits fits 64 bits
TENS = np.array([10**i if i <= MAX_DIGITS else 0 for i in range(PAD + 1)], dtype=np.uint64)

_PAIRINGS = tuple(
    (np.uint64(mask), np.uint64((base << bits) + 1), np.uint64(bits))
    for mask, base, bits in (
        (0x0F0F0F0F0F0F0F0F, 10, 8),
        (0x00FF00FF00FF00FF, 100, 16),
        (0x0000FFFF0000FFFF, 10_000, 32),
    )
)  # of digits, pairs and fours: the first of two neighbours times ten, a hundred, ten thousand, plus the second
_SHIFTS = np.array([8 * (8 - min(length, 8)) for length in range(PAD + 1)], dtype=np.uint64)


def padded(chunk: bytes) -> bytes:
    """The chunk with padding for whole words."""
    return b"".join((bytes(PAD), chunk, bytes(16 - len(chunk) % 8)))


def words_at(data: Bytes, position: Ints) -> Words:
    """The eight bytes from each position on, the first one lowest."""
    aligned = data.view("<u8")
    index = position >> 3
    shift = position.view(np.uint64) & 7
    shift <<= 3
    word = aligned.take(index)
    word >>= shift
    np.subtract(64, shift, out=shift)
    index += 1
    rest = aligned.take(index)
    rest <<= shift  # by 64 gives 0
    word |= rest
    return word


def tail_of(word: Words, length: Ints) -> Words:
    """Clear the bytes of a word before its last `length` ones, in place."""
    shift = _SHIFTS.take(length, mode="clip")
    word >>= shift
    word <<= shift
    return word


def _eight_digits(word: Words, length: Ints) -> Words:
    """The value of the last `length` digits of a word, all eight if there are more, in place."""
    word = tail_of(word, length)
    for mask, factor, shift in _PAIRINGS:
        word &= mask
        word *= factor
        word >>= shift
    return word


def runs_before(data: Bytes, mark: Ints, length: Ints) -> tuple[Words, Bools | None]:
    """The value of the digits before each mark, and whether it fits 64 bits; None if all do."""
    value = _eight_digits(words_at(data, mark + (PAD - 8)), length)
    longer = np.flatnonzero(length > 8)
    if not len(longer):
        return value, None
    value[longer] += _eight_digits(words_at(data, mark[longer] + (PAD - 16)), length[longer] - 8) * TENS[8]
    longest = longer[length[longer] > 16]
    if not len(longest):
        return value, None
    more = _eight_digits(words_at(data, mark[longest] + (PAD - 24)), length[longest] - 16)
    value[longest] += more * TENS[16]
    is_whole = length <= PAD
    is_whole[longest] &= more < TENS[MAX_DIGITS - 16]
    return value, is_whole

"""A part of an event file in memory, and gathers that read thousands of its places at once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    from ...run import Ints

    Bytes: TypeAlias = NDArray[np.uint8]
    Words: TypeAlias = NDArray[np.uint64]
    Tags: TypeAlias = NDArray[np.integer[Any]]  # numbers of tags, as small as they come

FRONT_BYTES = 4  # allows to gather the footer before the first record like any other
WIDEST_ROW = 264  # bytes that a gather may reach beyond the last requested place

_FREED_BYTES = 8 << 20  # well above what is made of a window

_ONE = np.uint64(1)
_CONTINUATION = np.uint64(0x8080808080808080)
_PAYLOAD_BITS = np.uint64(0x7F7F7F7F7F7F7F7F)
# low and high half of each pair of groups, and how far the high half moves down: 8 x 7 bits -> 4 x 14 -> 2 x 28 -> 56
_JOINS = tuple(
    (np.uint64(low), np.uint64(high), np.uint64(shift))
    for low, high, shift in (
        (0x007F007F007F007F, 0x7F007F007F007F00, 1),
        (0x00003FFF00003FFF, 0x3FFF00003FFF0000, 2),
        (0x000000000FFFFFFF, 0x0FFFFFFF00000000, 4),
    )
)


class Window:
    """A buffer of `size` bytes after `FRONT_BYTES`; bytes beyond those read are undefined but may be gathered."""

    def __init__(self, size: int) -> None:
        _keep_freed_memory()
        self.end = FRONT_BYTES + size
        self.bytes: Bytes = np.zeros(self.end + WIDEST_ROW, np.uint8)
        self.memory = self.bytes.data
        # for what is worked out byte by byte: fresh memory of a window's size costs more than the work
        self.scratch: tuple[Bytes, Bytes] = (np.empty(len(self.bytes), np.uint8), np.empty(len(self.bytes), np.uint8))
        self._words: Words = np.ndarray((len(self.bytes) - 7,), "<u8", self.memory, strides=(1,))
        self._rows: dict[int, NDArray[np.void]] = {}

    def rows(self, places: Ints, width: int) -> Bytes:
        """The `width` bytes from each place on: uint8 [n, width], width at most `WIDEST_ROW`. A copy."""
        if width not in self._rows:
            shape = (len(self.bytes) - width + 1,)
            self._rows[width] = np.ndarray(shape, f"V{width}", self.memory, strides=(1,))
        return self._rows[width][places].view(np.uint8).reshape(len(places), width)

    def words(self, places: Ints) -> Words:
        """The eight bytes from each place on, as little-endian numbers; places beyond the end read the end."""
        return self._words[np.minimum(places, self.end)]

    def byte(self, places: Ints) -> Bytes:
        """The byte at each place; places beyond the end read the end."""
        return self.bytes.take(np.minimum(places, self.end))


@cache
def _keep_freed_memory() -> None:
    """Let arrays of a window's size reuse freed memory, which saves a fifth of the time for histograms.

    glibc returns freed blocks above a threshold to the system, and each new one costs page faults (54,000 for 250 MB of
    histograms, 1,500 this way). The largest block freed so far is the threshold. No effect with other libraries.
    """
    np.empty(_FREED_BYTES, np.uint8)


def column(rows: NDArray[Any], offset: int, dtype: str) -> NDArray[Any]:
    """The number at `offset` bytes in each row: [n], a copy."""
    if not len(rows):
        return np.empty(0, dtype)
    return np.ndarray((len(rows),), dtype, rows.data, offset=offset, strides=rows.strides[:1]).copy()


def varints(words: Words) -> tuple[Words, Ints]:
    """Decode the varint at the low end of each word: its value and its length in bytes.

    Varints of more than eight bytes do not fit a word: their length is -127, and their value is undefined.
    """
    if not (words & np.uint64(0x80)).any():
        return words & np.uint64(0x7F), np.ones(len(words), np.int64)
    last = ~words & _CONTINUATION
    last &= ~last + _ONE
    value = words & (last | (last - _ONE)) & _PAYLOAD_BITS
    for low, high, shift in _JOINS:
        value = (value & low) | ((value & high) >> shift)
    # the last byte's top bit is 2 ** (8 k - 1): k stands in the exponent of the float that it makes
    exponent = last.astype(np.float64).view(np.int64) >> 52
    return value, (exponent - 1022) >> 3

"""Masked CRC-32C of event files, for many records at once.

Event files store every checksum rotated and offset ("masked"). Lengths are checked by a table look-up for all headers of
a window together. Payloads are checked together as well: a CRC is linear, so a message followed by its own CRC leaves
the remainder zero, and so does any chain of such messages. One pass over a whole window, with the checksums unmasked
and what lies between the payloads zeroed, therefore proves all its payloads, at the strength of one CRC-32C over the
window: any single burst of up to 32 bits is seen, other damage is missed once in 4 thousand million cases.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import google_crc32c
import numpy as np

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    from ...run import Bools, Ints

    Bytes: TypeAlias = NDArray[np.uint8]
    Words32: TypeAlias = NDArray[np.uint32]

HEADER_BYTES = 12  # u64 length, u32 checksum of it
FOOTER_BYTES = 4  # u32 checksum of the payload
SHORTEST_CHAINED = 4  # payload bytes that the check of a whole chain needs of every record

_MASK = 0xA282EAD8
_ONES = np.uint32(0xFFFFFFFF)
_SMALL = 1 << 16  # lengths below this have a table of their own
_BLOCK = 20  # footer of the record before, header, first four bytes of the payload


def masked_crc(data: bytes | Bytes) -> int:
    """The CRC-32C of `data` as event files store it."""
    crc: int = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF


def masked_length_crc(length: Words32) -> Words32:
    """What the header of a record says after its length, for lengths below 4 GiB."""
    if len(length) and int(length.max()) < _SMALL:
        return _small_lengths().take(length)
    return _length_crc(length)


def chained_payloads_hold(data: Bytes, starts: Ints, first_words: Words32, scratch: Bytes) -> bool:
    """Whether all payloads of a gapless chain of records hold, in one pass.

    `data` is the chain, `starts` where its records start, `first_words` uint32 [n, 5] the `_BLOCK` bytes from four before
    each start on. No payload is shorter than `SHORTEST_CHAINED`. The chain is copied to `scratch`, which is longer.
    """
    copy = scratch[: len(data) + FOOTER_BYTES]  # the first block starts before the chain
    copy[FOOTER_BYTES:] = data
    copy[:FOOTER_BYTES] = 0
    blocks = first_words.copy()
    blocks[:, 0] = _unmasked(blocks[:, 0]) ^ _ONES
    blocks[0, 0] = 0
    blocks[:, 1:4] = 0
    blocks[:, 4] ^= _ONES  # a CRC starts from all ones, which is the same as these bits flipped
    np.ndarray((len(copy) - _BLOCK + 1,), f"V{_BLOCK}", copy.data, strides=(1,))[starts] = blocks.view(f"V{_BLOCK}")[
        :, 0
    ]
    last = copy[-FOOTER_BYTES:].view("<u4")
    last ^= last ^ _unmasked(last) ^ _ONES
    remainder: int = google_crc32c.extend(0xFFFFFFFF, copy)
    return remainder == 0xFFFFFFFF


def payloads_hold(data: Bytes, starts: Ints, lengths: Ints) -> Bools:
    """Which records of a window have a sound payload, one by one; `starts` are those of the headers."""
    value = google_crc32c.value
    begin = starts + HEADER_BYTES
    found = np.array(
        [value(data[i:j]) for i, j in zip(begin.tolist(), (begin + lengths).tolist(), strict=True)], np.uint32
    )
    stored = np.ndarray((len(data) - 3,), "<u4", data.data, strides=(1,))[begin + lengths]
    holds: Bools = _unmasked(stored) == found
    return holds


def _unmasked(stored: Words32) -> Words32:
    crc = stored - np.uint32(_MASK)
    return (crc << np.uint32(15)) | (crc >> np.uint32(17))


def _length_crc(length: Words32) -> Words32:
    tables, zero = _byte_tables()
    crc = np.full(len(length), zero, np.uint32)
    for place in range(4):
        crc ^= tables[place].take((length >> np.uint32(8 * place)) & np.uint32(255))
    return ((crc >> np.uint32(15)) | (crc << np.uint32(17))) + np.uint32(_MASK)


@cache
def _small_lengths() -> Words32:
    return _length_crc(np.arange(_SMALL, dtype=np.uint32))


@cache
def _byte_tables() -> tuple[Words32, int]:
    """What each value of each of the four low bytes adds to the CRC of a u64 zero, and that CRC."""
    zero: int = google_crc32c.value(bytes(8))
    tables = [
        [google_crc32c.value(bytes(place) + bytes([byte]) + bytes(7 - place)) ^ zero for byte in range(256)]
        for place in range(4)
    ]
    return np.array(tables, np.uint32), zero

"""Framing: where the records of a window start.

Two ways find them. The scan looks at all bytes at once for what a header of an event looks like (a length below 4 GiB,
and a payload that starts with the key of `wall_time`, as every writer's does): about 50 ns a record. The walk goes from
length to length: 200 ns a record, whatever the records are. Either way a record counts only if the checksum of its
length holds and it starts where the record before it ends, so both find the same records.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .checksums import FOOTER_BYTES, HEADER_BYTES, masked_crc, masked_length_crc
from .window import FRONT_BYTES, column

if TYPE_CHECKING:
    from ...run import Ints
    from .window import Bytes, Window

HEAD_BYTES = 40  # of a record, from the footer before it on: header, wall time and step of an event
FRAME_BYTES = HEADER_BYTES + FOOTER_BYTES

_HEADER = struct.Struct("<QI")
_LENGTH = struct.Struct("<Q")
_WALL_TIME_KEY = 0x09
_LONG_RECORDS = 512  # mean bytes a record from which the walk is cheaper than the scan
_PROBE_RECORDS = 32


class Chain(NamedTuple):
    """Consecutive whole records of a window.

    Attributes:
        starts: int64 [n], where each header starts.
        lengths: int64 [n], bytes of each payload.
        heads: uint8 [n, HEAD_BYTES], from four bytes before each start on.
        stop: where the last record ends.

    """

    starts: Ints
    lengths: Ints
    heads: Bytes
    stop: int


def follow(window: Window, begin: int, end: int) -> Chain:
    """The chain of whole records from `begin` up to `end`."""
    probe, stop = _walk(window, begin, end, _PROBE_RECORDS)
    if len(probe) == _PROBE_RECORDS:
        if stop - begin < _PROBE_RECORDS * _LONG_RECORDS:
            chain = _checked(window, _scan(window, begin, end) + begin, begin, end)
            if not _goes_on(window, chain.stop, end):
                return chain
        rest, stop = _walk(window, stop, end)
        probe += rest
    return _checked(window, np.array(probe, np.int64), begin, end)


def follow_loosely(window: Window, begin: int, end: int) -> tuple[list[int], int]:
    """The same for a handful of records, without numpy: where they start, and where the last one ends."""
    read_header, memory, crc = _HEADER.unpack_from, window.memory, masked_crc
    starts: list[int] = []
    while begin + FRAME_BYTES <= end:
        length, checksum = read_header(memory, begin)
        following = begin + FRAME_BYTES + length
        if following > end or crc(memory[begin : begin + 8].tobytes()) != checksum:
            break
        starts.append(begin)
        begin = following
    return starts, begin


def length_at(window: Window, place: int) -> int | None:
    """The length of the record whose header is at `place`, None if its checksum does not hold there."""
    length, checksum = _HEADER.unpack_from(window.memory, place)
    return int(length) if masked_crc(window.memory[place : place + 8].tobytes()) == checksum else None


def next_header(window: Window, begin: int, end: int, longest: int) -> int | None:
    """The first place from `begin` on, with the header before `end`, where the checksum of a length up to `longest` holds.

    Lengths from 4 GiB on are not found.
    """
    stop = end - HEADER_BYTES + 1
    if stop <= begin or not window.bytes[begin:end].any():  # a length of zero has a checksum other than zero
        return None
    places = np.flatnonzero(_high_half(window, begin, stop - begin) == 0)
    heads = window.rows(places + begin, HEADER_BYTES)
    lengths = column(heads, 0, "<u4")
    holds = (masked_length_crc(lengths) == column(heads, 8, "<u4")) & (lengths <= longest)
    return int(places[holds.argmax()]) + begin if holds.any() else None


def _walk(window: Window, place: int, end: int, most: int | None = None) -> tuple[list[int], int]:
    """Starts of whole records from `place` on, without checking their lengths, and the end of the last one."""
    read_length, memory = _LENGTH.unpack_from, window.memory
    starts: list[int] = []
    while place + FRAME_BYTES <= end and len(starts) != most:
        following = place + FRAME_BYTES + read_length(memory, place)[0]
        if following > end:
            break
        starts.append(place)
        place = following
    return starts, place


def _scan(window: Window, begin: int, end: int) -> Ints:
    """Places, counted from `begin`, at which the bytes look like the header of an event."""
    count = end - begin - HEADER_BYTES
    looks = _high_half(window, begin, count)
    key = window.scratch[0][:count]
    np.bitwise_xor(window.bytes[begin + HEADER_BYTES : end], _WALL_TIME_KEY, out=key)
    looks |= key
    return np.flatnonzero(np.equal(looks, 0, out=looks.view(np.bool_)))


def _high_half(window: Window, begin: int, count: int) -> Bytes:
    """For each of `count` bytes: zero if a length that starts there is below 4 GiB. Lies in the second scratch."""
    data = window.bytes[begin : begin + count + 7]
    pairs = np.bitwise_or(data[4:-1], data[5:], out=window.scratch[0][: count + 2])
    return np.bitwise_or(pairs[:count], pairs[2:], out=window.scratch[1][:count])


def _checked(window: Window, starts: Ints, begin: int, end: int) -> Chain:
    """The chain that the sound headers among `starts` make from `begin` on."""
    heads = window.rows(starts - FRONT_BYTES, HEAD_BYTES)
    low = column(heads, 4, "<u4")
    holds = (column(heads, 12, "<u4") == masked_length_crc(low)) & (column(heads, 8, "<u4") == 0)
    if not holds.all():
        starts, heads, low = starts[holds], heads[holds], low[holds]
    lengths = low.astype(np.int64)
    following = starts + lengths
    following += FRAME_BYTES
    joined = following[:-1] == starts[1:]
    size = len(starts) if joined.all() else int(joined.argmin()) + 1
    if not len(starts) or starts[0] != begin:
        size = 0
    elif following[size - 1] > end:
        size -= 1
    return Chain(starts[:size], lengths[:size], heads[:size], int(following[size - 1]) if size else begin)


def _goes_on(window: Window, place: int, end: int) -> bool:
    """Whether one more whole record is there: one that does not look like an event's, which the scan skipped."""
    if place + FRAME_BYTES > end:
        return False
    length = length_at(window, place)
    return length is not None and place + FRAME_BYTES + length <= end

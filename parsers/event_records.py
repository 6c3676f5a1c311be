"""Record framing of event files (the TFRecord container).

A record is a little-endian u64 length, the masked CRC-32C of those 8 bytes, the payload, and the masked CRC-32C of the
payload. What this file guarantees: every record whose two checksums hold is yielded once, in file order; everything else
is reported with its place and size, and reading goes on at the next place where the checksum of a length holds.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import google_crc32c

from .run import Note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADER_BYTES = 12  # u64 length, u32 checksum of it
FOOTER_BYTES = 4  # u32 checksum of the payload
MOST_NOTES = 20  # a file with more damage than that is summed up

_LENGTH = struct.Struct("<Q")
_CHECKSUM = struct.Struct("<I")


class Record(NamedTuple):
    """One payload and the byte of the file at which its record starts."""

    offset: int
    payload: bytes


@dataclass(slots=True)
class Damage:
    """What was lost of one file: at most `MOST_NOTES` places, then a sum."""

    path: str
    notes: list[Note] = field(default_factory=list)
    places: int = 0
    lost_bytes: int = 0

    def lose(self, offset: int, count: int, reason: str) -> None:
        """Report that `count` bytes from byte `offset` on are not read."""
        self.places += 1
        self.lost_bytes += count
        if self.places <= MOST_NOTES:
            self.notes.append(Note(self.path, f"byte {offset}", f"{count} bytes lost: {reason}"))

    def report(self) -> list[Note]:
        """All notes, the last one a sum if there were too many places."""
        if self.places <= MOST_NOTES:
            return self.notes
        message = f"{self.lost_bytes} bytes lost at {self.places} places, of which the first {MOST_NOTES} are listed"
        return [*self.notes, Note(self.path, "", message)]


def masked_crc(data: bytes) -> int:
    """The CRC-32C of `data` as event files store it: rotated and offset, so that a CRC of CRCs is no trap."""
    crc: int = google_crc32c.value(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def read_records(path: Path, damage: Damage) -> Iterator[Record]:
    """Yield the sound records of a file; what is not sound goes to `damage`. Raises OSError only."""
    data = path.read_bytes()
    at = 0
    while at < len(data):
        length = _length_at(data, at)
        if length is None:
            resumed = _next_record(data, at + 1)
            damage.lose(at, resumed - at, _kind_of_gap(data, at, resumed))
            at = resumed
            continue
        end = at + HEADER_BYTES + length
        if end + FOOTER_BYTES > len(data):
            damage.lose(at, len(data) - at, "the last record is incomplete: cut off, or still being written")
            return
        payload = data[at + HEADER_BYTES : end]
        if masked_crc(payload) == _CHECKSUM.unpack_from(data, end)[0]:
            yield Record(at, payload)
        else:
            damage.lose(at, end + FOOTER_BYTES - at, "the checksum of this record does not hold")
        at = end + FOOTER_BYTES


def _length_at(data: bytes, at: int) -> int | None:
    """The length of the record at byte `at`, None if its checksum does not hold there."""
    if at + HEADER_BYTES > len(data):
        return None
    if masked_crc(data[at : at + 8]) != _CHECKSUM.unpack_from(data, at + 8)[0]:
        return None
    length: int = _LENGTH.unpack_from(data, at)[0]
    return length


def _next_record(data: bytes, at: int) -> int:
    while at + HEADER_BYTES <= len(data):
        if _length_at(data, at) is not None:
            return at
        at += 1
    return len(data)


def _kind_of_gap(data: bytes, start: int, end: int) -> str:
    if end == len(data) and end - start < HEADER_BYTES:
        return "the last record is incomplete: cut off, or still being written"
    if not data[start:end].strip(b"\0"):
        return "nothing but zeros"
    return "no record starts here"

"""The rollback journal of SQLite: the original pages of a database before an unfinished transaction.

SQLite itself would write them back only into a writable database, and then delete the file that the end of the journal
names as its super-journal, wherever it is. Here pages are only written into a private copy; validity of pages is decided
as in `pager_playback` of SQLite.
"""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = bytes.fromhex("d9d505f920a163d7")
LOCK_BYTE = 0x4000_0000  # of a database; the page with this byte is never used, and a journal ends at its number

_HEADER = struct.Struct(">8sIIIII")
_TAIL = struct.Struct(">II8s")  # length and checksum of the name of a super-journal, and the mark
_NUMBER = struct.Struct(">I")  # number before a page, checksum after it
_TO_THE_END = 0xFFFF_FFFF  # as the number of records
_SMALLEST_SECTOR, _SMALLEST_PAGE, _LARGEST = 32, 512, 65536
_HEADER_ROOM = 512  # a first header is read only if the file has this size
_CHECKED_EVERY = 200  # bytes


class _Segment(NamedTuple):
    """A header: number of pages after it, start value of their checksums, number of pages of the database, sizes in bytes."""

    records: int
    nonce: int
    pages: int
    sector: int
    page: int


def roll_back(copy: BinaryIO, journal: BinaryIO) -> bool:
    """Write the pages of a journal into a copy of its database; False if the journal contains no transaction."""
    size = os.fstat(journal.fileno()).st_size
    first = _segment(journal, 0, size, _HEADER_ROOM)
    if first is None or not _are_sizes(first):
        return False
    there = os.fstat(copy.fileno()).st_size
    # The pages of the database are in its file or in the journal: a larger number is invalid.
    pages = min(first.pages, -(-there // first.page) + size // (first.page + 2 * _NUMBER.size))
    copy.truncate(pages * first.page)
    for number, page in _records(journal, first, size):
        if number <= pages:
            copy.seek((number - 1) * first.page)
            copy.write(page)
    copy.flush()
    return True


def names_other_file(journal: BinaryIO) -> bool:
    """Whether a journal names a super-journal: its transaction wrote to several databases."""
    size = os.fstat(journal.fileno()).st_size
    if size < _TAIL.size:
        return False
    journal.seek(size - _TAIL.size)
    length, _, mark = _TAIL.unpack(journal.read(_TAIL.size))
    return bool(mark == MAGIC and 0 < length <= size - _TAIL.size)


def _segment(journal: BinaryIO, place: int, size: int, room: int) -> _Segment | None:
    if place + room > size:
        return None
    journal.seek(place)
    mark, *numbers = _HEADER.unpack(journal.read(_HEADER.size))
    return _Segment(*numbers) if mark == MAGIC else None


def _are_sizes(header: _Segment) -> bool:
    return (
        _SMALLEST_SECTOR <= header.sector <= _LARGEST
        and _SMALLEST_PAGE <= header.page <= _LARGEST
        and header.sector.bit_count() == header.page.bit_count() == 1
    )


def _records(journal: BinaryIO, first: _Segment, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each page up to the first incomplete one."""
    length = first.page + 2 * _NUMBER.size
    lock_page = LOCK_BYTE // first.page + 1
    place = 0
    segment: _Segment | None = first
    while segment is not None:
        journal.seek(place + first.sector)
        place += first.sector
        is_open = segment.records == _TO_THE_END
        for _ in range((size - first.sector) // length if is_open else segment.records):
            record = journal.read(length)
            number = _NUMBER.unpack_from(record)[0] if len(record) == length else 0
            if number in (0, lock_page):
                return
            if number <= segment.pages:
                page = record[_NUMBER.size : -_NUMBER.size]
                if _checksum(page, segment.nonce) != _NUMBER.unpack_from(record, length - _NUMBER.size)[0]:
                    return
                yield number, page
            place += length
        place = -(-place // first.sector) * first.sector
        segment = _segment(journal, place, size, first.sector)


def _checksum(page: bytes, nonce: int) -> int:
    return (nonce + sum(page[len(page) - _CHECKED_EVERY : 0 : -_CHECKED_EVERY])) & 0xFFFF_FFFF

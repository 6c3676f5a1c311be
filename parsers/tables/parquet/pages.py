"""The sizes that the pages of a Parquet file state, checked before they are decoded.

A page begins with a header in Thrift's compact protocol. The decoder allocates what the header states, before it sees the data:
a header of 20 bytes could demand 2 GiB, or 16 GiB for a dictionary. Source: parquet.thrift of apache/parquet-format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from .compact import Fields, Wanted, struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .footer import Chunk, RowGroup

MAX_PAGE = 128 * 1024**2  # bytes of a page, unpacked; most writers make 1 MiB, fastparquet one page a row group
MAX_HEADER = 1 << 16  # bytes; statistics in it hold two values
MAX_PAGES = 200_000  # of a file, looked at; 200 million rows of 8 bytes have 1,600 a column

_UNPACKED, _PACKED, _DATA, _DICTIONARY, _DATA_V2 = 2, 3, 5, 7, 8  # fields of PageHeader
_VALUES = 1  # field of the headers of data and dictionary pages
_HEADER: Wanted = {
    _UNPACKED: None,
    _PACKED: None,
    _DATA: {_VALUES: None},
    _DICTIONARY: {_VALUES: None},
    _DATA_V2: {_VALUES: None},
}


class PageError(ValueError):
    """A page that is not to be decoded; the message says why."""


class PageChecker:
    """Checks the pages of one file. `left`: pages that may still be looked at."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = MAX_PAGES

    def check(self, group: RowGroup) -> None:
        """Check the pages of the columns of a row group. Raises `PageError`, `CompactError`."""
        for chunk in group.chunks:
            for header in self._headers(chunk):
                _check(header, group.rows)

    def _headers(self, chunk: Chunk) -> Iterator[Fields]:
        position = chunk.begins
        end = position + chunk.packed
        while position < end:
            self._left -= 1
            if self._left < 0:
                raise PageError(f"more than {MAX_PAGES:,} pages")
            self._file.seek(position)
            data = self._file.read(min(MAX_HEADER, end - position))
            header, length = struct(data, 0, _HEADER)
            packed = header.get(_PACKED)
            if not isinstance(packed, int) or not 0 <= packed <= end - position - length:
                raise PageError("a page that is longer than its column")
            position += length + packed
            yield header


def _check(header: Fields, rows: int) -> None:
    size = header.get(_UNPACKED)
    if not isinstance(size, int) or not 0 <= size <= MAX_PAGE:
        raise PageError(f"a page of more than {MAX_PAGE // 1024**2} MiB")
    for field, most in ((_DICTIONARY, size), (_DATA, rows), (_DATA_V2, rows)):  # a value of a dictionary needs bytes
        stated = header.get(field, {_VALUES: 0})
        values = stated.get(_VALUES, 0) if isinstance(stated, dict) else None
        if not isinstance(values, int) or not 0 <= values <= most:
            raise PageError("a page with more values than it can hold")

"""The sizes that the pages of a Parquet file state, checked before they are decoded.

A page begins with a header in Thrift's compact protocol. The decoder allocates what the header states, before it sees the data:
a header of 20 bytes could demand 2 GiB, or 16 GiB for a dictionary. Source: parquet.thrift of apache/parquet-format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    Fields = dict[int, Any]

MAX_PAGE = 128 * 1024**2  # bytes of a page, unpacked; most writers make 1 MiB, fastparquet one page a row group
MAX_HEADER = 1 << 16  # bytes; statistics in it hold two values
MAX_PAGES = 200_000  # of a file, looked at; 200 million rows of 8 bytes have 1,600 a column

_UNPACKED, _PACKED, _DATA, _DICTIONARY, _DATA_V2 = 2, 3, 5, 7, 8  # fields of PageHeader
_VALUES = 1  # field of the headers of data and dictionary pages
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _STRUCT = 1, 2, 3, 4, 5, 6, 7, 8, 12
_MAX_DEPTH = 4
_MAX_SHIFT = 63  # bits of a number


class PageError(ValueError):
    """A page that is not to be decoded; the message says why."""


class PageChecker:
    """Checks the pages of one file. `left`: pages that may still be looked at."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = MAX_PAGES

    def check(self, group: Any, paths: Collection[str]) -> None:
        """Check the pages of columns of a row group (`pyarrow.parquet.RowGroupMetaData`). Raises `PageError`."""
        for index in range(group.num_columns):
            chunk = group.column(index)
            if chunk.path_in_schema in paths:
                for header in self._headers(chunk):
                    _check(header, group.num_rows)

    def _headers(self, chunk: Any) -> Iterator[Fields]:
        dictionary = chunk.dictionary_page_offset if chunk.has_dictionary_page else None
        position = min(chunk.data_page_offset, dictionary or chunk.data_page_offset)
        end = position + chunk.total_compressed_size
        while position < end:
            self._left -= 1
            if self._left < 0:
                raise PageError(f"more than {MAX_PAGES:,} pages")
            self._file.seek(position)
            data = self._file.read(min(MAX_HEADER, end - position))
            header, length = _struct(data, 0, 0)
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


def _struct(data: bytes, at: int, depth: int) -> tuple[Fields, int]:
    """The fields of a struct by number, and the position after it."""
    if depth > _MAX_DEPTH:
        raise PageError("a page header that is nested too deeply")
    fields: Fields = {}
    number = 0
    while True:
        kind, at = _byte(data, at)
        if not kind:
            return fields, at
        delta, kind = kind >> 4, kind & 15
        if delta:
            number += delta
        else:
            number, at = _signed(data, at)
        fields[number], at = _value(data, at, kind, depth)


def _value(data: bytes, at: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in (_TRUE, _FALSE):
        return kind == _TRUE, at
    if kind in (_I16, _I32, _I64):
        return _signed(data, at)
    if kind == _STRUCT:
        return _struct(data, at, depth + 1)
    length = {_BYTE: 1, _DOUBLE: 8}.get(kind, 0)
    if kind == _BINARY:
        length, at = _varint(data, at)
    if not length and kind != _BINARY:
        raise PageError("a page header with a field of an unknown type")
    return None, at + length


def _byte(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise PageError("a page header that is cut off or too long")
    return data[at], at + 1


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte, at = _byte(data, at)
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at
        if shift > _MAX_SHIFT:
            raise PageError("a page header with a number of more than 64 bits")


def _signed(data: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(data, at)
    return (value >> 1) ^ -(value & 1), at

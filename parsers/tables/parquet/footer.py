"""The row groups that the footer of a Parquet file lists, with place and size of their columns.

pyarrow tells them too, but it checks a column's statistics as it does, and an error there ends the process: the exception of
the C++ library is not expected in that place. Source of the numbers of the fields: parquet.thrift of apache/parquet-format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .compact import CompactError, Wanted, structs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_GROUPS = 4  # field of FileMetaData
_COLUMNS, _ROWS = 1, 3  # of RowGroup
_METADATA = 3  # of ColumnChunk
_MOST = 2**63 - 1  # of a size or a place in a file
_PATH, _UNPACKED, _PACKED, _DATA, _DICTIONARY = 3, 6, 7, 9, 11  # of ColumnMetaData
_CHUNK: Wanted = {_METADATA: dict.fromkeys((_PATH, _UNPACKED, _PACKED, _DATA, _DICTIONARY))}
_GROUP: Wanted = {_COLUMNS: _CHUNK, _ROWS: None}


class Chunk(NamedTuple):
    """A column of a row group: its path in the schema, bytes `unpacked` and `packed`, and where in the file it `begins`."""

    path: str
    unpacked: int
    packed: int
    begins: int


class RowGroup(NamedTuple):
    """Some rows: how many, and their columns."""

    rows: int
    chunks: list[Chunk]


def row_groups(footer: bytes, paths: Collection[str]) -> Iterator[RowGroup]:
    """Yield the row groups of a footer with those of these columns. Raises `CompactError` where it is damaged."""
    wanted = {tuple(path.encode().split(b".")): path for path in paths}
    for group in structs(footer, _GROUPS, _GROUP):
        chunks = (_chunk(column, wanted) for column in _list(group.get(_COLUMNS)))
        yield RowGroup(_number(group.get(_ROWS)), [chunk for chunk in chunks if chunk])


def _chunk(column: Any, wanted: Mapping[tuple[bytes, ...], str]) -> Chunk | None:
    metadata = column.get(_METADATA) if isinstance(column, dict) else None
    if not isinstance(metadata, dict):
        raise CompactError("a column that is described nowhere or is encrypted")
    parts = _list(metadata.get(_PATH))
    path = wanted.get(tuple(parts)) if all(isinstance(part, bytes) for part in parts) else None
    if path is None:
        return None
    begins = [_number(metadata[field]) for field in (_DATA, _DICTIONARY) if metadata.get(field)]
    return Chunk(path, _number(metadata.get(_UNPACKED)), _number(metadata.get(_PACKED)), min(begins, default=0))


def _number(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= _MOST:
        raise CompactError("a column without a size, or with an impossible one")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise CompactError("a row group without columns")
    return value

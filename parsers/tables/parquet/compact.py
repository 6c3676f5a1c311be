"""Thrift's compact protocol, as far as Parquet uses it: the wanted fields of a struct, all others passed over.

Source: thrift-compact-protocol.md of apache/thrift. Nothing is allocated that the bytes only promise: a list of a million
items needs at least a million bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Wanted: TypeAlias = (
    "dict[int, Wanted | None]"  # by number of the field; of a struct or a list of them, what is wanted inside
)
Fields: TypeAlias = dict[int, Any]

_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12
_MAX_DEPTH = 12  # the deepest of Parquet is the unit of a time: metadata, schema, logical type, timestamp, unit
_MAX_SHIFT = 63  # bits of a number
_LONG = 15  # stands for the length of a list in its first byte: the length follows


class CompactError(ValueError):
    """Bytes that are no such struct; the message says why."""


def struct(data: bytes, at: int, wanted: Wanted, depth: int = 0) -> tuple[Fields, int]:
    """The wanted fields of the struct at a position by number, and the position after it. Raises `CompactError`."""
    if depth > _MAX_DEPTH:
        raise CompactError("a header that is nested too deeply")
    fields: Fields = {}
    number, kind, at = _field(data, at, 0)
    while kind:
        value, at = _value(data, at, kind, wanted.get(number) or {}, depth)
        if number in wanted:
            fields[number] = value
        number, kind, at = _field(data, at, number)
    return fields, at


def structs(data: bytes, field: int, wanted: Wanted) -> Iterator[Fields]:
    """Yield the structs of a list, which is a field of the struct that the bytes are. Raises `CompactError`."""
    number, kind, at = _field(data, 0, 0)
    while kind and number != field:
        _, at = _value(data, at, kind, {}, 0)
        number, kind, at = _field(data, at, number)
    if kind != _LIST:
        return
    count, kind, at = _items(data, at)
    if count and kind != _STRUCT:
        raise CompactError("a list of another type than it should have")
    for _ in range(count):
        fields, at = struct(data, at, wanted)
        yield fields


def _field(data: bytes, at: int, before: int) -> tuple[int, int, int]:
    """Number and type of the next field of a struct, 0 at its end, and the position of its value."""
    head, at = _byte(data, at)
    delta, kind = head >> 4, head & 15
    if not kind or delta:
        return before + delta, kind, at
    number, at = _signed(data, at)
    return number, kind, at


def _items(data: bytes, at: int) -> tuple[int, int, int]:
    """Count and type of the items of the list at a position, and the position of the first."""
    head, at = _byte(data, at)
    count, kind = head >> 4, head & 15
    if count == _LONG:
        count, at = _varint(data, at)
    if count > len(data) - at:
        raise CompactError("a list that is longer than its file")
    return count, kind, at


def _value(data: bytes, at: int, kind: int, wanted: Wanted, depth: int) -> tuple[Any, int]:
    if kind in (_TRUE, _FALSE):
        return kind == _TRUE, at
    if kind in (_I16, _I32, _I64):
        return _signed(data, at)
    if kind == _STRUCT:
        return struct(data, at, wanted, depth + 1)
    if kind in (_LIST, _SET):
        return _list(data, at, wanted, depth + 1)
    if kind == _BINARY:
        length, at = _varint(data, at)
        if length > len(data) - at:
            raise CompactError("a text that is longer than its file")
        return data[at : at + length], at + length
    length = {_BYTE: 1, _DOUBLE: 8}.get(kind, 0)
    if not length:
        raise CompactError("a header with a field of an unknown type")
    return None, at + length


def _list(data: bytes, at: int, wanted: Wanted, depth: int) -> tuple[list[Any], int]:
    if depth > _MAX_DEPTH:
        raise CompactError("a header that is nested too deeply")
    count, kind, at = _items(data, at)
    values = []
    for _ in range(count):
        if kind in (_TRUE, _FALSE):  # in a list they take a byte
            value, at = _byte(data, at)
        else:
            value, at = _value(data, at, kind, wanted, depth)
        values.append(value)
    return values, at


def _byte(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise CompactError("a header that is cut off or too long")
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
            raise CompactError("a header with a number of more than 64 bits")


def _signed(data: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(data, at)
    return (value >> 1) ^ -(value & 1), at

"""The wire format of protobuf, read without a schema: the fields of a message by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_VARINT_BYTES = 10

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


class WireError(ValueError):
    """The bytes are not a protobuf message."""


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield number and content of each field: an integer for a varint, otherwise bytes. Raises `WireError` on damage."""
    position, size = 0, len(message)
    while position < size:
        key, position = _varint(message, position)
        kind = key & 7
        if kind == _VARINT:
            value, position = _varint(message, position)
            yield key >> 3, value
            continue
        if kind == _LENGTH:
            length, position = _varint(message, position)
        elif kind in (_FIXED64, _FIXED32):
            length = 8 if kind == _FIXED64 else 4
        else:
            raise WireError(f"wire type {kind}")
        end = position + length
        if end > size:
            raise WireError("a field is longer than its message")
        yield key >> 3, message[position:end]
        position = end


def as_bytes(value: int | bytes) -> bytes:
    return value if isinstance(value, bytes) else b""


def as_text(value: int | bytes) -> str:
    return as_bytes(value).decode(errors="replace")


def as_signed(value: int | bytes) -> int:
    """An int64 or int32 from its unsigned varint."""
    if isinstance(value, bytes):
        return 0
    return value - (1 << 64) if value >> 63 else value


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    for index in range(position, min(position + MAX_VARINT_BYTES, len(message))):
        byte = message[index]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, index + 1
        shift += 7
    raise WireError("a varint does not end")

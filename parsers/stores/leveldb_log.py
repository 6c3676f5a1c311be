"""The framing of LevelDB's log: records split into fragments that never cross the border of a block.

Each fragment is a checksum (u32), a length (u16), a type (u8), then data; all little-endian. The checksum is plain
CRC-32 over type and data, as Weights & Biases writes it (LevelDB itself uses another). Damage costs the fragments up
to the next block at most.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from ..files.open_log import open_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..files.text import Notes

BLOCK_BYTES = 32768
MAX_RECORD_BYTES = 64 * 1024**2

_HEADER = struct.Struct("<IHB")
_LOST, _FULL, _FIRST, _MIDDLE, _LAST = range(5)


class LogRecord(NamedTuple):
    """A whole record and the start of its last fragment in the file."""

    offset: int
    data: bytes


def read_records(path: Path, start: int, notes: Notes) -> Iterator[LogRecord]:
    """Yield the whole records of a log whose first fragment begins at byte `start`. Raises `OSError` only."""
    pending: list[bytes] = []
    size = offset = 0
    for offset, kind, data in _fragments(path, start, notes):
        if kind in (_FULL, _FIRST) and pending:
            notes.add("a record has no end: skipped", f"byte {offset}")
        if kind == _FULL:
            pending = []
            yield LogRecord(offset, data)
        elif kind == _FIRST:
            pending, size = [data], len(data)
        elif kind in (_MIDDLE, _LAST) and pending:
            pending.append(data)
            size += len(data)
            if size > MAX_RECORD_BYTES:
                notes.add(f"a record of more than {MAX_RECORD_BYTES // 1024**2} MiB is skipped", f"byte {offset}")
                pending = []
            elif kind == _LAST:
                yield LogRecord(offset, b"".join(pending))
                pending = []
        else:
            pending = []
    if pending:
        notes.add("the file ends within a record", f"byte {offset}")


def _fragments(path: Path, start: int, notes: Notes) -> Iterator[tuple[int, int, bytes]]:
    """Yield offset, type and data of each whole fragment, and `_LOST` where others may be missing."""
    with open_log(path) as file:
        block_offset = 0
        while block := file.read(BLOCK_BYTES):
            position = start if block_offset == 0 else 0
            while position + _HEADER.size <= len(block):
                _, length, kind = _HEADER.unpack_from(block, position)
                end = position + _HEADER.size + length
                if not kind and not length:
                    break  # the rest of the block was not written
                if _is_whole(block, position):
                    yield block_offset + position, kind, block[position + _HEADER.size : end]
                else:
                    is_cut = end > len(block) and len(block) < BLOCK_BYTES
                    message = "the file ends within a record" if is_cut else "damaged: records are missing here"
                    notes.add(message, f"byte {block_offset + position}")
                    yield block_offset + position, _LOST, b""
                    if not _is_whole(block, end):
                        break
                position = end
            else:
                if len(block) < BLOCK_BYTES and any(block[position:]):
                    notes.add("the file ends within a record", f"byte {block_offset + position}")
                    yield block_offset + position, _LOST, b""
            block_offset += len(block)


def _is_whole(block: bytes, position: int) -> bool:
    if position + _HEADER.size > len(block):
        return False
    checksum, length, kind = _HEADER.unpack_from(block, position)
    end = position + _HEADER.size + length
    return kind in range(_FULL, _LAST + 1) and end <= len(block) and zlib.crc32(block[position + 6 : end]) == checksum

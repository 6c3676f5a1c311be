"""One member of a zip archive, read from the front of the file: also if its end is missing, and up to a limit.

The directory at the end of an archive is not used, since it is lost in a truncated archive and may be wrong.
"""

from __future__ import annotations

import struct
import zlib
from typing import IO, TYPE_CHECKING

from ..files.open_log import open_log
from ..files.text import MAX_BYTES, few_lines

if TYPE_CHECKING:
    from pathlib import Path

    from ..files.text import Notes

MARK = b"PK\x03\x04"
MAX_MEMBERS = 10_000

_HEADER = struct.Struct("<4s2xHH8xLLHH")  # mark, flags, method, packed size, size, lengths of name and extra field
_UNREADABLE = 0x0001 | 0x0008  # encrypted; or the sizes come after the data
_SIZE_ELSEWHERE = 0xFFFF_FFFF
_PIECE_BYTES = 4096


def read_member(path: Path, wanted: str, notes: Notes) -> str:
    """Read a text file of an archive as far as possible; "" if it does not exist. Raises `OSError` only."""
    with open_log(path) as file:
        for _ in range(MAX_MEMBERS):
            header = file.read(_HEADER.size)
            if len(header) < _HEADER.size or not header.startswith(MARK):
                break
            _, flags, method, packed, _, name_length, extra_length = _HEADER.unpack(header)
            name = file.read(name_length).decode(errors="replace")
            file.seek(extra_length, 1)
            if flags & _UNREADABLE or packed == _SIZE_ELSEWHERE:
                notes.add("this kind of archive is not supported (encrypted or streamed)", name)
                return ""
            if name == wanted:
                return _content(file, method, packed, name, notes)
            file.seek(packed, 1)
    return ""


def _content(file: IO[bytes], method: int, packed: int, name: str, notes: Notes) -> str:
    parts: list[bytes] = []
    size = 0
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS) if method else None
    while packed > 0 and size <= MAX_BYTES:
        piece = file.read(min(_PIECE_BYTES, packed))
        if not piece:
            notes.add("the archive is truncated: only the part before that was read", f"{name} byte {size}")
            break
        packed -= len(piece)
        try:
            part = unpacker.decompress(piece, MAX_BYTES + 1 - size) if unpacker else piece
        except zlib.error:
            notes.add("the archive is damaged: only the part before that was read", f"{name} byte {size}")
            break
        parts.append(part)
        size += len(part)
    if size > MAX_BYTES:
        notes.leave_out(f"only the first {MAX_BYTES // 1024**2} MiB were read", "end", name)
    return few_lines(b"".join(parts)[:MAX_BYTES], notes).decode(errors="replace").replace("\r\n", "\n")

"""The bytes of a file, unpacked if it is gzip: read in pieces, never all at once."""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING

from .open_log import open_log

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from _typeshed import WriteableBuffer

GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib's code for "a gzip header, the largest window"
_PIECE_BYTES = 4096  # an error costs one piece only; a bomb unpacks to at most 4 MB per piece
_BUFFER_BYTES = 1 << 16


class Unpacker(io.RawIOBase):
    """The content of a gzip file; `damage` is the place in the file from which it cannot be unpacked, None if there is none."""

    def __init__(self, file: BinaryIO) -> None:
        self.damage: int | None = None
        self._file = file
        self._unpacker = zlib.decompressobj(_GZIP_WINDOW)
        self._packed = b""
        self._is_done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        part = b""
        while not part and not self._is_done:
            part = self._unpacked(len(view))
        view[: len(part)] = part
        return len(part)

    def _unpacked(self, most: int) -> bytes:
        if not self._packed:
            self._packed = self._file.read(_PIECE_BYTES)
        piece, self._packed = self._packed, b""
        try:
            part = self._unpacker.decompress(piece, most)
        except zlib.error:
            return self._end(is_damaged=True)
        if self._unpacker.eof:  # appending to a .gz starts another member
            self._packed = self._unpacker.unused_data or self._file.read(_PIECE_BYTES)
            if len(self._packed) < len(GZIP):
                self._packed += self._file.read(_PIECE_BYTES)
            if self._packed.startswith(GZIP):
                self._unpacker = zlib.decompressobj(_GZIP_WINDOW)
            else:
                self._end(is_damaged=False)
            return part
        self._packed = self._unpacker.unconsumed_tail
        return part if piece or part else self._end(is_damaged=True)

    def _end(self, *, is_damaged: bool) -> bytes:
        self._is_done = True
        self.damage = self._file.tell() if is_damaged else None
        return b""


def is_packed(path: Path) -> bool:
    """Whether a file is gzip, whatever its name says: its size tells nothing of what it holds. Raises `OSError`."""
    with open_log(path) as file:
        return file.read(len(GZIP)) == GZIP


def unpacked(file: BinaryIO) -> tuple[io.BufferedReader, Unpacker] | None:
    """A reader of the content of a gzip file; None if it is not gzip. Moves the position of the file."""
    head = file.read(len(GZIP))
    file.seek(0)
    if head != GZIP:
        return None
    unpacker = Unpacker(file)
    return io.BufferedReader(unpacker, _BUFFER_BYTES), unpacker

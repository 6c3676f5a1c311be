"""An event file that was packed with gzip, as a file that is read from its start to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...files.chunks import MIN_UNPACKED, UNPACKED_RATIO
from ...files.unpacked import unpacked

if TYPE_CHECKING:
    from io import FileIO

_PIECE_BYTES = 1 << 20


class PackedFile:
    """What a gzip file holds: `size` bytes, counted by unpacking it once; reading ends there.

    Attributes:
        damage: the place in the packed file from which on it cannot be unpacked, None if it all can.
        is_partial: whether it holds more than `size`: so much that it is no log.

    """

    def __init__(self, file: FileIO, packed_bytes: int) -> None:
        self._file = file
        most = max(MIN_UNPACKED, UNPACKED_RATIO * packed_bytes)
        self.size = 0
        self._begin()
        while count := len(self._reader.read(min(_PIECE_BYTES, most + 1 - self.size))):
            self.size += count
        self.is_partial = self.size > most
        self.size = min(self.size, most)
        self.damage = self._unpacker.damage
        self._begin()

    def _begin(self) -> None:
        self._file.seek(0)
        packed = unpacked(self._file)
        if packed is None:
            raise OSError("the file was exchanged while it was read")
        self._reader, self._unpacker = packed
        self._at = 0

    def readinto(self, buffer: memoryview) -> int:
        """Read on; 0 at the end."""
        count = self._reader.readinto(buffer[: self.size - self._at])
        self._at += count
        return count

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to the end (`whence` 2), to the start, or forward to a place; the place gone to."""
        if whence == 2:
            return self.size
        if offset < self._at:
            self._begin()
        while self._at < offset and (count := len(self._reader.read(min(_PIECE_BYTES, offset - self._at)))):
            self._at += count
        return self._at

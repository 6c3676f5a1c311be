"""Opening text that may be compressed, in another encoding, or damaged."""

from __future__ import annotations

import codecs
import zlib
from typing import TYPE_CHECKING

from .base import HEAD_BYTES
from .files import open_log
from .run import Note

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 256 * 1024 * 1024  # of text, after decompression: a longer log is read up to here, a gzip bomb no further
LIMIT_NOTE = (f"only the first {MAX_BYTES // 1024**2} MiB were read", f"byte {MAX_BYTES}")
MAX_NOTES = 20  # a file: the first ones tell what is wrong, thousands would hide it
MAX_CONTROL_SHARE = 0.05  # of the first characters; binary data has 10 % and more, a damaged log a few bytes

_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib's code for "a gzip header, the largest window"
_PIECE_BYTES = 4096  # an error costs one piece, not everything before it
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NOT_TEXT = str.maketrans("", "", "".join(map(chr, [*range(7), *range(14, 27), *range(28, 32), 127])))


class Notes:
    """Collects the notes of one file, the first `MAX_NOTES` in full."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._notes: list[Note] = []
        self._hidden = 0

    def add(self, message: str, where: str = "") -> None:
        if len(self._notes) < MAX_NOTES:
            self._notes.append(Note(self._path, where, message))
        else:
            self._hidden += 1

    def extend(self, notes: list[Note]) -> None:
        self._notes += notes

    def absorb(self, other: Notes) -> None:
        """Add what another collector of the same file has, as if it had been added here."""
        for note in other._notes:
            self.add(note.message, note.where)
        self._hidden += other._hidden

    def all(self) -> list[Note]:
        if not self._hidden:
            return list(self._notes)
        return [*self._notes, Note(self._path, "", f"{self._hidden} more places like these")]


def read_text(path: Path, notes: Notes, *, keep_returns: bool = False) -> str | None:
    r"""Read a file as text with `\n` line ends; None, and a note, if it is binary. Raises `OSError` only.

    With `keep_returns`, a `\r` without `\n` stays: what follows it overwrites the line, as progress bars do.
    """
    with open_log(path) as file:
        # `read` reserves what it is asked for, however small the file is
        data = file.read(min(path.stat().st_size, MAX_BYTES) + 1)
    if data.startswith(_GZIP):
        data, is_whole = _inflate(data, MAX_BYTES + 1)
        if not is_whole:
            notes.add("the gzip data is cut or damaged: what could be unpacked was read", f"byte {len(data)}")
    if len(data) > MAX_BYTES:
        notes.add(*LIMIT_NOTE)
        data = data[:MAX_BYTES]
    filled = len(data)
    if not data.startswith(_UTF16):
        data = data.rstrip(b"\0")  # what a crash leaves of blocks that were allocated and never written
    text, is_guess = _decode(data)
    if _is_binary(text) or (filled and not data):
        notes.add("is not text (binary data)")
        return None
    if len(data) < filled:
        notes.add(f"{filled - len(data)} NUL bytes at the end", f"byte {len(data)}")
    if is_guess:
        notes.add("is not UTF-8: read as Latin-1")
    # A NUL inside a number must not vanish and leave another number behind.
    text = text.replace("\0", "\ufffd").replace("\r\n", "\n")
    return text if keep_returns else text.replace("\r", "\n")


def head_text(head: bytes) -> str:
    """Decode the start of a file as far as it goes; "" if it is binary or empty."""
    if head.startswith(_GZIP):
        head, _ = _inflate(head, HEAD_BYTES)
    text, _ = _decode(head)
    return "" if _is_binary(text) else text.replace("\r\n", "\n").replace("\r", "\n")


def head_lines(head: bytes) -> list[str]:
    """Give the lines at the start of a file that are not blank; a last one that is cut only if there is no other."""
    text = head_text(head)
    lines = [line for line in text.split("\n") if line.strip()]
    return lines[:-1] if len(lines) > 1 and not text.endswith("\n") and len(head) >= HEAD_BYTES else lines


def _inflate(data: bytes, limit: int) -> tuple[bytes, bool]:
    """Unpack as many bytes as can be read, up to `limit`, and tell whether that is everything."""
    parts: list[bytes] = []
    size = position = 0
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    while size < limit:
        piece = data[position : position + _PIECE_BYTES]
        try:
            part = unpacker.decompress(piece, limit - size)
        except zlib.error:
            return b"".join(parts), False
        if not piece:
            return b"".join(parts), False
        parts.append(part)
        size += len(part)
        position += len(piece)
        if unpacker.eof:  # appending to a .gz starts another member
            position -= len(unpacker.unused_data)
            if data[position : position + len(_GZIP)] != _GZIP:
                return b"".join(parts), True
            unpacker = zlib.decompressobj(_GZIP_WINDOW)
    return b"".join(parts), True


def _decode(data: bytes) -> tuple[str, bool]:
    """Decode by byte-order mark, else as UTF-8, else as Latin-1; and tell whether that is a guess."""
    if data.startswith(_UTF16):
        return data.decode("utf-16", errors="replace"), False
    try:
        # An incremental decoder forgives a last character that is cut.
        return codecs.getincrementaldecoder("utf-8-sig")().decode(data), False
    except UnicodeDecodeError:
        return data.decode("latin-1"), True


def _is_binary(text: str) -> bool:
    start = text[:HEAD_BYTES]
    return len(start) - len(start.translate(_NOT_TEXT)) > MAX_CONTROL_SHARE * len(start)

"""Reading text that may be compressed, in another encoding, or damaged."""

from __future__ import annotations

from collections import deque
from io import BytesIO
from os import SEEK_END
from typing import TYPE_CHECKING

from ..base import HEAD_BYTES
from ..run import Note
from .encodings import WIDE_PROBE, decoded, is_binary, wide_encoding
from .open_log import open_log
from .unpacked import GZIP, unpacked

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path
    from typing import BinaryIO

    from ..run import LeftOut

MAX_BYTES = 40 * 1024**2  # of text in memory at once; longer logs: start and end
MAX_LINES = 600_000  # of them: a line with numbers needs some 300 bytes until it is a row
END_SHARE = 4  # a quarter of what is read of a longer log is its end
MAX_UNPACKED = 4 * 1024**3  # bytes; a gzip file is unpacked up to here to find its end: some seconds
MAX_PADDING = 1024**3  # NUL bytes searched at the end of a log
MIN_PADDING = 4  # NUL bytes at the start of a log that were never written; wide text without a mark begins with fewer
MAX_NOTES = 20  # per file: the first ones show the problem, thousands would hide it

_BLOCK_BYTES = 1 << 20
_PACKED_HEAD = 1 << 16  # bytes of a packed file in which its text begins


class Notes:
    """Collects the notes of one file, up to `MAX_NOTES`."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._notes: list[Note] = []
        self._hidden = 0

    def add(self, message: str, where: str = "") -> None:
        if len(self._notes) < MAX_NOTES:
            self._notes.append(Note(self._path, where, message))
        else:
            self._hidden += 1

    def leave_out(self, message: str, what: LeftOut, where: str = "") -> None:
        """Note that an existing part was not read; such notes are never dropped."""
        self._notes.append(Note(self._path, where, message, what))

    @property
    def is_partial(self) -> bool:
        """Whether an existing part was not read."""
        return any(note.left_out for note in self._notes)

    def extend(self, notes: list[Note]) -> None:
        self._notes += notes

    def absorb(self, other: Notes) -> None:
        """Add the notes of another collector of the same file, as if they had been added here."""
        for note in other._notes:
            if note.left_out:
                self.leave_out(note.message, note.left_out, note.where)
            else:
                self.add(note.message, note.where)
        self._hidden += other._hidden

    def all(self) -> list[Note]:
        if not self._hidden:
            return list(self._notes)
        return [*self._notes, Note(self._path, "", f"{self._hidden} more notes of this kind")]


def read_text(path: Path, notes: Notes, *, keep_returns: bool = False) -> str | None:
    r"""Read a file as text with `\n` line ends; None, and a note, if it is binary. Raises `OSError` only.

    Of a long file only the start and the end are read, in whole lines, with a note. With `keep_returns`, a `\r` without
    `\n` is kept: the text after it overwrites the line, as progress bars do.
    """
    data, padding = _content(path, notes)
    text, is_guess = decoded(data)
    if is_binary(text) or (padding and not data):
        notes.add("is not text (binary data)")
        return None
    if padding:
        notes.add(f"{padding} NUL bytes at the end were removed", f"byte {path.stat().st_size - padding}")
    if is_guess:
        notes.add("is not UTF-8: read as Latin-1")
    # Removing a NUL inside a number would result in another number.
    text = text.replace("\0", "\ufffd").replace("\r\n", "\n")
    return text if keep_returns else text.replace("\r", "\n")


def end_of(file: BinaryIO) -> int:
    """The end of a log, before NUL bytes of blocks that were allocated but not written before a crash."""
    end = size = file.seek(0, SEEK_END)
    while end and size - end <= MAX_PADDING:
        start = max(end - _BLOCK_BYTES, 0)
        file.seek(start)
        filled = len(file.read(end - start).rstrip(b"\0"))
        end = start + filled
        if filled:
            break
    file.seek(0)
    return end


def start_of(file: BinaryIO) -> int:
    """Where a log begins: behind the NUL bytes of blocks that were never written, or that a rotation left; 0 for most."""
    head = file.read(MIN_PADDING)
    start = 0
    while head and not head.strip(b"\0") and start <= MAX_PADDING:
        start += len(head)
        head = file.read(_BLOCK_BYTES)
    start += len(head) - len(head.lstrip(b"\0")) if start else 0
    start = start if MIN_PADDING <= start <= MAX_PADDING and head else 0
    file.seek(start)
    return start


def head_of(file: BinaryIO) -> bytes:
    """The first `HEAD_BYTES` of a file, of those behind NUL bytes at its start."""
    start_of(file)
    return file.read(HEAD_BYTES)


def _content(path: Path, notes: Notes) -> tuple[bytes, int]:
    """The unpacked bytes of a file, or of its start and end; and the number of NUL bytes removed at the end."""
    with open_log(path) as file:
        # `read` allocates the requested size, however small the file is
        start = start_of(file)
        if start:
            notes.add(f"{start} NUL bytes at the start were skipped", "byte 0")
        data = file.read(min(path.stat().st_size, MAX_BYTES) + 1)
        if len(data) <= MAX_BYTES and not data.startswith(GZIP):
            plain = data if wide_encoding(data) else data.rstrip(b"\0")
            return few_lines(plain, notes), len(data) - len(plain)
        del data
        file.seek(0)
        packed = unpacked(file)
        if packed is None:
            size = file.seek(0, SEEK_END)
            file.seek(0)
            is_wide = bool(wide_encoding(file.read(WIDE_PROBE)))
            end = size if is_wide else end_of(file)
            file.seek(start)
            last = MAX_BYTES // END_SHARE
            if end - start <= MAX_BYTES:  # the rest was padding
                data = file.read(end - start)
            elif is_wide:  # line ends are not single bytes
                data = file.read(MAX_BYTES)
                notes.leave_out(f"only the first {MAX_BYTES / 1e6:,.0f} MB were read", "end", f"byte {MAX_BYTES}")
            else:
                head = file.read(MAX_BYTES - last)
                file.seek(end - last)
                data = _joined(head, file.read(last), end, notes)
            return few_lines(data, notes), size - end
        reader, unpacker = packed
        data = _unpacked_text(reader, notes)
        if unpacker.damage is not None:
            notes.add(
                "the gzip data is truncated or damaged: only the part before that was read", f"byte {unpacker.damage}"
            )
        log = _behind_padding(data)
        if len(log) < len(data):
            notes.add(f"{len(data) - len(log)} NUL bytes at the start were skipped", "byte 0")
        plain = log if wide_encoding(log) else log.rstrip(b"\0")
        return few_lines(plain, notes), len(log) - len(plain)


def _behind_padding(data: bytes) -> bytes:
    log = data.lstrip(b"\0")
    return log if log and len(data) - len(log) >= MIN_PADDING else data


def _unpacked_text(reader: BufferedReader, notes: Notes) -> bytes:
    last = MAX_BYTES // END_SHARE
    data = _read(reader, MAX_BYTES)
    rest = skip_to_end(reader, last)
    if rest is None:
        notes.leave_out(
            f"unpacks to more than {MAX_UNPACKED / 1e9:.1f} GB: only the first {len(data) / 1e6:,.0f} MB were read",
            "end",
        )
        return data
    count, tail = rest
    return _joined(data[:-last], data[-last:] + tail, len(data) + count, notes) if count else data


def _read(reader: BufferedReader, most: int) -> bytes:
    """Up to `size` bytes, in parts: one read would allocate all of them."""
    parts: list[bytes] = []
    while most and (part := reader.read(min(most, _BLOCK_BYTES))):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def skip_to_end(reader: BufferedReader, size: int) -> tuple[int, bytes] | None:
    """Read to the end: the number of remaining bytes, and the last `size` of them; None if there are too many."""
    count = 0
    parts: deque[bytes] = deque(maxlen=size // _BLOCK_BYTES + 2)
    while part := reader.read(_BLOCK_BYTES):
        count += len(part)
        parts.append(part)
        if count > MAX_UNPACKED:
            return None
    return count, b"".join(parts)[-size:]


def _joined(head: bytes, tail: bytes, size: int, notes: Notes) -> bytes:
    """The start and the end of a log, cut at their line ends."""
    tail = tail[-(MAX_BYTES // END_SHARE) :]
    head, tail = head[: head.rfind(b"\n") + 1] or head + b"\n", tail[tail.find(b"\n") + 1 :]
    notes.leave_out(
        f"only the first {len(head) / 1e6:,.0f} and the last {len(tail) / 1e6:,.0f} of {size / 1e6:,.0f} MB were read",
        "middle", f"byte {len(head)}",
    )  # fmt: skip
    return head + tail


def few_lines(data: bytes, notes: Notes) -> bytes:
    """The first and the last lines if there are too many."""
    lines = data.count(b"\n")
    if lines <= MAX_LINES:
        return data
    last = MAX_LINES // END_SHARE
    head, tail = _after_lines(data, MAX_LINES - last), _after_lines(data, lines - last)
    notes.leave_out(f"only the first {MAX_LINES - last:,} and the last {last:,} of {lines:,} lines were read", "middle")
    return data[:head] + data[tail:]


def _after_lines(data: bytes, lines: int) -> int:
    """The start of a line by its number."""
    start = 0
    while (inside := data.count(b"\n", start, start + _BLOCK_BYTES)) < lines:
        start, lines = start + _BLOCK_BYTES, lines - inside
    for _ in range(lines):
        start = data.index(b"\n", start) + 1
    return start


def head_text(head: bytes) -> str:
    """Decode the start of a file; "" if it is binary or empty."""
    packed = unpacked(BytesIO(head))
    if packed is not None:
        head = _behind_padding(packed[0].read(_PACKED_HEAD))[:HEAD_BYTES]
    text, _ = decoded(head if wide_encoding(head) else head.rstrip(b"\0"))
    return "" if is_binary(text) else text.replace("\r\n", "\n").replace("\r", "\n")


def head_lines(head: bytes) -> list[str]:
    """The non-blank lines at the start of a file; a truncated last one only if there is no other."""
    text = head_text(head)
    lines = [line for line in text.split("\n") if line.strip()]
    return lines[:-1] if len(lines) > 1 and not text.endswith("\n") and len(head) >= HEAD_BYTES else lines

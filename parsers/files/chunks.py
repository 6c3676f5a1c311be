"""Text files in chunks of whole lines, if the text is the same as when read at once."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import numpy as np

from ..base import HEAD_BYTES
from .open_log import open_log
from .text import MAX_UNPACKED, end_of, head_text, skip_to_end, start_of
from .unpacked import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path

    from .text import Notes
    from .unpacked import Unpacker

MAX_SCAN = 4 * 1024**3  # bytes: one or two minutes of reading; of a longer file the start and the end are read
UNPACKED_RATIO = 50  # a gzip file that unpacks to more than this is a bomb: logs pack 5 to 20 times
MIN_UNPACKED = 64 * 1024**2  # read of any file
END_BYTES = 16 * 1024**2  # of a file that is not read completely
MAX_LINE_BYTES = 16 * 1024**2  # a row of 20,000 columns has 400 KB

_LARGEST_KEPT = 1 << 24  # bytes; the largest size from which glibc adapts its threshold is 32 MB


def line_chunks(path: Path, size: int, notes: Notes) -> Iterator[bytes]:
    """Yield whole lines of about `size` bytes, without a byte-order mark; nothing if the file is not text.

    Only the last chunk may end in the middle of a line. Parts that are not read are noted.
    """
    # After a large block is freed, glibc keeps later ones instead of returning the arrays of every chunk to the system and
    # requesting them again, which takes half of the reading time.
    np.empty(_LARGEST_KEPT, np.uint8)
    with open_log(path) as file:
        packed = unpacked(file)
        lines = _packed_lines(*packed, path, size, notes) if packed else _plain_lines(file, size, notes)
        is_first = True
        for chunk in lines:
            if is_first and not head_text(chunk[:HEAD_BYTES]):
                return
            while is_first and chunk.startswith(codecs.BOM_UTF8):
                chunk = chunk.removeprefix(codecs.BOM_UTF8)  # noqa: PLW2901  (tools that join files may leave several)
            yield chunk
            is_first = False


def _plain_lines(file: BufferedReader, size: int, notes: Notes) -> Iterator[bytes]:
    whole = file.seek(0, 2)
    end = end_of(file)
    start = start_of(file)
    if start:
        notes.add(f"{start} NUL bytes at the start were skipped", "byte 0")
    if whole > end:
        notes.add(f"{whole - end} NUL bytes at the end were removed", f"byte {end}")
    if end <= MAX_SCAN:
        yield from _lines(file, size, end - start, notes, is_end=True)
        return
    first = MAX_SCAN - END_BYTES
    yield from _lines(file, size, first, notes)
    file.seek(end - END_BYTES)
    file.readline(MAX_LINE_BYTES)
    notes.leave_out(
        f"only the first {first / 1e6:,.0f} and the last {END_BYTES / 1e6:,.0f} of {end / 1e6:,.0f} MB were read",
        "middle", f"byte {first}",
    )  # fmt: skip
    yield from _lines(file, size, end - file.tell(), notes, is_end=True)


def _packed_lines(reader: BufferedReader, unpacker: Unpacker, path: Path, size: int, notes: Notes) -> Iterator[bytes]:
    first = max(MIN_UNPACKED, UNPACKED_RATIO * path.stat().st_size)
    is_cut = False
    for chunk in _lines(reader, size, first, notes):
        is_cut = not chunk.endswith(b"\n")
        yield chunk
    rest = (0, b"") if is_cut else skip_to_end(reader, END_BYTES)
    if rest is None:
        notes.leave_out(
            f"unpacks to more than {MAX_UNPACKED / 1e9:.1f} GB: only the first {first / 1e6:,.0f} MB were read", "end"
        )
    elif rest[0]:
        tail = rest[1] if rest[0] <= END_BYTES else rest[1][rest[1].find(b"\n") + 1 :]
        if rest[0] > END_BYTES:
            notes.leave_out(
                f"of {(first + rest[0]) / 1e6:,.0f} MB unpacked only the first {first / 1e6:,.0f} and the last"
                f" {len(tail) / 1e6:,.0f} were read",
                "middle",
            )
        position = 0
        while position < len(tail):
            end = tail.find(b"\n", position + size) + 1 or len(tail)
            yield tail[position:end]
            position = end
    if unpacker.damage is not None:
        notes.add(
            "the gzip data is truncated or damaged: only the part before that was read", f"byte {unpacker.damage}"
        )


def _lines(file: BufferedReader, size: int, left: int, notes: Notes, *, is_end: bool = False) -> Iterator[bytes]:
    """Chunks of whole lines that begin in the next `left` bytes; lines that are too long are skipped.

    With `is_end`, later bytes are not read, not even to complete a line.
    """
    while left > 0 and (chunk := file.read(min(size, left))):
        left -= len(chunk)
        if not chunk.endswith(b"\n"):
            line = file.readline(min(MAX_LINE_BYTES, left) if is_end else MAX_LINE_BYTES)
            left -= len(line)
            chunk += line
            if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                chunk = chunk[: chunk.rfind(b"\n") + 1]
                notes.leave_out(f"a line of more than {MAX_LINE_BYTES // 1024**2} MiB is skipped", "middle")
                while line and not line.endswith(b"\n") and left > -MAX_UNPACKED:
                    line = file.readline(MAX_LINE_BYTES)
                    left -= len(line)
        if chunk:
            yield chunk


def with_plain_ends(chunk: bytes) -> bytes | None:
    r"""Convert every line end to "\n"; None if a chunk is not sufficient to decode its bytes."""
    if b"\r" in chunk:
        chunk = chunk.replace(b"\r\n", b"\n")
    if b"\r" in chunk or b"\0" in chunk:
        return None
    try:
        if not chunk.isascii():
            chunk.decode()
    except UnicodeDecodeError:
        return None
    return chunk

"""Text files in chunks of whole lines, as far as that gives the same text as reading them at once."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import numpy as np

from ..base import HEAD_BYTES
from ..text import MAX_BYTES, head_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO


_LARGEST_KEPT = 1 << 24  # bytes; glibc takes no more than 32 MB for a hint


def line_chunks(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield whole lines of about `size` bytes, without a byte-order mark; nothing if the file is not text.

    Only the last chunk may end in the middle of a line.
    """
    # glibc learns from a large block that is freed to keep what is freed later, instead of giving the arrays of every
    # chunk back to the system and asking for them again: half of the time of reading.
    np.empty(_LARGEST_KEPT, np.uint8)
    left, is_first = MAX_BYTES, True
    while left and (chunk := file.read(min(size, left))):
        chunk += b"" if chunk.endswith(b"\n") else file.readline(left - len(chunk))
        left -= len(chunk)
        if is_first and not head_text(chunk[:HEAD_BYTES]):
            return
        yield chunk.removeprefix(codecs.BOM_UTF8) if is_first else chunk
        is_first = False


def with_plain_ends(chunk: bytes) -> bytes | None:
    r"""Give every line the end "\n"; None if a chunk is not enough to tell what its bytes stand for."""
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

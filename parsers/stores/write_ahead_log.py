"""The write-ahead log of SQLite: pages committed and not yet moved into their database.

SQLite itself would lock or create a file beside the log, and trust its content. Here only the log is read: frames up to
the last commit count, as far as their chained checksums are valid.
"""

from __future__ import annotations

import os
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MAGIC = 0x377F_0682  # one more if the words of the checksums are big-endian

_HEADER = struct.Struct(">8I")  # magic, version, page size, checkpoint, two salts, two checksums
_FRAME = struct.Struct(">6I")  # page number, pages of the database if it is a commit, two salts, two checksums
_CHECKED = 8  # bytes of a header of a frame, before those of the page
_SIZES = frozenset(1 << power for power in range(9, 17))
_BATCH_BYTES = 1 << 21  # fits into the processor's cache
_WORD = 1 << 32


def replay(copy: BinaryIO, log: BinaryIO, page: int) -> bool:
    """Write committed pages into a copy of the database, with `page` bytes per page; False if there are none."""
    header = log.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return False
    magic, _, size, _, *salts, _, _ = numbers = _HEADER.unpack(header)
    if magic & ~1 != MAGIC or size not in _SIZES or size != page:
        return False
    words = ">u4" if magic & 1 else "<u4"
    _, factors = _factors(_HEADER.size - _CHECKED)
    state = np.frombuffer(header[:-_CHECKED], words).astype(np.uint32) @ factors
    if state.tolist() != list(numbers[-2:]):
        return False
    commit, pages = _last_commit(log, page, words, np.array([*salts, *numbers[-2:]], np.uint32))
    if not commit:
        return False
    pages = min(pages, -(-os.fstat(copy.fileno()).st_size // page) + commit)  # there is no other content for it
    copy.truncate(pages * page)
    log.seek(_HEADER.size)
    for _ in range(commit):
        number = _FRAME.unpack(log.read(_FRAME.size))[0]
        content = log.read(page)
        if number <= pages:
            copy.seek((number - 1) * page)
            copy.write(content)
    copy.flush()
    return True


def _last_commit(log: BinaryIO, page: int, words: str, start: NDArray[np.uint32]) -> tuple[int, int]:
    """The number of frames up to the last whole commit, and of pages of the database then."""
    matrix, factors = _factors(_CHECKED + page)
    salts, before = start[:2], start[2:]
    commit = pages = frames = 0
    for batch in _batches(log, _FRAME.size + page):
        head = np.ascontiguousarray(batch[:, : _FRAME.size]).view(">u4").astype(np.uint32)
        checked = np.concatenate([batch[:, :_CHECKED], batch[:, _FRAME.size :]], axis=1).view(words).astype(np.uint32)
        logged = head[:, 4:]
        expected = np.concatenate([before[None], logged[:-1]]) @ matrix + checked @ factors
        is_sound = (logged == expected).all(axis=1) & (head[:, 2:4] == salts).all(axis=1) & (head[:, 0] != 0)
        sound = len(head) if is_sound.all() else int(np.argmin(is_sound))
        commits = np.flatnonzero(head[:sound, 1])
        if len(commits):
            commit, pages = frames + int(commits[-1]) + 1, int(head[commits[-1], 1])
        if sound < len(head):
            break
        frames += sound
        before = logged[-1]
    return commit, pages


def _batches(log: BinaryIO, frame: int) -> Iterator[NDArray[np.uint8]]:
    """Yield whole frames as rows of bytes."""
    count = max(1, _BATCH_BYTES // frame)
    while len(data := log.read(count * frame)) >= frame:
        yield np.frombuffer(data, np.uint8, len(data) // frame * frame).reshape(-1, frame)


@lru_cache(maxsize=4)
def _factors(size: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The linear maps of a checksum over the given number of bytes: of the previous checksum, and of each word.

    Two words a and b turn the state (s, t) into the state (s + t + a, s + 2t + a + b), modulo 2^32. That is linear: all
    frames are checked at once by a product with matrices [2, 2] and [words, 2].
    """
    factors = []
    s, t = (1, 1), (0, 1)  # contributions of the words a and b to the result
    for _ in range(size // 8):
        factors += [t, s]
        s, t = _stepped(s), _stepped(t)
    matrix = [(1, 0), (0, 1)]
    for _ in range(size // 8):
        matrix = [_stepped(row) for row in matrix]
    return np.array(matrix, np.uint32), np.array(factors[::-1], np.uint32)


def _stepped(state: tuple[int, int]) -> tuple[int, int]:
    s, t = state
    return (s + t) % _WORD, (s + 2 * t) % _WORD

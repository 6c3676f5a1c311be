"""Reading the records of an event file, window by window.

Guarantee: every record with two valid checksums is yielded once, in the order of the file; everything else is reported
to `Damage` with its place and size, and reading continues at the next place where the checksum of a length is valid.
Long records without a curve (images, audio, graphs, profiles) are skipped: their payload is neither read nor checked,
unless it lies in a window that is read anyway. Memory is bounded by one window or the longest record that is not
skipped, at most `LONGEST_RECORD`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...files.open_log import open_unbuffered
from ...files.unpacked import GZIP
from .chains import FRAME_BYTES, HEAD_BYTES, Chain, follow, follow_loosely, length_at, next_header
from .checksums import FOOTER_BYTES, HEADER_BYTES, SHORTEST_CHAINED, chained_payloads_hold, payloads_hold
from .damage import BAD_PAYLOAD, INCOMPLETE, NO_RECORD, ONLY_ZEROS, TOO_LONG, Damage
from .packed import PackedFile
from .window import FRONT_BYTES, Window, column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import FileIO
    from pathlib import Path

    from ...run import Bools, Ints
    from .window import Bytes

WINDOW_BYTES = 1 << 20  # fits into a core's cache: 128 KiB and 4 MiB are both slower
LONG_RECORD = 8192  # bytes of payload from which a record is inspected before it is read
STEP_BYTES = 4096  # to read at a time while long records are skipped
PEEK_BYTES = 512  # of a long record's payload, to identify its content
LONGEST_RECORD = 64 << 20  # records with a curve are far shorter
_CHAINED_MEAN = 512  # bytes per record up to which one pass over the chain is cheaper than a call for each payload


class Batch(NamedTuple):
    """Valid records in a window; the next batch overwrites them.

    Attributes:
        window: contains them.
        starts: int64 [n], start of each payload in the window.
        lengths: int64 [n], bytes of each payload.
        heads: uint8 [n, HEAD_BYTES], from 16 bytes before each payload on.
        offsets: int64 [n], start of each record in the file.

    """

    window: Window
    starts: Ints
    lengths: Ints
    heads: Bytes
    offsets: Ints


def read_batches(
    path: Path, damage: Damage, is_passed_over: Callable[[bytes, int], bool], *, verify: bool = True
) -> Iterator[Batch]:
    """Yield the records of a file, also of one that was packed with gzip; places are those in what it holds.

    `is_passed_over` decides from `PEEK_BYTES` of a long payload and its length that the rest is not needed.
    Payload checksums are only checked with `verify`. Raises OSError only.
    """
    with open_unbuffered(path) as file:
        is_packed = file.read(len(GZIP)) == GZIP
        log = PackedFile(file, file.seek(0, 2)) if is_packed else file
        yield from _Reader(log, damage, is_passed_over, verify=verify).batches()
        if isinstance(log, PackedFile):
            damage.tell_of_packed(log.size, log.damage, is_partial=log.is_partial)


class _Reader:
    """The state of reading one file.

    Attributes:
        window: bytes read; those from `begin` to `fill` are not framed yet, and `fill` is at byte `at` of the file.
        chunk: bytes to read at a time: a window, or less while long records are skipped.
        chains: chains framed since the last batch, with the offset from places in the window to those in the file.
        gap: start of an unreadable range in the file, None if there is none.

    """

    def __init__(
        self, file: FileIO | PackedFile, damage: Damage, is_passed_over: Callable[[bytes, int], bool], *, verify: bool
    ) -> None:
        self.file, self.damage, self.is_passed_over, self.verify = file, damage, is_passed_over, verify
        self.size = file.seek(0, 2)
        file.seek(0)
        self.window = Window(min(self.size, WINDOW_BYTES))
        self.begin = self.fill = FRONT_BYTES
        self.at = 0
        self.chunk = WINDOW_BYTES
        self.chains: list[tuple[Chain | list[int], int]] = []
        self.gap: int | None = None
        self.gap_is_zeros = True

    def batches(self) -> Iterator[Batch]:
        wanted = HEADER_BYTES
        while True:
            room = self.window.end - self.fill
            if room < wanted or room < STEP_BYTES:
                yield from self._flush()
                self._make_room(wanted)
            if not self._read(wanted):
                break
            wanted = self._frame()
        self._end()
        yield from self._flush()

    def _read(self, wanted: int) -> bool:
        """Read more bytes; False at the end of the file."""
        end = min(self.fill + max(self.chunk, wanted), self.window.end)
        count = self.file.readinto(self.window.memory[self.fill : end]) or 0
        self.fill += count
        self.at += count
        return count > 0

    def _frame(self) -> int:
        """Frame the bytes read; return how many more the next record needs at least."""
        while True:
            self._follow()
            there = self.fill - self.begin
            if there < HEADER_BYTES:
                return HEADER_BYTES - there
            length = length_at(self.window, self.begin)
            if length is None:
                if not self._resume():
                    return HEADER_BYTES
                continue
            self._close_gap(self.begin)
            if length <= LONG_RECORD:
                return FRAME_BYTES + length - there
            if there < HEADER_BYTES + PEEK_BYTES:
                return HEADER_BYTES + PEEK_BYTES - there
            if self._step_over(length):
                return HEADER_BYTES
            return FRAME_BYTES + length - there

    def _follow(self) -> None:
        """Take the chain of whole records that starts at `begin`, if one does."""
        distance = self.at - self.fill
        if self.chunk < WINDOW_BYTES:
            found, stop = follow_loosely(self.window, self.begin, self.fill)
            if stop == self.fill:
                self.chunk = min(4 * self.chunk, WINDOW_BYTES)  # no long record in sight
            if found:
                self._close_gap(self.begin)
                self.chains.append((found, distance))
            self.begin = stop
            return
        chain = follow(self.window, self.begin, self.fill)
        if len(chain.starts):
            self._close_gap(self.begin)
            self.chains.append((chain, distance))
            self.begin = chain.stop
            long = np.flatnonzero(chain.lengths > LONG_RECORD)
            if 2 * chain.lengths[long].sum() > chain.lengths.sum() and self._is_passed_over(
                int(chain.starts[long[-1]]), int(chain.lengths[long[-1]])
            ):
                self.chunk = STEP_BYTES

    def _is_passed_over(self, start: int, length: int) -> bool:
        payload = start + HEADER_BYTES
        return self.is_passed_over(self.window.memory[payload : payload + PEEK_BYTES].tobytes(), length)

    def _step_over(self, length: int) -> bool:
        """Skip the long record at `begin` if it contains no curve; False if it has to be read."""
        start = self.at - (self.fill - self.begin)
        if not self._is_passed_over(self.begin, length):
            if length <= LONGEST_RECORD or start + FRAME_BYTES + length > self.size:
                return False
            self.damage.lose(start, FRAME_BYTES + length, TOO_LONG)
        end = start + FRAME_BYTES + length
        if end > self.size:
            self.damage.lose(start, self.size - start, INCOMPLETE)
        self.at = self.file.seek(min(end, self.size))
        self.fill = self.begin  # its bytes in the window are dropped
        self.chunk = STEP_BYTES
        return True

    def _resume(self) -> bool:
        """Search for the next header after a damaged one; False if the window has none."""
        distance = self.at - self.fill
        if self.gap is None:
            self.gap, self.gap_is_zeros = self.begin + distance, True
        found = next_header(self.window, self.begin + 1, self.fill, self.size - self.begin - distance)
        resumed = self.fill - HEADER_BYTES + 1 if found is None else found
        self.gap_is_zeros &= not self.window.bytes[self.begin : resumed].any()
        self.begin = resumed
        return found is not None

    def _close_gap(self, place: int) -> None:
        if self.gap is not None:
            end = place + self.at - self.fill
            self.damage.lose(self.gap, end - self.gap, ONLY_ZEROS if self.gap_is_zeros else NO_RECORD)
            self.gap = None

    def _end(self) -> None:
        """Report bytes after the last whole record."""
        if self.gap is not None:
            self.gap_is_zeros &= not self.window.bytes[self.begin : self.fill].any()
            self._close_gap(self.fill)
        elif self.fill > self.begin:
            self.damage.lose(self.at - (self.fill - self.begin), self.fill - self.begin, INCOMPLETE)

    def _make_room(self, wanted: int) -> None:
        """Move unframed bytes to the front of the window, or of a larger one if the next record needs it."""
        rest = self.window.bytes[self.begin : self.fill].copy()
        needed = max(len(rest) + wanted, min(WINDOW_BYTES, self.size))
        if self.window.end - FRONT_BYTES != needed:
            self.window = Window(needed)
        self.begin, self.fill = FRONT_BYTES, FRONT_BYTES + len(rest)
        self.window.bytes[self.begin : self.fill] = rest

    def _flush(self) -> Iterator[Batch]:
        """Yield framed records with valid payloads."""
        if not self.chains:
            return
        chains, self.chains = self.chains, []
        first, distance = chains[0]
        if len(chains) == 1 and isinstance(first, Chain):
            starts, lengths, heads = first.starts, first.lengths, first.heads
            offsets = starts + distance
        else:
            parts = [np.asarray(c.starts if isinstance(c, Chain) else c, np.int64) for c, _ in chains]
            starts = np.concatenate(parts)
            heads = self.window.rows(starts - FRONT_BYTES, HEAD_BYTES)
            lengths = column(heads, FRONT_BYTES, "<u4").astype(np.int64)
            offsets = starts + np.repeat([distance for _, distance in chains], [len(part) for part in parts])
        batch = Batch(self.window, starts + HEADER_BYTES, lengths, heads, offsets)
        yield self._sound(batch) if self.verify else batch

    def _sound(self, batch: Batch) -> Batch:
        """The records with a valid payload; the others are noted."""
        if is_sound_chain(batch):
            return batch
        holds: Bools = payloads_hold(batch.window.bytes, batch.starts - HEADER_BYTES, batch.lengths)
        if holds.all():
            return batch
        for row in np.flatnonzero(~holds).tolist():
            self.damage.lose(int(batch.offsets[row]), FRAME_BYTES + int(batch.lengths[row]), BAD_PAYLOAD)
        return Batch(batch.window, batch.starts[holds], batch.lengths[holds], batch.heads[holds], batch.offsets[holds])


def is_sound_chain(batch: Batch) -> bool:
    """Whether all payloads of a gapless chain of short records are valid; also False if they have to be checked singly."""
    starts = batch.starts - HEADER_BYTES
    begin, end = int(starts[0]), int(batch.starts[-1] + batch.lengths[-1]) + FOOTER_BYTES
    if end - begin >= _CHAINED_MEAN * len(starts) or batch.lengths.min() < SHORTEST_CHAINED:
        return False
    if end - begin != FRAME_BYTES * len(starts) + batch.lengths.sum():  # there is damage in between
        return False
    heads = batch.heads
    first_words = np.ndarray((len(heads), 5), "<u4", heads.data, strides=(heads.strides[0], 4))
    window = batch.window
    return chained_payloads_hold(window.bytes[begin:end], starts - begin, first_words, window.scratch[0])

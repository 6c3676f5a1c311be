"""Numbers out of the bytes of a table, all cells of a chunk at once; each value is the float that Python reads.

Every byte that is no digit is a *mark*; between two marks lies a run of digits. A cell is a few runs:
whole part, fraction, exponent. What is written in any other way goes to a reader of texts, each different short text
once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .byte_decimals import scaled
from .byte_words import MAX_DIGITS, PAD, TENS, runs_before, tail_of, words_at
from .cells import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..run import Bools, Floats, Ints
    from .byte_words import Bytes, Words

_NEWLINE, _MINUS, _DOT, _PLUS, _E_LOW, _E_HIGH = b"\n-.+eE"


class Grid(NamedTuple):
    """The cells of a chunk, row by row, with the padded bytes they lie in: `start` and `end` int64 [cells]."""

    content: bytes
    data: Bytes
    start: Ints
    end: Ints
    value: Floats  # NaN where the cell is not plain
    is_plain: Bools

    def take(self, cells: Ints) -> Grid:
        return self._replace(
            start=self.start[cells], end=self.end[cells], value=self.value[cells], is_plain=self.is_plain[cells]
        )

    def texts(self, cells: Ints) -> list[str]:
        spans = zip((self.start[cells] + PAD).tolist(), (self.end[cells] + PAD).tolist(), strict=True)
        return [self.content[start:end].decode() for start, end in spans]

    def tails(self, cells: Ints) -> Words:
        """The last eight bytes of cells as one word each, zero before the start."""
        return tail_of(words_at(self.data, self.end[cells] + (PAD - 8)), self.end[cells] - self.start[cells])


def padded(chunk: bytes) -> bytes:
    """The chunk with room for whole words around it."""
    return b"".join((bytes(PAD), chunk, bytes(16 - len(chunk) % 8)))


def read_grid(chunk: bytes, delimiter: int, width: int) -> Grid | None:
    """Read a chunk of whole lines of `width` cells each; None if a line has more or fewer."""
    content = padded(chunk)
    data = np.frombuffer(content, np.uint8)
    body = data[PAD : PAD + len(chunk)]
    mark = np.flatnonzero((body - 48) > 9)  # smaller bytes wrap around
    kind = body.take(mark)
    is_newline = kind == _NEWLINE
    last = np.flatnonzero(is_newline | (kind == delimiter))
    if len(last) % width:
        return None
    ends_row = is_newline[last].reshape(-1, width)
    if not ends_row[:, -1].all() or np.count_nonzero(ends_row) != len(ends_row):
        return None
    length = mark.copy()
    length[1:] -= mark[:-1] + 1
    end = mark.take(last)
    start = np.zeros_like(end)
    start[1:] = end[:-1] + 1
    return _grid(content, data, start, end, _Marks(mark, kind, length, last), is_json=False)


def read_spans(content: bytes, start: Ints, end: Ints) -> Grid:
    """Read cells anywhere in a padded chunk, in the order of the chunk, as JSON: "01" and ".5" are no numbers there.

    After each cell there must be a byte that is no digit.
    """
    data = np.frombuffer(content, np.uint8)
    body = data[PAD:]
    is_mark = (body - 48) > 9
    is_mark &= _between(start, end + 1, len(body))
    mark = np.flatnonzero(is_mark)
    is_end = np.zeros(len(body), np.bool_)
    is_end[end] = True
    last = np.flatnonzero(is_end.take(mark))
    length = mark.copy()
    length[1:] -= mark[:-1] + 1
    first = _following(last)
    length[first] = mark.take(first) - start
    return _grid(content, data, start, end, _Marks(mark, body.take(mark), length, last), is_json=True)


class _Marks(NamedTuple):
    """The marks of a chunk: place, byte, digits before; and `last`, those that end a cell."""

    mark: Ints
    kind: Bytes
    length: Ints
    last: Ints


def _grid(content: bytes, data: Bytes, start: Ints, end: Ints, marks: _Marks, *, is_json: bool) -> Grid:
    runs, is_whole = runs_before(data, marks.mark, marks.length)
    is_negative = data[PAD:].take(start) == _MINUS
    whole_at = _following(marks.last) + is_negative
    value, is_plain = _numbers(marks.kind, marks.length, runs, is_whole, whole_at, marks.last, is_json=is_json)
    value.view(np.uint64)[...] |= is_negative.astype(np.uint64) << 63
    return Grid(content, data, start, end, value, is_plain)


def _between(start: Ints, end: Ints, length: int) -> Bools:
    """Whether a place lies in one of the spans; bool [length].

    In a number whose bits are places, end minus start is a one for every place between them.
    """
    is_edge = np.zeros((2, length), np.bool_)
    is_edge[0, end] = True
    is_edge[1, start] = True
    ends, starts = (int.from_bytes(row.tobytes(), "little") for row in np.packbits(is_edge, axis=1, bitorder="little"))
    bits = np.frombuffer((ends - starts).to_bytes(length // 8 + 1, "little"), np.uint8)
    return np.unpackbits(bits, count=length, bitorder="little").view(np.bool_)


def _following(last: Ints) -> Ints:
    first = np.zeros_like(last)
    first[1:] = last[:-1] + 1
    return first


def read_others(grid: Grid, cells: Ints, read: Callable[[Sequence[str]], Numbers]) -> Numbers:
    """Read cells as texts; those of up to eight bytes only once for each different text."""
    value = np.full(len(cells), np.nan)
    is_number = np.zeros(len(cells), np.bool_)
    is_unreadable = is_number.copy()
    is_short = grid.end[cells] - grid.start[cells] <= 8
    _, sample, copy = np.unique(grid.tails(cells[is_short]), return_index=True, return_inverse=True)
    for chosen, source, of in (
        (np.flatnonzero(is_short), cells[is_short][sample], copy),
        (np.flatnonzero(~is_short), cells[~is_short], slice(None)),
    ):
        if len(source):
            found = read(grid.texts(source))
            value[chosen], is_number[chosen], is_unreadable[chosen] = (column[of] for column in found)
    return Numbers(value, is_number, is_unreadable)


def _numbers(
    kind: Bytes, length: Ints, runs: Words, is_whole: Bools | None, whole_at: Ints, last: Ints, *, is_json: bool
) -> tuple[Floats, Bools]:
    """Put the runs of each cell together; its marks are those from `whole_at`, after the whole part, to `last`."""
    has_dot = kind.take(whole_at) == _DOT
    digits_end = whole_at + has_dot
    whole_digits = length.take(whole_at)
    fraction_digits = length.take(digits_end)
    fraction_digits *= has_dot
    whole, fraction = runs.take(whole_at), runs.take(digits_end)
    fraction *= has_dot
    digits = whole_digits + fraction_digits
    is_plain = (digits > 0) & ((digits <= MAX_DIGITS) | (whole == 0))
    if is_whole is not None:
        is_plain &= is_whole.take(whole_at) & is_whole.take(digits_end)
    if is_json:
        is_plain &= (whole_digits == 1) | (whole >= TENS.take(whole_digits - 1, mode="clip"))
        is_plain &= (whole_digits > 0) & (~has_dot | (fraction_digits > 0))
    mantissa = TENS.take(fraction_digits, mode="clip")
    mantissa *= whole
    mantissa += fraction
    scale = fraction_digits
    open_ended = np.flatnonzero(digits_end != last)
    if len(open_ended):
        exponent, has_exponent = _exponents(kind, length, runs, digits_end[open_ended], last[open_ended])
        scale[open_ended] -= exponent
        is_plain[open_ended] &= has_exponent
    value, is_sure = scaled(mantissa, scale)
    is_plain &= is_sure
    value[np.flatnonzero(~is_plain)] = np.nan
    return value, is_plain


def _exponents(kind: Bytes, length: Ints, runs: Words, at: Ints, last: Ints) -> tuple[Ints, Bools]:
    """Read "e-05" from the mark `at` on: the exponent, and whether that is what stands there."""
    has_letter = (kind[at] == _E_LOW) | (kind[at] == _E_HIGH)
    signed_at = np.minimum(at + 1, last)
    is_signed = ((kind[signed_at] == _MINUS) | (kind[signed_at] == _PLUS)) & (length[signed_at] == 0)
    digits_at = np.minimum(signed_at + is_signed, last)
    is_exponent = has_letter & (digits_at == last) & (length[last] > 0) & (length[last] <= 4) & (at < last)
    exponent = np.where(is_exponent, runs[last], 0).astype(np.int64)
    return np.where(is_signed & (kind[signed_at] == _MINUS), -exponent, exponent), is_exponent

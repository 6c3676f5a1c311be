"""Numbers from the bytes of a table, all cells of a chunk at once; each value equals Python's float().

Every byte that is not a digit is a *mark*; between two marks is a run of digits. A cell consists of a few runs: whole
part, fraction, exponent. Cells in any other form are parsed as texts, each distinct short text once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .decimals import scaled
from .texts import texts_at
from .words import MAX_DIGITS, PAD, TENS, runs_before

if TYPE_CHECKING:
    from ..run import Bools, Floats, Ints
    from .spans import Cells
    from .words import Bytes, Words

_ONES = np.uint64(0x0101010101010101)
_TOP_BYTE = np.uint64(56)  # its place
_NEWLINE, _MINUS, _DOT, _PLUS, _E_LOW, _E_HIGH = b"\n-.+eE"


class Grid(NamedTuple):
    """Cells of a chunk, in order, in its padded bytes: `start` and `end` int64 [cells]."""

    content: bytes
    start: Ints
    end: Ints
    value: Floats  # NaN where the cell is not plain
    is_plain: Bools

    def texts(self, cells: Ints) -> list[str]:
        return texts_at(self.content, self.start[cells], self.end[cells])


def read_cells(cells: Cells) -> tuple[Floats, Bools]:
    """Read all cells: float64 [cells], NaN if a cell is not a plain number, and which ones are."""
    data = np.frombuffer(cells.content, np.uint8)
    mark = np.flatnonzero((cells.body - 48) > 9)  # smaller bytes wrap around
    kind = cells.body.take(mark)
    last = np.flatnonzero((kind == _NEWLINE) | (kind == cells.delimiter))
    length = mark.copy()
    length[1:] -= mark[:-1] + 1
    start = np.zeros_like(cells.end)
    start[1:] = cells.end[:-1] + 1
    return _read(data, start, _Marks(mark, kind, length, last), is_json=False)


def read_spans(content: bytes, start: Ints, end: Ints) -> Grid:
    """Read cells anywhere in a padded chunk, in the order of the chunk, as JSON: where "01" and ".5" are not numbers.

    After each cell there must be a byte that is not a digit.
    """
    data = np.frombuffer(content, np.uint8)
    body = data[PAD:]
    is_mark = (body - 48) > 9
    is_mark &= between(start, end + 1, len(body)).view(np.bool_)
    mark = np.flatnonzero(is_mark)
    is_end = np.zeros(len(body), np.bool_)
    is_end[end] = True
    last = np.flatnonzero(is_end.take(mark))
    length = mark.copy()
    length[1:] -= mark[:-1] + 1
    first = _following(last)
    length[first] = mark.take(first) - start
    return Grid(content, start, end, *_read(data, start, _Marks(mark, body.take(mark), length, last), is_json=True))


class _Marks(NamedTuple):
    """The marks of a chunk: place, byte, digits before; and `last`, the marks that end cells."""

    mark: Ints
    kind: Bytes
    length: Ints
    last: Ints


def _read(data: Bytes, start: Ints, marks: _Marks, *, is_json: bool) -> tuple[Floats, Bools]:
    runs, is_whole = runs_before(data, marks.mark, marks.length)
    is_negative = data[PAD:].take(start) == _MINUS
    whole_at = _following(marks.last) + is_negative
    value, is_plain = _numbers(marks.kind, marks.length, runs, is_whole, whole_at, marks.last, is_json=is_json)
    value.view(np.uint64)[...] |= is_negative.astype(np.uint64) << 63
    return value, is_plain


def between(start: Ints, end: Ints, length: int) -> Bytes:
    """Whether each place is in one of the spans, which do not touch; uint8 [length], 1 or 0.

    Every edge toggles the bytes after it. A word times `_ONES` has in each byte the sum of all bytes up to it.
    """
    edges = np.zeros(length // 8 + 1, np.uint64)
    edges.view(np.uint8)[start] = 1
    edges.view(np.uint8)[end] = 1
    edges *= _ONES
    edges &= _ONES
    turned = np.bitwise_xor.accumulate(edges >> _TOP_BYTE)
    edges[1:] ^= turned[:-1] * _ONES
    return edges.view(np.uint8)[:length]


def _following(last: Ints) -> Ints:
    first = np.zeros_like(last)
    first[1:] = last[:-1] + 1
    return first


def _numbers(
    kind: Bytes, length: Ints, runs: Words, is_whole: Bools | None, whole_at: Ints, last: Ints, *, is_json: bool
) -> tuple[Floats, Bools]:
    """Combine the runs of each cell; its marks are those from `whole_at`, after the whole part, to `last`."""
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
    """Read "e-05" from the mark `at` on: the exponent, and whether there is one."""
    has_letter = (kind[at] == _E_LOW) | (kind[at] == _E_HIGH)
    signed_at = np.minimum(at + 1, last)
    is_signed = ((kind[signed_at] == _MINUS) | (kind[signed_at] == _PLUS)) & (length[signed_at] == 0)
    digits_at = np.minimum(signed_at + is_signed, last)
    is_exponent = has_letter & (digits_at == last) & (length[last] > 0) & (length[last] <= 4) & (at < last)
    exponent = np.where(is_exponent, runs[last], 0).astype(np.int64)
    return np.where(is_signed & (kind[signed_at] == _MINUS), -exponent, exponent), is_exponent

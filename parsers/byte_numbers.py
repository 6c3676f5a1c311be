"""Numbers out of the bytes of a table, all cells of a chunk at once; each value is the float that Python reads.

Every byte that is no digit is a *mark*; between two marks lies a run of digits, eight of which are read with three
multiplications of a 64-bit word. A cell is a few runs: whole part, fraction, exponent. Numbers of up to 19 digits are
rounded correctly by two-part arithmetic (Dekker, "A floating-point technique for extending the available precision",
1971). What is written in any other way goes to a reader of texts, each different short text once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .cells import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from .run import Bools, Floats, Ints

    Words = NDArray[np.uint64]
    Bytes = NDArray[np.uint8]

CHUNK_BYTES = 1 << 18  # the columns of a chunk of this size stay in the processor's cache

_PAD = 24  # bytes before a chunk: the longest run is read as three words that end with it
_MAX_DIGITS = 19  # any number of so many digits fits 64 bits
_MAX_TENS = 22  # powers of ten that a float64 holds exactly
_MAX_EXPONENT = 60  # beyond, Python reads the number
_EXACT = np.uint64(2**53)  # integers up to here are float64 numbers
_SPLITTER = 134217729.0  # 2**27 + 1: halves a float64 into two of 26 bits
_NEWLINE, _MINUS, _DOT, _PLUS, _E_LOW, _E_HIGH = b"\n-.+eE"
_PAIRINGS = tuple(
    (np.uint64(mask), np.uint64((base << bits) + 1), np.uint64(bits))
    for mask, base, bits in (
        (0x0F0F0F0F0F0F0F0F, 10, 8),
        (0x00FF00FF00FF00FF, 100, 16),
        (0x0000FFFF0000FFFF, 10_000, 32),
    )
)  # of digits, pairs and fours: the first of two neighbours times ten, a hundred, ten thousand, plus the second
_SHIFTS = np.array([8 * (8 - min(length, 8)) for length in range(_PAD + 1)], dtype=np.uint64)
_TENS = np.array([10**i if i <= _MAX_DIGITS else 0 for i in range(_PAD + 1)], dtype=np.uint64)
_POWERS = np.array([float(10**i) for i in range(_MAX_EXPONENT + 1)])
_POWERS_REST = np.array([float(10**i - int(float(10**i))) for i in range(_MAX_EXPONENT + 1)])


class Grid(NamedTuple):
    """The cells of a chunk, row by row, with the padded bytes they lie in: `start` and `end` int64 [cells]."""

    content: bytes
    data: Bytes
    start: Ints
    end: Ints
    value: Floats  # NaN where the cell is not plain
    is_plain: Bools

    def texts(self, cells: Ints) -> list[str]:
        spans = zip((self.start[cells] + _PAD).tolist(), (self.end[cells] + _PAD).tolist(), strict=True)
        return [self.content[start:end].decode() for start, end in spans]

    def first_bytes(self, cells: Ints) -> Bytes:
        """The first byte of each cell, the delimiter if it is empty."""
        return self.data[self.start[cells] + _PAD]

    def tails(self, cells: Ints) -> Words:
        """The last eight bytes of cells as one word each, zero before the start."""
        return _tail(_words(self.data, self.end[cells] + (_PAD - 8)), self.end[cells] - self.start[cells])


def read_grid(chunk: bytes, delimiter: int, width: int, *, is_json: bool = False) -> Grid | None:
    """Read a chunk of whole lines of `width` cells each; None if a line has more or fewer.

    `is_json` leaves to others what Python takes for a number and JSON does not, as "01" and ".5".
    """
    content = b"".join((bytes(_PAD), chunk, bytes(16 - len(chunk) % 8)))
    data = np.frombuffer(content, np.uint8)
    body = data[_PAD : _PAD + len(chunk)]
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
    runs, is_whole = _runs(data, mark, length)
    end = mark.take(last)
    start, first = _following(end), _following(last)
    is_negative = body.take(start) == _MINUS
    value, is_plain = _numbers(kind, length, runs, is_whole, first + is_negative, last, is_json=is_json)
    value.view(np.uint64)[...] |= is_negative.astype(np.uint64) << 63
    return Grid(content, data, start, end, value, is_plain)


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


def _following(end: Ints) -> Ints:
    """Where the next one starts after each end; the first at 0."""
    start = np.zeros_like(end)
    start[1:] = end[:-1] + 1
    return start


def _words(data: Bytes, position: Ints) -> Words:
    """The eight bytes from each position on, the first one lowest."""
    aligned = data.view("<u8")
    index = position >> 3
    shift = position.view(np.uint64) & 7
    shift <<= 3
    word = aligned.take(index)
    word >>= shift
    np.subtract(64, shift, out=shift)
    index += 1
    rest = aligned.take(index)
    rest <<= shift  # by 64 gives 0
    word |= rest
    return word


def _tail(word: Words, length: Ints) -> Words:
    """Clear the bytes of a word before its last `length` ones, in place."""
    shift = _SHIFTS.take(length, mode="clip")
    word >>= shift
    word <<= shift
    return word


def _eight_digits(word: Words, length: Ints) -> Words:
    """The value of the last `length` digits of a word, all eight if there are more, in place."""
    word = _tail(word, length)
    for mask, factor, shift in _PAIRINGS:
        word &= mask
        word *= factor
        word >>= shift
    return word


def _runs(data: Bytes, mark: Ints, length: Ints) -> tuple[Words, Bools | None]:
    """The value of the digits before each mark, and whether it fits 64 bits; None if all do."""
    value = _eight_digits(_words(data, mark + (_PAD - 8)), length)
    longer = np.flatnonzero(length > 8)
    if not len(longer):
        return value, None
    value[longer] += _eight_digits(_words(data, mark[longer] + (_PAD - 16)), length[longer] - 8) * _TENS[8]
    longest = longer[length[longer] > 16]
    if not len(longest):
        return value, None
    more = _eight_digits(_words(data, mark[longest] + (_PAD - 24)), length[longest] - 16)
    value[longest] += more * _TENS[16]
    is_whole = length <= _PAD
    is_whole[longest] &= more < _TENS[_MAX_DIGITS - 16]
    return value, is_whole


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
    is_plain = (digits > 0) & ((digits <= _MAX_DIGITS) | (whole == 0))
    if is_whole is not None:
        is_plain &= is_whole.take(whole_at) & is_whole.take(digits_end)
    if is_json:
        is_plain &= (whole_digits == 1) | (whole >= _TENS.take(whole_digits - 1, mode="clip"))
        is_plain &= (whole_digits > 0) & (~has_dot | (fraction_digits > 0))
    mantissa = _TENS.take(fraction_digits, mode="clip")
    mantissa *= whole
    mantissa += fraction
    scale = fraction_digits
    open_ended = np.flatnonzero(digits_end != last)
    if len(open_ended):
        exponent, has_exponent = _exponents(kind, length, runs, digits_end[open_ended], last[open_ended])
        scale[open_ended] -= exponent
        is_plain[open_ended] &= has_exponent
    value, is_sure = _scaled(mantissa, scale)
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


def _scaled(mantissa: Words, scale: Ints) -> tuple[Floats, Bools]:
    """Divide by ten to the power of `scale`, rounded to the nearest float64; and tell where that is sure."""
    nearest = mantissa.astype(np.float64)
    is_sure = (mantissa <= _EXACT) & (scale <= _MAX_TENS) & (scale >= 0)
    value = nearest / _POWERS.take(scale, mode="clip")
    unsure = np.flatnonzero(~is_sure)
    if not len(unsure):
        return value, is_sure
    is_up = (scale[unsure] < 0) & (scale[unsure] >= -_MAX_TENS) & (mantissa[unsure] <= _EXACT)
    up = unsure[is_up]
    value[up] = nearest[up] * _POWERS[-scale[up]]
    is_sure[up] = True
    down = unsure[(scale[unsure] >= 0) & (scale[unsure] <= _MAX_EXPONENT)]
    value[down], is_sure[down] = _divided(mantissa[down], nearest[down], scale[down])
    return value, is_sure


def _divided(mantissa: Words, nearest: Floats, scale: Ints) -> tuple[Floats, Bools]:
    """Divide integers of 64 bits by powers of ten in twice the precision; where both bounds round alike, it is sure."""
    rest = (mantissa - nearest.astype(np.uint64)).view(np.int64).astype(np.float64)
    power = _POWERS[scale]
    quotient = nearest / power
    product = quotient * power
    quotient_high, power_high = (_high(quotient), _high(power))
    quotient_low, power_low = quotient - quotient_high, power - power_high
    error = ((quotient_high * power_high - product) + quotient_high * power_low + quotient_low * power_high) + (
        quotient_low * power_low
    )
    correction = (((nearest - product) - error) + rest - quotient * _POWERS_REST[scale]) / power
    bound = np.abs(correction) * 2.0**-48 + quotient * 2.0**-100
    value = quotient + correction
    return value, (quotient + (correction - bound)) == (quotient + (correction + bound))


def _high(value: Floats) -> Floats:
    """The upper 26 bits of a float64."""
    scaled = value * _SPLITTER
    return scaled - (scaled - value)

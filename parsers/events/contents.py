"""Decoding of numeric values: tensors of one number, and the two forms of histograms.

Each function decodes many values of a window together and returns which of them have the plain form that it supports;
the others are left to protobuf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .framing.window import varints
from .histograms import Histograms, from_triples

if TYPE_CHECKING:
    from ..run import Bools, Floats, Ints
    from .framing.window import Window, Words

_SHIFT = np.uint64(8)
_MOMENT_KEYS = (0x09, 0x11, 0x19, 0x21, 0x29)  # min, max, num, sum, sum_squares: five doubles, those of zero left out
_EDGES_KEY, _COUNTS_KEY = 0x32, 0x3A
_MOMENT_BYTES = 9


def _form(*, head: str) -> np.uint64:
    """The bytes of a fixed head as the low end of a word."""
    return np.uint64(int.from_bytes(bytes.fromhex(head), "little"))


# a tensor of one number: its dtype, a shape without dimensions, and the number in the field of its type or as content
_NUMBER_HEAD_BYTES = 6
_NUMBER_MASK = np.uint64((1 << 8 * _NUMBER_HEAD_BYTES) - 1)
_FLOATS = (_form(head="080112002a04"), _form(head="080112002204"))
_DOUBLES = (_form(head="080212003208"), _form(head="080212002208"))
# a tensor of k x 3 doubles with k < 128: its dtype, the two dimensions (k is the eighth byte), the key of its content
_TRIPLES_HEAD = _form(head="08021208120208")
_TRIPLES_MASK = np.uint64((1 << 56) - 1)
_TRIPLES_TAIL = _form(head="1202080322")
_TAIL_MASK = np.uint64((1 << 40) - 1)
_TAIL_BYTES = 13  # from the start up to the length of the content


def read_simple(window: Window, places: Ints) -> Floats:
    """Simple values, float64 [n], from the places of their four bytes."""
    return _floats(window.words(places))


def read_number_tensors(window: Window, places: Ints, ends: Ints) -> tuple[Floats, Bools]:
    """The values of tensors, float64 [n], and which are tensors of one float or double in plain form."""
    head = window.words(places) & _NUMBER_MASK
    word = window.words(places + _NUMBER_HEAD_BYTES)
    size = ends - places - _NUMBER_HEAD_BYTES
    is_float = ((head == _FLOATS[0]) | (head == _FLOATS[1])) & (size == 4)
    value = _floats(word)
    if is_float.all():
        return value, is_float
    is_double = ((head == _DOUBLES[0]) | (head == _DOUBLES[1])) & (size == 8)
    return np.where(is_double, word.view(np.float64), value), is_float | is_double


def read_triples(window: Window, places: Ints, ends: Ints) -> tuple[Histograms, Bools]:
    """The histograms in tensors of (left, right, count) rows in plain form, and which have it."""
    head = window.words(places)
    tail = window.words(places + 8)
    size, width = varints(tail >> np.uint64(40))  # of three bytes at most
    rows = (head >> np.uint64(56)).astype(np.int64)
    begin = places + _TAIL_BYTES + width
    is_plain = ((head & _TRIPLES_MASK) == _TRIPLES_HEAD) & ((tail & _TAIL_MASK) == _TRIPLES_TAIL) & (rows < 128)
    is_plain &= (width > 0) & (size == (rows * 24).astype(np.uint64)) & (begin + rows * 24 == ends)
    begin, rows = begin[is_plain], rows[is_plain]
    return from_triples(_doubles(window, begin, 3 * rows).reshape(-1, 3), rows), is_plain


def read_histograms(window: Window, places: Ints, ends: Ints) -> tuple[Histograms, Bools]:
    """The histograms in HistogramProto messages in plain form, and which have it."""
    moments = []
    for key in _MOMENT_KEYS:
        is_there = window.byte(places) == key
        moments.append(np.where(is_there, window.words(places + 1).view(np.float64), 0.0))
        places = places + _MOMENT_BYTES * is_there
    edges, edge_bytes, is_plain = _packed(window, places, _EDGES_KEY)
    counts, count_bytes, is_packed = _packed(window, edges + edge_bytes, _COUNTS_KEY)
    is_plain &= is_packed & (edge_bytes == count_bytes) & (edge_bytes % 8 == 0) & (counts + count_bytes == ends)
    sizes = edge_bytes[is_plain] // 8
    rights, filled = (_doubles(window, begin[is_plain], sizes) for begin in (edges, counts))
    return Histograms(rights, filled, sizes, *(moment[is_plain] for moment in moments)), is_plain


def _floats(words: Words) -> Floats:
    """The float32 in the low half of each word; NaN of the signalling kind become quiet, without a word."""
    with np.errstate(invalid="ignore"):
        return words.astype(np.uint32).view(np.float32).astype(np.float64)


def _packed(window: Window, places: Ints, key: int) -> tuple[Ints, Ints, Bools]:
    """Where a field of packed numbers starts, its bytes, and whether it has that key and fits the window."""
    word = window.words(places)
    size, width = varints(word >> _SHIFT)
    is_good = ((word & np.uint64(0xFF)) == np.uint64(key)) & (width > 0) & (size < np.uint64(window.end))
    return places + 1 + width, np.where(is_good, size, np.uint64(0)).astype(np.int64), is_good


def _doubles(window: Window, places: Ints, counts: Ints) -> Floats:
    """Doubles from several places, copied to one array."""
    memory = window.memory
    ends = places + 8 * counts
    pieces = [memory[begin:end] for begin, end in zip(places.tolist(), ends.tolist(), strict=True)]
    return np.frombuffer(b"".join(pieces), "<f8")

"""Texts from the bytes of a table, many at once: each distinct one becomes a string once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .cells import Numbers
from .words import PAD, tail_of, words_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..run import Bools, Ints
    from .words import Words

MAX_WORDS = 8  # of a text; longer ones are compared as strings

_COLONS = np.uint64(0x3A3A3A3A3A3A3A3A)
_ONES = np.uint64(0x0101010101010101)
_TOPS = np.uint64(0x8080808080808080)
_MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, its bits well spread: 2**64 over the golden ratio


def texts_at(content: bytes, start: Ints, end: Ints) -> list[str]:
    """The texts between places in a padded chunk."""
    spans = zip((start + PAD).tolist(), (end + PAD).tolist(), strict=True)
    return [content[i:j].decode() for i, j in spans]


def distinct_texts(content: bytes, start: Ints, end: Ints) -> tuple[list[str], Ints]:
    """The distinct texts between places in a padded chunk, and the index of the text at each place."""
    words = _words(content, start, end)
    key = words[0]
    for word in words[1:]:
        key = key * _MIX
        key += word
    _, sample, code = np.unique(key, return_index=True, return_inverse=True)
    is_same = len(words) <= MAX_WORDS and all((word.take(sample).take(code) == word).all() for word in words[1:])
    if is_same:
        return texts_at(content, start[sample], end[sample]), code
    texts = texts_at(content, start, end)
    place = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    return list(place), np.array([place[text] for text in texts], dtype=np.int64)


def read_texts(content: bytes, start: Ints, end: Ints, read: Callable[[Sequence[str]], Numbers]) -> Numbers:
    """Read texts that are not plain numbers, each distinct one once.

    Numbers do not contain a colon, except `tensor(0.5, device='cuda:0')`: dates and addresses, which are all distinct, are
    not parsed.
    """
    is_number, is_unreadable = np.zeros(len(start), np.bool_), np.ones(len(start), np.bool_)
    value = np.full(len(start), np.nan)
    is_telling = b":" in content and b"(" not in content
    rest = np.flatnonzero(~_has_colon(content, start, end)) if is_telling else np.arange(len(start))
    if len(rest):
        texts, code = distinct_texts(content, start[rest], end[rest])
        value[rest], is_number[rest], is_unreadable[rest] = (column.take(code) for column in read(texts))
    return Numbers(value, is_number, is_unreadable)


def _has_colon(content: bytes, start: Ints, end: Ints) -> Bools:
    found: Words = np.zeros(len(start), np.uint64)
    for word in _words(content, start, end):
        other = word ^ _COLONS
        found |= (other - _ONES) & ~other & _TOPS  # the top bit of a byte that is zero, and of none if there is none
    has_colon: Bools = found != 0
    return has_colon


def _words(content: bytes, start: Ints, end: Ints) -> list[Words]:
    """The bytes of texts as words, from the end on; zero before the start."""
    data = np.frombuffer(content, np.uint8)
    length = end - start
    count = min(-(-int(length.max(initial=1)) // 8), MAX_WORDS + 1)
    return [tail_of(words_at(data, np.maximum(end + (PAD - 8 - 8 * k), 0)), length - 8 * k) for k in range(count)]

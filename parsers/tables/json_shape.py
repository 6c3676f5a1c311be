"""The shape of a JSON line: what stays the same from line to line, and where the values are.

A flat or nested object without lists is cut at its commas into fields, each a constant beginning (`"loss": `), a value,
and a constant end (`}`). Lines whose fields begin and end alike hold the same names in the same order.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .byte_numbers import padded, read_spans
from .byte_words import PAD, words_at
from .json_line_log import ENVIRONMENT, SETTINGS, row_in
from .json_values import flat_row
from .plain_numbers import NUMBER_BYTES, holes_in, take_out

if TYPE_CHECKING:
    from ..run import Bools, Floats, Ints
    from .byte_numbers import Grid
    from .byte_words import Bytes, Words
    from .plain_numbers import NumberReader

MAX_END = 8  # bytes after the value

_BLANK = ord(" ")
_BLANK_NUMBERS = bytes.maketrans(NUMBER_BYTES, b" " * len(NUMBER_BYTES))
_BLANK_OTHERS = bytes(byte if byte in NUMBER_BYTES else ord(",") if byte in b",\n" else _BLANK for byte in range(256))
_FIELD = re.compile(
    r'((?:[ {]*"[^"]*" ?: ?)+(?:\{[^"]*)?)'
    r'(?:(?P<number>-?\d[-+.\deE]*|NaN|-?Infinity|null)|(?P<switch>true|false)|"(?P<text>[^"]*)")([ }]*)'
)


class Field(NamedTuple):
    """A field of a line: the constant bytes before and after its value, and what it is."""

    name: str
    kind: str  # "number", "text", or "switch", which is constant as a whole
    begin: bytes
    end: bytes


class Match(NamedTuple):
    """Lines of one shape: their numbers in the chunk, int64 [lines], and the cells of their numbers and texts."""

    line: Ints
    grid: Grid


class PlainMatch(NamedTuple):
    """Lines of one shape: their numbers in the chunk, and what their fields hold.

    Attributes:
        line: int64 [lines].
        value: float64 [lines, fields], where it is a plain number.
        other: int64 [k], the flat indices of the fields that hold anything else, rising.
        texts: those fields.

    """

    line: Ints
    value: Floats
    other: Ints
    texts: list[str]


class Shape:
    """What the lines of a log have in common."""

    def __init__(self, fields: list[Field]) -> None:
        self.fields = fields
        self.values = [(i, field) for i, field in enumerate(fields) if field.kind != "switch"]
        self._has_text = any(field.kind == "text" for field in fields)
        self._quotes = sum((field.begin + field.end).count(b'"') for field in fields)
        self._begin = np.array([len(field.begin) for field in fields])
        self._end = np.array([len(field.end) for field in fields])
        self._is_value = np.array([field.kind != "switch" for field in fields])
        self._begin_words = [
            (_words([field.begin[k : k + 8] for field in fields]), _masks([len(field.begin) - k for field in fields]))
            for k in range(0, int(self._begin.max()), 8)
        ]
        self._end_words = _words([field.end.rjust(8, b"\0") for field in fields])
        self._end_masks = ~_masks([8 - len(field.end) for field in fields])
        self._is_all_numbers = all(field.kind == "number" for field in fields)
        self._digits = _digits_in_names(fields)
        self._pattern = b",".join(field.begin.translate(_BLANK_NUMBERS) + field.end for field in fields) + b"\n"

    def match_plain(self, chunk: Chunk, is_open: Bools, reader: NumberReader) -> PlainMatch | None:
        """Find the open lines of this shape if they hold numbers only and are all of the lines of as many fields.

        Once the digits in the names are blanked, the lines must be the same but for their numbers. As each number ends
        where the field's constant end begins, it cannot lie in between the bytes of a name.
        """
        width = len(self.fields)
        line = np.flatnonzero(is_open & (chunk.fields == width))
        if not (self._is_all_numbers and len(line)):
            return None
        if len(line) < len(chunk.fields):
            chunk = chunk.only(line.tolist())
        start, end = chunk.spans(np.arange(len(line)), width)
        data = chunk.body.copy()
        field, offset, byte = self._digits
        digit = np.minimum(start[:, field] + offset, len(data) - 1)
        if (data.take(digit) != byte).any():
            return None
        data[digit] = _BLANK
        value_end = (end - self._end).ravel()
        if (value_end < 1).any():  # shorter than the constant ends: another shape with as many fields
            return None
        other = np.flatnonzero((data.take(value_end - 1) - ord("0")) > 9)  # smaller bytes wrap around
        value_start = (start + self._begin).ravel().take(other)
        value_end = value_end.take(other)
        if (value_end < value_start).any():
            return None
        content, texts = take_out(data.tobytes(), value_start.tolist(), value_end.tolist())
        rest = content.translate(None, NUMBER_BYTES)
        if len(rest) != len(self._pattern) * len(line) or rest != self._pattern * len(line):
            return None
        value = reader.read(b"[" + content[:-1].translate(_BLANK_OTHERS) + b"]")
        hole = None if value is None or len(value) != len(line) * width else holes_in(value, texts)
        return None if value is None or hole is None else PlainMatch(line, value.reshape(-1, width), hole, texts)

    def match(self, chunk: Chunk, is_open: Bools) -> Match | None:
        """Find the open lines of this shape; None if there are none."""
        width = len(self.fields)
        line = np.flatnonzero(is_open & (chunk.fields == width))
        if not len(line):
            return None
        content = chunk.padded
        data = np.frombuffer(content, np.uint8)
        start, end = chunk.spans(line, width)
        is_same = end - start >= self._begin + self._end
        is_same &= self._is_value | (end - start == self._begin)
        furthest = len(data) - 16
        for k, (word, mask) in enumerate(self._begin_words):
            found = words_at(data, np.minimum(start + (PAD + 8 * k), furthest).ravel()).reshape(start.shape)
            is_same &= (found & mask) == word
        found = words_at(data, (end + (PAD - 8)).ravel()).reshape(end.shape)
        is_same &= (found & self._end_masks) == self._end_words
        is_alike = np.logical_and.reduce(is_same, axis=1)
        if self._has_text:
            is_alike &= chunk.quotes()[line] == self._quotes
        if not is_alike.any():
            return None
        begin = (start + self._begin)[is_alike][:, self._is_value].ravel()
        return Match(line[is_alike], read_spans(content, begin, (end - self._end)[is_alike][:, self._is_value].ravel()))


class Chunk:
    """Where the lines of a chunk and their fields end."""

    def __init__(self, chunk: bytes) -> None:
        self._chunk = chunk
        self.body = body = np.frombuffer(chunk, np.uint8)
        self.separator = np.flatnonzero((body == ord(",")) | (body == ord("\n")))
        self.last = np.flatnonzero(body[self.separator] == ord("\n"))  # of each line, among the separators
        self.fields = np.diff(self.last, prepend=-1)

    @cached_property
    def padded(self) -> bytes:
        return padded(self._chunk)

    def line(self, number: int) -> str:
        return self._bytes(number)[:-1].decode()

    def only(self, lines: list[int]) -> Chunk:
        """A chunk of some of the lines."""
        return Chunk(b"".join(map(self._bytes, lines)))

    def _bytes(self, line: int) -> bytes:
        start = int(self.separator[self.last[line - 1]]) + 1 if line else 0
        return self._chunk[start : int(self.separator[self.last[line]]) + 1]

    def spans(self, line: Ints, width: int) -> tuple[Ints, Ints]:
        """Where the fields of lines of `width` fields start and end; int64 [lines, width]."""
        starts = np.concatenate([[0], self.separator[:-1] + 1])
        if len(line) * width == len(self.separator):  # every line of the chunk
            return starts.reshape(-1, width), self.separator.reshape(-1, width)
        field = self.last[line][:, None] + np.arange(1 - width, 1)
        return starts.take(field), self.separator.take(field)

    def quotes(self) -> Ints:
        """The number of quotation marks in each line."""
        quote = np.flatnonzero(self.body == ord('"'))
        return np.diff(np.searchsorted(quote, self.separator[self.last]), prepend=0)


def shape_of(line: str) -> Shape | None:
    """Find out the shape of a line; None if it has lists, doubled names, or settings."""
    row = row_in(line)
    parts = [_FIELD.fullmatch(part) for part in line.split(",")]
    if row is None or not row.keys().isdisjoint({*SETTINGS, ENVIRONMENT, "iter"}):
        return None
    leaves = list(flat_row(row))
    if len(leaves) != len(parts) or len({name for name, _ in leaves}) < len(leaves):
        return None
    fields = []
    for part, (name, value) in zip(parts, leaves, strict=True):
        if part is None or len(part[5]) >= MAX_END:
            return None
        begin, end, whole = part[1].encode(), part[5].encode(), part[0].encode()
        if part["number"] and (value is None or isinstance(value, int | float)):
            fields.append(Field(name, "number", begin, end))
        elif part["switch"] and isinstance(value, bool):
            fields.append(Field(name, "switch", whole, b""))
        elif isinstance(value, str) and value == part["text"]:
            fields.append(Field(name, "text", begin + b'"', b'"' + end))
        else:
            return None
    return Shape(fields)


def _digits_in_names(fields: list[Field]) -> tuple[Ints, Ints, Bytes]:
    """Bytes that also numbers are written with, in the constant beginnings: field, place in it, and byte."""
    found = [
        (i, k, byte) for i, field in enumerate(fields) for k, byte in enumerate(field.begin) if byte in NUMBER_BYTES
    ]
    field, offset, byte = np.array(found, np.int64).reshape(-1, 3).T
    return field, offset, byte.astype(np.uint8)


def _words(texts: list[bytes]) -> Words:
    return np.array([int.from_bytes(text[:8], "little") for text in texts], dtype=np.uint64)


def _masks(lengths: list[int]) -> Words:
    """The bits of the first so many bytes of a word."""
    return np.array([(1 << 8 * min(max(length, 0), 8)) - 1 for length in lengths], dtype=np.uint64)

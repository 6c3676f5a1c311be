"""The shape of a JSON line: the constant parts, and the places of the values.

A flat or nested object without lists is cut at its commas into fields, each a constant beginning (`"loss": `), a value,
and a constant end (`}`). Lines whose fields begin and end alike hold the same names in the same order.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...numbers.columns import MAX_NAME
from ...numbers.numbers import Grid, between, read_spans
from ...numbers.plain_numbers import BLANK, blank_out
from ...numbers.words import PAD, padded, words_at
from .line_log import ENVIRONMENT, SETTINGS, SNAPSHOTS, row_in
from .values import flat_row

if TYPE_CHECKING:
    from ...numbers.plain_numbers import NumberReader
    from ...numbers.words import Words
    from ...run import Bools, Ints

MAX_END = 8  # bytes after the value

_FIELD = re.compile(
    r'((?:[ {]*"[^"]*" ?: ?)+(?:\{[^"]*)?)'
    r'(?:(?P<number>-?\d[-+.\deE]*|NaN|-?Infinity|null)|(?P<switch>true|false)|"(?P<text>[^"]*)")([ }]*)'
)


class Field(NamedTuple):
    """A field of a line: the constant bytes before and after its value, and its kind."""

    name: str
    kind: str  # "number", "text", or "switch" (constant as a whole)
    begin: bytes
    end: bytes


class Match(NamedTuple):
    """Lines of one shape: their numbers in the chunk, int64 [lines], and the cells of their numbers and texts."""

    line: Ints
    grid: Grid


class Shape:
    """The common shape of lines of a log."""

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
        self._pattern = b",".join(field.begin + field.end for field in fields) + b"\n"

    def match_plain(self, chunk: Chunk, is_open: Bools, reader: NumberReader) -> Match | None:
        """Find the open lines of this shape if it has only numbers and all lines with as many fields have this shape.

        The text around the values must be equal in all lines.
        """
        width = len(self.fields)
        line = np.flatnonzero(is_open & (chunk.fields == width))
        if not (self._is_all_numbers and len(line)):
            return None
        if len(line) < len(chunk.fields):
            chunk = chunk.only(line.tolist())
        start, end = chunk.spans(np.arange(len(line)), width)
        start = (start + self._begin).ravel()
        end = (end - self._end).ravel()
        if (end <= start).any():  # shorter than the constant parts: another shape with as many fields
            return None
        body = chunk.body
        is_value = between(start, end, len(body))
        values = is_value * body
        around = body - values  # a chunk contains no zero byte
        if around.tobytes().translate(None, b"\0") != self._pattern * len(line):
            return None
        is_plain = (body.take(end - 1) - ord("0")) <= 9  # smaller bytes wrap around
        other = np.flatnonzero(~is_plain)
        numbers = values + BLANK * (1 - is_value)
        numbers[chunk.separator] = ord(",")
        blank_out(numbers, start.take(other), chunk.separator.take(other) + 1)
        value = reader.read(numbers, is_plain)
        return None if value is None else Match(line, Grid(chunk.padded, start, end, value, is_plain))

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
    """The ends of the lines of a chunk and of their fields."""

    def __init__(self, chunk: bytes) -> None:
        self._chunk = chunk
        self.body = body = np.frombuffer(chunk, np.uint8)
        self.separator = np.flatnonzero((body == ord(",")) | (body == ord("\n")))
        self.last = np.flatnonzero(body[self.separator] == ord("\n"))  # of each line, among the separators
        self.fields = np.diff(self.last, prepend=-1)

    @cached_property
    def padded(self) -> bytes:
        return padded(self._chunk)

    def is_object(self) -> Bools:
        """Which lines begin as objects do."""
        end = self.separator[self.last]
        is_object: Bools = self.body[np.append(0, end[:-1] + 1)] == ord("{")
        return is_object

    def line(self, number: int) -> str:
        return self._bytes(number)[:-1].decode()

    def only(self, lines: list[int]) -> Chunk:
        """A chunk of some of the lines."""
        return Chunk(b"".join(map(self._bytes, lines)))

    def _bytes(self, line: int) -> bytes:
        start = int(self.separator[self.last[line - 1]]) + 1 if line else 0
        return self._chunk[start : int(self.separator[self.last[line]]) + 1]

    def spans(self, line: Ints, width: int) -> tuple[Ints, Ints]:
        """Starts and ends of the fields of lines with `width` fields; int64 [lines, width]."""
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
    """Determine the shape of a line; None if it has lists, duplicate or skipped names, or hyperparameters."""
    row = row_in(line)
    parts = [_FIELD.fullmatch(part) for part in line.split(",")]
    if row is None or not row.keys().isdisjoint({*SETTINGS, *SNAPSHOTS, ENVIRONMENT, "iter"}):
        return None
    leaves = list(flat_row(row))
    if len(leaves) != len(parts) or len({name for name, _ in leaves}) < len(leaves):
        return None
    fields = []
    for part, (name, value) in zip(parts, leaves, strict=True):
        if part is None or len(part[5]) >= MAX_END or len(name) > MAX_NAME:
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


def _words(texts: list[bytes]) -> Words:
    return np.array([int.from_bytes(text[:8], "little") for text in texts], dtype=np.uint64)


def _masks(lengths: list[int]) -> Words:
    """Mask of the first bytes of a word."""
    return np.array([(1 << 8 * min(max(length, 0), 8)) - 1 for length in lengths], dtype=np.uint64)

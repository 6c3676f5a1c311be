"""Identification of a record by its first bytes: one record at a time, without protobuf.

Used for records too long to be read without need, and for the version record at the start of every file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .values import AUDIO, IMAGE, OLD_HISTOGRAM, TENSOR

if TYPE_CHECKING:
    from collections.abc import Callable

_WALL_TIME, _STEP, _SUMMARY, _FIRST = 0x09, 0x10, 0x2A, 0x0A
_GRAPHS = (0x22, 0x42, 0x4A)  # graph_def, tagged_run_metadata (profiles), meta_graph_def
_VERSION = re.compile(rb"\x09.{8}\x1a\x0dbrain\.Event:2(?:\x52(.)\x0a(.)([ -~]*))?", re.DOTALL)


def writer_of_version_record(payload: bytes) -> str | None:
    """The writer that a plain version record names, "" if none; None if the payload is something else."""
    found = _VERSION.fullmatch(payload)
    if not found or found[1] is None:
        return "" if found else None
    name = found[3]
    return name.decode() if found[1][0] == len(name) + 2 and found[2][0] == len(name) < 126 else None


def holds_no_curve(head: bytes, length: int, is_tag_passed_over: Callable[[bytes], bool]) -> bool:
    """Whether a payload of `length` bytes that starts with `head` is an event without curve or configuration.

    That is a graph, a profile, or one image, sound or tensor whose tag `is_tag_passed_over`. False if uncertain.
    """
    try:
        if head[0] != _WALL_TIME:
            return False
        place = 9
        if head[place] == _STEP:
            _, place = _varint(head, place + 1)
        key, size, place = _field(head, place)
        if place + size != length:
            return False
        if key in _GRAPHS:
            return True
        value_key, size, value = _field(head, place)
        tag_key, tag_size, tag = _field(head, value)
        if (key, value_key, tag_key) != (_SUMMARY, _FIRST, _FIRST) or value + size != length:
            return False
        kind = head[tag + tag_size]
        return kind in {IMAGE, AUDIO, OLD_HISTOGRAM} or (
            kind == TENSOR and is_tag_passed_over(head[tag : tag + tag_size])
        )
    except IndexError:
        return False


def _field(data: bytes, place: int) -> tuple[int, int, int]:
    """Key and length of a field, and where its content starts."""
    size, begin = _varint(data, place + 1)
    return data[place], size, begin


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place

"""Locating the values of many records in a window: events, their summaries, and the values in these.

All records are processed together, step by step. A record is decoded here only if it consists of the usual fields in the
usual order, and if the lengths add up to the last byte. All others are left to protobuf: nothing is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .book import LONGEST_TEXT
from .framing.window import column, varints

if TYPE_CHECKING:
    from ..run import Bools, Floats, Ints
    from .framing.records import Batch
    from .framing.window import Window

# keys of the fields of a value: number * 8 + wire type
SIMPLE_VALUE, OLD_HISTOGRAM, IMAGE, HISTOGRAM, AUDIO, TENSOR = 0x15, 0x1A, 0x22, 0x2A, 0x32, 0x42
_TAG, _METADATA = 0x0A, 0x4A
# keys of the fields of an event
_WALL_TIME, _STEP, _SUMMARY = 0x09, 0x10, 0x2A

_SIZED_KINDS = np.zeros(256, np.bool_)
_SIZED_KINDS[[OLD_HISTOGRAM, IMAGE, HISTOGRAM, AUDIO, TENSOR]] = True
_BYTE = np.uint64(0xFF)
_SHIFT = np.uint64(8)
# summary, value and tag of a short record fit into one word: three keys, each followed by a length below 128
_SHORT_MASK = np.uint64(0x80FF_80FF_80FF)
_SHORT_KEYS = np.uint64(_SUMMARY | _TAG << 16 | _TAG << 32)


class Events(NamedTuple):
    """The header fields of the records of a batch.

    Attributes:
        step: int64 [n], 0 if absent.
        wall_time: float64 [n], seconds.
        place: int64 [n], start of the field after the step.
        end: int64 [n], end of the payload.
        is_plain: bool [n], whether the record starts in the usual form.

    """

    step: Ints
    wall_time: Floats
    place: Ints
    end: Ints
    is_plain: Bools


class Values(NamedTuple):
    """Values of summaries, in the order of records: [v] each.

    Attributes:
        record: index of the record in the batch.
        tag_place, tag_length: its tag.
        kind: the key of its content.
        place, end: its content; for a simple value its four bytes.
        metadata_place, metadata_length: its metadata; length 0 if it has none.

    """

    record: Ints
    tag_place: Ints
    tag_length: Ints
    kind: Ints
    place: Ints
    end: Ints
    metadata_place: Ints
    metadata_length: Ints

    def take(self, rows: Ints | Bools) -> Values:
        """The values of some rows."""
        return Values(*(part[rows] for part in self))


def read_events(batch: Batch) -> Events:
    """The wall time and step of each record."""
    heads = batch.heads
    has_step = heads[:, 25] == _STEP
    step, size = varints(column(heads, 26, "<u8"))
    is_plain = (heads[:, 16] == _WALL_TIME) & (size > 0)
    if not has_step.all():
        step = np.where(has_step, step, np.uint64(0))
        size = np.where(has_step, size, -1)
        is_plain |= ~has_step & (heads[:, 16] == _WALL_TIME)
    place = batch.starts + size
    place += 10
    end = batch.starts + batch.lengths
    is_plain &= place < end
    return Events(step.view(np.int64), column(heads, 17, "<f8"), place, end, is_plain)


def read_values(window: Window, events: Events) -> tuple[Values, Bools]:
    """All values of all summaries, and which records have other content or another form."""
    is_odd = ~events.is_plain
    place = np.where(is_odd, 0, events.place) if is_odd.any() else events.place
    word = window.words(place)
    summary_end = place + ((word >> _SHIFT) & _BYTE).astype(np.int64)
    summary_end += 2
    is_short = ((word & _SHORT_MASK) == _SHORT_KEYS) & (summary_end == events.end)
    is_short &= ~is_odd
    parts = []
    if is_short.all():
        records, rest, ends = np.arange(len(place)), place, summary_end
    else:
        records, rest, ends = (part[is_short] for part in (np.arange(len(place)), place, summary_end))
        word = word[is_short]
        others = np.flatnonzero(~is_short & ~is_odd)
        begin, size, keys = _field(window, events.place[others])
        is_summary = (keys == _SUMMARY) & (begin + size == events.end[others])
        is_odd[others[~is_summary]] = True
        parts += _read_on(window, others[is_summary], begin[is_summary], events.end[others[is_summary]], is_odd)
    value_end = rest + ((word >> np.uint64(24)) & _BYTE).astype(np.int64)
    value_end += 4
    length = ((word >> np.uint64(40)) & _BYTE).astype(np.int64)
    is_odd[records[value_end > ends]] = True
    part = _contents(window, records, rest + 6, length, value_end, is_odd)
    more = value_end < ends
    if not parts and not more.any():
        return part, is_odd
    parts += [part, *_read_on(window, records[more], value_end[more], ends[more], is_odd)]
    values = Values(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    order = np.argsort(values.record, kind="stable")  # the parts hold the first, second, ... values of their records
    return values.take(order), is_odd


def _read_on(window: Window, records: Ints, places: Ints, ends: Ints, is_odd: Bools) -> list[Values]:
    """The values from some places on to the ends of their summaries, the first of each record, the second and so on."""
    parts = []
    while len(records):
        begin, size, key = _field(window, places)
        tag_begin, tag_length, tag_key = _field(window, begin)
        value_end = begin + size
        is_good = (key == _TAG) & (tag_key == _TAG) & (value_end <= ends) & (tag_begin + tag_length <= value_end)
        is_odd[records[~is_good]] = True
        records, value_end, ends = records[is_good], value_end[is_good], ends[is_good]
        parts.append(_contents(window, records, tag_begin[is_good], tag_length[is_good], value_end, is_odd))
        more = value_end < ends
        records, places, ends = records[more], value_end[more], ends[more]
    return parts


def _contents(
    window: Window, record: Ints, tag_place: Ints, tag_length: Ints, value_end: Ints, is_odd: Bools
) -> Values:
    """The fields after the tag of each value: one field of content, and optional metadata."""
    place = tag_place + tag_length
    word = window.words(place)
    kind = (word & _BYTE).astype(np.int64)
    begin = place + 1
    end = place + 5
    is_simple = kind == SIMPLE_VALUE
    is_good = is_simple & (tag_length <= LONGEST_TEXT)
    if not is_simple.all():
        size, width = varints(word >> _SHIFT)
        sized_begin = begin + width
        begin = np.where(is_simple, begin, sized_begin)
        end = np.where(is_simple, end, sized_begin + np.minimum(size, np.uint64(1 << 40)).astype(np.int64))
        is_good |= _SIZED_KINDS[kind] & (width > 0) & (tag_length <= LONGEST_TEXT)
    is_last = end == value_end
    metadata_place, metadata_length = end, np.zeros(len(end), np.int64)
    if not is_last.all():
        metadata_place, metadata_length, key = _field(window, end)
        ends_well = (key == _METADATA) & (metadata_place + metadata_length == value_end) & (metadata_length > 0)
        is_good &= is_last | (ends_well & (metadata_length <= LONGEST_TEXT))
        metadata_length = np.where(is_last, 0, metadata_length)
    values = Values(record, tag_place, tag_length, kind, begin, end, metadata_place, metadata_length)
    if is_good.all():
        return values
    is_odd[record[~is_good]] = True
    return values.take(is_good)


def _field(window: Window, places: Ints) -> tuple[Ints, Ints, Ints]:
    """Start of the content of a field with a length, that length, and the field's key; length -1 if it is too long."""
    word = window.words(places)
    size, width = varints(word >> _SHIFT)
    is_fit = (width > 0) & (size < np.uint64(1 << 40))
    return (
        places + 1 + width,
        np.where(is_fit, size, np.uint64(0)).astype(np.int64) - ~is_fit,
        (word & _BYTE).astype(np.int64),
    )

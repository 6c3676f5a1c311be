"""Event decoding: from the records of a batch to rows of scalars and histograms.

Guarantee: the same rows, bit for bit and in the same order, as decoding each record with protobuf and handling its
values one by one (see `messages`). Records without the plain form that writers use for nearly all of their records are
decoded that way; all others are decoded together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .book import first_rows
from .columns import Columns
from .contents import read_histograms, read_number_tensors, read_simple, read_triples
from .facts import Facts
from .heads import holds_no_curve, writer_of_version_record
from .rows import Rows, places, records_of
from .tags import CONFIGURATION, HISTOGRAMS, NO_PLUGIN, SCALARS, UNREADABLE, MetadataBook, TagBook
from .values import HISTOGRAM, SIMPLE_VALUE, TENSOR, read_events, read_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..run import Bools, Floats, Ints
    from .framing.records import Batch
    from .framing.window import Tags, Window
    from .histograms import Histograms
    from .values import Events, Values

_HEAD_BYTES = 512
_CURVES = np.zeros(256, np.bool_)
_CURVES[[SIMPLE_VALUE, HISTOGRAM, TENSOR]] = True


class Decoder:
    """Decodes batches in order; the results are in `columns`, `facts` and `tags`.

    `records` counts the decoded records: all places in the log are record numbers.
    """

    def __init__(self) -> None:
        self.columns = Columns()
        self.facts = Facts()
        self.tags = TagBook()
        self.records = 0
        self._metadata = MetadataBook()

    def holds_no_curve(self, head: bytes, length: int) -> bool:
        """Whether a payload of `length` bytes that starts with `head` has no content of interest."""
        return holds_no_curve(head, length, self.tags.is_passed_over)

    def decode(self, batch: Batch) -> list[int]:
        """Decode one batch; return which of its records contain no event."""
        window = batch.window
        events = read_events(batch)
        values, is_odd = read_values(window, events)
        is_curve = _CURVES[values.kind]
        if not is_curve.all() or is_odd.any():
            values = values.take(is_curve & ~is_odd[values.record])
        tags, is_text = self.tags.seen_many(window, values.tag_place, values.tag_length)
        is_odd[values.record[~is_text]] = True
        plugins = self._own_plugins(window, values, tags, is_odd)
        rest = _Rest(self, batch)
        if is_odd.any():
            rest.decode(np.flatnonzero(is_odd))
        scalars, histograms = self._rows(window, events, values, tags, plugins, rest)
        self.columns.add_scalars([rows for rows in scalars if len(rows.tag)])
        self.columns.add_histograms(histograms)
        self.records += len(batch.starts)
        return rest.lost

    def _own_plugins(self, window: Window, values: Values, tags: Tags, is_odd: Bools) -> Ints | None:
        """Kinds of the plugins named with the values, None if no value names one."""
        named = np.flatnonzero(values.metadata_length)
        if not len(named):
            return None
        numbers, kinds = self._metadata.read_many(window, values.metadata_place[named], values.metadata_length[named])
        is_odd[values.record[named[kinds == UNREADABLE]]] = True
        news = np.flatnonzero(self.tags.is_unnamed(tags[named]) & (kinds != UNREADABLE))
        if len(news):
            pairs = numbers[news] + (tags[named[news]].astype(np.int64) << 32)
            for row in news[first_rows(pairs)].tolist():
                plugin = self._metadata.plugins[numbers[row]]
                self.tags.name_plugin(
                    int(tags[named[row]]), plugin or "", int(values.record[named[row]]) + self.records
                )
        plugins = np.full(len(tags), NO_PLUGIN)
        plugins[named] = kinds
        return plugins

    def _rows(
        self, window: Window, events: Events, values: Values, tags: Tags, plugins: Ints | None, rest: _Rest
    ) -> tuple[list[Rows], list[tuple[Rows, Histograms]]]:
        """Scalars and histograms of the batch; records without plain values go to the rest."""
        place = places(values.record + self.records)

        def rows(picked: Ints | Bools | slice, value: Floats) -> Rows:
            record = values.record[picked]
            return Rows(place[picked], tags[picked], events.step[record], events.wall_time[record], value)

        is_simple = values.kind == SIMPLE_VALUE
        if is_simple.all():
            scalars = [rows(slice(None), read_simple(window, values.place))]
            return rest.completed(scalars, [])
        scalars = [rows(is_simple, read_simple(window, values.place[is_simple]))]
        histograms: list[tuple[Rows, Histograms]] = []
        left: list[Ints] = []

        def read(found: Ints, reader: Callable[[Window, Ints, Ints], tuple[Histograms, Bools]]) -> None:
            if len(found):
                bars, is_plain = reader(window, values.place[found], values.end[found])
                left.append(found[~is_plain])
                picked = found[is_plain]
                histograms.append((rows(picked, np.empty((len(picked), 0))), bars))

        read(np.flatnonzero(values.kind == HISTOGRAM), read_histograms)
        tensors = np.flatnonzero(values.kind == TENSOR)
        if len(tensors):
            kinds = self._kinds(values, tags, plugins, tensors)
            read(tensors[kinds == HISTOGRAMS], read_triples)
            numbers = tensors[(kinds == NO_PLUGIN) | (kinds == SCALARS)]
            value, is_plain = read_number_tensors(window, values.place[numbers], values.end[numbers])
            scalars.append(rows(numbers[is_plain], value[is_plain]))
            left += [numbers[~is_plain], tensors[kinds == CONFIGURATION]]
        rest.decode_also(values.record[np.concatenate(left)])
        return rest.completed(scalars, histograms)

    def _kinds(self, values: Values, tags: Tags, plugins: Ints | None, tensors: Ints) -> Ints:
        """Kind of the plugin of each tensor: the one named with it, otherwise the one named for its tag before."""
        kinds = self.tags.kinds(tags[tensors], values.record[tensors] + self.records)
        return kinds if plugins is None else np.where(plugins[tensors] == NO_PLUGIN, kinds, plugins[tensors])


class _Rest:
    """The records of a batch that protobuf decodes one by one."""

    def __init__(self, decoder: Decoder, batch: Batch) -> None:
        self.decoder, self.batch = decoder, batch
        self.rows: list[int] = []
        self.lost: list[int] = []
        self._scalars: list[Rows] = []
        self._histograms: list[tuple[Rows, Histograms]] = []

    def decode(self, rows: Ints) -> None:
        """Decode these records of the batch, in order."""
        starts, lengths = self.batch.starts[rows].tolist(), self.batch.lengths[rows].tolist()
        self.rows += rows.tolist()
        for row, start, length in zip(rows.tolist(), starts, lengths, strict=True):
            head = bytes(self.batch.window.memory[start : start + min(length, _HEAD_BYTES)])
            writer = writer_of_version_record(head) if length <= _HEAD_BYTES else None
            if writer is not None:
                self.decoder.facts.writer(writer)
            elif not self.decoder.holds_no_curve(head, length):
                self._decode_one(row, bytes(self.batch.window.memory[start : start + length]))

    def decode_also(self, rows: Ints) -> None:
        """Decode those of these records, in any order, that are not decoded yet."""
        if len(rows):
            self.decode(np.array(sorted({*rows.tolist()} - {*self.rows}), np.int64))

    def _decode_one(self, row: int, payload: bytes) -> None:
        from .messages import decode_record

        decoder = self.decoder
        record = decoder.records + row
        message = decode_record(payload, record, decoder.tags, decoder.facts)
        if message is None:
            self.lost.append(row)
            return
        if message.purge_step is not None:
            decoder.columns.take_over(record, message.purge_step)
        place = places(np.full(len(message.values), record))
        for index, (tag, value) in enumerate(message.values):
            rows = Rows(
                place[index : index + 1], np.array([tag]), np.array([message.step]), np.array([message.wall_time]),
                np.array([value]) if isinstance(value, float) else np.empty((1, 0)),
            )  # fmt: skip
            if isinstance(value, float):
                self._scalars.append(rows)
            else:
                self._histograms.append((rows, value))

    def completed(
        self, scalars: list[Rows], histograms: list[tuple[Rows, Histograms]]
    ) -> tuple[list[Rows], list[tuple[Rows, Histograms]]]:
        """The rows of all records of the batch: for records decoded here only these results."""
        if not self.rows:
            return scalars, histograms
        taken = np.zeros(len(self.batch.starts), np.bool_)
        taken[self.rows] = True

        def is_kept(rows: Rows) -> Bools:
            return ~taken[records_of(rows.place) - self.decoder.records]

        return (
            [*(rows.take(is_kept(rows)) for rows in scalars), *self._scalars],
            [*((rows.take(is_kept(rows)), bars.take(is_kept(rows))) for rows, bars in histograms), *self._histograms],
        )

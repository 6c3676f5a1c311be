"""Many small files at once: files of plain scalars, concatenated in one window.

The concatenation of chains of whole records is a chain, so the files of several runs are framed, checked and decoded
like one file, and separated at the end by record numbers. That saves the fixed cost of every file, which for a few
thousand rows exceeds that of reading. It is done only in the simplest case: all records are valid, each a version record
or simple values. Otherwise the result is None, and the files are read run by run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..files.open_log import open_unbuffered
from .columns import grouped
from .contents import read_simple
from .facts import Facts
from .framing.chains import follow
from .framing.checksums import HEADER_BYTES
from .framing.records import WINDOW_BYTES, Batch, is_sound_chain
from .framing.window import FRONT_BYTES, Window
from .heads import writer_of_version_record
from .rows import Rows, places
from .tags import TagBook
from .values import SIMPLE_VALUE, read_events, read_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..run import Curve, Ints

_MOST_FAILURES = 3  # in a row


class Packed(NamedTuple):
    """One run of a pack."""

    curves: list[Curve]
    facts: Facts
    sizes: list[int]


class Packer:
    """Reads packs of runs; window and tags are reused, since tags are nearly always the same.

    `room` is the size of a pack in bytes of files: 0 once packs have proved useless for these files.
    """

    def __init__(self) -> None:
        self._window = Window(WINDOW_BYTES)
        self._tags = TagBook()
        self._failures = 0

    @property
    def room(self) -> int:
        return WINDOW_BYTES if self._failures < _MOST_FAILURES else 0

    def read(self, runs: Sequence[Sequence[Path]], *, verify: bool = True) -> list[Packed] | None:
        """Read runs, each of one or several files in their order; None if that must be done run by run.

        Raises OSError if a file cannot be read.
        """
        packed = self._read(runs, verify=verify)
        self._failures = self._failures + 1 if packed is None else 0
        return packed

    def _read(self, runs: Sequence[Sequence[Path]], *, verify: bool) -> list[Packed] | None:
        window = self._window
        ends = [FRONT_BYTES]
        for path in (path for paths in runs for path in paths):
            with open_unbuffered(path) as file:
                size = file.readinto(window.memory[ends[-1] : window.end]) or 0
            ends.append(ends[-1] + size)
            if not size or ends[-1] == window.end:
                return None  # empty, or possibly too large
        chain = follow(window, FRONT_BYTES, ends[-1])
        firsts = np.searchsorted(chain.starts, ends)
        if chain.stop != ends[-1] or (chain.starts[firsts[:-1]] != ends[:-1]).any():
            return None
        batch = Batch(window, chain.starts + HEADER_BYTES, chain.lengths, chain.heads, chain.starts)
        if verify and not is_sound_chain(batch):
            return None
        return self._taken_apart(batch, runs, firsts, np.diff(ends))

    def _taken_apart(
        self, batch: Batch, runs: Sequence[Sequence[Path]], firsts: Ints, sizes: Ints
    ) -> list[Packed] | None:
        """The runs of a pack of sound records; `firsts` are the records with which files start, and one more."""
        counts = np.cumsum([0, *map(len, runs)])
        begins = firsts[counts]
        events = read_events(batch)
        values, is_odd = read_values(batch.window, events)
        facts = _facts(batch, np.flatnonzero(is_odd), begins)
        values = values.take(~is_odd[values.record])
        if (
            facts is None
            or not len(values.record)
            or (values.kind != SIMPLE_VALUE).any()
            or values.metadata_length.any()
        ):
            return None
        tags, is_text = self._tags.seen_many(batch.window, values.tag_place, values.tag_length)
        if not is_text.all():
            return None
        record, names = values.record, self._tags.names
        key = (np.searchsorted(begins, record, side="right") - 1) * len(names) + tags  # tags differ between runs
        value = read_simple(batch.window, values.place)
        restarts = np.array(sorted({*firsts.tolist()} - {*begins.tolist()}), np.int64)
        found: list[list[tuple[int, list[Curve]]]] = [[] for _ in runs]
        rows = Rows(places(record), key, events.step[record], events.wall_time[record], value)
        for first, number, curves in grouped([rows], names, [(place, None) for place in places(restarts).tolist()]):
            found[number // len(names)].append((first, curves))
        return [
            Packed(
                [curve for _, curves in sorted(own, key=lambda group: group[0]) for curve in curves],
                facts[index], sizes[counts[index] : counts[index + 1]].tolist(),
            )
            for index, own in enumerate(found)
        ]  # fmt: skip


def _facts(batch: Batch, rows: Ints, begins: Ints) -> list[Facts] | None:
    """Facts from the version records of a pack for each run; None if one of these records is of another kind."""
    facts = [Facts() for _ in begins[1:]]
    owners = np.searchsorted(begins, rows, side="right") - 1
    starts, lengths = batch.starts[rows].tolist(), batch.lengths[rows].tolist()
    for owner, start, length in zip(owners.tolist(), starts, lengths, strict=True):
        writer = writer_of_version_record(bytes(batch.window.memory[start : start + length]))
        if writer is None:
            return None
        facts[owner].writer(writer)
    return facts

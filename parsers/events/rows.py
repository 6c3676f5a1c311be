"""Rows of event files: the values of a log with the tag, step, time and place of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ..run import Bools, Floats, Ints
    from .framing.window import Tags

PLACE_BITS = 16  # of a value within its record


class Rows(NamedTuple):
    """Some rows of a log: place, tag number, step, wall time [n] and values [n] or [n, statistics].

    Places increase from value to value: they combine the number of the record and of the value in it (see `places`).
    """

    place: Ints
    tag: Tags
    step: Ints
    wall_time: Floats
    value: Floats

    def take(self, rows: Ints | Bools) -> Rows:
        """Some of the rows."""
        return Rows(self.place[rows], self.tag[rows], self.step[rows], self.wall_time[rows], self.value[rows])

    def sorted(self) -> Rows:
        """The rows in the order of their places."""
        return self.take(np.argsort(self.place, kind="stable"))


def places(records: Ints) -> Ints:
    """The places of values, given their records, in order: int64 [n]."""
    found = records << PLACE_BITS
    if (records[1:] == records[:-1]).any():
        rows = np.arange(len(records))
        found |= np.minimum(rows - np.searchsorted(records, records), (1 << PLACE_BITS) - 1)
    return found


def records_of(places: Ints) -> Ints:
    """The records of values, given their places."""
    return places >> PLACE_BITS


def by_tag(parts: list[Rows]) -> tuple[Ints, Ints, list[int]]:
    """The order that groups all rows by tag, the bounds of the groups in it, and their tags."""
    tag = np.concatenate([part.tag for part in parts])
    if tag.max() < 1 << 16:
        tag = tag.astype(np.uint16)  # numpy sorts those by radix, six times as fast
    order = np.argsort(tag, kind="stable")
    tag = tag[order]
    bounds = np.concatenate([[0], np.flatnonzero(tag[1:] != tag[:-1]) + 1, [len(tag)]])
    return order, bounds, tag[bounds[:-1]].tolist()

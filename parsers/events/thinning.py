"""Thinning of event rows while they are read, as for tables: memory is bounded by rows, whatever the size of the files."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..tables.thinning import TURN_SHARE, fair_share, pick
from .rows import by_tag, records_of

if TYPE_CHECKING:
    from ..run import Bools, Ints
    from .rows import Rows

MAX_ROWS = 4_000_000  # scalars in memory: each needs 40 bytes, and as many again as part of a curve


class Thinner:
    """Thins the scalars of a run repeatedly while they grow.

    Attributes:
        logged: number of logged scalars; 0 if all are kept.

    """

    def __init__(self) -> None:
        self.logged = 0
        self._kept = 0
        self._shifts: dict[int, int] = {}

    def thin(self, rows: Rows) -> Rows:
        """Keep at most half of `MAX_ROWS`: evenly spaced rows of each tag, and those that `pick` keeps."""
        self.logged += len(rows.tag) - self._kept
        order, bounds, tags = by_tag([rows])
        points = fair_share(np.diff(bounds).tolist(), MAX_ROWS // 2)
        is_kept = np.zeros(len(rows.tag), np.bool_)
        for tag, (begin, end) in zip(tags, pairwise(bounds.tolist()), strict=True):
            own = order[begin:end]
            picked, self._shifts[tag] = pick(
                records_of(rows.place[own]), rows.value[own], points, self._shifts.get(tag, 0)
            )
            is_kept[own[picked | _turns(rows.step[own], int(TURN_SHARE * points))]] = True
        self._kept = int(np.count_nonzero(is_kept))
        return rows.take(is_kept)


def _turns(step: Ints, most: int) -> Bools:
    """Rows before and at which the step decreases, bool [n]; none if there are many, which are not restarts."""
    is_turn = np.zeros(len(step), np.bool_)
    back = np.flatnonzero(step[1:] < step[:-1])
    if 2 * len(back) <= most:
        is_turn[back] = is_turn[back + 1] = True
    return is_turn

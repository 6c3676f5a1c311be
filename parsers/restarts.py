"""Restarts of a run within one log, and the rows that they do not overwrite."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_LAST_STEP = int(np.iinfo(np.int64).max)


class Segment(NamedTuple):
    """Consecutive rows of one writer. `purge_step` is where it took over: older rows from there on are overwritten."""

    start: int
    purge_step: int


def segments_of(step: NDArray[np.int64]) -> tuple[Segment, ...]:
    """Split a column of steps wherever it decreases."""
    start = np.flatnonzero(step[1:] < step[:-1]) + 1
    start = np.concatenate([np.zeros(min(len(step), 1), np.int64), start])
    return tuple(map(Segment, start.tolist(), step[start].tolist()))


def standing_rows(step: NDArray[np.int64], segments: Sequence[Segment]) -> NDArray[np.bool_]:
    """Whether each row stands, bool [n]; `step` is int64 [n] in the order of writing, with at least one row.

    A segment that takes over at step k overwrites every earlier row from k on, as in TensorBoard. One that takes
    over at or before the first step is a new run in the same log; then the latest session that is at least half as
    long as the longest one counts, so that an aborted attempt never hides a whole run.
    """
    lengths, over = _taken_over(step, segments)
    session = _sessions(step, over)
    # last step of a segment that no later segment of its session overwrites
    last_valid, lowest = [_LAST_STEP] * len(over), _LAST_STEP
    for i in range(len(over) - 2, -1, -1):
        lowest = min(lowest, over[i + 1] - 1) if session[i + 1] == session[i] else _LAST_STEP
        last_valid[i] = lowest
    stands: NDArray[np.bool_] = step <= np.repeat(np.array(last_valid, np.int64), lengths)
    session_of_row = np.repeat(session, lengths)
    counts = np.bincount(session_of_row[stands])
    if not len(counts):
        return stands
    latest = np.flatnonzero(2 * counts >= counts.max())[-1]
    stands &= session_of_row == latest
    return stands


def session_of_rows(step: NDArray[np.int64], segments: Sequence[Segment]) -> NDArray[np.int64]:
    """Number of the session that logged each row, from 0, int64 [n], non-decreasing. Arguments as above."""
    lengths, over = _taken_over(step, segments)
    return np.unique(np.repeat(_sessions(step, over), lengths), return_inverse=True)[1].astype(np.int64)


def session_sizes(step: NDArray[np.int64], segments: Sequence[Segment]) -> list[int]:
    """Rows logged by each session, in order of writing; sessions without rows are omitted. Arguments as above."""
    sizes: list[int] = np.bincount(session_of_rows(step, segments)).tolist()
    return sizes


def _taken_over(step: NDArray[np.int64], segments: Sequence[Segment]) -> tuple[NDArray[np.int64], list[int]]:
    """Rows of each segment, and the step at which it takes over.

    That is its first row even if its purge step is later, so that steps never decrease.
    """
    lengths = np.diff([*(s.start for s in segments), len(step)])
    over = [
        min(s.purge_step, int(step[s.start])) if n else s.purge_step for s, n in zip(segments, lengths, strict=True)
    ]
    return lengths, over


def _sessions(step: NDArray[np.int64], over: Sequence[int]) -> list[int]:
    """Number of the session of each segment, from 0."""
    session, first = [0], int(step[0])
    for purge_step in over[1:]:
        is_new = purge_step <= first
        first = purge_step if is_new else first
        session.append(session[-1] + is_new)
    return session

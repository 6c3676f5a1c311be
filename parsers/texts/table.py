"""The table of a text log: its rows, with one counter of steps for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..numbers.columns import Column, Table

if TYPE_CHECKING:
    from ..run import Bools, Floats
    from .placed_rows import Rows

MIN_COUNTED_SHARE = 0.5  # of the rows; a sparser counter counts something else


def table_of(rows: Rows) -> Table:
    """Build a table: a column for each tag, and the axes as columns `step`, `epoch`, `wall_time` and `run`.

    Counters within an epoch are renumbered consecutively. Consecutive runs are separated by `run`.
    """
    axes: dict[str, Floats] = {}
    is_batch = not _moves(rows.step)
    counter = rows.batch if is_batch else rows.step
    if _moves(counter) or (is_batch and _is_inside(counter, rows.total)):
        axes["step"] = _numbered_on(counter, rows.epoch, rows.total, is_batch=is_batch)
    if np.isfinite(rows.epoch).any():
        axes["epoch"] = rows.epoch
    if (run := _sessions(axes.get("step", rows.epoch))) is not None:
        axes["run"] = run
    if np.isfinite(rows.wall_time).any():
        axes["wall_time"] = rows.wall_time
    columns = {name: _dense(value) for name, value in axes.items()}
    return Table(rows.rows, columns | {tag: column for tag, column in rows.columns.items() if tag not in axes})


def _dense(value: Floats) -> Column:
    row = np.flatnonzero(~np.isnan(value))
    return Column(row, value[row])


def _moves(counter: Floats) -> bool:
    known = counter[np.isfinite(counter)]
    return len(known) >= MIN_COUNTED_SHARE * len(counter) and len(known) > 1 and bool((known != known[0]).any())


def _is_inside(counter: Floats, total: Floats) -> bool:
    """Whether a constant counter is logged once per epoch, in its middle; `4/4` is only its end."""
    known = counter[np.isfinite(counter)]
    totals = total[np.isfinite(total)]
    return len(known) == len(counter) and len(totals) > 0 and bool((known < totals.min()).all())


def _filled(value: Floats) -> Floats:
    """Fill forward the last finite value; rows before the first one get that one."""
    known = np.isfinite(value)
    last = np.maximum.accumulate(np.where(known, np.arange(len(value)), 0))
    return np.where(known[last], value[last], value[known][0] if known.any() else 0.0)


def _numbered_on(counter: Floats, epoch: Floats, total: Floats, *, is_batch: bool) -> Floats:
    """Renumber a counter that restarts in every epoch."""
    steps = _filled(counter)
    is_back: Bools = np.diff(steps) < 0
    epochs = np.floor(_filled(epoch))
    if not np.isfinite(epoch).any():
        if not is_batch:
            return steps
        epochs = np.concatenate([[0], np.cumsum(is_back)])
    is_next = np.diff(epochs) > 0
    is_still = steps.min() == steps.max()
    if not is_still and (not is_back.any() or 2 * np.count_nonzero(is_back & is_next) < np.count_nonzero(is_back)):
        return steps
    totals = total[np.isfinite(total)]
    has_total = len(totals) > 0 and float(np.median(totals)) >= steps.max()
    length = float(np.median(totals)) if has_total else float(steps.max()) + (steps.min() == 0)
    return np.asarray((epochs - epochs.min()) * length + steps)


def _sessions(position: Floats) -> Floats | None:
    """Number the runs in a log, if consecutive ones have the same start and end."""
    if not np.isfinite(position).any():
        return None
    steps = _filled(position)
    starts = 1 + np.flatnonzero((np.diff(steps) < 0) & (steps[1:] <= steps[0]))
    if not len(starts):
        return None
    ends = [float(part.max()) for part in np.split(steps, starts)]
    if min(ends[:-1]) != max(ends[:-1]) or ends[-1] > ends[0] or (len(ends) == 2 and ends[0] != ends[1]):
        return None
    number = np.zeros(len(steps))
    number[starts] = 1
    return np.asarray(np.cumsum(number) + 1)

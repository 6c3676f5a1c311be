"""The table of a text log: its rows, with one counter of steps for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..numbers.columns import Column, Table

if TYPE_CHECKING:
    from ..files.text import Notes
    from ..run import Bools, Floats
    from .placed_rows import Rows

MIN_COUNTED_SHARE = 0.5  # of the rows; a counter that is said less often counts something else


def table_of(rows: Rows, notes: Notes) -> Table:
    """Make a table: a column for each tag, and the axes as columns `step`, `epoch`, `wall_time` and `run`.

    Counters within an epoch are numbered on. Trainings one after the other are told apart by `run`.
    """
    axes: dict[str, Floats] = {}
    is_batch = not _moves(rows.step)
    counter = rows.batch if is_batch else rows.step
    if _moves(counter) or (is_batch and _is_inside(counter, rows.total)):
        axes["step"] = _numbered_on(counter, rows.epoch, rows.total, is_batch=is_batch)
    if np.isfinite(rows.epoch).any():
        axes["epoch"] = rows.epoch
    position = axes.get("step", rows.epoch)
    if (run := _sessions(position)) is not None:
        axes["run"] = run
    elif (count := _starts(position)) > 1:
        notes.add(
            f"{count} trainings follow one another: the counter starts again at {np.nanmin(position):,.0f} without an end"
        )
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
    """Whether a counter that stands still is logged once an epoch, in its middle; `4/4` is only its end."""
    known = counter[np.isfinite(counter)]
    totals = total[np.isfinite(total)]
    return len(known) == len(counter) and len(totals) > 0 and bool((known < totals.min()).all())


def _filled(value: Floats) -> Floats:
    """Carry the last known, finite value on; rows before the first one get that one."""
    known = np.isfinite(value)
    last = np.maximum.accumulate(np.where(known, np.arange(len(value)), 0))
    return np.where(known[last], value[last], value[known][0] if known.any() else 0.0)


def _begun(counter: Floats, epochs: Floats) -> Floats:
    """Rows of a new epoch that come before its first batch stand at its beginning, not at the end of the last one."""
    known = np.isfinite(counter)
    has_batch = np.isin(epochs, epochs[known])
    ahead = ~known & has_batch
    return np.where(ahead, counter[known].min() if known.any() else 0.0, counter)


def _numbered_on(counter: Floats, epoch: Floats, total: Floats, *, is_batch: bool) -> Floats:
    """Number a counter on that starts again in every epoch."""
    has_epoch = np.isfinite(epoch).any()
    epochs = np.floor(_filled(epoch))
    steps = _filled(_begun(counter, epochs) if is_batch and has_epoch else counter)
    is_back: Bools = np.diff(steps) < 0
    if not has_epoch:
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


def _starts(position: Floats) -> int:
    """How many times a counter is at its beginning: 1 if it never goes back there."""
    if not np.isfinite(position).any():
        return 1
    steps = _filled(position)
    return 1 + int(np.count_nonzero((np.diff(steps) < 0) & (steps[1:] <= steps[0])))


def _sessions(position: Floats) -> Floats | None:
    """Number the trainings in a log, if one after the other goes from the same start to the same end."""
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

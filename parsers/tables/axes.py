"""The axes of a table of logged rows: the columns of steps, epochs and times.

`find_axes` decides for every format that reads rows, delimited or JSON, and states its evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..meaning.words import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..files.text import Notes
    from ..run import Axis, Bools, Floats, Ints

# In order of preference: a counter of the whole run before one that may count within an epoch.
STEP_NAMES = (
    "global_step", "trainer/global_step", "train/global_step", "step", "_step", "iteration", "iter", "num_updates",
    "total_timesteps", "time/total_timesteps", "misc/total_timesteps", "timesteps_total", "total_steps", "total_step",
    "train_step", "train_steps", "env_step", "env_steps", "timestep", "timesteps", "steps", "n_iter", "num_iters",
    "numiters", "iterations", "iters", "training_iteration", "update", "updates", "n_updates", "batch", "batch_idx",
    "batches", "progress/tick",
)  # fmt: skip
# A counter of another name is recognised by its words; samples come last, as their number may jump.
_COUNTED = frozenset(
    "step steps iter iters iteration iterations update updates batch batches timestep timesteps round rounds generation "
    "generations episode episodes tick ticks kimg samples images tokens frames".split()
)
_SAMPLES = frozenset("samples images tokens frames kimg episode episodes".split())
_OF_COUNTERS = frozenset(
    "global total train training trainer env agent num n number current optimizer optim gradient seen consumed of progress "
    "time counter count nr no idx index".split()
)
EPOCH_NAMES = ("epoch", "epochs", "current_epoch", "trainer/epoch", "train/epoch", "epoch_num", "n_epoch")
CLOCK_NAMES = ("time", "timestamp", "_timestamp", "wall_time", "walltime", "unix_time", "datetime", "created_at", "ts")

MIN_WHOLE_SHARE = 0.9  # of the cells of a counter; others are damage
MIN_FILLED_SHARE = 0.5  # of the rows; a sparser column is a metric named "step"
MAX_BACKWARD_SHARE = 0.25  # of the changes; a counter that often decreases counts something else
MAX_ROWS_AN_EPOCH = 3  # training, validation, test; with more rows per epoch, the epoch does not identify rows
MAX_ROWS_AT_A_STEP = 3  # of a whole log; with more, a counter that never changes counts nothing
MAX_COUNT = 2.0**53  # above, a float64 cannot represent every integer
CLOCK_RANGE = (9.4e8, 4.1e9)  # seconds since 1970: the years 1999 to 2099
CLOCK_UNITS = (1.0, 1e3, 1e6, 1e9)  # per second


@dataclass(frozen=True)
class Axes:
    """Positions of the rows of a table.

    Attributes:
        axis: what `step` counts.
        step: int64 [rows].
        epoch: float64 [rows], NaN where unknown.
        wall_time: float64 [rows], seconds since the epoch of the clock, NaN where unknown.
        names: the columns used as axes, which are not curves.
        evidence: how each axis was found, a sentence each.

    """

    axis: Axis
    step: Ints
    epoch: Floats
    wall_time: Floats
    names: frozenset[str]
    evidence: tuple[str, ...] = ()

    @cached_property
    def has_epoch(self) -> bool:
        return not np.isnan(self.epoch).all()

    @cached_property
    def is_rising(self) -> bool:
        """Whether the step never decreases."""
        return bool((self.step[1:] >= self.step[:-1]).all())

    @cached_property
    def has_clock(self) -> bool:
        return not np.isnan(self.wall_time).all()


def plain(name: str) -> str:
    """Normalise a column name like the name tables of this module."""
    return name.strip().casefold().replace(" ", "_")


def is_axis_name(name: str) -> bool:
    return plain(name) in STEP_NAMES or plain(name) in EPOCH_NAMES


def may_be_axis(name: str) -> bool:
    """Whether a column is to be given to `find_axes`."""
    return is_axis_name(name) or plain(name) in CLOCK_NAMES or _is_composed_name(name)


def _is_composed_name(name: str) -> bool:
    """Whether all words of a name speak of a counter, as in `num_env_steps` or `trainer/step`."""
    words = words_of(name)
    return bool(words) and words[-1] in _COUNTED and all(word in _COUNTED | _OF_COUNTERS for word in words)


def find_axes(columns: Mapping[str, Floats], rows: int, notes: Notes) -> Axes:
    """Choose the axes of a table.

    `columns` are those whose names may be an axis or a clock (`may_be_axis`), float64 [rows], NaN if there is no number. A
    row without a step has the position of the row before it, like an evaluation logged after a step.
    """
    unknown = np.full(rows, np.nan)
    by_name = {plain(name): name for name in reversed(list(columns))}
    epoch_name = next((by_name[n] for n in EPOCH_NAMES if n in by_name and np.isfinite(columns[by_name[n]]).any()), "")
    epoch = _finite(columns[epoch_name]) if epoch_name else unknown
    clock_name, wall_time = _find_clock({n: columns[by_name[n]] for n in CLOCK_NAMES if n in by_name}, unknown)
    used = {name for name in (epoch_name, by_name.get(clock_name, "")) if name}
    evidence = [f"column {epoch_name!r} gives the epoch"] if epoch_name else []
    if clock_name:
        evidence.append(f"column {by_name[clock_name]!r} gives the time")

    step_names = _in_order_of_trust(by_name)
    for name in step_names:
        if not _is_counter(columns[by_name[name]], epoch):
            continue
        logged = columns[by_name[name]]
        step = _counted(logged)
        # Some write the same counter under two names.
        used |= {by_name[n] for n in step_names if _is_copy(columns[by_name[n]], logged)}
        how = f"column {by_name[name]!r} {_how_it_counts(step)}"
        if is_within_epoch(step, epoch):
            notes.add(f"column {by_name[name]!r} restarts in every epoch: steps were renumbered consecutively")
            step = _numbered_on(step, epoch)
            how = f"column {by_name[name]!r} restarts when {epoch_name!r} rises: its counts were added up"
        if missing := int(np.count_nonzero(~np.isfinite(logged))):
            how += f"; {missing:,} rows without it stand where the row before them stood"
        return Axes("step", step, epoch, wall_time, frozenset(used), (how, *evidence))

    stuck = next((name for name in step_names if _is_stuck(columns[by_name[name]])), "")
    if epoch_name and _is_whole(epoch).mean() >= MIN_FILLED_SHARE and _share_of_whole(epoch) >= MIN_WHOLE_SHARE:
        step = _counted(epoch)
        if rows <= MAX_ROWS_AN_EPOCH * (1 + np.count_nonzero(np.diff(step))):
            return Axes("epoch", step, epoch, wall_time, frozenset(used), (f"column {epoch_name!r} counts epochs",))
        evidence.append(f"column {epoch_name!r} stays the same for more than {MAX_ROWS_AN_EPOCH} rows at a time")
    if stuck:
        value = columns[by_name[stuck]]
        notes.add(
            f"column {by_name[stuck]!r} is {value[np.isfinite(value)][0]:g} in all {rows:,} rows: rows are ordered as they were written"
        )
        used.add(by_name[stuck])
    reason = f"column {by_name[stuck]!r} never changes" if stuck else "no column counts steps"
    evidence = [f"{reason}: rows are numbered as they were written", *evidence]
    return Axes("row", np.arange(rows, dtype=np.int64), epoch, wall_time, frozenset(used), tuple(evidence))


def _in_order_of_trust(by_name: Mapping[str, str]) -> list[str]:
    """Names of possible counters of steps: the known ones, then others by their words, those of samples last."""
    composed = [n for n in by_name if n not in STEP_NAMES and n not in EPOCH_NAMES and _is_composed_name(n)]
    composed.sort(key=lambda name: bool(set(words_of(name)) & _SAMPLES))
    return [*(name for name in STEP_NAMES if name in by_name), *composed]


def _how_it_counts(step: Ints) -> str:
    """In words: the usual distance of two steps that differ."""
    rises = np.diff(step)
    rises = rises[rises > 0]
    if not len(rises):
        return "does not rise"
    usual = int(np.median(rises))
    return (
        f"counts by {usual:,}" if (rises == usual).mean() >= MIN_WHOLE_SHARE else f"rises, by {usual:,} in the median"
    )


def _is_stuck(value: Floats) -> bool:
    finite = value[np.isfinite(value)]
    return len(finite) > MAX_ROWS_AT_A_STEP and float(finite.min()) == float(finite.max())


def is_within_epoch(step: Ints, epoch: Floats) -> bool:
    """Whether the step decreases because an epoch ends, not because the run restarts."""
    is_back = step[1:] < step[:-1]
    if not is_back.any():
        return False
    is_next_epoch = np.diff(_filled(epoch)) > 0
    return bool(np.count_nonzero(is_back) <= 2 * np.count_nonzero(is_back & is_next_epoch))


def _find_clock(candidates: Mapping[str, Floats], unknown: Floats) -> tuple[str, Floats]:
    for name, value in candidates.items():
        seconds = clocks_of(value)
        if not np.isnan(seconds).all():
            return name, seconds
    return "", unknown


def clocks_of(value: Floats) -> Floats:
    """Times since 1970 in seconds, from seconds, ms, µs or ns; NaN where a value cannot be one, or if most cannot."""
    finite = value[np.isfinite(value)]
    middle = float(np.median(finite)) if len(finite) else 0.0
    for unit in CLOCK_UNITS:
        if CLOCK_RANGE[0] <= middle / unit <= CLOCK_RANGE[1]:
            seconds = value / unit
            return np.where((seconds >= CLOCK_RANGE[0]) & (seconds <= CLOCK_RANGE[1]), seconds, np.nan)
    return np.full(len(value), np.nan)


def _finite(value: Floats) -> Floats:
    is_finite = np.isfinite(value)
    return value if is_finite.all() else np.where(is_finite, value, np.nan)


def _is_counter(value: Floats, epoch: Floats) -> bool:
    is_whole = _is_whole(value)
    whole = np.count_nonzero(is_whole)
    if whole < MIN_FILLED_SHARE * len(value) or whole < MIN_WHOLE_SHARE * np.count_nonzero(~np.isnan(value)):
        return False
    count = value if whole == len(value) else value[is_whole]
    if len(count) > MAX_ROWS_AT_A_STEP and count.min() == count.max():
        return False
    backward = int(np.count_nonzero(count[1:] < count[:-1]))
    return backward <= MAX_BACKWARD_SHARE * len(count) or is_within_epoch(_counted(value), epoch)


def _is_copy(value: Floats, other: Floats) -> bool:
    if value is other:
        return True
    is_in_both = ~np.isnan(value) & ~np.isnan(other)
    return bool(is_in_both.any()) and bool((value[is_in_both] == other[is_in_both]).all())


def _is_whole(value: Floats) -> Bools:
    is_whole: Bools = np.floor(value) == value
    is_whole &= np.abs(value) < MAX_COUNT  # false for NaN and ±inf
    return is_whole


def _share_of_whole(value: Floats) -> float:
    logged = np.count_nonzero(~np.isnan(value))
    return np.count_nonzero(_is_whole(value)) / logged if logged else 0.0


def _counted(value: Floats) -> Ints:
    is_whole = _is_whole(value)
    return (value if is_whole.all() else _filled(np.where(is_whole, value, np.nan))).astype(np.int64)


def _filled(value: Floats) -> Floats:
    """Fill forward the last finite value; rows before the first one get that one. Unchanged if there is none."""
    is_known = np.isfinite(value)
    if is_known.all() or not is_known.any():
        return value
    last = np.maximum.accumulate(np.where(is_known, np.arange(len(value)), 0))
    return np.where(is_known[last], value[last], value[is_known][0])


def _numbered_on(step: Ints, epoch: Floats) -> Ints:
    epochs = np.floor(_filled(epoch))
    # Logged each 50th of 391 batches from 0 on, the last is 350: the next epoch starts one interval later.
    between = np.diff(step)
    interval = max(1, int(np.median(between[between > 0]))) if (between > 0).any() else 1
    length = int(step.max()) + (interval if step.min() == 0 else 0)
    passed = np.clip(epochs - epochs.min(), 0, MAX_COUNT / max(length, 1)).astype(np.int64)
    numbered: Ints = passed * length + step
    return numbered

"""Running means that reset every epoch: recognising them in a log, and removing them.

Keras and many hand-written loops log the mean of all batches since the epoch began. Its first value of an epoch is
the loss of one batch, its last one hardly moves: to a rule that compares a point with its neighbours, every epoch
begins with a spike.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..statistics.events import groups_of
from ..statistics.medians import median, moving_median
from ..statistics.noise import median_deviation
from .digits import rounding_step

if TYPE_CHECKING:
    from ...parsers.run import Floats, Ints

MIN_EPOCHS = 3
MIN_POINTS_AN_EPOCH = 8  # changes of a mean over j points fall like 1/j: eight points distinguish that from no fall
COMPARED_POINTS = 64  # of an epoch: later changes of a running mean add no information
EXPONENTS = np.array([0.0, 0.5, 1.0, 1.5, 2.0])  # of the fall; 0 is a loss as it is, 1 a running mean
RUNNING = 2  # its row
MIN_LOG_ODDS = 3.0  # 20 to 1 for a running mean; of 1,200 simulated logs of single batches none came above 2.4
ROUNDING = 0.41  # standard deviation of j*a - (j-1)*b over j, with a and b rounded to 1: sqrt(2/12)
SMALLEST = 1e-300  # a level of zero must not divide
JUMP_POINTS, LARGE_POINTS = 21, 4  # medians of so many changes before and after the start of an epoch
JUMP_RATIO = 4.0  # between the two; steady noise does not come near it, a mean over 20 points makes it 6
REGULAR_SHARE = 0.8  # of the distances between jumps are multiples of one epoch


class EpochMeans(NamedTuple):
    """A curve with its running means removed.

    Attributes:
        starts: rows at which the mean resets, int64 [epochs].
        values: mean over each logged interval alone, float64 [n].
        is_precise: whether the digits that were logged suffice: a last digit counts j times in point j of an epoch.

    """

    starts: Ints
    values: Floats
    is_precise: bool


def epoch_means_of(values: Floats, epochs: Floats) -> EpochMeans | None:
    """Remove the running means of a curve; None if it has none, or too few epochs to recognise them.

    `epochs` are those of the points, NaN where unknown; then epochs are looked for as jumps at a regular distance.
    """
    step = rounding_step(values)
    found = [starts for starts in _candidates(values, epochs, step) if _log_odds(values, starts, step) > MIN_LOG_ODDS]
    if not found:
        return None
    # starts that are off by one row leave a large deviation in every epoch
    starts, separate = min(
        ((s, _separated(values, s)) for s in found), key=lambda pair: float(np.abs(np.diff(pair[1])).sum())
    )
    noise = median_deviation(np.diff(separate, n=2)) / math.sqrt(6)
    longest = int(np.diff([*starts, len(values)]).max())
    return EpochMeans(starts, separate, is_precise=ROUNDING * step * longest <= noise)


def _candidates(values: Floats, epochs: Floats, step: float) -> list[Ints]:
    """Rows at which epochs may begin; a point that is logged with a whole number may end an epoch or begin one."""
    known = np.isfinite(epochs)
    if not known.all():
        return [] if known.any() else [_regular_jumps(values, step)]
    numbers = (np.floor(epochs + 1e-9), np.ceil(epochs - 1e-9))
    begun, ended = (np.concatenate(([0], np.flatnonzero(np.diff(n) > 0) + 1)) for n in numbers)
    return [begun] if np.array_equal(begun, ended) else [begun, ended]


def _regular_jumps(values: Floats, step: float) -> Ints:
    """Rows of jumps at a regular distance, with those that are too small to be seen filled in; empty if irregular."""
    none = np.empty(0, np.int64)
    change = np.abs(np.diff(values))
    if len(change) <= JUMP_POINTS + LARGE_POINTS:
        return none
    usual = np.maximum(
        moving_median(change[:-LARGE_POINTS], JUMP_POINTS), step / 2
    )  # less would be the luck of rounding
    is_larger = moving_median(change[JUMP_POINTS:], LARGE_POINTS) > JUMP_RATIO * usual
    starts = np.array([0, *(_first_jump(change, usual, first) for first, _ in groups_of(is_larger, JUMP_POINTS // 2))])
    gaps = np.diff(starts)
    if len(gaps) < MIN_EPOCHS:
        return none
    period = median(gaps)
    multiples = np.rint(gaps / period)
    is_multiple = (multiples >= 1) & (np.abs(gaps - multiples * period) <= np.maximum(1, 0.05 * gaps))
    if is_multiple.mean() < REGULAR_SHARE or (multiples == 1).mean() < 0.5:
        return none
    filled = [
        np.rint(np.linspace(start, start + gap, int(max(count, 1)), endpoint=False))
        for start, gap, count in zip(starts[:-1], gaps, multiples, strict=True)
    ]
    return np.concatenate([*filled, starts[-1:]]).astype(np.int64)


def _first_jump(change: Floats, usual: Floats, first: int) -> int:
    """Row of the first large change among those that begin `first` after the first window."""
    large = change[JUMP_POINTS + first :][:LARGE_POINTS] > JUMP_RATIO * usual[first]
    return JUMP_POINTS + first + int(np.argmax(large)) + 1


def _log_odds(values: Floats, starts: Ints, step: float) -> float:
    """Log-likelihood of changes that fall like 1/j over that of even ones; 0 where even ones or a slower fall fit best.

    A steeper fall counts as well: where logging and epochs are out of step, the first mean is over fewer batches.
    """
    second = _second_differences(values, starts, step)
    used = np.isfinite(second)
    if len(second) < MIN_EPOCHS or not used.any():
        return 0.0
    phase = np.log(np.broadcast_to(np.arange(2, second.shape[1] + 2), second.shape)[used])
    size = second[used]
    likelihoods = [a * phase.sum() - len(size) * np.log(np.mean(size * np.exp(a * phase))) for a in EXPONENTS]
    if not np.all(np.isfinite(likelihoods)) or int(np.argmax(likelihoods)) < RUNNING:
        return 0.0
    return float(likelihoods[RUNNING] - likelihoods[0])


def _second_differences(values: Floats, starts: Ints, step: float) -> Floats:
    """Absolute second differences (a slope does not count) over the level of their epoch, float64 [epochs, phases].

    NaN where an epoch is shorter. The phases end where the last logged digit is as large as the differences, or
    where fewer than `MIN_EPOCHS` epochs are as long. Equal values differ by a quarter of that digit.
    """
    rows = []
    for start, end in pairwise([*starts.tolist(), len(values)]):
        part = values[start : min(end, start + COMPARED_POINTS)]
        if len(part) >= MIN_POINTS_AN_EPOCH:
            rows.append(np.full(COMPARED_POINTS - 2, np.nan))
            size = np.maximum(np.abs(np.diff(part, n=2)), step / 4)
            rows[-1][: len(size)] = size / max(abs(float(part[-1])), SMALLEST)
    second = np.array(rows)
    if len(rows) < MIN_EPOCHS:
        return second
    is_long = np.count_nonzero(np.isfinite(second), axis=0) >= MIN_EPOCHS
    second = second[:, : int(np.count_nonzero(is_long))]
    is_coarse = np.nanmedian(second, axis=0) * abs(median(values)) < 2 * step
    fine = int(np.argmax(is_coarse)) if is_coarse.any() else second.shape[1]
    return second[:, : max(fine, MIN_POINTS_AN_EPOCH - 2)]


def _separated(values: Floats, starts: Ints) -> Floats:
    """Mean over each interval from running means m: j*m[j] - (j-1)*m[j-1], float64 [n]."""
    place = np.arange(len(values)) - np.repeat(starts, np.diff([*starts, len(values)])) + 1
    before = np.concatenate(([0.0], values[:-1]))
    return place * values - (place - 1) * before

"""Lines that are not records: progress, a second counter, best values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..shapes.counting import MIN_LINES
from ..shapes.same_lines import take_turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..shapes.same_lines import SameLines

MAX_LIST = 10  # values of a line that comes once; more are a printed history

_AXIS = re.compile(r"epoch|step|iter|batch|update|\bep\b", re.IGNORECASE)
_ELEMENT = re.compile(r"/[0-9]+$")
_BEST = re.compile(r"\b(?:best|final|overall)\b", re.IGNORECASE)
_OF_SAMPLES = re.compile(r"\btotal\b|\btime_?steps\b|\b(?:samples|frames|examples)\b", re.IGNORECASE)


def drop_progress(groups: Sequence[SameLines]) -> None:
    """Counter lines without values are progress of something else, if other lines count with values."""
    is_row_counted = any(group.shape.is_row and group.shape.batch >= 0 and len(group) > 1 for group in groups)
    of_training = any(_counts_training(group) for group in groups)
    for group in groups:
        shape = group.shape
        is_aside = is_row_counted or (of_training and shape.is_held_out)
        is_aside = is_aside or (_is_over_at_once(group) and any(other.shape.epoch >= 0 for other in groups))
        if shape.batch >= 0 and not shape.values and is_aside:
            shape.step = shape.step if is_row_counted else -1
            shape.batch = shape.total = -1
            shape.settle()


def _counts_training(group: SameLines) -> bool:
    return len(group) >= MIN_LINES and group.shape.has_axis and not group.shape.is_held_out


def _is_over_at_once(group: SameLines) -> bool:
    """Whether lines only show a complete counter, `640/640`: a bar printed when it is full."""
    shape = group.shape
    if min(shape.batch, shape.total) < 0 or len(group) < MIN_LINES:
        return False
    return bool((group.column(shape.batch) == group.column(shape.total)).all())


def drop_second_counters(groups: Sequence[SameLines]) -> None:
    """Of two counter lines in each record, keep the epoch or iteration and drop the total.

    `Learning iteration 3/500` and `Total steps: 288`; `Train Epoch: 2` and `6230 / 60000`.
    """
    counters = [g for g in groups if g.shape.has_axis and not g.shape.values and len(g) >= MIN_LINES]
    for group in counters:
        is_named_after = group.shape.step >= 0 and _OF_SAMPLES.search(group.line)
        is_bare = group.shape.batch >= 0 and group.shape.epoch < 0 and not _AXIS.search(group.line)
        if not is_named_after and not is_bare:
            continue
        if any(_is_plain_counter(other, group) and take_turns(other, group) for other in counters):
            shape = group.shape
            shape.step = shape.batch = shape.total = -1
            shape.settle()


def _is_plain_counter(other: SameLines, group: SameLines) -> bool:
    shape = other.shape
    return other is not group and max(shape.epoch, shape.step) >= 0 and not _OF_SAMPLES.search(other.line)


def set_best_apart(groups: Sequence[SameLines]) -> None:
    """Lines with the best values so far get tags of their own and no counter, if other lines count."""
    counted = [group for group in groups if _counts_training(group) and not _BEST.search(group.shape.lead)]
    for group in groups if counted else ():
        shape = group.shape
        if len(group) > 1 and shape.values and _BEST.search(shape.lead):
            shape.epoch = shape.epochs = shape.step = shape.batch = shape.total = -1
            for value in shape.values:
                value.tag = f"best {value.tag}"
            shape.settle()


def drop_last_words(groups: Sequence[SameLines]) -> None:
    """A single line with best values or with a history repeats curves: its values are dropped."""
    recurring = {value.tag.rpartition("/")[2] for group in groups if len(group) > 1 for value in group.shape.values}
    for group in groups:
        shape = group.shape
        if len(group) == 1 and not shape.has_axis and _BEST.search(shape.lead):
            shape.values = [v for v in shape.values if v.tag.rpartition("/")[2] not in recurring]
            shape.settle()
        elif len(group) == 1 and not shape.has_axis and len(shape.values) > MAX_LIST and recurring:
            shape.values = [value for value in shape.values if not _ELEMENT.search(value.tag)]
            shape.settle()

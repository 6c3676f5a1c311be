"""Finds the lines of a text log that belong to an evaluation.

Of the progress of an evaluation (`Test: [10/100] ...`) only its last line counts, with its running averages; what
follows it without a counter is about the evaluation, too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .shapes.keys import SPLIT_OF_WORD, is_measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Bools, Ints
    from .shapes.same_lines import SameLines
    from .shapes.shape import Value


MAX_BELOW = 2  # lines from a header to the counter below it: a blank line between
MAX_STRAY = 0.1  # of the lines, that stand behind an evaluation by chance: each evaluation is followed by one


def evaluations_settled(groups: Sequence[SameLines], *, is_bar: bool = False) -> list[SameLines]:
    """Keep the last line of each evaluation's progress, as its summary, and mark the remarks that follow it.

    With `is_bar`, every counter `3/4` is progress over running averages, and only its end counts.
    """
    is_progress = np.array([_is_progress(group, is_bar=is_bar) for group in groups], np.bool_)
    is_header = np.array([group.shape.is_header for group in groups], np.bool_)
    is_title = _titles(groups, is_progress)
    if not is_progress.any() and not is_header.any() and not is_title.any():
        return list(groups)
    counts = [len(group) for group in groups]
    group_of = np.repeat(np.arange(len(groups)), counts)
    line = np.concatenate([group.line_numbers for group in groups])
    order = np.argsort(line, kind="stable")
    group_of = group_of[order]
    is_over = _ends(groups, is_progress, group_of, order)
    splits = ["", *sorted({group.shape.split for group in groups} - {""})]
    split_of = np.array([splits.index(_section_of(group)) for group in groups])
    section = _sections(groups, is_progress, is_header | is_title, split_of, group_of, is_over, line[order])
    position = np.empty(len(order), np.int64)
    position[order] = np.arange(len(order))
    settled = []
    for index, mine in enumerate(np.split(position, np.cumsum(counts)[:-1])):
        group = groups[index]
        if is_progress[index]:
            settled.append(_variant(group, is_over[mine], ""))
        elif is_header[index]:
            continue
        elif not _may_be_remark(group) or (_is_of_the_program(group) and np.mean(section[mine] > 0) <= MAX_STRAY):
            settled.append(group)
        else:
            settled += [
                _variant(group, section[mine] == code, splits[code]) if code else group.take(section[mine] == 0)
                for code in np.unique(section[mine]).tolist()
            ]
    return [group for group in settled if len(group)]


def _section_of(group: SameLines) -> str:
    """Split of the section that a line starts; a training header only ends the previous section."""
    shape = group.shape
    return "" if shape.is_header and SPLIT_OF_WORD.get(shape.split) == "train" else shape.split


def _may_be_remark(group: SameLines) -> bool:
    return group.shape.is_row and not group.shape.has_axis and not group.shape.split


def _is_of_the_program(group: SameLines) -> bool:
    """Whether lines hold only speeds and times; a model metric after an evaluation is a different quantity."""
    return not any(is_measured(value.tag) for value in group.shape.values)


def _is_progress(group: SameLines, *, is_bar: bool) -> bool:
    shape = group.shape
    is_evaluation = SPLIT_OF_WORD.get(shape.split, "train") != "train"
    return shape.batch >= 0 and shape.is_row and (is_evaluation or is_bar)


def _titles(groups: Sequence[SameLines], is_progress: Bools) -> Bools:
    """Which lines hold a counter and a split alone, `Validation Epoch 3`, where other such lines name another split."""
    is_title = np.array(
        [group.shape.has_axis and not group.shape.values and bool(group.shape.split) for group in groups], np.bool_
    )
    is_title &= ~is_progress
    named = {SPLIT_OF_WORD[group.shape.split] for group, told in zip(groups, is_title.tolist(), strict=True) if told}
    return is_title if len(named) > 1 else np.zeros_like(is_title)


def _ends(groups: Sequence[SameLines], is_progress: Bools, group_of: Ints, order: Ints) -> Bools:
    """Whether a line, in the order of the log, is progress that the next line does not carry on."""
    batch, epoch = (
        np.concatenate(
            [
                group.column(getattr(group.shape, axis) if told else -1)
                for group, told in zip(groups, is_progress.tolist(), strict=True)
            ]
        )[order]
        for axis in ("batch", "epoch")
    )
    split = np.unique([group.shape.split for group in groups], return_inverse=True)[1][group_of]
    mine = is_progress[group_of]
    is_same_epoch = (epoch[1:] == epoch[:-1]) | (np.isnan(epoch[1:]) & np.isnan(epoch[:-1]))
    goes_on = mine[1:] & mine[:-1] & (split[1:] == split[:-1]) & (batch[1:] >= batch[:-1]) & is_same_epoch
    over: Bools = mine & ~np.append(goes_on, False)
    return over


def _sections(
    groups: Sequence[SameLines],
    is_progress: Bools,
    is_header: Bools,
    split_of: Ints,
    group_of: Ints,
    is_over: Bools,
    line: Ints,
) -> Ints:
    """The split, by its code, whose evaluation the lines before each line are about; 0 is none.

    A header covers the lines up to the next counter; a counter directly below it belongs to the section.
    """
    has_axis = np.array([group.shape.has_axis for group in groups], np.bool_)
    is_counter = np.array([group.shape.has_axis and not group.shape.values for group in groups], np.bool_)
    begins = is_over | is_header[group_of]
    is_below = np.append(False, begins[:-1] & (np.diff(line) <= MAX_BELOW)) & (is_counter & ~is_header)[group_of]
    says = begins | ((has_axis & ~is_progress)[group_of] & ~is_below)
    says[:1] = True
    code = np.where(begins, split_of[group_of], 0)
    last = np.maximum.accumulate(np.where(says, np.arange(len(says)), 0))
    found: Ints = code[last]
    return found


def _says_split(value: Value) -> bool:
    """Whether the tag begins with the split: one that was only concluded from the quantity gives way to a header."""
    return bool(value.split) and value.tag.startswith(f"{value.split}/")


def _variant(group: SameLines, kept: Bools, section: str) -> SameLines:
    """Lines as the summary of an evaluation or, with a section, as remarks on one."""
    shape = group.shape
    is_about = bool(section) and (shape.is_block or any(is_measured(value.tag) for value in shape.values))
    values = [
        replace(
            value,
            tag=f"{section}/{value.tag}" if is_about and not _says_split(value) else value.tag,
            split=section if is_about and not _says_split(value) else value.split,
            hole=value.average if value.average >= 0 and not section else value.hole,
            average=-1,
        )
        for value in shape.values
        if section or not shape.split or is_measured(value.tag)  # the rest is about the evaluation's speed
    ]
    return group.take(
        kept, replace(shape, values=values, is_remark=bool(section), batch=-1, total=-1, is_counted=False)
    )

"""Interprets the skeletons of a text log: decides what each number is, from its words and from how it counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .groups.blocks import accept_blocks, label_evaluations, mark_evaluations
from .groups.counter import (
    check_counters,
    find_counter,
    find_nameless,
    find_nameless_below_epochs,
    find_title,
    take_batches_for_steps,
    take_counter_of_name,
    take_counter_of_split,
)
from .groups.order import numbered_by_order
from .groups.repeats import find_ranks, once_each, without_doubles
from .groups.set_aside import drop_last_words, drop_progress, drop_second_counters, set_best_apart
from .groups.shared_names import split_shared
from .shapes.counting import MIN_LINES
from .shapes.keys import is_measured
from .shapes.line_shapes import shape_of
from .shapes.naming import name_by_split, name_loose
from .shapes.same_lines import SameLines, merged
from .tables import MAX_HEADER, with_headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .dialects import Dialect
    from .mining.skeletons import Skeleton

MAX_TITLE = 40  # characters of a line that may be the title of a section

_AXIS = re.compile(r"epoch|step|iter|batch|update|\bep\b", re.IGNORECASE)
_JSON = '{"'


def interpreted(skeletons: Sequence[Skeleton], dialect: Dialect, evidence: list[str]) -> list[SameLines]:
    """Lines with content, grouped by kind, with their shapes; decisions are appended to `evidence`."""
    groups = with_headers(without_doubles([_read(same) for same in _alike(skeletons)], evidence))
    for group in groups:
        if len(group) >= MIN_LINES:
            check_counters(group)
            take_counter_of_name(group)
            take_counter_of_split(group)
            name_by_split(group)
        group.shape = dialect.adapt(group.shape)
    find_ranks(groups)
    take_batches_for_steps(groups)
    is_told = any(group.shape.is_row and group.shape.has_axis and len(group) > 1 for group in groups)
    is_told = is_told or find_counter(groups, evidence) or any(group.shape.has_counter for group in groups)
    if not is_told and not find_title(groups, evidence):
        find_nameless(groups, evidence)
    elif is_told:
        find_nameless_below_epochs(groups, evidence)
    if not any(group.shape.has_axis for group in groups):
        groups = numbered_by_order(groups, evidence)
    for group in groups:
        is_evaluation = group.shape.is_held_out and group.shape.is_row
        is_named = group.shape.has_counter or is_evaluation
        if len(group) >= MIN_LINES and is_named and not group.line.lstrip().startswith(_JSON):
            name_loose(group)
            group.shape = dialect.adapt(group.shape)
    drop_progress(groups)
    drop_second_counters(groups)
    if not dialect.has_plain_tags:
        split_shared(groups)
    set_best_apart(groups)
    groups = once_each(accept_blocks(groups), evidence)
    drop_last_words(groups)
    label_evaluations(groups)
    mark_evaluations(groups)
    return [g for g in groups if g.shape.is_row or g.shape.has_axis or (g.shape.is_header and g.shape.split)]


def may_tell(line: str) -> bool:
    """Whether a line that occurs once is kept: a title, a header, or a line with a training term."""
    if len(line) <= MAX_TITLE and (":" in line or "=" in line or not any(map(str.isdigit, line))):
        return True
    return _AXIS.search(line) is not None or is_measured(line[:MAX_HEADER]) or _is_header(line)


def _is_header(line: str) -> bool:
    return len(line) <= MAX_HEADER and not any(map(str.isdigit, line)) and ("  " in line or "|" in line)


def _alike(skeletons: Sequence[Skeleton]) -> list[list[Skeleton]]:
    """Group skeletons that differ only in the blanks that align their numbers."""
    kinds: dict[tuple[object, ...], list[Skeleton]] = {}
    for skeleton in skeletons:
        texts = tuple(" ".join(text.split()) for text in map(_without_stop, skeleton.texts))
        kinds.setdefault((texts, skeleton.is_clock) if skeleton.numbers else (skeleton.line,), []).append(skeleton)
    return list(kinds.values())


def _without_stop(text: str) -> str:
    """Remove the full stop after a number: `loss 1. acc 0.5` has the skeleton of `loss 0.9 acc 0.5`."""
    return text[1:] if text[:1] == "." and (len(text) == 1 or text[1].isspace()) else text


def _read(same: Sequence[Skeleton]) -> SameLines:
    """Merge lines of one kind; the skeleton with the widest gaps defines the shape, as its columns are clearest."""
    widest = max(same, key=lambda skeleton: sum(text.count("  ") for text in skeleton.texts))
    shape = shape_of(list(widest.texts), list(widest.numbers))
    return merged([SameLines.of(skeleton, shape) for skeleton in (widest, *(s for s in same if s is not widest))])

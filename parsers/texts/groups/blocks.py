"""Lines without a counter of their own: what they belong to.

A line that comes once with every record belongs to it, whatever its names. One that numbers its parts (`Region 82 ..`,
`Region 94 ..`) has one tag for each. One that comes many times at one place, and nowhere else, is a printed configuration.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..shapes.counting import MIN_LINES, counts, varies
from ..shapes.keys import is_measured
from ..shapes.units import is_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...run import Floats, Ints
    from ..shapes.same_lines import SameLines
    from ..shapes.shape import Loose, Shape

MAX_LABELS = 64  # different numbers of the parts of a record
MIN_SAME_PLACE = 0.8  # of the lines, that stand at the same distance behind the last counter
MIN_SHARE = 0.5  # of the records, that a line of them comes with
MIN_SHARE_WHOLE = 0.9  # the same of a line that holds nothing but whole numbers without a unit
MAX_BURSTS = 2  # places at which a configuration is printed
MIN_IN_A_BURST = 3  # lines alike at each

_OF_EVALUATIONS = re.compile(
    r"(?:^|[^A-Za-z])(?:m?AP(?:@?[0-9][\w.:-]*)?|AR|Average (?:Precision|Recall)|n?DCG|HR|MRR|BLEU|ROUGE\w*|METEOR|CIDEr|WER|CER|FID|EER)"
    r"(?:$|[^A-Za-z])",
    re.IGNORECASE,
)
_LEAD = re.compile(r"([^\W\d_][\w-]*(?: [^\W\d_][\w-]*){0,3})\s*(?:[,:;|>-]+\s*|\s)$")


def accept_blocks(groups: Sequence[SameLines]) -> list[SameLines]:
    """Decide which lines without a counter are rows, and separate the parts of a record."""
    counted = [group for group in groups if group.shape.has_axis]
    at = np.sort(np.concatenate([g.line_numbers for g in counted])) if counted else np.empty(0, np.int64)
    headers = [group for group in groups if group.shape.is_header and group.shape.split]
    section = np.sort(np.concatenate([g.line_numbers for g in headers])) if headers else at[:0]
    found: list[SameLines] = []
    for group in groups:
        shape = group.shape
        if shape.has_axis or shape.is_header or not shape.values:
            found.append(group)
            continue
        parts = _parts(group)
        if not shape.is_row and all(_comes_with_records(part, at, section) for part in parts):
            for part in parts:
                part.shape.is_row = part.shape.is_block = True
        found += [part for part in parts if not part.shape.is_row or not _is_burst(part, at)]
    _place_below(found, at)
    return found


def _parts(group: SameLines) -> list[SameLines]:
    """Separate lines that number their parts: by numbers in brackets, or after the first word."""
    shape = group.shape
    holes = shape.values[0].labels
    loose = [] if holes else [each for each in shape.loose if _may_number(each, shape)]
    if not holes and not (loose and len(group) >= MIN_LINES and _numbers_parts(group.column(loose[0].hole))):
        return [group]
    columns = np.stack([group.column(hole) for hole in holes or (loose[0].hole,)], axis=1)
    kinds, part_of = np.unique(columns, axis=0, return_inverse=True)
    if len(kinds) > MAX_LABELS:
        return [group]
    part_of = part_of.reshape(-1)
    return [
        group.take(
            part_of == index, _labelled(shape, [f"{number:g}" for number in kind], loose, has_brackets=bool(holes))
        )
        for index, kind in enumerate(kinds.tolist())
    ]


def _may_number(loose: Loose, shape: Shape) -> bool:
    return loose.hole < shape.values[0].hole and bool(loose.key.name) and not loose.key.is_set


def _labelled(shape: Shape, label: Sequence[str], loose: Sequence[Loose], *, has_brackets: bool) -> Shape:
    values = []
    for value in shape.values:
        if has_brackets:
            tag = value.tag.format(*label) if value.tag.count("{}") == len(label) else value.tag
        else:
            tag = f"{loose[0].key.name} {label[0]} {value.tag}"
        values.append(replace(value, tag=tag, labels=()))
    return replace(shape, values=values, loose=[])


def _numbers_parts(value: Floats) -> bool:
    """Whether a column numbers the parts of a record: few whole numbers, each as often as the others."""
    if not np.isfinite(value).all() or (value != np.rint(value)).any():
        return False
    kinds, times = np.unique(value, return_counts=True)
    return 2 <= len(kinds) <= MAX_LABELS and times.min() >= 2 and times.max() <= times.min() + 1


def _comes_with_records(group: SameLines, at: Ints, section: Ints) -> bool:
    """Whether lines stand at the same place behind or above a counter, or behind the header of an evaluation."""
    lines = group.line_numbers
    if len(lines) < MIN_LINES:
        return False
    is_told = any("." in group.number(value.hole) or is_unit(value.tag) for value in group.shape.values)
    if not is_told:  # whole numbers may be printed for other reasons: they have to come with nearly every record
        columns = [group.column(value.hole) for value in group.shape.values]
        if _is_steady(lines, at, MIN_SHARE_WHOLE):
            return any(map(varies, columns))
        return any(varies(c) and not counts(c) for c in columns) and _ends_epochs(lines, at)
    return _is_steady(lines, at, MIN_SHARE) or _is_steady(lines, section, 0.0) or _ends_epochs(lines, at)


def _ends_epochs(lines: Ints, at: Ints) -> bool:
    """Whether lines stand behind every n-th record, always the same n."""
    if len(at) < MIN_LINES:
        return False
    records = np.diff(np.searchsorted(at, lines))
    _, times = np.unique(records, return_counts=True)
    return bool(records.min() > 0 and times.max() >= MIN_SAME_PLACE * len(records)) and _is_steady(lines, at, 0.0)


def _is_steady(lines: Ints, at: Ints, share: float) -> bool:
    if len(at) < MIN_LINES:
        return False
    is_above = lines[0] < at[0]  # each line stands above the counter of its record
    record = np.searchsorted(at, lines) - (0 if is_above else 1)
    if record[-1] == len(at) or len(np.unique(record)) < len(lines) or len(lines) < share * len(at):
        return False
    distance = np.abs(lines - at[record])
    _, times = np.unique(distance, return_counts=True)
    return bool(times.max() >= MIN_SAME_PLACE * len(lines))


def _is_burst(group: SameLines, at: Ints) -> bool:
    """Whether lines come many at a place, and at one or two places only: a configuration that was printed."""
    places, times = np.unique(np.searchsorted(at, group.line_numbers), return_counts=True)
    return len(places) <= MAX_BURSTS and int(times.min()) >= MIN_IN_A_BURST and len(at) > len(places)


def _place_below(groups: Sequence[SameLines], at: Ints) -> None:
    """Lines above the counter of their record belong to the next counter."""
    if not len(at):
        return
    for group in groups:
        shape = group.shape
        if shape.is_row and not shape.has_axis and not shape.is_header and len(group) >= MIN_LINES:
            lines = group.line_numbers
            shape.is_below = bool(lines[0] < at[0] and lines[-1] < at[-1] and len(lines) >= MIN_SHARE * len(at))


def mark_evaluations(groups: Sequence[SameLines]) -> None:
    """Mark lines without a counter as validation if they hold metrics that only an evaluation computes.

    AP and NDCG are computed over a whole data set, less often than a step is logged.
    """
    counted = [len(group) for group in groups if group.shape.is_row and group.shape.has_axis]
    for group in groups:
        shape = group.shape
        is_apart = shape.is_row and not shape.has_axis and not shape.split
        if is_apart and counted and (len(group) < max(counted) or shape.is_named_apart):
            for value in shape.values:
                if not value.split and _OF_EVALUATIONS.search(value.tag):
                    value.split = "val"


def label_evaluations(groups: Sequence[SameLines]) -> None:
    """Prefix the tags of lines without a counter that repeat tags of other lines, with the words before them.

    `cur metric, acc: 0.3` between lines `step: 10, acc: 0.5` is not that accuracy; if it is logged less often, it is one
    of an evaluation. `relation F1: 0.4` below `epoch 1 F1: 0.3` is a part.
    """
    leads = {id(group): found[1] for group in groups if (found := _lead_of(group.shape))}
    tags: dict[str, int] = {}
    for group in groups:
        if group.shape.is_row and id(group) not in leads:
            for value in group.shape.values:
                tags[value.tag] = max(tags.get(value.tag, 0), len(group) if group.shape.has_axis else 0)
    for group in groups:
        shared = [value for value in group.shape.values if value.tag in tags]
        if not shared or id(group) not in leads:
            continue
        is_rarer = all(len(group) < tags[value.tag] for value in shared)
        for value in group.shape.values:
            value.tag = f"{leads[id(group)]}/{value.tag}"
            if is_rarer and is_measured(value.tag):
                value.split = "val"


def _lead_of(shape: Shape) -> re.Match[str] | None:
    """Words before the values of a line without counter and split."""
    is_apart = shape.is_row and not shape.has_axis and not shape.split and bool(shape.values)
    return _LEAD.search(shape.lead) if is_apart else None

"""Says of the skeletons of a text log what their numbers are: by their words, and by how they count."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from .blocks import accept_blocks, label_evaluations, mark_evaluations
from .repeats import once_each, without_doubles
from .shapes.counting import MIN_LINES, counts, is_measured_like, is_outer, varies
from .shapes.keys import is_measured
from .shapes.line_shapes import shape_of
from .shapes.naming import name_loose
from .shapes.same_lines import SameLines, merged
from .shapes.units import is_unit
from .tables import MAX_HEADER, with_headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .dialects import Dialect
    from .mining.skeletons import Skeleton

MAX_TITLE = 40  # characters of a line that may be the title of a section
_AXIS = re.compile(r"epoch|step|iter|batch|update|\bep\b", re.IGNORECASE)
_JSON = '{"'


def interpreted(skeletons: Sequence[Skeleton], dialect: Dialect, evidence: list[str]) -> list[SameLines]:
    """The lines that tell something, with their shapes; `evidence` takes what was decided, in words."""
    groups = with_headers(without_doubles([_read(same) for same in _alike(skeletons)], evidence))
    for group in groups:
        if len(group) >= MIN_LINES:
            _check_counters(group)
        group.shape = dialect.adapt(group.shape)
    if not any(group.shape.is_row and group.shape.has_axis and len(group) > 1 for group in groups):
        _find_counter(groups, evidence)
    for group in groups:
        if len(group) >= MIN_LINES and _has_counter(group) and not group.line.lstrip().startswith(_JSON):
            name_loose(group)
            group.shape = dialect.adapt(group.shape)
    _drop_progress(groups)
    groups = once_each(accept_blocks(groups), evidence)
    label_evaluations(groups)
    mark_evaluations(groups)
    return [g for g in groups if g.shape.is_row or g.shape.has_axis or (g.shape.is_header and g.shape.split)]


def may_tell(line: str) -> bool:
    """Whether a line that occurs once may be worth reading: a title, a header, or one with a word of a training."""
    if len(line) <= MAX_TITLE and (":" in line or "=" in line or not any(map(str.isdigit, line))):
        return True
    return _AXIS.search(line) is not None or is_measured(line[:MAX_HEADER]) or _is_header(line)


def _is_header(line: str) -> bool:
    return len(line) <= MAX_HEADER and not any(map(str.isdigit, line)) and ("  " in line or "|" in line)


def _alike(skeletons: Sequence[Skeleton]) -> list[list[Skeleton]]:
    """Skeletons by kind: those of one kind differ in the blanks that align their numbers."""
    kinds: dict[tuple[object, ...], list[Skeleton]] = {}
    for skeleton in skeletons:
        texts = tuple(" ".join(text.split()) for text in map(_without_stop, skeleton.texts))
        kinds.setdefault((texts, skeleton.is_clock) if skeleton.numbers else (skeleton.line,), []).append(skeleton)
    return list(kinds.values())


def _without_stop(text: str) -> str:
    """A text without the full stop behind the number before it: `loss 1. acc 0.5` is written like `loss 0.9 acc 0.5`."""
    return text[1:] if text[:1] == "." and (len(text) == 1 or text[1].isspace()) else text


def _read(same: Sequence[Skeleton]) -> SameLines:
    """Lines of one kind, with the shape of those that are set most widely: their columns are the plainest."""
    widest = max(same, key=lambda skeleton: sum(text.count("  ") for text in skeleton.texts))
    shape = shape_of(list(widest.texts), list(widest.numbers))
    return merged([SameLines.of(skeleton, shape) for skeleton in (widest, *(s for s in same if s is not widest))])


def _has_counter(group: SameLines) -> bool:
    shape = group.shape
    return max(shape.step, shape.batch, shape.epoch) >= 0


def _check_counters(group: SameLines) -> None:
    """What the words say of counters, checked against how they count."""
    shape = group.shape
    is_pair = shape.batch >= 0 and shape.total >= 0 and shape.epoch < 0
    if is_pair and is_outer(group.column(shape.batch), group.column(shape.total)):
        shape.epoch, shape.batch, shape.total = shape.batch, shape.total, -1
        shape.settle()
    column = group.column(max(shape.step, shape.batch))
    if min(shape.step, shape.batch, shape.total, shape.epoch) == max(shape.epoch, shape.total) == -1 and not varies(
        column
    ):
        shape.step = shape.batch = -1  # "minibatch 32" is a size
        shape.settle()
    if shape.may_be_rank and not counts(group.column(0)):
        shape.rank = 0


def _find_counter(groups: Sequence[SameLines], evidence: list[str]) -> None:
    """Where no words name a counter, take what counts: in the lines that are the most, and in those that name it alike."""
    best: tuple[int, SameLines, int, str, str] | None = None
    for group in groups:
        if len(group) < MIN_LINES or _has_counter(group) or group.line.lstrip().startswith(_JSON):
            continue
        found = _counter_of(group)
        if found and (best is None or len(group) > best[0]) and _tells(group, found[0]):
            best = (len(group), group, *found)
    if best is None:
        return
    _, first, _, name, why = best
    evidence.append(f"steps are counted by {name or 'the first number of a line'!r}: {why}")
    for group in groups:
        found = _counter_of(group) if len(group) >= MIN_LINES and not _has_counter(group) else None
        if group is first or (found and found[1] == name):
            _count_by(group, found[0] if found else -1)


def _count_by(group: SameLines, hole: int) -> None:
    """Take a number for the counter, and one before it for the epoch if the counter starts again where that moves."""
    shape = group.shape
    outer = [loose.hole for loose in shape.loose if loose.hole < hole]
    epoch = next((each for each in outer if is_outer(group.column(each), group.column(hole))), -1)
    if epoch >= 0:
        shape.epoch, shape.batch = epoch, hole
    else:
        shape.step = hole
    shape.values = [value for value in shape.values if value.hole not in (hole, epoch)]
    shape.loose = [loose for loose in shape.loose if loose.hole not in (hole, epoch)]
    shape.settle()


def _counter_of(group: SameLines) -> tuple[int, str, str] | None:
    """The first number of a line that counts: its hole, its name and the evidence."""
    shape = group.shape
    names = {loose.hole: loose.key.name for loose in shape.loose}
    names |= {value.hole: value.tag for value in shape.values if not is_measured(value.tag)}
    if shape.may_be_rank and shape.rank != 0:
        names[0] = ""
    of_one = np.ones(len(group), np.bool_)
    if shape.rank >= 0:  # of several processes, each counts for itself
        rank = group.column(shape.rank)
        of_one = rank == rank[0]
    for hole in sorted(names):
        if why := counts(group.column(hole)[of_one]):
            return hole, names[hole].strip().lower(), why
    return None


def _tells(group: SameLines, counter: int) -> bool:
    """Whether lines hold a quantity beside their counter: one with a known name, or numbers that are not whole."""
    shape = group.shape
    if any(is_measured(value.tag) for value in shape.values):
        return True
    named = [(value.hole, value.tag) for value in shape.values] + [
        (loose.hole, loose.key.name or loose.behind.strip()) for loose in shape.loose
    ]
    return any(
        hole != counter and name and not is_unit(name) and is_measured_like(group.column(hole)) for hole, name in named
    )


def _drop_progress(groups: Sequence[SameLines]) -> None:
    """Lines that count without a value, where others count with values, are progress of something else."""
    if not any(group.shape.is_row and group.shape.batch >= 0 and len(group) > 1 for group in groups):
        return
    for group in groups:
        shape = group.shape
        if shape.batch >= 0 and not shape.values:
            shape.batch = shape.total = -1
            shape.settle()

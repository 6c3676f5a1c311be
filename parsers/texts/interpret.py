"""Says of the skeletons of a text log what their numbers are: by their words, and by how they count."""

from __future__ import annotations

import re
from itertools import permutations, starmap
from typing import TYPE_CHECKING

import numpy as np

from .blocks import accept_blocks, label_evaluations, mark_evaluations
from .order import numbered_by_order
from .repeats import once_each, without_doubles
from .shapes.counting import MIN_LINES, counts, is_measured_like, is_outer, varies
from .shapes.keys import SPLIT_OF_WORD, is_measured
from .shapes.line_shapes import shape_of
from .shapes.naming import name_by_split, name_loose
from .shapes.same_lines import SameLines, merged
from .shapes.units import is_unit
from .tables import MAX_HEADER, with_headers

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..run import Floats
    from .dialects import Dialect
    from .mining.skeletons import Skeleton
    from .shapes.shape import Shape

MAX_TITLE = 40  # characters of a line that may be the title of a section
MIN_NAMELESS = 10  # lines of numbers without a name
MIN_COLUMNS = 2
MAX_LEFT = 0.5  # of the first value, at the end of a column that falls
MIN_FALLING = 0.7  # of the changes; of nine random ones, in 9 % of the columns as many do
MAX_ROUNDING = 0.01  # of a change, that is printed with fewer digits than the values it lies between
MIN_STANDING = 0.5  # of the lines, in which an epoch does not move on
MAX_LIST = 10  # values of a line that comes once; more are a history told again
NO_NAMES = "the numbers have no names: the first of a line counts steps"
_WORD = re.compile(r"[^\W\d_]{3,}")
_AXIS = re.compile(r"epoch|step|iter|batch|update|\bep\b", re.IGNORECASE)
_JSON = '{"'
_ELEMENT = re.compile(r"/[0-9]+$")
_BEST = re.compile(r"\b(?:best|final|overall)\b", re.IGNORECASE)
_OF_SAMPLES = re.compile(r"\btotal\b|\btime_?steps\b|\b(?:samples|frames|examples)\b", re.IGNORECASE)


def interpreted(skeletons: Sequence[Skeleton], dialect: Dialect, evidence: list[str]) -> list[SameLines]:
    """The lines that tell something, with their shapes; `evidence` takes what was decided, in words."""
    groups = with_headers(without_doubles([_read(same) for same in _alike(skeletons)], evidence))
    for group in groups:
        if len(group) >= MIN_LINES:
            _check_counters(group)
            _take_counter_of_name(group)
            name_by_split(group)
        group.shape = dialect.adapt(group.shape)
    _find_ranks(groups)
    is_told = any(group.shape.is_row and group.shape.has_axis and len(group) > 1 for group in groups)
    is_told = is_told or _find_counter(groups, evidence) or any(map(_has_counter, groups))
    if not is_told and not _find_title(groups, evidence):
        _find_nameless(groups, evidence)
    if not any(group.shape.has_axis for group in groups):
        groups = numbered_by_order(groups, evidence)
    for group in groups:
        if len(group) >= MIN_LINES and _has_counter(group) and not group.line.lstrip().startswith(_JSON):
            name_loose(group)
            group.shape = dialect.adapt(group.shape)
    _drop_progress(groups)
    _drop_second_counters(groups)
    if not dialect.has_plain_tags:
        _split_shared(groups)
    _set_best_apart(groups)
    groups = once_each(accept_blocks(groups), evidence)
    _drop_last_words(groups)
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
    if shape.batch >= 0 and shape.epoch < 0 and shape.total >= 0 and not varies(column) and _counter_of(group):
        shape.batch = shape.total = -1  # "pass 3, document 2000/2000"
        shape.settle()
    if shape.step >= 0 and max(shape.epoch, shape.batch) < 0 and (inner := _counts_more_finely(group, shape.step)) >= 0:
        shape.epoch, shape.step = shape.step, inner  # "[ 3]    870 || loss: 0.5"
        shape.loose = [loose for loose in shape.loose if loose.hole != inner]
        shape.settle()


def _find_ranks(groups: Sequence[SameLines]) -> None:
    """The number before a colon is that of a process if it does not count; so it is on the few lines where it seems to."""
    numbered = [group for group in groups if group.shape.may_be_rank and len(group) >= MIN_LINES]
    of_processes = {number for group in numbered if not counts(group.column(0)) for number in group.column(0).tolist()}
    for group in numbered:
        if of_processes.issuperset(group.column(0).tolist()):
            group.shape.rank = 0


def _take_counter_of_name(group: SameLines) -> None:
    """`Train loss 3 0.51`: of two numbers behind one name, the first counts, and the second is measured."""
    shape = group.shape
    if _has_counter(group):
        return
    loose = {each.hole: each for each in shape.loose}
    for value in shape.values:
        follower = loose.get(value.hole + 1)
        if follower is None or follower.key.name or not is_measured(value.tag) or not counts(group.column(value.hole)):
            continue
        if is_measured_like(group.column(follower.hole)):
            shape.step, value.hole = value.hole, follower.hole
            shape.loose.remove(follower)
            shape.settle()
            return


def _find_counter(groups: Sequence[SameLines], evidence: list[str]) -> bool:
    """Where no words name a counter, take what counts: in the lines that are the most, and in those that name it alike."""
    best: tuple[int, SameLines, int, str, str] | None = None
    for group in groups:
        if len(group) < MIN_LINES or _has_counter(group) or group.line.lstrip().startswith(_JSON):
            continue
        found = _counter_of(group)
        if found and (best is None or len(group) > best[0]) and _tells(group, found[0]):
            best = (len(group), group, *found)
    if best is None:
        return False
    _, first, _, name, why = best
    evidence.append(f"steps are counted by {name or 'the first number of a line'!r}: {why}")
    for group in groups:
        found = _counter_of(group) if len(group) >= MIN_LINES and not _has_counter(group) else None
        if group is first or (found and found[1] == name):
            _count_by(group, found[0] if found else -1)
    return True


def _find_title(groups: Sequence[SameLines], evidence: list[str]) -> bool:
    """Where no line of a quantity counts, take the lines that count above them, as `*** generation 3 ***`."""
    told = [group for group in groups if len(group) >= MIN_LINES and _tells(group, -1)]
    for group in sorted(groups, key=len, reverse=True):
        found = _counter_of(group) if len(group) >= MIN_LINES and not _tells(group, -1) else None
        if found and any(_take_turns(group, other) for other in told):
            group.shape.values = []
            _count_by(group, found[0])
            evidence.append(f"steps are counted by {found[1] or 'the lines above the records'!r}: {found[2]}")
            return True
    return False


def _find_nameless(groups: Sequence[SameLines], evidence: list[str]) -> None:
    """Take lines of nothing but numbers, `0 1.07 0.48`, for records if the first counts from the start.

    One of the others has to fall as a loss does, or to be the change of another one.
    """
    for group in groups:
        columns = [group.column(loose.hole) for loose in group.shape.loose]
        if len(group) < MIN_NAMELESS or len(columns) < MIN_COLUMNS or _WORD.search(group.shape.text):
            continue
        is_told = any(map(_falls, columns[1:])) or any(starmap(_is_change_of, permutations(columns[1:], 2)))
        if columns[0][0] in (0, 1) and counts(columns[0]) and is_told:
            _count_by(group, group.shape.loose[0].hole)
            evidence.append(NO_NAMES)


def _falls(value: Floats) -> bool:
    """Whether a column is positive, not whole, and falls by half, nearly always."""
    is_loss_like = is_measured_like(value) and np.isfinite(value).all() and bool((value > 0).all())
    return bool(is_loss_like and value[-1] < MAX_LEFT * value[0] and np.mean(np.diff(value) < 0) > MIN_FALLING)


def _is_change_of(change: Floats, value: Floats) -> bool:
    """Whether a column says by how much another one moved since the line before, as iterations of a fit do."""
    if not is_measured_like(value) or not np.isfinite(value).all() or not np.isfinite(change[1:]).all():
        return False
    moved = np.diff(value)
    return bool(moved.any() and np.allclose(np.abs(change[1:]), np.abs(moved), rtol=MAX_ROUNDING, atol=0.0))


def _count_by(group: SameLines, hole: int) -> None:
    """Take a number for the counter, and one before it for the epoch if the counter starts again where that moves."""
    shape = group.shape
    outer = [loose.hole for loose in shape.loose if loose.hole < hole]
    if (inner := _counts_more_finely(group, hole)) >= 0:
        outer, hole = [hole], inner
    epoch = next((each for each in outer if is_outer(group.column(each), group.column(hole))), -1)
    if inner >= 0 and epoch < 0:
        shape.epoch, shape.step = outer[0], inner
    elif epoch >= 0:
        shape.epoch, shape.batch = epoch, hole
    else:
        shape.step = hole
    shape.values = [value for value in shape.values if value.hole not in (hole, epoch)]
    shape.loose = [loose for loose in shape.loose if loose.hole not in (hole, epoch)]
    shape.settle()


def _counts_more_finely(group: SameLines, hole: int) -> int:
    """The hole next to a counter that stands still in most lines, if that number has no name and counts every line; or -1."""
    if not any(loose.hole == hole + 1 and not loose.key.name for loose in group.shape.loose):
        return -1
    stands = np.diff(group.column(hole)) == 0
    moves = np.diff(group.column(hole + 1))
    is_finer = counts(group.column(hole + 1)) and (moves[stands] > 0).all() and np.mean(stands) > MIN_STANDING
    return hole + 1 if is_finer else -1


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
    """Whether lines hold a quantity beside their counter: one with a known name, or numbers that are or look not whole."""
    shape = group.shape
    if any(is_measured(value.tag) for value in shape.values):
        return True
    named = [(value.hole, value.tag) for value in shape.values] + [
        (loose.hole, loose.key.name or loose.behind.strip()) for loose in shape.loose
    ]
    return any(
        hole != counter
        and name
        and not is_unit(name)
        and (is_measured_like(group.column(hole)) or "." in group.number(hole))
        for hole, name in named
    )


def _drop_progress(groups: Sequence[SameLines]) -> None:
    """Lines that count without a value, where others count with values, are progress of something else."""
    is_row_counted = any(group.shape.is_row and group.shape.batch >= 0 and len(group) > 1 for group in groups)
    of_training = any(_counts_training(group) for group in groups)
    for group in groups:
        shape = group.shape
        is_aside = is_row_counted or (of_training and _is_of_evaluation(shape))
        is_aside = is_aside or (_is_over_at_once(group) and any(other.shape.epoch >= 0 for other in groups))
        if shape.batch >= 0 and not shape.values and is_aside:
            shape.step = shape.step if is_row_counted else -1
            shape.batch = shape.total = -1
            shape.settle()


def _is_of_evaluation(shape: Shape) -> bool:
    return SPLIT_OF_WORD.get(shape.split, "train") != "train"


def _counts_training(group: SameLines) -> bool:
    return len(group) >= MIN_LINES and group.shape.has_axis and not _is_of_evaluation(group.shape)


def _is_over_at_once(group: SameLines) -> bool:
    """Whether `640/640` is all that lines count: a bar that is printed when it is full."""
    shape = group.shape
    if min(shape.batch, shape.total) < 0 or len(group) < MIN_LINES:
        return False
    return bool((group.column(shape.batch) == group.column(shape.total)).all())


def _drop_second_counters(groups: Sequence[SameLines]) -> None:
    """Of two lines that only count, once in each record, the epoch or iteration stands, not what it amounts to.

    `Learning iteration 3/500` and `Total steps: 288`; `Train Epoch: 2` and `6230 / 60000`.
    """
    counters = [g for g in groups if g.shape.has_axis and not g.shape.values and len(g) >= MIN_LINES]
    for group in counters:
        is_named_after = group.shape.step >= 0 and _OF_SAMPLES.search(group.line)
        is_bare = group.shape.batch >= 0 and group.shape.epoch < 0 and not _AXIS.search(group.line)
        if not is_named_after and not is_bare:
            continue
        if any(_is_plain_counter(other, group) and _take_turns(other, group) for other in counters):
            shape = group.shape
            shape.step = shape.batch = shape.total = -1
            shape.settle()


def _is_plain_counter(other: SameLines, group: SameLines) -> bool:
    shape = other.shape
    return other is not group and max(shape.epoch, shape.step) >= 0 and not _OF_SAMPLES.search(other.line)


def _take_turns(first: SameLines, second: SameLines) -> bool:
    """Whether lines of two kinds follow one another in turn, one for one."""
    if len(first) != len(second):
        return False
    a, b = first.line_numbers, second.line_numbers
    return bool((a < b).all() and (b[:-1] < a[1:]).all()) or bool((b < a).all() and (a[:-1] < b[1:]).all())


def _split_shared(groups: Sequence[SameLines]) -> None:
    """A name that lines of an evaluation share with other lines is another quantity there, whatever it is.

    So it is on lines of the training that tell again what lines without a split tell: they are means over an epoch.
    """
    counted = [group for group in groups if group.shape.is_row and group.shape.has_axis]
    owners: dict[str, set[str]] = {}
    unnamed = {value.tag for group in counted if not group.shape.split for value in group.shape.values}
    for group in counted:
        split = SPLIT_OF_WORD.get(group.shape.split, "train")
        for value in group.shape.values:
            owners.setdefault(value.tag, set()).add(split)
    for group in counted:
        is_training = SPLIT_OF_WORD.get(group.shape.split, "train") == "train"
        if is_training and not _tells_again(group, unnamed):
            continue
        for value in group.shape.values:
            is_shared = value.tag in unnamed if is_training else len(owners[value.tag]) > 1
            if not value.split and is_shared:
                value.split = group.shape.split
                value.tag = f"{value.split}/{value.tag}"


def _tells_again(group: SameLines, unnamed: Collection[str]) -> bool:
    """Whether a line names the training and tells of it what lines without a split tell, such as a loss."""
    split = group.shape.split
    return bool(split) and any(
        v.split == split and v.tag.removeprefix(f"{split}/") in unnamed for v in group.shape.values
    )


def _set_best_apart(groups: Sequence[SameLines]) -> None:
    """Lines that tell what was best so far, where others count, stand where these do, and have tags of their own."""
    counted = [group for group in groups if _counts_training(group) and not _BEST.search(group.shape.lead)]
    for group in groups if counted else ():
        shape = group.shape
        if len(group) > 1 and shape.values and _BEST.search(shape.lead):
            shape.epoch = shape.epochs = shape.step = shape.batch = shape.total = -1
            for value in shape.values:
                value.tag = f"best {value.tag}"
            shape.settle()


def _drop_last_words(groups: Sequence[SameLines]) -> None:
    """A line that comes once and says what was best, or lists a history, repeats curves, and is no point of them."""
    recurring = {value.tag.rpartition("/")[2] for group in groups if len(group) > 1 for value in group.shape.values}
    for group in groups:
        shape = group.shape
        if len(group) == 1 and not shape.has_axis and _BEST.search(shape.lead):
            shape.values = [v for v in shape.values if v.tag.rpartition("/")[2] not in recurring]
            shape.settle()
        elif len(group) == 1 and not shape.has_axis and len(shape.values) > MAX_LIST and recurring:
            shape.values = [value for value in shape.values if not _ELEMENT.search(value.tag)]
            shape.settle()

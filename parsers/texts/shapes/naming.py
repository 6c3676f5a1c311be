"""Names of numbers in lines that count: by the words before, the words behind, or none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .counting import is_measured_like, varies
from .keys import SPLIT_OF_WORD, is_measured, is_place
from .shape import Value
from .units import is_unit, rate_behind, scale_of, unit_behind

if TYPE_CHECKING:
    from .same_lines import SameLines
    from .shape import Loose, Shape

MAX_WORDS = 5
MIN_SPLITS = 2  # that a line of nothing else names
NAMELESS = "value_{}"

_BEHIND = re.compile(r"\s*([^\W\d_][\w%/.^@-]*(?: [^\W\d_][\w%/.^@-]*){0,3})\s*(?=$|[,;|)\]}\t]|\s{2})")
_AVERAGE = re.compile(r"^(?:running |moving )?(?:avg|average|mean|smoothed|smooth|ema)[ _.]+(?=\w)", re.IGNORECASE)
TO_COME = re.compile(r"\b(?:left|remaining|eta|to go|ago)\b", re.IGNORECASE)


def name_loose(group: SameLines) -> None:
    """Give the loose numbers of lines that count a tag, where they vary, and are no place or time to come."""
    shape = group.shape
    named = [(loose, name) for loose in shape.loose if (name := _name_of(loose)) is not None]
    names = {loose.hole: name for loose, name in named} | {value.hole: value.tag for value in shape.values}
    tells = bool(shape.values) or any(name and not is_unit(name) for _, name in named)
    for loose, name in named:
        tag = name or _averaged(names.get(loose.hole + 1, ""))
        if loose.hole not in _counters(shape) and _is_worth(group, loose, tag, tells=tells):
            shape.values.append(_value(shape, loose, tag))
    shape.values.sort(key=lambda value: value.hole)
    held = {value.hole for value in shape.values}
    shape.loose = [loose for loose in shape.loose if loose.hole not in held]


def name_by_split(group: SameLines) -> None:
    """Take `train 0.31, valid 0.35` for a quantity of both: nothing but splits names the numbers of a line, each another one."""
    shape = group.shape
    if shape.values or len(shape.loose) < MIN_SPLITS or _counters(shape) != {-1}:
        return
    splits = [loose.key.rest.replace("=", " ").replace(":", " ").strip(" ,;|").lower() for loose in shape.loose]
    is_named = all(split in SPLIT_OF_WORD for split in splits) and len(set(splits)) == len(splits)
    if is_named and all(is_measured_like(group.column(loose.hole)) for loose in shape.loose):
        shape.values = [
            Value(f"{split}/value", loose.hole, split=split) for loose, split in zip(shape.loose, splits, strict=True)
        ]
        shape.loose = []
        shape.settle()


def _is_worth(group: SameLines, loose: Loose, tag: str, *, tells: bool) -> bool:
    """Whether a number that is loose in the text shows by its values that it is measured."""
    column = group.column(loose.hole)
    if not tag:
        return varies(column) and is_measured_like(column) and not unit_behind(loose.behind)
    return (
        tells if is_unit(tag) and varies(column) else varies(column) or (is_measured_like(column) and not is_unit(tag))
    )


def _value(shape: Shape, loose: Loose, name: str) -> Value:
    taken = {value.tag for value in shape.values}
    is_evaluation = shape.is_held_out and not shape.has_counter and not is_unit(name)
    split = loose.key.split or (shape.split if is_measured(name) or is_evaluation else "")
    tag = name or NAMELESS.format(1 + sum(other.startswith(NAMELESS.format("")) for other in taken))
    tag = f"{split}/{tag}" if split else tag
    number = 1 + sum(other == tag or other.startswith(f"{tag}_") for other in taken)
    scale = scale_of(unit_behind(loose.behind).strip() or loose.key.unit)
    return Value(tag if number == 1 else f"{tag}_{number}", loose.hole, scale, split=split)


def _name_of(loose: Loose) -> str | None:
    """The words that name a number; "" if there are none, None if it is a place, or a time to come."""
    name = loose.key.name
    if name:
        return name if len(name.split()) <= MAX_WORDS and not TO_COME.search(name) else None
    last = loose.key.rest.replace("=", " ").replace(":", " ").split()
    if last and last[-1].lower() in SPLIT_OF_WORD:  # "train 0.53 val 0.61"
        return f"{last[-1].lower()}/value"
    if last and is_place(last[-1]):
        return None
    if rate := rate_behind(loose.behind):
        return rate.strip()
    unit = unit_behind(loose.behind)
    found = _BEHIND.match(loose.behind, len(unit)) or _BEHIND.match(loose.behind)
    words = found[1].rstrip("/") if found else ""
    if TO_COME.search(words):
        return None
    return "" if words.lower() in SPLIT_OF_WORD else words


def _averaged(follower: str) -> str:
    """`587.2, 598.7 avg loss`: what has no name before its own average is that."""
    found = _AVERAGE.match(follower)
    return follower[found.end() :] if found else ""


def _counters(shape: Shape) -> set[int]:
    return {shape.step, shape.batch, shape.epoch, shape.total, shape.epochs, shape.rank}

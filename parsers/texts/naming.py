"""Names of numbers in lines that count: by the words before, the words behind, or none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .counting import is_measured_like, varies
from .keys import SPLIT_OF_WORD, is_measured, is_place
from .line_shapes import Value
from .units import is_unit, scale_of, unit_behind

if TYPE_CHECKING:
    from .line_shapes import Loose, Shape
    from .same_lines import SameLines

MAX_WORDS = 5
NAMELESS = "value_{}"

_BEHIND = re.compile(r"\s*([^\W\d_][\w%/.^@-]*(?: [^\W\d_][\w%/.^@-]*){0,3})\s*(?=$|[,;|)\]}\t]|\s{2})")
_AVERAGE = re.compile(r"^(?:running |moving )?(?:avg|average|mean|smoothed|smooth|ema)[ _.]+(?=\w)", re.IGNORECASE)
_TO_COME = re.compile(r"\b(?:left|remaining|eta|to go|ago)\b", re.IGNORECASE)


def name_loose(group: SameLines) -> None:
    """Give the loose numbers of lines that count a tag, where they vary, and are no place or time to come."""
    shape = group.shape
    taken = {value.tag for value in shape.values}
    named = [(loose, _name_of(loose, shape)) for loose in shape.loose]
    for index, (loose, name) in enumerate(named):
        column = group.column(loose.hole)
        if name is None or _is_count(loose, shape):
            continue
        if not varies(column) and not (name and is_measured_like(column) and not is_unit(name)):
            continue
        if not name:
            behind = named[index + 1] if index + 1 < len(named) else (None, "")
            name = _averaged(loose, shape, behind[1] if behind[0] and behind[0].hole == loose.hole + 1 else "")
            if not name and (not is_measured_like(column) or unit_behind(loose.behind)):
                continue
        number = 1 + sum(tag.startswith(NAMELESS.format("")) for tag in taken)
        tag = name or NAMELESS.format(number)
        if loose.key.split and not tag.startswith(f"{loose.key.split}/"):
            tag = f"{loose.key.split}/{tag}"
        if tag in taken:
            tag = f"{tag}_{1 + sum(other.startswith(tag) for other in taken)}"
        taken.add(tag)
        scale = scale_of(unit_behind(loose.behind).strip() or loose.key.unit)
        split = loose.key.split or (shape.split if is_measured(tag) else "")
        if split and not loose.key.split and not tag.startswith(f"{split}/"):
            tag = f"{split}/{tag}"
        shape.values.append(Value(tag, loose.hole, scale, split=split))
    shape.values.sort(key=lambda value: value.hole)
    held = {value.hole for value in shape.values}
    shape.loose = [loose for loose in shape.loose if loose.hole not in held]


def _name_of(loose: Loose, shape: Shape) -> str | None:
    """The words that name a number; "" if there are none, None if it is a place, or a time to come."""
    name = loose.key.name
    if name:
        return name if len(name.split()) <= MAX_WORDS and not _TO_COME.search(name) else None
    last = loose.key.rest.replace("=", " ").replace(":", " ").split()
    if last and is_place(last[-1]):
        return None
    found = _BEHIND.match(loose.behind)
    words = found[1] if found else ""
    if _TO_COME.search(words):
        return None
    if words and (is_unit(words) and not shape.values):
        return None
    return words if words.lower() not in SPLIT_OF_WORD else ""


def _averaged(loose: Loose, shape: Shape, behind: str) -> str:
    """`587.2, 598.7 avg loss`: what has no name before its own average is that."""
    follower = behind or next((value.tag for value in shape.values if value.hole == loose.hole + 1), "")
    found = _AVERAGE.match(follower)
    return follower[found.end() :] if found else ""


def _is_count(loose: Loose, shape: Shape) -> bool:
    return loose.hole in (shape.step, shape.batch, shape.epoch, shape.total, shape.epochs, shape.rank)

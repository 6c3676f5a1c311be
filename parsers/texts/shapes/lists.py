"""Values printed as lists, and names with numbers in brackets: `dice [0.1, 0.2]`, `AP @[ IoU=0.50:0.95 ] = 0.3`.

Names may be a list as well: `loss, acc: 0.5, 0.9`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .keys import NO_KEY, SPLIT_OF_WORD, is_measured, key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_BRACKET = 200  # characters of a name with brackets

_BETWEEN = re.compile(r"[)\]]*\s*[, ]\s*(?:[\w.]*\()?[(\[]*")
_OPEN = re.compile(r"[\[(]\s*(?:[\w.]+\([\[(]*)?$")
_CLOSED = re.compile(r"[\])]\s*[=:]\s*$")
_CALLED = re.compile(r"[^()\[\]]*\)\s*[=:]\s*")
_CALL = re.compile(r"([^\W\d_][\w.]*)\(((?:[^\W\d_]\w*, *)*)$")
_NAMES = re.compile(
    r"((?:[^\W\d_][\w@% .-]*?\s*[,&|/]\s*)+[^\W\d_][\w@% .-]*?)\s*[)\]]?\s*(?:=*>|-+>|[:=])\s*[(\[]?\s*$"
)
_NEXT = re.compile(r"\s*[,&|/]\s*")
_ELEMENT = re.compile(r"(.+)/[0-9]+")


def begins_list(texts: Sequence[str], hole: int) -> bool:
    """Whether a number is the first of several in brackets."""
    return hole + 2 < len(texts) and _OPEN.search(texts[hole]) is not None and _is_between(texts[hole + 1])


def _is_between(text: str) -> bool:
    return "," in text and "]" not in text and _BETWEEN.fullmatch(text) is not None


def element_of(tag: str, before: str) -> str:
    """The name of the list that a number goes on, if only a comma stands before it; "" if it does not."""
    if not _is_between(before):
        return ""
    found = _ELEMENT.fullmatch(tag)
    return found[1] if found else tag


def names_before(texts: Sequence[str], hole: int) -> list[str]:
    """The names that stand before the first of as many numbers, `loss, acc: 0.5, 0.9`; empty if they do not.

    One name more may come first, that of a split.
    """
    found = _NAMES.search(texts[hole][-MAX_BRACKET:])
    if not found:
        return []
    names = [name.strip() for name in _NEXT.split(found[1])]
    count = 1
    while hole + count + 1 < len(texts) and _NEXT.fullmatch(texts[hole + count]):
        count += 1
    if len(names) == count + 1 and names[0].lower() in SPLIT_OF_WORD:
        names = names[1:]
    is_named = len(names) == count > 1 and ("/" not in found[1] or all(map(is_measured, names)))
    return names if is_named else []


def in_brackets(texts: Sequence[str], hole: int) -> tuple[str, tuple[int, ...]] | None:
    """A name that ends with brackets, `{}` in place of its numbers, and their holes; None if there is none."""
    if not _CLOSED.search(texts[hole]):
        return None
    inside = [texts[hole][: texts[hole].rindex("]") + 1] if "]" in texts[hole] else ""]
    first = hole
    while "[" not in inside[0]:
        first -= 1
        if first < 0 or not inside[-1]:
            return None
        inside.insert(0, texts[first])
    start = inside[0].rindex("[")
    before = inside[0][:start].rstrip(" @\t")
    key = key_of(before) if before else NO_KEY
    inside[0] = inside[0][start:]
    bracket = re.sub(r"\s+", " ", "{}".join(inside))
    words = before.strip().rpartition("  ")
    name = f"{words[0].strip()} {words[2]}".strip() if len(before) < MAX_BRACKET and "(" in before else key.name
    if not name or len(bracket) > MAX_BRACKET:
        return None
    return f"{name} {bracket}", tuple(range(first, hole))


def of_call(texts: Sequence[str], hole: int) -> tuple[str, tuple[int, ...]] | None:
    """The function of a printed call with numbers among its arguments, `score(x, 3) = 0.5`, and their holes.

    Numbers alone are part of the name: `mAP(0.5, 0.75)`.
    """
    if not _CALLED.fullmatch(texts[hole]):
        return None
    first = hole - 1
    while first >= 0 and not {"(", ")"} & set(texts[first]):
        first -= 1
    found = _CALL.search(texts[first]) if first >= 0 else None
    if not found:
        return None
    holes = tuple(range(first, hole))
    rest = texts[hole][: texts[hole].rindex(")")]
    return (
        found[1] if found[2] else "(".join((found[1], "{}".join(["", *texts[first + 1 : hole], rest]))) + ")",
        holes,
    )

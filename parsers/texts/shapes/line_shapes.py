r"""Reads the text around the numbers of a line.

A line is its text with holes where the numbers stand; `shape_of` reads the text around the holes. What is understood:
`loss: 0.3`, `loss=0.3`, `loss 0.3`, `train loss 2.31` (tag `train/loss`), `lr 1e-3`, `97%`, `3.1M` and `4.69G` (scaled),
`30ms` (in seconds), `98/100` (a share), `Epoch 3/10`, `step:12/1000`, `[ 120/ 500]`, `epoch: [3][120/500]`, `Loss 2.3 (2.4)`
(current and average), `dice [0.1, 0.2]` (one tag for each), `ema[loss=0.3]`, `mean loss at step 3: 0.5`, `tensor(0.12, device='cuda:0')`, `nan` and `inf`. Timestamps are
no values. Numbers whose text says nothing certain are loose: what they are, their values may show.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ...meaning.words import words_of
from ..mining.lines import has_year, is_time
from .axes import add_axis
from .keys import NO_KEY, SPLIT_OF_WORD, Key, is_measured, key_of, split_in
from .lists import begins_list, element_of, in_brackets, names_before, of_call
from .prefixes import Prefix, prefix_of
from .shape import Loose, Shape, Value
from .units import rate_behind, scale_of, unit_behind, without_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEADER = re.compile(
    r"\W*[A-Za-z]+(?:[._/:-][A-Za-z]+)?\W*|\W*[^\w\s]{2,}\s*(?:[A-Za-z]+ ){1,3}[A-Za-z]+\W*"
    r"|\W*(?:[A-Za-z]+ ){1,4}[A-Za-z]+ ?(?::|\.\.\.)\W*|\W*(?:[A-Za-z]+ing|[Ss]tart|[Bb]egin) [^:=0-9]{1,40}"
)
_JOINT = re.compile(r"(?<=[A-Za-z])[._/:](?=[A-Za-z])")
_ASIDE = re.compile(r"\[[^\[\]]*\]|\([^()]*\)")  # in a header: `[100 s] Validate model...`, `Evaluating (2 batches)...`
_CODE = re.compile(
    r"^\s*(?:def|class|import|from|if|elif|for|while|return|assert|print|with|raise|except|//)\b|^\s*(?:#(?!0|\w+ ?[:=] *0)|@)|\{\s*$"
)
_PRINTED_SETTINGS = re.compile(r"(?:^|[\s:=>])(?:Namespace|\w*(?:Config|Arguments|Args))\(\w+=")
_ABOUT = re.compile(r"\S.*?\s+(?:at|for|in|on|after|of)\s*$", re.IGNORECASE)
_OVER = re.compile(r"\s(?:of|over|on|for)\s*$", re.IGNORECASE)  # `mean loss of 258 batches: 0.3`
_COUNTED = re.compile(r"\s*[A-Za-z]+\s*[:=]\s*")
_DEVIATIONS = frozenset(("±", "+/-", "+-"))  # before the second number of `acc 0.91±0.02`
_ASSIGNED = frozenset((":", "=", "is", "is:", "was", "was:", "->", "→"))
_TITLE = re.compile(r"(?:^|[-\]|:>] +)([A-Za-z]+(?: [A-Za-z]+){1,5}): *$")
_QUOTE = re.compile(r"['\"`]")
_GROUP = re.compile(r"([^\W\d_][\w-]*)[\[{]\s*$")
_SECTION = re.compile(rf"(?:^|\s)[\[(<]\s*({'|'.join(SPLIT_OF_WORD)})\s*[\])>]|(?:^|[|;,]\s*|\s-\s)({'|'.join(SPLIT_OF_WORD)})\s*:\s*$", re.IGNORECASE)  # fmt: skip
_OF_THE_OPTIMIZER = ("lr", "learning rate", "learning_rate", "grad_norm", "grad norm", "gnorm")


def shape_of(texts: Sequence[str], numbers: Sequence[str]) -> Shape:
    """Classify the numbers of a line by the texts around them."""
    shape = Shape(text="0".join(texts))
    if _CODE.search(shape.text) or _PRINTED_SETTINGS.search(shape.text):
        return shape.settle()
    is_clock = [is_time(number) for number in numbers]
    prefix = prefix_of(texts, is_clock)
    texts = [*texts[: prefix.holes], prefix.rest, *texts[prefix.holes + 1 :]]
    shape.message = "0".join(texts[prefix.holes :])
    _add_prefix(shape, prefix, numbers)
    around = [""] * len(numbers)  # what is said before each hole and is no key of a value
    about, over, group, groups = "", "", "", dict[int, str]()
    listed = _listed_names(texts, prefix.holes)
    for hole in range(prefix.holes, len(numbers)):
        before, behind = texts[hole], texts[hole + 1]
        if hole in listed:
            around[hole] = before
            _add_of_list(shape, listed[hole], hole, numbers[hole])
            continue
        before, unit = without_unit(before, behind) if hole else (before, "")
        if is_clock[hole]:
            shape.clock = hole if shape.clock < 0 and has_year(numbers[hole]) else shape.clock
            around[hole] = before
            continue
        if behind.startswith("%|"):  # how full a progress bar is: its counter stands behind it
            continue
        if hole + 1 < len(numbers) and (named := _mean_over(before, behind)):
            about, over = named, behind
            continue
        key = key_of(before) if before else NO_KEY
        if about and (before == over or before.strip() in _ASSIGNED) and hole - 1 not in groups:
            key = key_of(f"{_QUOTE.sub('', about)} =")
        around[hole] = key.rest
        if add_axis(shape, key, hole, texts, numbers, prefix.holes):
            about = _subject(key.rest) if key.axis else about
            continue
        about, group = "", _group_of(key, before, group)
        groups[hole] = group
        is_next = hole > 0 and not unit and _add_to_last(shape, hole, before, behind, numbers)
        if not (
            is_next
            or _add_of_another_split(shape, key, hole)
            or _add_quotient(shape, hole, before)
            or _add_value(shape, key, hole, before, behind, texts)
        ):
            around[hole] += f" {key.split} {key.name} "
            shape.loose.append(Loose(hole, key, behind))
    _say_split(shape, texts, around, prefix)
    _name_groups(shape, groups)
    _name_by_title(shape, around)
    _spread_splits(shape, around, numbers)
    return shape.settle()


def _subject(rest: str) -> str:
    """The name that stands before a counter: `mean loss at` step 3: 0.5."""
    found = _ABOUT.match(rest)
    return rest[: found.end()].rstrip().rpartition(" ")[0] if found else ""


def _group_of(key: Key, before: str, last: str) -> str:
    """The name of the bracket that a number stands in: a new one, the last one, or none."""
    found = _GROUP.search(key.rest)
    if found and key.is_set:
        return found[1]
    return "" if "]" in before or "}" in before else last


def _name_groups(shape: Shape, groups: Mapping[int, str]) -> None:
    """Prefix names that occur in several brackets: `loss[loss=0.5, ...], ema[loss=0.4, ...]`."""
    first: dict[str, str] = {}
    for value in shape.values:
        group = groups.get(value.hole, "")
        if first.setdefault(value.tag, group) != group and group:
            value.tag = f"{group}/{value.tag}"


def _name_by_title(shape: Shape, around: Sequence[str]) -> None:
    """Prefix names that say nothing with the title before them: `Average loss since last save: face_a: 0.2, face_b: 0.1`."""
    first = shape.values[0] if shape.values else None
    found = _TITLE.search(around[first.hole]) if first else None
    if found and is_measured(found[1]) and not any(is_measured(value.tag) for value in shape.values):
        for value in shape.values:
            value.tag = f"{found[1]}/{value.tag}"


def _say_split(shape: Shape, texts: Sequence[str], around: Sequence[str], prefix: Prefix) -> None:
    """Set the split that a line names outside of its keys or as a title."""
    title = prefix.rest if len(around) == prefix.holes else _ASIDE.sub("", shape.message).strip()
    is_title = not any(is_measured(value.tag) for value in shape.values) and _HEADER.fullmatch(title)
    if around and not is_title:
        first = shape.values[0].hole + 1 if shape.values else len(around)
        shape.lead = around[first - 1] if shape.values else ""
        shape.split = split_in(" ".join([*around[:first], *([] if shape.values else [texts[-1]])]))
    elif is_title:
        shape.is_header, shape.split, shape.values = True, split_in(_JOINT.sub(" ", title)), []


def _add_prefix(shape: Shape, prefix: Prefix, numbers: Sequence[str]) -> None:
    shape.rank, shape.may_be_rank, shape.label = prefix.rank, prefix.may_be_rank, prefix.label
    shape.clock = next((hole for hole in range(prefix.holes) if has_year(numbers[hole])), -1)


def _add_to_last(shape: Shape, hole: int, before: str, behind: str, numbers: Sequence[str]) -> bool:
    """A running average in parentheses, a deviation, or the next element of a list."""
    last = shape.values[-1] if shape.values else None
    if last is None or last.hole != hole - 1:
        return False
    if before.strip() in _DEVIATIONS or (before == "+" and numbers[hole].startswith("-")):
        return True
    if before.strip() == "(" and rate_behind(behind):  # "loss 4.56 (15.8 examples/sec)"
        return False
    if before.strip() == "(" or (
        before.endswith("(") and before.lstrip().startswith(("(", ", device")) and behind[:1] == ","
    ):
        if behind.startswith((")", ",")) and not numbers[hole].startswith("+"):
            last.average = hole
        return True
    if not rate_behind(behind) and (name := element_of(last.tag, before)):
        last.tag = f"{name}/0" if last.tag == name else last.tag
        index = int(last.tag.rpartition("/")[2]) + 1
        shape.values.append(Value(f"{name}/{index}", hole, last.scale, split=last.split))
        return True
    return False


def _add_of_another_split(shape: Shape, key: Key, hole: int) -> bool:
    """Take the second number of `loss train: 0.4  eval: 0.8`: only a split names it."""
    last = shape.values[-1] if shape.values else None
    split = key.rest.strip(" :=,;|\t").lower()
    if last is None or last.hole != hole - 1 or key.name or split not in SPLIT_OF_WORD or not last.split:
        return False
    if SPLIT_OF_WORD[split] == SPLIT_OF_WORD[last.split]:
        return False
    shape.values.append(replace(last, hole=hole, split=split, average=-1, whole=-1))
    return True


def _mean_over(before: str, behind: str) -> str:
    """The name before a number of averaged items, `mean loss of` 258` batches: `; "" if there is none."""
    if not _COUNTED.fullmatch(behind) or not _OVER.search(before):
        return ""
    key = key_of(_OVER.sub(" =", before))
    return f"{key.split} {key.name}".strip()


def _listed_names(texts: Sequence[str], first: int) -> dict[int, str]:
    """Names from a list before the numbers, by hole."""
    return {
        hole + index: name
        for hole in range(first, len(texts) - 1)
        for index, name in enumerate(names_before(texts, hole))
    }


def _add_of_list(shape: Shape, name: str, hole: int, number: str) -> None:
    """Take a number whose name is an item of a list."""
    key = key_of(f"{name} =")
    if key.axis and getattr(shape, key.axis) < 0 and "." not in number:
        setattr(shape, key.axis, hole)
    elif key.name:
        shape.values.append(Value(key.name, hole, split=key.split))


def _add_quotient(shape: Shape, hole: int, before: str) -> bool:
    """Take the last number of `acc: 364/388=0.94` as the value; the first two are counts."""
    if before.strip() != "=" or not shape.values:
        return False
    if shape.values[-1].hole == hole - 1 and shape.values[-1].tag.endswith("/2"):
        shape.values.pop()
    last = shape.values[-1]
    if last.hole != hole - 2:
        return False
    last.hole, last.whole, last.scale = hole, -1, 1.0
    return True


def _add_value(shape: Shape, key: Key, hole: int, before: str, behind: str, texts: Sequence[str]) -> bool:
    """Take a hole as a metric if the text around it names one."""
    unit = unit_behind(behind)
    closed = behind[len(unit) :]
    if not key.name and (named := in_brackets(texts, hole) or of_call(texts, hole)) and is_measured(named[0]):
        shape.values.append(Value(named[0], hole, labels=named[1]))
        shape.loose = [loose for loose in shape.loose if loose.hole not in named[1]]
        shape.values = [value for value in shape.values if value.hole not in named[1]]
        return True
    if key.name and not key.is_set and before.endswith("-"):  # an identifier, "ppo-1"
        return False
    is_apart = closed[:1] in (",", "|", ";", "") or closed.lstrip()[:1] in ("|", "(", ":") or closed.isspace()
    if not key.name or _is_location(key, before, behind):
        return False
    is_weak = not key.is_set and not begins_list(texts, hole) and not is_measured(key.name)
    is_told = before.lstrip()[:1] in ("|", ",", ";") or closed.lstrip().startswith("(") or " " not in key.name
    if is_weak and not (is_apart and is_told):
        return False
    shape.values.append(Value(key.name, hole, scale_of(unit.strip() or key.unit), split=key.split))
    return True


def _is_location(key: Key, before: str, behind: str) -> bool:
    """Whether key and number are a place in a program, such as "(trainer:732)"."""
    return behind[:1] in ("]", ")") and before.endswith(f"{key.name}:") and not is_measured(key.name)


def _spread_splits(shape: Shape, around: Sequence[str], numbers: Sequence[str]) -> None:
    """Give values the split that the line or the key before them names: "train Loss: 0.5 Acc: 0.8"."""
    names = [value.tag for value in shape.values]
    head = around[: shape.values[0].hole + 1] if shape.values else []
    is_marked = any(map(_SECTION.search, head)) or any(map(is_measured, names))
    is_marked = is_marked and shape.is_held_out
    last = ""
    for number, value in enumerate(shape.values):
        if not value.split and number and (found := _SECTION.search(around[value.hole])):
            last = (found[1] or found[2]).lower()
        elif not number and (found := _SECTION.search(around[value.hole])):
            last = shape.split = (found[1] or found[2]).lower()
        last = value.split or last
        is_about = is_measured(value.tag) or (is_marked and "." in numbers[value.hole])
        if not value.split and is_about and (last or shape.split):
            is_own = any(word in SPLIT_OF_WORD for word in words_of(value.tag))
            is_setting = value.tag.lower() in _OF_THE_OPTIMIZER
            if not is_own and not (is_setting and names.count(value.tag) < 2):
                value.split = last or shape.split
        if value.split:
            value.tag = f"{value.split}/{value.tag}"

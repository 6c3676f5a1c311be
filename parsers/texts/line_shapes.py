r"""What the text of a line says about its numbers.

A line is its text with holes where the numbers stand; `shape_of` reads the text around the holes. What is understood:
`loss: 0.3`, `loss=0.3`, `loss 0.3`, `train loss 2.31` (tag `train/loss`), `lr 1e-3`, `97%`, `3.1M` and `4.69G` (scaled),
`30ms` (in seconds), `98/100` (a share), `Epoch 3/10`, `step:12/1000`, `[ 120/ 500]`, `epoch: [3][120/500]`, `Loss 2.3 (2.4)`
(current and average), `dice [0.1, 0.2]` (one tag for each), `tensor(0.12, device='cuda:0')`, `nan` and `inf`. Timestamps are
no values. Numbers whose text says nothing certain are loose: what they are, their values may show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ..meaning.words import words_of
from .keys import NO_KEY, SPLIT_OF_WORD, Key, is_measured, key_of, split_in
from .lists import element_of, in_brackets
from .mining.lines import has_year, is_time
from .prefixes import Prefix, prefix_of
from .units import scale_of, unit_behind

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_HEADER_WORDS = 6  # of a line that holds nothing but a counter, with what a logger writes before it

_WORD = re.compile(r"[A-Za-z_]+")
_HEADER = re.compile(r"\W*[A-Za-z]+\W*|\W*(?:[A-Za-z]+ ){1,3}[A-Za-z]+ ?(?::|\.\.\.)\W*")
_CODE = re.compile(
    r"^\s*(?:def|class|import|from|if|elif|for|while|return|assert|print|with|raise|except|#|//)\b|^\s*[#@]|\{\s*$"
)
_GLOBAL = re.compile(r"global|total", re.IGNORECASE)
_AXIS_BEHIND = re.compile(r"(?:(epoch)s?|(step|iter)s?|(batch)(?:es)?)(?![A-Za-z])", re.IGNORECASE)
_SECTION = re.compile(rf"(?:^|\s)[\[(<]\s*({'|'.join(SPLIT_OF_WORD)})\s*[\])>]|(?:^|[|;,]\s*|\s-\s)({'|'.join(SPLIT_OF_WORD)})\s*:\s*$", re.IGNORECASE)  # fmt: skip
_OF_THE_OPTIMIZER = ("lr", "learning rate", "learning_rate", "grad_norm", "grad norm", "gnorm")


@dataclass(slots=True)
class Value:
    """A metric of a line: which hole holds it, what it is multiplied by, and the hole it is a share of, or -1."""

    tag: str
    hole: int
    scale: float = 1.0
    whole: int = -1
    average: int = -1  # hole of the running average behind it
    split: str = ""
    labels: tuple[int, ...] = ()  # holes whose numbers are part of the tag, where it has `{}`


class Loose(NamedTuple):
    """A number whose text does not say for certain what it is: the key before it, and the text behind it."""

    hole: int
    key: Key
    behind: str


@dataclass(slots=True)
class Shape:
    """What the text of a line says about its numbers; holes are counted from 0, -1 is none.

    `split` is named by a word outside of the keys; `total` is what `step` or `batch` counts up to, `epochs` the same
    of `epoch`. `rank` numbers the process that wrote the line; so may hole 0 if `may_be_rank`; or `label` does.
    """

    values: list[Value] = field(default_factory=list)
    loose: list[Loose] = field(default_factory=list)
    epoch: int = -1
    epochs: int = -1
    step: int = -1
    batch: int = -1
    total: int = -1
    clock: int = -1
    rank: int = -1
    may_be_rank: bool = False
    label: str = ""
    split: str = ""
    text: str = ""
    lead: str = ""  # what stands before the first value and is no key

    has_axis: bool = False
    is_counted: bool = False  # has a step or a batch of its own
    is_row: bool = False
    is_remark: bool = False  # on the evaluation before it
    is_block: bool = False  # comes once with each record
    is_named_apart: bool = False  # by a header of its own
    is_below: bool = False  # stands where the next counter says, not the last one
    is_header: bool = False  # a line of a few words, such as "Test results:"

    def settle(self) -> Shape:
        """Say what follows from the holes: is there a counter, does the line tell of a training."""
        self.is_counted = max(self.step, self.batch) >= 0
        self.has_axis = self.is_counted or self.epoch >= 0
        is_placed = max(self.step, self.epoch) >= 0
        self.is_row = bool(self.values) and (is_placed or any(is_measured(value.tag) for value in self.values))
        if not self.is_row and len(_WORD.findall(self.text)) > MAX_HEADER_WORDS:
            self.has_axis = False  # prose that mentions a step
        return self


def shape_of(texts: Sequence[str], numbers: Sequence[str]) -> Shape:
    """Say what the numbers of a line are by the texts around them."""
    shape = Shape(text="0".join(texts))
    if _CODE.search(shape.text):
        return shape.settle()
    is_clock = [is_time(number) for number in numbers]
    prefix = prefix_of(texts, is_clock)
    texts = [*texts[: prefix.holes], prefix.rest, *texts[prefix.holes + 1 :]]
    _add_prefix(shape, prefix, numbers)
    around = [""] * len(numbers)  # what is said before each hole and is no key of a value
    for hole in range(prefix.holes, len(numbers)):
        before, behind = texts[hole], texts[hole + 1]
        if hole and (unit := unit_behind(before)):
            before = before[len(unit) :]
        if is_clock[hole]:
            shape.clock = hole if shape.clock < 0 and has_year(numbers[hole]) else shape.clock
            continue
        key = key_of(before) if before else NO_KEY
        around[hole] = key.rest
        if _add_axis(shape, key, hole, texts, numbers) or (hole and _add_to_last(shape, hole, before, behind, numbers)):
            continue
        if not _add_value(shape, key, hole, before, behind, texts):
            around[hole] += f" {key.split} {key.name} "
            shape.loose.append(Loose(hole, key, behind))
    if numbers:
        first = shape.values[0].hole + 1 if shape.values else len(numbers)
        shape.lead = around[first - 1] if shape.values else ""
        shape.split = split_in(" ".join([*around[:first], *([] if shape.values else [texts[-1]])]))
    elif _HEADER.fullmatch(prefix.rest):
        shape.is_header, shape.split = True, split_in(prefix.rest)
    _spread_splits(shape, around)
    return shape.settle()


def _add_prefix(shape: Shape, prefix: Prefix, numbers: Sequence[str]) -> None:
    shape.rank, shape.may_be_rank, shape.label = prefix.rank, prefix.may_be_rank, prefix.label
    shape.clock = next((hole for hole in range(prefix.holes) if has_year(numbers[hole])), -1)


def _add_axis(shape: Shape, key: Key, hole: int, texts: Sequence[str], numbers: Sequence[str]) -> bool:
    """Take a hole for a counter, or for what one counts up to; False if it is neither."""
    before, behind = texts[hole], texts[hole + 1]
    if key.axis and not behind.startswith("%"):
        is_whole = key.axis == "epoch" or not {".", "e", "E"} & set(numbers[hole])
        if key.axis == "step" and shape.step >= 0 and is_whole and _GLOBAL.search(key.name):
            shape.batch, shape.step = shape.step, -1  # "STEP: 0/496 -- GLOBAL_STEP: 992"
        if getattr(shape, key.axis) < 0 and is_whole:
            setattr(shape, key.axis, hole)
        return True
    if (key.name or key.rest.rstrip()).lower().endswith("rank"):
        shape.rank = hole
        return True
    if before.strip(" \t[(]") in ("/", "of"):
        return _add_total(shape, hole, numbers)
    is_counter = behind.strip() == "/" and hole + 1 < len(numbers) and not key.name
    if is_counter and before.strip() == "][" and shape.batch >= 0 and shape.epoch < 0:
        shape.epoch, shape.epochs = shape.batch, shape.total  # "[3/25][50/100]"
        shape.batch, shape.total = hole, -1
        return True
    if is_counter and shape.batch < 0:
        if shape.step < 0 and not numbers[hole].startswith("-"):
            shape.batch = hole
        return True
    if not key.name and (found := _AXIS_BEHIND.match(behind)):
        axis = next(name for name, group in zip(("epoch", "step", "batch"), found.groups(), strict=True) if group)
        if getattr(shape, axis) < 0:  # "3epoch:train:1-50batch"
            setattr(shape, axis, hole)
        return True
    return _add_bare(shape, key, hole, texts)


def _add_bare(shape: Shape, key: Key, hole: int, texts: Sequence[str]) -> bool:
    """Counters without a name: `[0]<tab>train-logloss:`, `[1,  2000] loss:`, and `Train: 3 [ 50/100` of timm."""
    before, behind = texts[hole].strip(), texts[hole + 1]
    if before == "[" and hole == 0 and behind.startswith("]"):
        shape.step = hole
    elif before == "[" and hole == 0 and behind.strip() == ",":
        shape.epoch = hole
    elif before == "," and shape.epoch == hole - 1 >= 0 and texts[hole - 1].strip() == "[":
        shape.batch = hole
    elif not key.name and key.rest.strip().lower() in SPLIT_OF_WORD and behind.strip() == "[":
        shape.epoch = hole
    else:
        return before == "[" and hole == 0
    return True


def _add_total(shape: Shape, hole: int, numbers: Sequence[str]) -> bool:
    """A number behind a slash: the end of a counter, what a value is a share of, or a second value."""
    for name in ("step", "batch"):
        if getattr(shape, name) == hole - 1:
            shape.total = hole
            return True
    if shape.epoch == hole - 1:
        shape.epochs = hole
        return True
    last = shape.values[-1] if shape.values else None
    if last and last.hole == hole - 1:
        if {".", "e"} & set(numbers[hole]):
            shape.values.append(Value(f"{last.tag}/2", hole, last.scale, split=last.split))
        else:
            last.whole = hole
    return True


def _add_to_last(shape: Shape, hole: int, before: str, behind: str, numbers: Sequence[str]) -> bool:
    """A running average in parentheses, or the next element of a list."""
    last = shape.values[-1] if shape.values else None
    if last is None or last.hole != hole - 1:
        return False
    if before.strip() == "(" or (
        before.endswith("(") and before.lstrip().startswith(("(", ", device")) and behind[:1] == ","
    ):
        if behind.startswith((")", ",")) and not numbers[hole].startswith("+"):
            last.average = hole
        return True
    if name := element_of(last.tag, before):
        last.tag = f"{name}/0" if last.tag == name else last.tag
        index = int(last.tag.rpartition("/")[2]) + 1
        shape.values.append(Value(f"{name}/{index}", hole, last.scale, split=last.split))
        return True
    return False


def _add_value(shape: Shape, key: Key, hole: int, before: str, behind: str, texts: Sequence[str]) -> bool:
    """Take a hole for a metric, if the text around it says so."""
    unit = unit_behind(behind)
    closed = behind[len(unit) :]
    if not key.name and (named := in_brackets(texts, hole)) and is_measured(named[0]):
        shape.values.append(Value(named[0], hole, labels=named[1]))
        shape.loose = [loose for loose in shape.loose if loose.hole not in named[1]]
        shape.values = [value for value in shape.values if value.hole not in named[1]]
        return True
    if key.name and not key.is_set and before.endswith("-"):  # an identifier, "ppo-1"
        return False
    is_apart = closed[:1] in (",", "|", ";", "") or closed.lstrip()[:1] in ("|", "(", ":") or closed.isspace()
    if not key.name or _is_location(key, before, behind):
        return False
    is_weak = not key.is_set and not is_measured(key.name)
    is_told = before.lstrip()[:1] in ("|", ",", ";") or closed.lstrip().startswith("(") or " " not in key.name
    if is_weak and not (is_apart and is_told):
        return False
    shape.values.append(Value(key.name, hole, scale_of(unit.strip() or key.unit), split=key.split))
    return True


def _is_location(key: Key, before: str, behind: str) -> bool:
    """Whether key and number are a place in a program, such as "(trainer:732)"."""
    return behind[:1] in ("]", ")") and before.endswith(f"{key.name}:") and not is_measured(key.name)


def _spread_splits(shape: Shape, around: Sequence[str]) -> None:
    """Give values the split that the line or the key before them names: "train Loss: 0.5 Acc: 0.8"."""
    names = [value.tag for value in shape.values]
    last = ""
    for number, value in enumerate(shape.values):
        if not value.split and number and (found := _SECTION.search(around[value.hole])):
            last = (found[1] or found[2]).lower()
        elif not number and (found := _SECTION.search(around[value.hole])):
            last = shape.split = (found[1] or found[2]).lower()
        last = value.split or last
        if not value.split and is_measured(value.tag) and (last or shape.split):
            is_own = any(word in SPLIT_OF_WORD for word in words_of(value.tag))
            is_setting = value.tag.lower() in _OF_THE_OPTIMIZER
            if not is_own and not (is_setting and names.count(value.tag) < 2):
                value.split = last or shape.split
        if value.split:
            value.tag = f"{value.split}/{value.tag}"

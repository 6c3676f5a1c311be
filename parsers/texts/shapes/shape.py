"""Data classes for the meaning of the numbers of a line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from .keys import SPLIT_OF_WORD, is_measured

if TYPE_CHECKING:
    from .keys import Key

MAX_HEADER_WORDS = 6  # of a line that holds nothing but a counter, without what a logger writes before it

_WORD = re.compile(r"[A-Za-z_]+")


@dataclass(slots=True)
class Value:
    """A metric of a line: its hole, a factor, and the hole of its denominator (-1 if none)."""

    tag: str
    hole: int
    scale: float = 1.0
    whole: int = -1
    average: int = -1  # hole of the running average behind it
    split: str = ""
    labels: tuple[int, ...] = ()  # holes whose numbers are part of the tag, where it has `{}`


class Loose(NamedTuple):
    """A number that its text does not identify: with the key before it and the text after it."""

    hole: int
    key: Key
    behind: str


@dataclass(slots=True)
class Shape:
    """Meaning of the numbers of a line; holes are counted from 0, -1 means none.

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
    message: str = ""  # the text without what a logger writes before it
    lead: str = ""  # what stands before the first value and is no key

    has_axis: bool = False
    is_counted: bool = False  # has a step or a batch of its own
    is_row: bool = False
    is_remark: bool = False  # on the evaluation before it
    is_block: bool = False  # comes once with each record
    is_named_apart: bool = False  # by a header of its own
    is_below: bool = False  # belongs to the next counter, not to the last one
    is_header: bool = False  # a line of a few words, such as "Test results:"

    @property
    def has_counter(self) -> bool:
        """Whether the line has a counter, including prose."""
        return max(self.step, self.batch, self.epoch) >= 0

    @property
    def is_held_out(self) -> bool:
        """Whether the line names a split other than the training."""
        return SPLIT_OF_WORD.get(self.split, "train") != "train"

    def settle(self) -> Shape:
        """Update the flags that follow from the holes: has a counter, is a row."""
        self.is_counted = max(self.step, self.batch) >= 0
        self.has_axis = self.is_counted or self.epoch >= 0
        is_placed = max(self.step, self.epoch) >= 0
        self.is_row = bool(self.values) and (is_placed or any(is_measured(value.tag) for value in self.values))
        if not self.is_row and len(_WORD.findall(self.message or self.text)) > MAX_HEADER_WORDS:
            self.has_axis = False  # prose that mentions a step
        return self

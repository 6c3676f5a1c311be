"""The words of a tag as the vocabulary spells them, ready to be asked."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from . import vocabulary as known
from .words import FILLERS

if TYPE_CHECKING:
    from ..run import Direction, Role

    Answer: TypeAlias = tuple[Role, Direction, str]

_ERROR_ACRONYM = re.compile(known.ERROR_ACRONYM)
_NUMBERED = re.compile(r"[0-9]+[dk]?$")  # "loss2", "fid50k", "iou3d"
_WHOLE_WORDS = (
    known.HIGHER | known.HIGHER_AS_HEAD | known.LOWER | known.LOSSES | known.COUNTERS
)  # neither plurals nor acronyms of others

_NO_HEADS = FILLERS | known.TRAILERS | known.VERSUS


class Terms(NamedTuple):
    """The words of a tag without its split, and what is asked of them often.

    `kinds` are the words and their stems without numbers, `head` the last word before a preposition that is neither
    number nor filler, as a stem; `text` is all of them between blanks.
    """

    words: list[str]
    kinds: frozenset[str]
    head: str
    text: str

    @property
    def last(self) -> str:
        """The last word before a preposition, whatever it is; "" if there is none."""
        return self.words[_end_of(self.words) - 1] if self.words else ""

    def says(self, *phrases: str) -> bool:
        return any(f" {phrase} " in self.text for phrase in phrases)


def read_terms(words: list[str]) -> Terms:
    """Look at the words of a tag, its split left out."""
    stems = [_stem_of(word) for word in words]
    others = opponents_of(words)
    heads = [stem for stem in stems[: _end_of(words)] if stem not in _NO_HEADS | others and not stem.isdigit()]
    return Terms(words, frozenset(words) | frozenset(stems), heads[-1] if heads else "", f" {' '.join(words)} ")


def opponents_of(words: list[str]) -> frozenset[str]:
    """What a model plays against: `win_rate_vs_random` is a measure of the model, `random_win_rate` is not."""
    return frozenset(after for before, after in pairwise(words) if before in known.VERSUS)


def _end_of(words: list[str]) -> int:
    """Where the noun ends that the words name: before the first preposition that has something in front of it."""
    return next((place for place, word in enumerate(words) if place and word in known.PREPOSITIONS), len(words))


def without_number(word: str) -> str:
    """A word without the number at its end; a number as it is."""
    return _NUMBERED.sub("", word) or word


@lru_cache(maxsize=4096)
def _stem_of(word: str) -> str:
    """A word as the vocabulary spells it: without numbers, in the singular, and for an acronym what it ends with."""
    if word in _WHOLE_WORDS:
        return word
    stem = without_number(word)
    if stem in _WHOLE_WORDS:
        return stem
    if stem.endswith("s") and stem[:-1] in known.HIGHER | known.LOWER:
        return stem[:-1]
    for endings, meant in ((known.ENDINGS_HIGHER, ""), (known.ENDINGS_LOSS, "loss")):
        for ending in endings:
            if stem.endswith(ending) and len(stem) <= len(ending) + known.MAX_BEFORE_ENDING:
                return meant or ending
    return "mae" if len(stem) > 2 and _ERROR_ACRONYM.fullmatch(stem) else stem

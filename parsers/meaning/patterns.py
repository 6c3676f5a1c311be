"""Naming conventions, and matching of their patterns with tags."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

from ..run import Meaning
from .words import words_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..run import Role


@dataclass(frozen=True, slots=True)
class Convention:
    """Marker tags of a framework and the meanings it gives to its tags.

    Patterns are `fnmatch` patterns, compared with the lower-cased tag and with its words between blanks: `* g loss *`
    matches `val/G_loss` and `lossless g loss`, never by `training_loss`.

    Attributes:
        name: framework or family of methods.
        markers: patterns of characteristic tags, `|` between alternatives.
        needed: number of markers that must match a tag.
        meanings: pattern -> meaning; the first match counts; None leaves the tag to the words in it.

    """

    name: str
    markers: tuple[str, ...]
    needed: int
    meanings: tuple[tuple[str, Meaning | None], ...]

    def meaning(self, tag: str) -> Meaning | None:
        forms = spellings(tag)
        return next((m for pattern, m in self.meanings if any(fnmatchcase(form, pattern) for form in forms)), None)


@lru_cache(maxsize=1024)
def spellings(tag: str) -> tuple[str, str]:
    """The two forms of a tag that patterns are compared with."""
    return tag.lower(), f" {' '.join(words_of(tag))} "


def is_met(marker: str, forms: Collection[str], text: str) -> bool:
    """Whether one of the forms matches a marker; `text` is their concatenation."""

    def is_found(pattern: str) -> bool:
        longest = max(pattern.split("*"), key=len)
        # one search in all tags together saves most patterns the search in each
        return longest in text and any(fnmatchcase(form, pattern) for form in forms)

    return any(map(is_found, marker.split("|")))


def aside(role: Role, why: str) -> Meaning:
    """The meaning of a tag that is not used to judge the training."""
    return Meaning(role=role, reason=why)

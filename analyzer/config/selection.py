"""Parsing of rule names and metric meanings from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from ...parsers.meaning.resolve import OWN, meaning_of
from ...parsers.run import Direction, Meaning, Role, Split
from .errors import UsageError
from .plugins import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def checked_rules(names: Sequence[str]) -> tuple[str, ...]:
    """Check names of rules and families.

    Raises:
        UsageError: a name is neither.

    """
    known = frozenset().union(*(rule.names for rule in all_rules()))
    for name in names:
        if name not in known:
            raise UsageError(f"there is no rule or family {name!r}{did_you_mean(name, known)}")
    return tuple(names)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A suggestion to append to an error message, or ""."""
    import difflib

    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def parse_metrics(texts: Sequence[str]) -> tuple[tuple[str, Meaning], ...]:
    """Parse `TAG=ROLE[:SPLIT][:DIRECTION]`; a missing direction is inferred from the tag or the role.

    Raises:
        UsageError: the syntax or a word is invalid.

    """
    return tuple(_parse_metric(text) for text in texts)


def _parse_metric(text: str) -> tuple[str, Meaning]:
    tag, equals, rest = text.rpartition("=")
    role, *others = rest.split(":")
    if not equals or not tag:
        raise UsageError(f"metric {text!r}: expected TAG=ROLE[:SPLIT], e.g. 'objective=loss:validation'")
    if role not in get_args(Role):
        raise UsageError(f"metric {text!r}: there is no role {role!r}{did_you_mean(role, get_args(Role))}")
    split: Split = "none"
    usual: dict[str, Direction] = {"loss": "lower", "perplexity": "lower", "reward": "higher"}
    direction = meaning_of(tag).direction if role == "score" else usual.get(role, "unknown")
    for word in others:
        if word in get_args(Split):
            split = word  # type: ignore[assignment]
        elif word in get_args(Direction):
            direction = word  # type: ignore[assignment]
        else:
            known = (*get_args(Split), *get_args(Direction))
            raise UsageError(f"metric {text!r}: {word!r} is not a split or direction{did_you_mean(word, known)}")
    return tag, Meaning(role, split, "", direction, OWN)  # type: ignore[arg-type]

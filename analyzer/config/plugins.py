"""All rules and parsers: built-in ones, and those that installed packages add by entry points."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from ...parsers.base import Parser
from ...rules.base import Rule
from .entry_points import entry_points_of
from .errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...rules.base import BatchRule

Kind = TypeVar("Kind", Rule[Any], Parser)


@cache
def known_rules() -> tuple[Rule[Any], ...]:
    """All rules: built-in ones, then those of the entry points `trainlint.rules`, sorted by name.

    Raises:
        PluginError: an entry point cannot be loaded, is not a rule, or has the id of another rule.

    """
    from ...rules.registry import RULES

    return (*RULES, *_added("trainlint.rules", Rule, RULES))


def all_rules() -> tuple[Rule[Any] | BatchRule[Any], ...]:
    """All rules including batch rules, by family; raises `PluginError` as above."""
    from ...rules.registry import BATCH_RULES, by_family

    return by_family((*known_rules(), *BATCH_RULES))


@cache
def known_parsers() -> tuple[Parser, ...]:
    """All parsers: those of the entry points `trainlint.parsers`, which may be more specific, then built-in ones.

    Raises:
        PluginError: an entry point cannot be loaded, is not a parser, or has the id of another parser.

    """
    from ...parsers.registry import PARSERS

    return (*added_parsers(), *PARSERS)


@cache
def added_parsers() -> tuple[Parser, ...]:
    """The parsers of installed packages; raises `PluginError` as above."""
    from ...parsers.registry import PARSERS

    return tuple(_added("trainlint.parsers", Parser, PARSERS))


def parsers_for(name: str) -> Iterator[Parser]:
    """The parsers for files with this name; each built-in one is imported only when it is requested."""
    from ...parsers import registry

    yield from (parser for parser in added_parsers() if parser.matches(name))
    yield from registry.parsers_for(name)


def known_patterns() -> Iterator[tuple[str, ...]]:
    """The patterns of file names of each parser, without importing the built-in ones."""
    from ...parsers.file_names import FORMATS

    yield from (parser.patterns for parser in added_parsers())
    yield from FORMATS.values()


def _added(group: str, kind: type[Kind], ours: Iterable[Kind]) -> Iterator[Kind]:
    noun = kind.__name__.lower()
    entries = entry_points_of(group)
    taken = {one.id for one in ours} if entries else set()
    for entry in sorted(entries, key=lambda entry: entry.name):
        origin = f"the {noun} {entry.name!r} of the package {entry.dist.name if entry.dist else '?'}"
        try:
            added = entry.load()
        except Exception as error:
            raise PluginError(f"{origin} cannot be loaded: {type(error).__name__}: {error}") from error
        if not isinstance(added, kind):
            raise PluginError(f"{origin} is a {type(added).__name__}, not a {kind.__module__}.{kind.__name__}")
        if added.id in taken:
            raise PluginError(f"{origin} has the id {added.id!r}, which is already in use")
        taken.add(added.id)
        yield added

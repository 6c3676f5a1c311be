"""The parser type: name of a format, recognition of its files, and reading them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from .run import Run

HEADINGS = ("Written by", "How it is recognised", "What is read", "What is not read", "Peculiarities")
_WILDCARD = re.compile(r"[*?\[]")
NO_SUFFIX = "name without a suffix"  # a pattern that `fnmatch` cannot express: names without a dot
HEAD_BYTES = 4096  # the input of `sniff`: enough for a header line or the first records of every format


def matches_any(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file name matches one of the patterns (`fnmatch`, or `NO_SUFFIX`), case ignored."""
    lowered = name.lower()
    return any(_meets(lowered, pattern) for pattern in patterns)


def _meets(name: str, pattern: str) -> bool:
    """Like `fnmatch`; most patterns are a suffix, which needs no regular expression."""
    if pattern == NO_SUFFIX:
        return "." not in name
    rest = pattern.removeprefix("*")
    if _WILDCARD.search(rest):
        return fnmatch(name, pattern)
    return name.endswith(rest) if rest != pattern else name == pattern


def _parent(path: Path) -> Path:
    return path.parent


@dataclass(frozen=True, slots=True)
class Parser:
    """One log format.

    Attributes:
        id: kebab-case name, also `Run.format` of its runs.
        title: the display name of the format.
        patterns: possible file names (`fnmatch`, case-insensitive; `NO_SUFFIX` for names without a dot).
        sniff: whether the first `HEAD_BYTES` of a file with such a name are of this format; must not raise.
        parse: reads one file and yields its runs, nearly always one; `Run.name` is "" unless the file has several.
            Damage never raises: valid rows are kept, the rest is noted in `Run.notes`. May raise `OSError` only.
        doc: the file's docstring, with `HEADINGS`, for the docs.
        home: the folder of the run that a file belongs to; files with the same home may be one run.
        refusal: set if files of this format may hold something else than a training: the reason why one that `sniff`
            accepts is not read, by its first bytes, "" if it is; must not raise.
        parts: folders beside such a file whose files are parts of it, not logs of their own.
        parse_files: set if one run writes many such files; files of the same home and split are then read together,
            sorted by path, instead of one by one.

    """

    id: str
    title: str
    patterns: tuple[str, ...]
    sniff: Callable[[Path, bytes], bool]
    parse: Callable[[Path], Iterator[Run]]
    doc: str
    home: Callable[[Path], Path] = _parent
    parse_files: Callable[[Sequence[Path]], Iterator[Run]] | None = None
    refusal: Callable[[Path, bytes], str] | None = None
    parts: tuple[str, ...] = ()

    def matches(self, name: str) -> bool:
        """Whether a file of this name may be of this format."""
        return matches_any(name, self.patterns)

    def section(self, heading: str) -> str:
        """The text under one of the headings of the docstring."""
        _, _, rest = self.doc.partition(f"## {heading}\n")
        return rest.partition("\n## ")[0].strip()

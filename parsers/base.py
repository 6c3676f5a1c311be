"""The parser type: name of a format, recognition of its files, and reading them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from .run import Run

HEADINGS = ("Written by", "How it is recognised", "What is read", "What is not read", "Peculiarities")
_WILDCARD = re.compile(r"[*?\[]")
NO_SUFFIX = "name without a suffix"  # a pattern that `fnmatch` cannot express
_NO_SUFFIX = re.compile(
    r"[^.]+|[^.].*\.(?![a-z]\w*$)[^.]+"
)  # `train`, or behind the last dot is no word: `log-2022-03-14`
HEAD_BYTES = 4096  # the input of `sniff`: enough for a header line or the first records of every format


def matches_any(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file name matches one of the patterns (`fnmatch`, or `NO_SUFFIX`), case ignored."""
    lowered = name.lower()
    return any(_meets(lowered, pattern) for pattern in patterns)


def _meets(name: str, pattern: str) -> bool:
    """Like `fnmatch`; most patterns are a suffix, which needs no regular expression."""
    if pattern == NO_SUFFIX:
        return has_no_suffix(name)
    rest = pattern.removeprefix("*")
    if _WILDCARD.search(rest):
        return fnmatch(name, pattern)
    return name.endswith(rest) if rest != pattern else name == pattern


def has_no_suffix(name: str) -> bool:
    """Whether a name ends in no word behind a dot that would say what is in the file: a date or a number is none."""
    return _NO_SUFFIX.fullmatch(name.lower()) is not None


def is_below(path: Path, folder: Path, globs: Iterable[str]) -> bool:
    """Whether a file lies in a folder at a path that matches a glob; `*` does not match "/", `**` at the end does."""
    if not path.is_relative_to(folder):
        return False
    parts = path.relative_to(folder).parts
    return any(_meets_parts(parts, glob.split("/")) for glob in globs)


def _meets_parts(parts: Sequence[str], patterns: list[str]) -> bool:
    if patterns[-1] == "**":
        patterns = [*patterns[:-1], *["*"] * (len(parts) - len(patterns) + 1)]
    return len(parts) == len(patterns) and all(map(fnmatch, parts, patterns))


def _parent(path: Path) -> Path:
    return path.parent


@dataclass(frozen=True, slots=True)
class Parser:
    """One log format.

    Attributes:
        id: kebab-case name, also `Run.format` of its runs.
        title: the display name of the format.
        patterns: possible file names (`fnmatch`, case-insensitive; `NO_SUFFIX` for names without one).
        sniff: whether the first `HEAD_BYTES` of a file with such a name are of this format; must not raise.
        parse: reads one file and yields its runs, nearly always one; `Run.name` is "" unless the file has several.
            Damage never raises: valid rows are kept, the rest is noted in `Run.notes`. May raise `OSError` only.
        doc: the file's docstring, with `HEADINGS`, for the docs.
        home: the folder of the run that a file belongs to; files with the same home may be one run.
        refusal: set if files of this format may hold something else than a training: the reason why one that `sniff`
            accepts is not read, by its first bytes, "" if it is; must not raise.
        why_not: set if a format can say more than no: the reason why `sniff` does not accept a file, by its first bytes, ""
            if it does; must not raise.
        parse_files: set if one run writes many such files; files of the same home and split are then read together,
            sorted by path, instead of one by one.
        parse_many: as `parse_files`, for many runs with few small files each: yields one run per list of files.
        folders: default names of the folders that the writer creates in the folder of the run, such as `wandb`; files below
            it may be of the same run as files beside it.
        companions: globs (see `is_below`), relative to `home`, of other logs that the same writer creates for the same run
            by default: they belong to that run even if they share no curve with it.
        contents: globs, relative to `home`, of files that are read together with such a file: they are not separate logs.

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
    why_not: Callable[[Path, bytes], str] | None = None
    parse_many: Callable[[Iterable[Sequence[Path]]], Iterator[Run]] | None = None
    folders: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()

    def matches(self, name: str) -> bool:
        """Whether a file of this name may be of this format."""
        return matches_any(name, self.patterns)

    def section(self, heading: str) -> str:
        """The text under one of the headings of the docstring."""
        _, _, rest = self.doc.partition(f"## {heading}\n")
        return rest.partition("\n## ")[0].strip()

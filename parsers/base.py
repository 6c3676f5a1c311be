"""The parser type: name of a format, how to recognise its files, and how to read one."""

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
HEAD_BYTES = 4096  # the input of `sniff`: enough for a header line or the first records of any format


def matches_any(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file name meets one of some patterns (`fnmatch`), case ignored."""
    lowered = name.lower()
    return any(_meets(lowered, pattern) for pattern in patterns)


def _meets(name: str, pattern: str) -> bool:
    """As `fnmatch`; most patterns are a suffix, which needs no regular expression to be made first."""
    rest = pattern.removeprefix("*")
    if _WILDCARD.search(rest):
        return fnmatch(name, pattern)
    return name.endswith(rest) if rest != pattern else name == pattern


def is_below(path: Path, folder: Path, globs: Iterable[str]) -> bool:
    """Whether a file lies in a folder at a place that meets one of some globs; `*` stops at "/", a last `**` does not."""
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
        patterns: possible file names (`fnmatch`, case-insensitive).
        sniff: whether the first `HEAD_BYTES` of a file with such a name are of this format; must not raise.
        parse: reads one file and yields its runs, nearly always one; `Run.name` is "" unless the file has several.
            Damage never raises: the good rows are kept and the rest is in `Run.notes`. May raise `OSError` only.
        doc: the file's docstring, with `HEADINGS`, for the docs.
        home: the folder of the run that a file belongs to; files with the same home may be one run.
        parse_files: set if one run writes many such files; files of the same home and split are then read together,
            sorted by path, instead of one by one.
        parse_many: as `parse_files`, for many runs of few small files at once: yields one run for each list of files.
        folders: names of the folders that the writer makes by default in the folder of the training, as `wandb`; what lies
            below one may be of the same training as what lies beside it.
        companions: globs (see `is_below`), relative to `home`, of other logs that the same writer makes for the same run by
            default: they are of that run even if they share no curve with it.
        contents: globs, relative to `home`, of files without a suffix that are read with a file of this format: no logs of
            their own.

    """

    id: str
    title: str
    patterns: tuple[str, ...]
    sniff: Callable[[Path, bytes], bool]
    parse: Callable[[Path], Iterator[Run]]
    doc: str
    home: Callable[[Path], Path] = _parent
    parse_files: Callable[[Sequence[Path]], Iterator[Run]] | None = None
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

"""Find the logs under a path and group the files that may belong together; nothing is ever written there.

A group is one folder with its log files. Folders that are named for a split and hold event files (Keras writes
`train/` and `validation/`), for the time of their making (hyperparameters of `add_hparams`) or for a checkpoint
(`checkpoint-500/` of Hugging Face) belong to the folder above. Which runs a group really holds is told by contents,
in `read.py`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from ..parsers.base import HEAD_BYTES
from ..parsers.names import split_of_word
from ..parsers.registry import PARSERS
from ..parsers.run import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..parsers.base import Parser
    from ..parsers.run import Split

PRUNED_FOLDERS = frozenset(
    (".git", ".hg", ".svn", "__pycache__", "node_modules", ".venv", "venv", "site-packages", ".cache", ".ipynb_checkpoints")
)  # fmt: skip
TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl", ".json")  # names that promise text
# Pickles run code when loaded. Only those whose name promises a log are worth a word.
UNSAFE = re.compile(r"(history|log|metrics|result|scalars?).*\.(pkl|pickle|npy|npz|pt|pth|joblib)$", re.IGNORECASE)
_CHECKPOINT = re.compile(r"^checkpoint[-_](\d+)$")
_TIME_NAMED = re.compile(r"^\d{9,}(\.\d+)?$")


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that a parser recognises. `split` is what its folder says, "none" where that says nothing."""

    path: Path
    parser: Parser
    split: Split = "none"


@dataclass(frozen=True, slots=True)
class LogGroup:
    """The log files of one folder.

    Attributes:
        name: path of the folder relative to the audited root, "/" between parts, "" for the root itself.
        path: the folder.
        files: sorted by path.

    """

    name: str
    path: Path
    files: tuple[LogFile, ...]


@dataclass(slots=True)
class Discovery:
    """What was found: groups sorted by name, files that look like logs but cannot be one, and files passed over."""

    root: Path
    groups: list[LogGroup] = field(default_factory=list)
    unreadable: list[Note] = field(default_factory=list)
    skipped: list[Note] = field(default_factory=list)


def discover(
    paths: Sequence[Path], *, include: Sequence[str] = (), exclude: Sequence[str] = (), parsers: Sequence[Parser] = PARSERS
) -> Discovery:
    """Find all log files under the given files and folders.

    `include` and `exclude` are globs on the path relative to the root. Links to folders are not followed, so loops
    cannot trap the walk; a file reachable twice counts once. A given file that no parser takes is unreadable; a
    folder that cannot be listed is, too.
    """
    absolute = [Path(os.path.abspath(path)) for path in paths]
    folders = [path if path.is_dir() else path.parent for path in absolute]
    found = Discovery(Path(os.path.commonpath(folders)) if folders else Path.cwd())
    seen: set[tuple[int, int]] = set()
    files: list[LogFile] = []
    for path in absolute:
        is_given = not path.is_dir()
        for candidate in [path] if is_given else _walk(path, found):
            relative = candidate.relative_to(found.root).as_posix()
            if include and not any(fnmatch(relative, glob) for glob in include):
                continue
            if any(fnmatch(relative, glob) for glob in exclude):
                continue
            log = _recognise(candidate, parsers, found, seen, is_given=is_given)
            if log:
                files.append(log)
    found.groups = _group(files, found)
    return found


def _walk(top: Path, found: Discovery) -> Iterator[Path]:
    """All regular files under a folder, in sorted order."""
    stack = [top]
    while stack:
        folder = stack.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            found.unreadable.append(Note(_shown(folder, found), "", f"folder cannot be listed: {error.strerror}"))
            continue
        subfolders = []
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in PRUNED_FOLDERS:
                        subfolders.append(Path(entry.path))
                elif entry.is_file():
                    yield Path(entry.path)
            except OSError:
                continue  # a link that leads nowhere, or round in circles
        stack += reversed(subfolders)


def _recognise(
    path: Path, parsers: Sequence[Parser], found: Discovery, seen: set[tuple[int, int]], *, is_given: bool
) -> LogFile | None:
    candidates = [parser for parser in parsers if parser.matches(path.name)]
    shown = _shown(path, found)
    if not candidates:
        if UNSAFE.search(path.name):
            found.skipped.append(Note(shown, "", "skipped: unsafe format (a pickle runs code when it is loaded)"))
        elif is_given:
            found.unreadable.append(Note(shown, "", "no parser knows a file of this name"))
        return None
    try:
        status = path.stat()
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            return None
        seen.add(identity)
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        found.unreadable.append(Note(shown, "", f"cannot be read: {error.strerror}"))
        return None
    for parser in candidates:
        if parser.sniff(path, head):
            return LogFile(path, parser)
    reason = _why_not(path, head)
    is_broken = reason is not None and (is_given or path.suffix.lower() in TABLE_SUFFIXES)
    (found.unreadable if is_broken or is_given else found.skipped).append(
        Note(shown, "", reason or "not a log: no numbers over steps or epochs found at its beginning")
    )
    return None


def _why_not(path: Path, head: bytes) -> str | None:
    """What is broken about a file that is named like a log; None if it is merely something else."""
    if not head:
        return "is empty"
    is_utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    is_compressed = head[:2] == b"\x1f\x8b"
    if b"\0" in head and not is_utf16 and not is_compressed:
        return f"is not text (binary data at byte {head.index(0):,}), although it is called {path.suffix}"
    return None


def _group(files: Iterable[LogFile], found: Discovery) -> list[LogGroup]:
    """Put files into the folder that they belong to, and keep only the newest of checkpoint copies."""
    owned: dict[Path, list[LogFile]] = {}
    copies: dict[tuple[Path, str], list[tuple[int, LogFile]]] = {}
    holders = {log.path.parent for log in files}
    for log in files:
        folder, split = log.path.parent, log.split
        checkpoint = _CHECKPOINT.match(folder.name)
        if checkpoint and folder != found.root:
            copies.setdefault((folder.parent, log.path.name), []).append((int(checkpoint[1]), log))
            continue
        if folder != found.root and folder.parent in holders and _TIME_NAMED.match(folder.name):
            folder = folder.parent
        named = split_of_word(folder.name)
        if named and log.parser.id == "tensorboard":
            split = named
            folder = folder.parent if folder != found.root else folder
        owned.setdefault(folder, []).append(LogFile(log.path, log.parser, split))
    for (folder, _), numbered in copies.items():
        numbered.sort(key=lambda pair: pair[0])
        owned.setdefault(folder, []).append(numbered[-1][1])
        found.skipped += [
            Note(_shown(log.path, found), "", "skipped: a later checkpoint holds the same history and more")
            for _, log in numbered[:-1]
        ]
    return [
        LogGroup(_shown(folder, found), folder, tuple(sorted(logs, key=lambda log: log.path)))
        for folder, logs in sorted(owned.items())
    ]


def _shown(path: Path, found: Discovery) -> str:
    """Path relative to the root, as reports show it."""
    relative = path.relative_to(found.root).as_posix()
    return "" if relative == "." else relative

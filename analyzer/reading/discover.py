"""Find the logs under a path; nothing is ever written there.

Which of them may belong together is told by `grouping`, which runs they really hold by their contents, in `read`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.base import HEAD_BYTES, is_below
from ...parsers.files.hyperparameters import is_config
from ...parsers.files.open_log import open_log
from ...parsers.run import Note
from ...parsers.secrets import concealed_note
from ..config.errors import MissingPathError
from ..config.globs import meets
from ..config.plugins import added_parsers, parsers_for
from .grouping import LogFile, LogGroup, groups_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...parsers.base import Parser

PRUNED_FOLDERS = frozenset(
    (".git", ".hg", ".svn", "__pycache__", "node_modules", ".venv", "venv", "site-packages", ".cache", ".ipynb_checkpoints",
     "trainlint-report")
)  # fmt: skip
TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl", ".json")  # names that promise text
# Folders that trackers make by default; other hidden ones belong to editors, caches and repositories
HIDDEN_FOLDERS = frozenset((".aim", ".clearml", ".cometml-runs", ".guild", ".neptune"))
LIKE_LOG = ".log"  # the suffix whose formats a file without a suffix is offered to
MAX_WITHOUT_SUFFIX = 200  # of one folder; more are a data set or the objects of a store
TEXT = re.compile(rb"[\t\n\r\x1b\x20-\x7e\x80-\xff]*")
# Pickles run code when loaded. Only those whose name promises a log are worth a word.
UNSAFE = re.compile(r"(history|log|metrics|result|scalars?).*\.(pkl|pickle|npy|npz|pt|pth|joblib)$", re.IGNORECASE)


@dataclass(slots=True)
class Discovery:
    """What was found: groups sorted by name, files that look like logs but cannot be one, and files passed over."""

    root: Path
    groups: list[LogGroup] = field(default_factory=list)
    unreadable: list[Note] = field(default_factory=list)
    skipped: list[Note] = field(default_factory=list)


def discover(
    paths: Sequence[Path],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    parsers: Sequence[Parser] | None = None,
) -> Discovery:
    """Find all log files under the given files and folders.

    `include` and `exclude` are globs: with a `/` on the path relative to the root, or a folder of it; without one on
    the name of the file or of any folder above it. Links to folders are not followed, so loops cannot trap the walk; a
    file reachable twice counts once. Each file is offered to the parsers in turn: the given, or all that are known. A
    given file that no parser takes is unreadable; a folder that cannot be listed is, too.

    Raises:
        MissingPathError: a path does not exist.
        PluginError: an installed package adds a parser that cannot be used.

    """
    added_parsers()  # one that cannot be used is told before anything is read
    absolute = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100  (links stay as given)
    for given, path in zip(paths, absolute, strict=True):
        if not path.exists():
            raise MissingPathError(given)
    found = Discovery(_common([path if path.is_dir() else path.parent for path in absolute]))
    seen: set[Path | tuple[int, int]] = set()
    files: list[LogFile] = []
    settings: list[Path] = []
    nameless: dict[Path, list[Path]] = {}
    for candidate, is_given in _candidates(absolute, found):
        relative = candidate.relative_to(found.root).as_posix()
        if candidate in seen or (include and not meets(relative, include)) or meets(relative, exclude):
            continue
        seen.add(candidate)
        if not is_given and _is_nameless(candidate, parsers):
            nameless.setdefault(candidate.parent, []).append(candidate)
            continue
        log = _recognise(candidate, parsers, found, seen, is_given=is_given)
        if log:
            files.append(log)
        elif is_config(candidate) and not is_given:
            settings.append(candidate)  # read with the logs beside it
    looked_at = [
        _recognise(path, parsers, found, seen, is_given=False) for path in _worth_a_look(nameless, files, found)
    ]
    files += [log for log in looked_at if log]
    found.skipped += _settings_alone(settings, files, found)
    found.groups, copies = groups_of(files, found.root)
    found.skipped += copies
    found.unreadable = [concealed_note(note) for note in found.unreadable]
    found.skipped = [concealed_note(note) for note in found.skipped]
    return found


def _common(folders: Sequence[Path]) -> Path:
    """The folder that all are in; the current one if none is given."""
    return Path(os.path.commonpath(folders)) if folders else Path.cwd()


def _candidates(paths: Sequence[Path], found: Discovery) -> Iterator[tuple[Path, bool]]:
    """All files under some paths, each with whether it was given itself."""
    for path in paths:
        if path.is_dir():
            yield from ((candidate, False) for candidate in _walk(path, found))
        else:
            yield path, True


def _walk(top: Path, found: Discovery) -> Iterator[Path]:
    """All regular files under a folder, in sorted order; links last, so that a file keeps the place where it lies."""
    stack, links = [top], []
    while stack:
        folder = stack.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            note = Note(shown(folder, found.root) or ".", "", f"folder cannot be listed: {error.strerror}")
            if note not in found.unreadable:
                found.unreadable.append(note)
            continue
        subfolders = []
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if _is_entered(entry, found):
                        subfolders.append(Path(entry.path))
                elif entry.is_file():
                    if entry.is_symlink():
                        links.append(Path(entry.path))
                    else:
                        yield Path(entry.path)
            except OSError:
                continue  # a link that leads nowhere, or round in circles
        stack += reversed(subfolders)
    yield from links


def _is_entered(entry: os.DirEntry[str], found: Discovery) -> bool:
    """Whether a folder is searched for logs; a hidden one is noted."""
    if entry.name in PRUNED_FOLDERS:
        return False
    if not entry.name.startswith(".") or entry.name in HIDDEN_FOLDERS:
        return True
    note = Note(shown(Path(entry.path), found.root), "", "hidden folder: skipped")
    if note not in found.skipped:
        found.skipped.append(note)
    return False


@np.errstate(over="ignore")  # a parser that looks at numbers meets them as read_group does
def _recognise(
    path: Path, parsers: Sequence[Parser] | None, found: Discovery, seen: set[Path | tuple[int, int]], *, is_given: bool
) -> LogFile | None:
    candidates = _offered(path, parsers)
    place = shown(path, found.root)
    if not candidates:
        if UNSAFE.search(path.name):
            found.skipped.append(Note(place, "", "skipped: unsafe format (a pickle runs code when it is loaded)"))
        elif is_given:
            found.unreadable.append(Note(place, "", "no parser knows a file of this name"))
        return None
    head = _head(path, found, seen)
    if head is None:
        return None
    for parser in candidates:
        try:
            if parser.sniff(path, head):
                return LogFile(path, parser)
        except Exception as error:  # noqa: BLE001  (a broken parser must not hide the file from the others)
            found.skipped.append(Note(place, "", f"the parser {parser.id} failed to look at it: {error!r}"))
    if is_config(path) and not is_given:
        return None
    reason = _why_not(path, head)
    is_broken = reason is not None and (is_given or path.suffix.lower() in TABLE_SUFFIXES)
    (found.unreadable if is_broken or is_given else found.skipped).append(
        Note(place, "", reason or "not a log: no numbers over steps or epochs found at its beginning")
    )
    return None


def _offered(path: Path, parsers: Sequence[Parser] | None) -> list[Parser]:
    """The parsers of the formats that a file may be in; one without a suffix may be of any that a `.log` may be of."""

    def of(name: str) -> list[Parser]:
        offered = parsers_for(name) if parsers is None else parsers
        return [parser for parser in offered if parser.matches(name)]

    return of(path.name) or ([] if "." in path.name else of(path.name + LIKE_LOG))


def _is_nameless(path: Path, parsers: Sequence[Parser] | None) -> bool:
    """Whether a file has no suffix, and no name that a parser knows."""
    if "." in path.name:
        return False
    offered = parsers_for(path.name) if parsers is None else parsers
    return not any(parser.matches(path.name) for parser in offered)


def _worth_a_look(nameless: Mapping[Path, Sequence[Path]], logs: Sequence[LogFile], found: Discovery) -> Iterator[Path]:
    """Files without a suffix that are text and no part of what a parser reads with another file."""
    contents = {log.parser.home(log.path): log.parser.contents for log in logs if log.parser.contents}
    for folder, paths in nameless.items():
        if len(paths) > MAX_WITHOUT_SUFFIX:
            place = shown(folder, found.root) or "."
            found.skipped.append(Note(place, "", f"{len(paths):,} files without a suffix: too many to look at"))
            continue
        owners = [(above, contents[above]) for above in (folder, *folder.parents) if above in contents]
        for path in paths:
            is_read = any(is_below(path, above, globs) for above, globs in owners)
            if not is_read and _is_text(path):
                yield path


def _is_text(path: Path) -> bool:
    try:
        with open_log(path) as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return False
    return bool(head) and TEXT.fullmatch(head) is not None


def _settings_alone(settings: Sequence[Path], logs: Sequence[LogFile], found: Discovery) -> list[Note]:
    """Notes on configuration files with no log beside them, below them, or in the folder above."""
    holders = {log.path.parent for log in logs}
    above = {folder for holder in holders for folder in (holder, *holder.parents)}
    alone = [path for path in settings if path.parent not in above and path.parent.parent not in holders]
    return [Note(shown(path, found.root), "", "settings without a log beside them") for path in alone]


def _head(path: Path, found: Discovery, seen: set[Path | tuple[int, int]]) -> bytes | None:
    """The first bytes of a file; None if it was seen under another name, or cannot be read, which is noted."""
    try:
        status = path.stat()
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            return None
        seen.add(identity)
        if not path.is_file():  # opening a pipe would wait for ever
            found.unreadable.append(Note(shown(path, found.root), "", "is no regular file"))
            return None
        with open_log(path) as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        found.unreadable.append(Note(shown(path, found.root), "", f"cannot be read: {error.strerror}"))
        return None


def _why_not(path: Path, head: bytes) -> str | None:
    """What is broken about a file that is named like a log; None if it is merely something else."""
    if not head:
        return "is empty"
    is_utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    is_compressed = head[:2] == b"\x1f\x8b"
    if b"\0" in head and not is_utf16 and not is_compressed:
        return f"is not text (binary data at byte {head.index(0):,}), although it is called {path.name}"
    return None

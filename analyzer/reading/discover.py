"""Find the logs under a path, without writing anything there.

`grouping` determines which of them may belong together, and `read` which runs they contain.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.base import NO_SUFFIX, has_no_suffix, is_below, matches_any
from ...parsers.files.encodings import wide_encoding
from ...parsers.files.hyperparameters import is_config
from ...parsers.files.open_log import open_log
from ...parsers.files.refusals import refusal_of
from ...parsers.files.text import head_of
from ...parsers.run import Note
from ...parsers.secrets import concealed_note
from ..config.errors import MissingPathError
from ..config.globs import meets
from ..config.plugins import added_parsers, known_patterns, parsers_for
from .grouping import LogFile, LogGroup, groups_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ...parsers.base import Parser

PRUNED_FOLDERS = frozenset(
    (".git", ".hg", ".svn", "__pycache__", "node_modules", ".venv", "venv", "site-packages", ".cache", ".ipynb_checkpoints",
     "trainlint-report")
)  # fmt: skip
SETTINGS_SUFFIXES = (".yaml", ".yml")  # files that are seldom logs, and are not noted if they are none
TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl", ".json")  # suffixes of text files
# Default folders of trackers; other hidden folders belong to editors, caches and repositories
HIDDEN_FOLDERS = frozenset((".aim", ".clearml", ".cometml-runs", ".guild", ".neptune"))
MAX_WITHOUT_SUFFIX = 200  # files in one folder; more are a data set or an object store
# Pickles run code when loaded. Only those named like a log get a note.
UNSAFE = re.compile(r"(history|log|metrics|result|scalars?).*\.(pkl|pickle|npy|npz|pt|pth|joblib)$", re.IGNORECASE)

NO_NUMBERS = "its beginning has no numbers by step or epoch"
MAX_NAMES = 3  # of files in a note


@dataclass(slots=True)
class Discovery:
    """The result: groups sorted by name, unreadable files that look like logs, and skipped files.

    `unnamed`: number of files with names that no parser handles, and some of them; they become a note if no log is found.
    """

    root: Path
    groups: list[LogGroup] = field(default_factory=list)
    unreadable: list[Note] = field(default_factory=list)
    skipped: list[Note] = field(default_factory=list)
    unnamed: tuple[int, tuple[str, ...]] = (0, ())


def discover(
    paths: Sequence[Path],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    parsers: Sequence[Parser] | None = None,
) -> Discovery:
    """Find all log files under the given files and folders.

    `include` and `exclude` are globs: with a `/` they match the path relative to the root, or a parent folder of it;
    without one the name of the file or of a parent folder. Links to folders are not followed, which prevents loops; a
    file reachable twice counts once. Each file is offered to the given parsers, or all, in order. A given file that no
    parser accepts is unreadable, and so is a folder that cannot be listed.

    Raises:
        MissingPathError: a path does not exist.
        PluginError: an installed package adds a parser that cannot be used.

    """
    added_parsers()  # reports an unusable one before anything is read
    absolute = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100  (links are not resolved)
    for given, path in zip(paths, absolute, strict=True):
        if not path.exists():
            raise MissingPathError(given)
    found = Discovery(_common([path if path.is_dir() else path.parent for path in absolute]))
    seen: set[Path | tuple[int, int]] = set()
    files: list[LogFile] = []
    contents: dict[Path, tuple[str, ...]] = {}  # globs of files that are read with a log of that folder
    settings: list[Path] = []
    nameless: dict[Path, list[Path]] = {}
    for candidate, is_given in _candidates(absolute, found):
        relative = candidate.relative_to(found.root).as_posix()
        if candidate in seen or (include and not meets(relative, include)) or meets(relative, exclude):
            continue
        if contents and _is_content(candidate, contents):
            continue
        seen.add(candidate)
        if not is_given and _is_nameless(candidate, parsers):
            nameless.setdefault(candidate.parent, []).append(candidate)
            continue
        log = _recognise(candidate, parsers, found, seen, is_given=is_given)
        if log:
            files.append(log)
            if log.parser.contents:
                contents[log.parser.home(candidate)] = log.parser.contents
        elif is_config(candidate) and not is_given:
            settings.append(candidate)  # read together with the logs beside it
    logs = (_recognise(path, parsers, found, seen, is_nameless=True) for path in _few_of_each(nameless, found))
    files += [log for log in logs if log]
    found.skipped += _settings_alone(settings, files, found)
    found.groups, copies = groups_of(files, found.root)
    found.skipped += copies
    found.skipped += [] if files else _unnamed_note(*found.unnamed)
    found.unreadable = [concealed_note(note) for note in found.unreadable]
    found.skipped = [concealed_note(note) for note in found.skipped]
    return found


def _common(folders: Sequence[Path]) -> Path:
    """The common folder of all paths; the current folder if there are none."""
    return Path(os.path.commonpath(folders)) if folders else Path.cwd()


def _candidates(paths: Sequence[Path], found: Discovery) -> Iterator[tuple[Path, bool]]:
    """All files under the given paths, and whether the file itself was given."""
    for path in paths:
        if path.is_dir():
            yield from ((candidate, False) for candidate in _walk(path, found))
        else:
            yield path, True


def _walk(top: Path, found: Discovery) -> Iterator[Path]:
    """All regular files under a folder, sorted; links last, so that a file is found at its real path first."""
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
                continue  # a broken or cyclic link
        stack += reversed(subfolders)
    yield from links


def _is_entered(entry: os.DirEntry[str], found: Discovery) -> bool:
    """Whether a folder is searched for logs; a note tells of a hidden one that is not."""
    if entry.name in PRUNED_FOLDERS:
        return False
    if not entry.name.startswith(".") or entry.name in HIDDEN_FOLDERS:
        return True
    note = Note(shown(Path(entry.path), found.root), "", "skipped: hidden folder")
    if note not in found.skipped:
        found.skipped.append(note)
    return False


def _is_content(path: Path, contents: Mapping[Path, tuple[str, ...]]) -> bool:
    """Whether a file is read together with a log found before."""
    return any(is_below(path, folder, contents[folder]) for folder in path.parents if folder in contents)


def _is_nameless(path: Path, parsers: Sequence[Parser] | None) -> bool:
    """Whether a file has no suffix, and no other name that a parser handles."""
    if not has_no_suffix(path.name):
        return False
    every = known_patterns() if parsers is None else (parser.patterns for parser in parsers)
    return not any(matches_any(path.name, tuple(p for p in patterns if p != NO_SUFFIX)) for patterns in every)


def _few_of_each(nameless: Mapping[Path, Sequence[Path]], found: Discovery) -> Iterator[Path]:
    """Files without a suffix, from the folders that have few of them; the other folders are noted."""
    for folder, paths in nameless.items():
        if len(paths) <= MAX_WITHOUT_SUFFIX:
            yield from paths
        else:
            message = f"skipped: {len(paths):,} files without a suffix are too many to be logs"
            found.skipped.append(Note(shown(folder, found.root) or ".", "", message))


@np.errstate(over="ignore")  # a parser may compute with extreme numbers, as in read_group
def _recognise(
    path: Path,
    parsers: Sequence[Parser] | None,
    found: Discovery,
    seen: set[Path | tuple[int, int]],
    *,
    is_given: bool = False,
    is_nameless: bool = False,
) -> LogFile | None:
    offered = parsers_for(path.name) if parsers is None else (one for one in parsers if one.matches(path.name))
    first = next(offered, None)
    place = shown(path, found.root)
    if first is None:
        if UNSAFE.search(path.name):
            found.skipped.append(Note(place, "", "skipped: unsafe format (a pickle runs code when it is loaded)"))
        elif is_given:
            found.unreadable.append(Note(place, "", "no parser handles files with this name"))
        else:
            count, names = found.unnamed
            found.unnamed = count + 1, (*names, path.name)[:MAX_NAMES]
        return None
    head = _head(path, found, seen)
    if head is None or (is_nameless and _why_not(path, head)):
        return None
    refusal = refusal_of(path, head)
    parser, why_not = (None, "") if refusal else _parser_of(path, head, chain((first,), offered), found)
    reason = refusal.reason if refusal else parser.refusal(path, head) if parser and parser.refusal else ""
    if reason:
        is_told = is_given or (refusal is not None and refusal.is_log_missing)
        (found.unreadable if is_told else found.skipped).append(Note(place, "", reason))
    elif parser:
        return LogFile(path, parser)
    elif is_given or not (is_config(path) or path.suffix.lower() in SETTINGS_SUFFIXES):
        _explain(path, head, why_not, found, is_given=is_given)
    return None


def _parser_of(path: Path, head: bytes, offered: Iterable[Parser], found: Discovery) -> tuple[Parser | None, str]:
    """The first parser that takes a file, those after it are never imported; and the reason why the last one does not."""
    why_not = ""
    for parser in offered:
        try:
            if parser.why_not:
                why_not = parser.why_not(path, head)
            if not why_not if parser.why_not else parser.sniff(path, head):
                return parser, ""
        except Exception as error:  # noqa: BLE001  (a broken parser must not hide the file from the others)
            message = f"the parser {parser.id} failed to recognise it: {error!r}"
            found.skipped.append(Note(shown(path, found.root), "", message))
    return None, why_not


def _explain(path: Path, head: bytes, why_not: str, found: Discovery, *, is_given: bool) -> None:
    broken = _why_not(path, head)
    is_told = is_given or (broken is not None and path.suffix.lower() in TABLE_SUFFIXES)
    (found.unreadable if is_told else found.skipped).append(
        Note(shown(path, found.root), "", broken or f"not a log: {why_not or NO_NUMBERS}")
    )


def _settings_alone(settings: Sequence[Path], logs: Sequence[LogFile], found: Discovery) -> list[Note]:
    """Notes on configuration files with no log beside or below them, or in the folder above."""
    holders = {log.path.parent for log in logs}
    above = {folder for holder in holders for folder in (holder, *holder.parents)}
    alone = [path for path in settings if path.parent not in above and path.parent.parent not in holders]
    return [Note(shown(path, found.root), "", "configuration without a log beside it") for path in alone]


def _unnamed_note(count: int, names: Sequence[str]) -> list[Note]:
    """A note on files with names that no parser handles, if there are any."""
    more = f" and {count - len(names):,} more" if count > len(names) else ""
    return [Note(".", "", f"no parser handles files with names like {', '.join(names)}{more}")] if count else []


def _head(path: Path, found: Discovery, seen: set[Path | tuple[int, int]]) -> bytes | None:
    """The first bytes of a file; None if it was read under another name, or cannot be read, which is noted."""
    try:
        status = path.stat()
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            return None
        seen.add(identity)
        if not path.is_file():  # opening a pipe would block forever
            found.unreadable.append(Note(shown(path, found.root), "", "is not a regular file"))
            return None
        with open_log(path) as file:
            return head_of(file)
    except OSError as error:
        found.unreadable.append(Note(shown(path, found.root), "", f"cannot be read: {error.strerror}"))
        return None


def _why_not(path: Path, head: bytes) -> str | None:
    """The reason why a file named like a log is unreadable; None if it is something else."""
    if not head:
        return "is empty"
    is_compressed = head[:2] == b"\x1f\x8b"
    if b"\0" in head and not wide_encoding(head) and not is_compressed:
        return f"is not text (binary data at byte {head.index(0):,}), although its name is {path.name}"
    return None

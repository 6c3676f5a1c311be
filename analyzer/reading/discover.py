"""Find the logs under a path and group the files that may belong together; nothing is ever written there.

A group is one folder with its log files. Some folders belong to the one above: those with event files that are named
for a split (Keras writes `train/` and `validation/`, `add_scalars` of PyTorch `loss_val/`, that of tensorboardX
`loss/val/`) or for the time of their making (hyperparameters of `add_hparams`), and `checkpoint-500/` and `runs/` of
Hugging Face. Elsewhere the parser says which folder a file's training lives in.
Which runs a group really holds is told by contents, in `read.py`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.base import HEAD_BYTES
from ...parsers.files.encodings import wide_encoding
from ...parsers.files.hyperparameters import is_config
from ...parsers.files.open_log import open_log
from ...parsers.files.refusals import refusal_of
from ...parsers.files.text import head_of
from ...parsers.meaning.resolve import split_of_word
from ...parsers.run import Note
from ...parsers.secrets import concealed_note, masked_path
from ..config.errors import MissingPathError
from ..config.globs import meets
from ..config.plugins import added_parsers, parsers_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ...parsers.base import Parser
    from ...parsers.run import Split

PRUNED_FOLDERS = frozenset(
    (".git", ".hg", ".svn", "__pycache__", "node_modules", ".venv", "venv", "site-packages", ".cache", ".ipynb_checkpoints",
     "trainlint-report")
)  # fmt: skip
TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl", ".json")  # names that promise text
TRAINER_EVENTS = "runs"  # Hugging Face's trainer writes event files to runs/<date>_<host>/ beside its state
EVENTS, CHECKPOINTED = "tensorboard", "hf-trainer-state"  # ids of the parsers whose folders have a meaning
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
        name: path of the folder relative to the audited root, "/" between parts, "" for the root itself; without secrets.
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
    parts: set[Path] = set()  # folders whose files are parts of a log found before
    settings: list[Path] = []
    for path in absolute:
        is_given = not path.is_dir()
        for candidate in [path] if is_given else _walk(path, found):
            relative = candidate.relative_to(found.root).as_posix()
            if candidate in seen or (include and not meets(relative, include)) or meets(relative, exclude):
                continue
            if parts and not parts.isdisjoint(candidate.parents):
                continue
            seen.add(candidate)
            log = _recognise(candidate, parsers, found, seen, is_given=is_given)
            if log:
                files.append(log)
                parts |= {candidate.parent / part for part in log.parser.parts}
            elif is_config(candidate) and not is_given:
                settings.append(candidate)  # read with the logs beside it
    found.skipped += _settings_alone(settings, files, found)
    found.groups = _group(files, found)
    found.unreadable = [concealed_note(note) for note in found.unreadable]
    found.skipped = [concealed_note(note) for note in found.skipped]
    return found


def _common(folders: Sequence[Path]) -> Path:
    """The folder that all are in; the current one if none is given."""
    return Path(os.path.commonpath(folders)) if folders else Path.cwd()


def _walk(top: Path, found: Discovery) -> Iterator[Path]:
    """All regular files under a folder, in sorted order; links last, so that a file keeps the place where it lies."""
    stack, links = [top], []
    while stack:
        folder = stack.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            note = Note(_shown(folder, found) or ".", "", f"folder cannot be listed: {error.strerror}")
            if note not in found.unreadable:
                found.unreadable.append(note)
            continue
        subfolders = []
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in PRUNED_FOLDERS:
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


@np.errstate(over="ignore")  # a parser that looks at numbers meets them as read_group does
def _recognise(
    path: Path, parsers: Sequence[Parser] | None, found: Discovery, seen: set[Path | tuple[int, int]], *, is_given: bool
) -> LogFile | None:
    offered = parsers_for(path.name) if parsers is None else parsers
    candidates = [parser for parser in offered if parser.matches(path.name)]
    shown = _shown(path, found)
    if not candidates:
        if UNSAFE.search(path.name):
            found.skipped.append(Note(shown, "", "skipped: unsafe format (a pickle runs code when it is loaded)"))
        elif is_given:
            found.unreadable.append(Note(shown, "", "no parser knows a file of this name"))
        return None
    head = _head(path, found, seen)
    if head is None:
        return None
    refusal = refusal_of(path, head)
    parser = None if refusal else _parser_of(path, head, candidates, found)
    reason = refusal.reason if refusal else parser.refusal(path, head) if parser and parser.refusal else ""
    if reason:
        is_told = is_given or (refusal is not None and refusal.is_log_missing)
        (found.unreadable if is_told else found.skipped).append(Note(shown, "", reason))
    elif parser:
        return LogFile(path, parser)
    elif is_given or not is_config(path):
        _tell_why_not(path, head, found, is_given=is_given)
    return None


def _parser_of(path: Path, head: bytes, candidates: Sequence[Parser], found: Discovery) -> Parser | None:
    """The first parser that takes a file."""
    for parser in candidates:
        try:
            if parser.sniff(path, head):
                return parser
        except Exception as error:  # noqa: BLE001  (a broken parser must not hide the file from the others)
            message = f"the parser {parser.id} failed to look at it: {error!r}"
            found.skipped.append(Note(_shown(path, found), "", message))
    return None


def _tell_why_not(path: Path, head: bytes, found: Discovery, *, is_given: bool) -> None:
    broken = _why_not(path, head)
    is_told = is_given or (broken is not None and path.suffix.lower() in TABLE_SUFFIXES)
    (found.unreadable if is_told else found.skipped).append(
        Note(_shown(path, found), "", broken or "not a log: no numbers over steps or epochs found at its beginning")
    )


def _settings_alone(settings: Sequence[Path], logs: Sequence[LogFile], found: Discovery) -> list[Note]:
    """Notes on configuration files with no log beside them, below them, or in the folder above."""
    holders = {log.path.parent for log in logs}
    above = {folder for holder in holders for folder in (holder, *holder.parents)}
    alone = [path for path in settings if path.parent not in above and path.parent.parent not in holders]
    return [Note(_shown(path, found), "", "settings without a log beside them") for path in alone]


def _head(path: Path, found: Discovery, seen: set[Path | tuple[int, int]]) -> bytes | None:
    """The first bytes of a file; None if it was seen under another name, or cannot be read, which is noted."""
    try:
        status = path.stat()
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            return None
        seen.add(identity)
        if not path.is_file():  # opening a pipe would wait for ever
            found.unreadable.append(Note(_shown(path, found), "", "is no regular file"))
            return None
        with open_log(path) as file:
            return head_of(file)
    except OSError as error:
        found.unreadable.append(Note(_shown(path, found), "", f"cannot be read: {error.strerror}"))
        return None


def _why_not(path: Path, head: bytes) -> str | None:
    """What is broken about a file that is named like a log; None if it is merely something else."""
    if not head:
        return "is empty"
    is_compressed = head[:2] == b"\x1f\x8b"
    if b"\0" in head and not wide_encoding(head) and not is_compressed:
        return f"is not text (binary data at byte {head.index(0):,}), although it is called {path.name}"
    return None


def _group(files: Collection[LogFile], found: Discovery) -> list[LogGroup]:
    """Put files into the folder that they belong to, and keep only the newest of checkpoint copies."""
    owned: dict[Path, list[LogFile]] = {}
    copies: dict[tuple[Path, str], list[tuple[int, LogFile]]] = {}
    holders = {log.path.parent for log in files if log.parser.id == EVENTS}
    trainers = {log.path.parent for log in files if log.parser.id == CHECKPOINTED}
    for log in files:
        folder = log.path.parent
        checkpoint = _CHECKPOINT.match(folder.name)
        if checkpoint and log.parser.id == CHECKPOINTED and folder != found.root:
            copies.setdefault((folder.parent, log.path.name), []).append((int(checkpoint[1]), log))
        elif log.parser.id == EVENTS:
            owner, split = _owner(log.path, found.root, holders)
            if owner.parent.name == TRAINER_EVENTS and owner.parent.parent in trainers:
                owner = owner.parent.parent
            owned.setdefault(owner, []).append(replace(log, split=split))
        else:
            home = log.parser.home(log.path)
            owned.setdefault(home if home.is_relative_to(found.root) else folder, []).append(log)
    for (folder, _), numbered in copies.items():
        numbered.sort(key=lambda pair: pair[0])
        owned.setdefault(folder, []).append(numbered[-1][1])
        found.skipped += [
            Note(_shown(log.path, found), "", "skipped: a later checkpoint holds the same history and more")
            for _, log in numbered[:-1]
        ]
    groups: dict[str, LogGroup] = {}
    for folder, logs in sorted(owned.items()):
        # folders whose names differ in nothing but a secret are told apart by a number
        name = unique = masked_path(_shown(folder, found))
        count = 1
        while unique in groups:
            count += 1
            unique = f"{name} ({count})"
        groups[unique] = LogGroup(unique, folder, tuple(sorted(logs, key=lambda log: log.path)))
    return list(groups.values())


def _owner(file: Path, root: Path, holders: Collection[Path]) -> tuple[Path, Split]:
    """The folder that an event file belongs to, and the split that its own folder's name states."""
    folder = file.parent
    split = split_of_word(folder.name)
    if folder == root:
        return folder, split or "none"
    above = folder.parent
    if above in holders and _TIME_NAMED.match(folder.name):
        return above, "none"
    if split:
        is_of_tag = above != root and above.parent in holders and _has_tag(file, above.name)
        return above.parent if is_of_tag else above, split
    tag, _, word = folder.name.rpartition("_")
    split = split_of_word(word)
    if split and above in holders and _has_tag(file, tag):
        return above, split
    return folder, "none"


def _has_tag(file: Path, name: str) -> bool:
    """Whether an event file begins with a tag that `add_scalars` would make a folder of this name for."""
    try:
        with open_log(file) as stream:
            head = stream.read(HEAD_BYTES)
    except OSError:
        return False
    tag = name.encode("utf-8", "surrogateescape")
    field = b"\x0a" + bytes([len(tag) % 128])  # field 1 of a protobuf message, and its length
    return re.search(re.escape(field) + b"[_/ ]".join(map(re.escape, tag.split(b"_"))), head) is not None


def _shown(path: Path, found: Discovery) -> str:
    """Path relative to the root, as reports show it."""
    relative = path.relative_to(found.root).as_posix()
    return "" if relative == "." else relative

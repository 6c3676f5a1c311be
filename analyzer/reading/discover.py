"""Find the logs under a path and group files that may belong together; without writing anything there.

A group is one folder with its log files. Some folders belong to the one above: those with event files that are named
after a split (Keras writes `train/` and `validation/`, `add_scalars` of PyTorch `loss_val/`, that of tensorboardX
`loss/val/`) or after their creation time (hyperparameters of `add_hparams`), and `checkpoint-500/` and `runs/` of
Hugging Face. For other formats the parser determines the folder of the run of a file.
`read.py` decides by content which runs a group contains.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from itertools import chain
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
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from ...parsers.base import Parser
    from ...parsers.run import Split

PRUNED_FOLDERS = frozenset(
    (".git", ".hg", ".svn", "__pycache__", "node_modules", ".venv", "venv", "site-packages", ".cache", ".ipynb_checkpoints",
     "trainlint-report")
)  # fmt: skip
TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl", ".json")  # suffixes of text files
TRAINER_EVENTS = "runs"  # Hugging Face's trainer writes event files to runs/<date>_<host>/ beside its state
EVENTS, CHECKPOINTED = "tensorboard", "hf-trainer-state"  # ids of parsers whose folder names have a meaning
# Pickles run code when loaded. Only those named like a log get a note.
UNSAFE = re.compile(r"(history|log|metrics|result|scalars?).*\.(pkl|pickle|npy|npz|pt|pth|joblib)$", re.IGNORECASE)
_CHECKPOINT = re.compile(r"^checkpoint[-_](\d+)$")
_TIME_NAMED = re.compile(r"^\d{9,}(\.\d+)?$")


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that a parser recognises. `split` is that of its folder, "none" if the folder has none."""

    path: Path
    parser: Parser
    split: Split = "none"


@dataclass(frozen=True, slots=True)
class LogGroup:
    """The log files of one folder.

    Attributes:
        name: path of the folder relative to the audited root, "/" between parts, "" for the root itself; secrets masked.
        path: the folder.
        files: sorted by path.

    """

    name: str
    path: Path
    files: tuple[LogFile, ...]


@dataclass(slots=True)
class Discovery:
    """The result: groups sorted by name, unreadable files that look like logs, and skipped files."""

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
                settings.append(candidate)  # read together with the logs beside it
    found.skipped += _settings_alone(settings, files, found)
    found.groups = _group(files, found)
    found.unreadable = [concealed_note(note) for note in found.unreadable]
    found.skipped = [concealed_note(note) for note in found.skipped]
    return found


def _common(folders: Sequence[Path]) -> Path:
    """The common folder of all paths; the current folder if there are none."""
    return Path(os.path.commonpath(folders)) if folders else Path.cwd()


def _walk(top: Path, found: Discovery) -> Iterator[Path]:
    """All regular files under a folder, sorted; links last, so that a file is found at its real path first."""
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
                continue  # a broken or cyclic link
        stack += reversed(subfolders)
    yield from links


@np.errstate(over="ignore")  # a parser may compute with extreme numbers, as in read_group
def _recognise(
    path: Path, parsers: Sequence[Parser] | None, found: Discovery, seen: set[Path | tuple[int, int]], *, is_given: bool
) -> LogFile | None:
    offered = parsers_for(path.name) if parsers is None else (one for one in parsers if one.matches(path.name))
    first = next(offered, None)
    shown = _shown(path, found)
    if first is None:
        if UNSAFE.search(path.name):
            found.skipped.append(Note(shown, "", "skipped: unsafe format (a pickle runs code when it is loaded)"))
        elif is_given:
            found.unreadable.append(Note(shown, "", "no parser handles files with this name"))
        return None
    head = _head(path, found, seen)
    if head is None:
        return None
    refusal = refusal_of(path, head)
    parser = None if refusal else _parser_of(path, head, chain((first,), offered), found)
    reason = refusal.reason if refusal else parser.refusal(path, head) if parser and parser.refusal else ""
    if reason:
        is_told = is_given or (refusal is not None and refusal.is_log_missing)
        (found.unreadable if is_told else found.skipped).append(Note(shown, "", reason))
    elif parser:
        return LogFile(path, parser)
    elif is_given or not is_config(path):
        _explain(path, head, found, is_given=is_given)
    return None


def _parser_of(path: Path, head: bytes, offered: Iterable[Parser], found: Discovery) -> Parser | None:
    """The first parser that takes a file; those after it are never imported."""
    for parser in offered:
        try:
            if parser.sniff(path, head):
                return parser
        except Exception as error:  # noqa: BLE001  (a broken parser must not hide the file from the others)
            message = f"the parser {parser.id} failed to recognise it: {error!r}"
            found.skipped.append(Note(_shown(path, found), "", message))
    return None


def _explain(path: Path, head: bytes, found: Discovery, *, is_given: bool) -> None:
    broken = _why_not(path, head)
    is_told = is_given or (broken is not None and path.suffix.lower() in TABLE_SUFFIXES)
    (found.unreadable if is_told else found.skipped).append(
        Note(_shown(path, found), "", broken or "not a log: its beginning has no numbers by step or epoch")
    )


def _settings_alone(settings: Sequence[Path], logs: Sequence[LogFile], found: Discovery) -> list[Note]:
    """Notes on configuration files with no log beside or below them, or in the folder above."""
    holders = {log.path.parent for log in logs}
    above = {folder for holder in holders for folder in (holder, *holder.parents)}
    alone = [path for path in settings if path.parent not in above and path.parent.parent not in holders]
    return [Note(_shown(path, found), "", "configuration without a log beside it") for path in alone]


def _head(path: Path, found: Discovery, seen: set[Path | tuple[int, int]]) -> bytes | None:
    """The first bytes of a file; None if it was read under another name, or cannot be read, which is noted."""
    try:
        status = path.stat()
        identity = (status.st_dev, status.st_ino)
        if identity in seen:
            return None
        seen.add(identity)
        if not path.is_file():  # opening a pipe would block forever
            found.unreadable.append(Note(_shown(path, found), "", "is not a regular file"))
            return None
        with open_log(path) as file:
            return head_of(file)
    except OSError as error:
        found.unreadable.append(Note(_shown(path, found), "", f"cannot be read: {error.strerror}"))
        return None


def _why_not(path: Path, head: bytes) -> str | None:
    """The reason why a file named like a log is unreadable; None if it is something else."""
    if not head:
        return "is empty"
    is_compressed = head[:2] == b"\x1f\x8b"
    if b"\0" in head and not wide_encoding(head) and not is_compressed:
        return f"is not text (binary data at byte {head.index(0):,}), although its name is {path.name}"
    return None


def _group(files: Collection[LogFile], found: Discovery) -> list[LogGroup]:
    """Group files by the folder of their run, and keep only the newest of checkpoint copies."""
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
            Note(_shown(log.path, found), "", "skipped: a later checkpoint contains this history")
            for _, log in numbered[:-1]
        ]
    groups: dict[str, LogGroup] = {}
    for folder, logs in sorted(owned.items()):
        # folders whose names differ only in a secret get a number
        name = unique = masked_path(_shown(folder, found))
        count = 1
        while unique in groups:
            count += 1
            unique = f"{name} ({count})"
        groups[unique] = LogGroup(unique, folder, tuple(sorted(logs, key=lambda log: log.path)))
    return list(groups.values())


def _owner(file: Path, root: Path, holders: Collection[Path]) -> tuple[Path, Split]:
    """The folder of the run of an event file, and the split in the name of its own folder."""
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
    """Whether an event file begins with a tag for which `add_scalars` creates a folder of this name."""
    try:
        with open_log(file) as stream:
            head = stream.read(HEAD_BYTES)
    except OSError:
        return False
    tag = name.encode("utf-8", "surrogateescape")
    field = b"\x0a" + bytes([len(tag) % 128])  # field 1 of a protobuf message, and its length
    return re.search(re.escape(field) + b"[_/ ]".join(map(re.escape, tag.split(b"_"))), head) is not None


def _shown(path: Path, found: Discovery) -> str:
    """Path relative to the root, for reports."""
    relative = path.relative_to(found.root).as_posix()
    return "" if relative == "." else relative

"""Which log files may be of one run: those of one folder, and of folders that writers make for one training.

Some folders belong to the one above: those with event files that are named for a split (Keras writes `train/` and
`validation/`, `add_scalars` of PyTorch `loss_val/`, that of tensorboardX `loss/val/`) or for the time of their making
(hyperparameters of `add_hparams`). Elsewhere the parser says which folder a file's training lives in, which other files
its writer makes for the same run, and which folders it makes beside the logs of others (`Parser`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...parsers.base import HEAD_BYTES, is_below
from ...parsers.files.open_log import open_log
from ...parsers.meaning.resolve import split_of_word
from ...parsers.run import Note
from ...parsers.secrets import masked_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ...parsers.base import Parser
    from ...parsers.run import Split

EVENTS, CHECKPOINTED = "tensorboard", "hf-trainer-state"  # ids of the parsers whose folders have a meaning
MAX_FILES_JOINED = 32  # one training does not write more logs than this; beyond, folders are runs side by side
_CHECKPOINT = re.compile(r"^checkpoint[-_](\d+)$")
_TIME_NAMED = re.compile(r"^\d{9,}(\.\d+)?$")


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that a parser recognises.

    Attributes:
        path: of the file.
        parser: that reads it.
        split: what its folder says, "none" where that says nothing.
        home: the folder of the training that it belongs to; None for its own folder.

    """

    path: Path
    parser: Parser
    split: Split = "none"
    home: Path | None = None


@dataclass(frozen=True, slots=True)
class LogGroup:
    """The log files of one folder, and of folders below it that may hold logs of the same trainings.

    Attributes:
        name: path of the folder relative to the audited root, "/" between parts, "" for the root itself; without secrets.
        path: the folder.
        files: sorted by path.

    """

    name: str
    path: Path
    files: tuple[LogFile, ...]


def groups_of(files: Collection[LogFile], root: Path) -> tuple[list[LogGroup], list[Note]]:
    """Put files into the folder that they belong to, and keep only the newest of checkpoint copies.

    Returns groups sorted by name, and notes on the copies.
    """
    notes: list[Note] = []
    owned: dict[Path, list[LogFile]] = {}
    for log in _owned(_newest_checkpoints(files, root, notes), root):
        owned.setdefault(log.home or log.path.parent, []).append(log)
    groups: dict[str, LogGroup] = {}
    for folder, logs in sorted(_clustered(owned, root).items()):  # a cluster is called like its first folder
        # folders whose names differ in nothing but a secret are told apart by a number
        name = unique = masked_path(shown(folder, root))
        count = 1
        while unique in groups:
            count += 1
            unique = f"{name} ({count})"
        groups[unique] = LogGroup(unique, folder, tuple(sorted(logs, key=lambda log: log.path)))
    return list(groups.values()), notes


def shown(path: Path, root: Path) -> str:
    """Path relative to the root, as reports show it."""
    relative = path.relative_to(root).as_posix()
    return "" if relative == "." else relative


def _newest_checkpoints(files: Iterable[LogFile], root: Path, notes: list[Note]) -> Iterator[LogFile]:
    """All files, without the states that a later checkpoint of the same training repeats."""
    copies: dict[tuple[Path, str], list[tuple[int, LogFile]]] = {}
    for log in files:
        folder = log.path.parent
        checkpoint = _CHECKPOINT.match(folder.name)
        if checkpoint and log.parser.id == CHECKPOINTED and folder != root:
            copies.setdefault((folder.parent, log.path.name), []).append((int(checkpoint[1]), log))
        else:
            yield log
    for (folder, _), numbered in copies.items():
        numbered.sort(key=lambda pair: pair[0])
        yield replace(numbered[-1][1], home=folder)
        notes += [
            Note(shown(log.path, root), "", "skipped: a later checkpoint holds the same history and more")
            for _, log in numbered[:-1]
        ]


def _owned(files: Iterable[LogFile], root: Path) -> Iterator[LogFile]:
    """Each file with the folder of its training, and the split that its own folder states."""
    logs = list(files)
    holders = {log.path.parent for log in logs if log.parser.id == EVENTS}
    placed = []
    for log in logs:
        if log.home is not None:
            placed.append(log)
        elif log.parser.id == EVENTS:
            owner, split = _owner(log.path, root, holders)
            placed.append(replace(log, split=split, home=owner))
        else:
            home = log.parser.home(log.path)
            placed.append(replace(log, home=home if home.is_relative_to(root) else log.path.parent))
    companions: dict[Path, set[str]] = {}
    for log in placed:
        if log.parser.companions and log.home:
            companions.setdefault(log.home, set()).update(log.parser.companions)
    for log in placed:
        host = _host(log.path, companions) if companions else None
        if host is None or host == log.home:
            yield log
        else:
            split = split_of_word(log.path.parent.name) or "none"
            yield replace(log, home=host, split=split if log.split == "none" else log.split)


def _host(path: Path, companions: Mapping[Path, Collection[str]]) -> Path | None:
    """The folder whose log was written together with a file."""
    return next(
        (folder for folder in path.parents if folder in companions and is_below(path, folder, companions[folder])), None
    )


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


def _clustered(owned: Mapping[Path, list[LogFile]], root: Path) -> dict[Path, list[LogFile]]:
    """Put folders together that different writers may have made for one training.

    These are the folders that trackers make by default in the folder of a training, with it and with one another; and
    folders of one name, as `csv/version_0` and `tb/version_0`. Only contents tell whether they are one run.
    """
    near: dict[Path, set[Path]] = {}
    made: dict[Path, str] = {}
    for folder, logs in owned.items():
        place = _default_folder(folder, logs, root)
        if place is not None:
            near.setdefault(place.parent, {place.parent} & owned.keys()).add(folder)
            made[folder] = place.name
        if root not in (folder, folder.parent) and folder.parent.is_relative_to(root):
            near.setdefault(folder.parent.parent / "*" / folder.name, set()).add(folder)
    clusters = {folder: [folder] for folder in owned}
    for folders in near.values():
        together = sorted({member for folder in folders for member in clusters[folder]})
        kinds = [{(log.parser.id, made.get(member, "")) for log in owned[member]} for member in together]
        is_mixed = any(one.isdisjoint(kinds[0]) for one in kinds[1:])
        if is_mixed and sum(len(owned[member]) for member in together) <= MAX_FILES_JOINED:
            clusters |= dict.fromkeys(together, together)
    every = {id(together): together for together in clusters.values()}.values()
    return {together[0]: [log for folder in together for log in owned[folder]] for together in every}


def _default_folder(folder: Path, logs: Sequence[LogFile], root: Path) -> Path | None:
    """The folder that a writer made by default and that holds a folder, or is it; None if there is none."""
    names = {name for log in logs for name in log.parser.folders}
    while names and folder != root:
        if folder.name in names:
            return folder
        folder = folder.parent
    return None

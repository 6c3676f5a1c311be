"""Group log files that may belong to one run: those in one folder, and in folders that writers create for one run.

Some folders belong to the one above: those with event files that are named after a split (Keras writes `train/` and
`validation/`, `add_scalars` of PyTorch `loss_val/`, that of tensorboardX `loss/val/`) or after their creation time
(hyperparameters of `add_hparams`), and folders side by side for different splits, each with one log of the same name. For other formats the parser determines the folder of the run of a file, other files
that its writer creates for the same run, and the folders that it creates beside other logs (see `Parser`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...parsers.base import HEAD_BYTES, is_below
from ...parsers.files.open_log import open_log
from ...parsers.meaning.resolve import split_of_word
from ...parsers.meaning.words import words_of
from ...parsers.run import Note
from ...parsers.secrets import masked_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ...parsers.base import Parser
    from ...parsers.run import Split

EVENTS, CHECKPOINTED = "tensorboard", "hf-trainer-state"  # ids of parsers whose folder names have a meaning
MAX_FILES_JOINED = 32  # one run does not write more logs than this; if there are more, each is a run
_CHECKPOINT = re.compile(r"^checkpoint[-_](\d+)$")
_TIME_NAMED = re.compile(r"^\d{9,}(\.\d+)?$")


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file that a parser recognises.

    Attributes:
        path: the file.
        parser: the parser that reads it.
        split: the split in the name of its folder, "none" if there is none.
        home: the folder of the run that it belongs to; None for its own folder.

    """

    path: Path
    parser: Parser
    split: Split = "none"
    home: Path | None = None


@dataclass(frozen=True, slots=True)
class LogGroup:
    """The log files of one folder, and of folders that may contain logs of the same runs.

    Attributes:
        name: path of the folder relative to the audited root, "/" between parts, "" for the root itself; secrets masked.
        path: the folder.
        files: sorted by path.

    """

    name: str
    path: Path
    files: tuple[LogFile, ...]


def groups_of(files: Collection[LogFile], root: Path) -> tuple[list[LogGroup], list[Note]]:
    """Group files by the folder of their run, and keep only the newest of checkpoint copies.

    Returns groups sorted by name, and notes on the copies.
    """
    notes: list[Note] = []
    owned: dict[Path, list[LogFile]] = {}
    for log in _owned(_newest_checkpoints(files, root, notes), root):
        owned.setdefault(log.home or log.path.parent, []).append(log)
    groups: dict[str, LogGroup] = {}
    for folder, logs in sorted(_clustered(owned, root).items()):  # a cluster has the name of its first folder
        # folders whose names differ only in a secret get a number
        name = unique = masked_path(shown(folder, root))
        count = 1
        while unique in groups:
            count += 1
            unique = f"{name} ({count})"
        groups[unique] = LogGroup(unique, folder, tuple(sorted(logs, key=lambda log: log.path)))
    return list(groups.values()), notes


def shown(path: Path, root: Path) -> str:
    """Path relative to the root, for reports."""
    relative = path.relative_to(root).as_posix()
    return "" if relative == "." else relative


def _newest_checkpoints(files: Iterable[LogFile], root: Path, notes: list[Note]) -> Iterator[LogFile]:
    """All files except those whose history a later checkpoint of the same run contains."""
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
            Note(shown(log.path, root), "", "skipped: a later checkpoint contains this history")
            for _, log in numbered[:-1]
        ]


def _owned(files: Iterable[LogFile], root: Path) -> Iterator[LogFile]:
    """Each file with the folder of its run, and the split in the name of its own folder."""
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
    placed = _above_splits(placed, root)
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


def _above_splits(logs: Sequence[LogFile], root: Path) -> list[LogFile]:
    """The logs, those in folders for the splits of one run with the folder above as their home.

    Such folders have names of different splits, and one log each, which has the same name and format in all of them.
    """
    inside: dict[Path, list[LogFile]] = {}
    for log in logs:
        inside.setdefault(log.home or log.path.parent, []).append(log)
    alone = [each[0] for home, each in inside.items() if len(each) == 1 and home == each[0].path.parent != root]
    beside: dict[object, dict[LogFile, Split]] = {}
    for log in alone:
        split = split_of_word(log.path.parent.name)
        if split and log.split == "none":
            place = log.path.parent.parent, log.parser.id, name_without_split(log.path)
            beside.setdefault(place, {})[log] = split
    split_of = {
        log.path: split
        for splits in beside.values()
        if len(splits) > 1 and len(set(splits.values())) == len(splits)
        for log, split in splits.items()
    }
    return [
        replace(log, home=log.path.parent.parent, split=split_of[log.path]) if log.path in split_of else log
        for log in logs
    ]


def name_without_split(path: Path) -> tuple[str, ...]:
    """The suffix of a file and the words of its name that name no split."""
    return path.suffix, *(word for word in words_of(path.stem) if not split_of_word(word))


def _host(path: Path, companions: Mapping[Path, Collection[str]]) -> Path | None:
    """The folder of a log that was written together with a file."""
    return next(
        (folder for folder in path.parents if folder in companions and is_below(path, folder, companions[folder])), None
    )


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


def _clustered(owned: Mapping[Path, list[LogFile]], root: Path) -> dict[Path, list[LogFile]]:
    """Combine folders that different writers may have created for one run.

    These are the default folders of trackers in the folder of a run, that folder itself, and folders with the same name,
    such as `csv/version_0` and `tb/version_0`. Whether they are one run is decided by content.
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
    """The default folder of a writer that contains a folder, or is it; None if there is none."""
    names = {name for log in logs for name in log.parser.folders}
    while names and folder != root:
        if folder.name in names:
            return folder
        folder = folder.parent
    return None

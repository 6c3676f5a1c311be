"""Read a group of log files as runs: parse, join parts of a run, drop copies; `understand` assigns the meanings of tags."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.resolve import OWN
from ...parsers.meaning.tasks import task_of
from ...parsers.meaning.understand import Hints, splits_of_siblings, understand
from ...parsers.run import Note, Run
from ...parsers.secrets import conceal, conceal_paths, masked_path, masked_text
from ..config.limits import LimitError, limited
from ..config.options import Config
from .alignment import align
from .discover import EVENTS
from .joining import PRINTED_FORMATS, belongs, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...parsers.run import Split
    from .discover import LogFile, LogGroup

DEFAULTS = Config()
MAX_FILES_JOINED = 32  # one run does not write more tables than this into one folder; if there are more, each is a run


# Numbers near the limits of float64 overflow in sums and differences; the infinite results are intended.
@np.errstate(over="ignore")
def read_group(group: LogGroup, root: Path, *, config: Config = DEFAULTS, strict: bool = False) -> list[Run]:
    """Read all runs of a group; names are relative to the root and unique within it.

    The configuration may set meanings of metrics and the task. A file whose parser fails becomes a note of the run (or a
    run without curves), unless `strict`; a file that cannot be opened or exceeds a limit becomes one in any case.
    """
    try:
        with limited(config.limits) as block:
            return _read(group, root, config, block, strict=strict)
    except LimitError:
        reason = config.limits.time_exceeded
    except MemoryError:
        reason = config.limits.memory_exceeded
    run = Run(group.name or root.name, str(group.path), group.files[0].parser.id)
    run.notes.append(Note(group.name or ".", "", reason))
    return [run]


def _read(group: LogGroup, root: Path, config: Config, block: limited, *, strict: bool) -> list[Run]:
    parts = _parse(group, config, block, strict=strict)
    runs: list[Run] = []
    may_join = len(group.files) <= MAX_FILES_JOINED
    for part in parts:
        host = next((run for run in runs if belongs(part, run)), None) if may_join and not part.name else None
        if host is None:
            runs.append(part)
        else:
            join(host, part)
    _name(runs, group, root)
    for run in runs:
        align(run)
        run.notes = [replace(note, path=_relative(note.path, root)) for note in run.notes]
        task = config.at(Path(run.path)).task
        run.task, run.task_evidence = (task, (OWN,)) if task else task_of(run)
        conceal_paths(run)
    return runs


def _parse(group: LogGroup, config: Config, block: limited, *, strict: bool) -> list[Run]:
    """One part per split of event files and per other file, with the meanings of their curves."""
    parts: list[Run] = []
    hints: list[Hints] = []
    origins: list[Path] = []
    siblings = splits_of_siblings([(log.parser.id, log.path.stem) for log in group.files])
    by_name = {log.path: split for log, split in zip(group.files, siblings, strict=True)}
    for logs in _units(group.files):
        first = logs[0]
        split = first.split if first.split != "none" or len(logs) > 1 else by_name[first.path]
        meanings = config.at(first.path).meanings
        reason = f"name of {masked_path(f'{first.path.parent.name}/{first.path.name}')}"
        for run in map(conceal, _parse_unit(logs, block, strict=strict)):
            parts.append(run)
            origins.append(first.path)
            hints.append(
                Hints(
                    overrides=meanings,
                    split=split,
                    split_reason=reason,
                    is_shared=run.format == EVENTS and not run.name,
                    is_apart=first.path.parent != group.path,
                )
            )
    understood = understand([(part.all_curves, given) for part, given in zip(parts, hints, strict=True)])
    for part, given, origin, found in zip(parts, hints, origins, understood, strict=True):
        part.all_curves = found.curves
        part.notes += [Note(part.path, "", message) for message in found.notes]
        if found.is_whole_run and given.is_apart:
            part.name = part.name or masked_text(origin.parent.name)

    # Event files first, console logs last, otherwise by number of curves: the others are joined to the richest.
    def rank(part: Run) -> tuple[object, ...]:
        is_printed = part.format in PRINTED_FORMATS
        return part.format != EVENTS, is_printed, -len(part.all_curves), len(Path(part.path).parts), part.path

    return sorted(parts, key=rank)


def _units(files: Sequence[LogFile]) -> Iterator[list[LogFile]]:
    """Files of one home and split are read together if their parser supports it, other files individually."""
    together: dict[tuple[str, Path, Split], list[LogFile]] = {}
    for log in files:
        if log.parser.parse_files:
            together.setdefault((log.parser.id, log.parser.home(log.path), log.split), []).append(log)
    yield from together.values()
    yield from ([log] for log in files if not log.parser.parse_files)


def _parse_unit(logs: Sequence[LogFile], block: limited, *, strict: bool) -> list[Run]:
    """The runs of one unit; if a parser fails, the runs read before are kept and a note is added."""
    parser, path = logs[0].parser, logs[0].path
    runs: list[Run] = []
    is_fault = False
    try:
        block.go_on()
        # Runs read before an error are kept.
        runs.extend(parser.parse_files([log.path for log in logs]) if parser.parse_files else parser.parse(path))
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
    except LimitError:
        reason = block.limits.time_exceeded
    except MemoryError:
        reason = block.limits.memory_exceeded
    except Exception as error:
        if strict:
            raise
        reason, is_fault = f"the parser {parser.id} failed: {type(error).__name__}: {error}", True
    else:
        return runs
    runs = runs or [Run("", str(path), parser.id)]
    runs[-1].notes.append(Note(str(path), "", reason, fault=is_fault))
    return runs


def _name(runs: Sequence[Run], group: LogGroup, root: Path) -> None:
    """A single run gets the name of its folder; several also get the names of their files, and their names within a file."""
    # "." if "runs" could mean the root as well as the folder runs/ in it
    of_root = "." if not root.name or (root / root.name).exists() else root.name
    taken: set[str] = set()
    for run in runs:
        parts = [group.name]
        if len(runs) > 1 and not (run.format == EVENTS and run.name):
            parts.append(masked_path(_place(run, group)))
        parts.append(run.name)
        name = "/".join(filter(None, parts)) or masked_text(of_root)
        unique, count = name, 2
        while unique in taken:
            unique, count = f"{name} ({count})", count + 1
        taken.add(unique)
        run.name = unique


def _place(run: Run, group: LogGroup) -> str:
    """Place of a run in the folder of its group: a file, or the sub-folder of event files."""
    path = Path(run.sources[0].path if run.sources else run.path)
    return _relative(str(path.parent if run.format == EVENTS else path), group.path)


def _relative(path: str, root: Path) -> str:
    """A path for reports, relative to a folder if it lies in it; "" for the folder itself."""
    try:
        relative = Path(path).relative_to(root).as_posix()
    except ValueError:
        return path
    return "" if relative == "." else relative

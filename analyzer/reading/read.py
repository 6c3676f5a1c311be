"""Read a group of log files as runs: parse, join what belongs together, set copies aside, resolve meanings."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.resolve import OWN, resolve, split_of_word
from ...parsers.meaning.tasks import task_of
from ...parsers.meaning.words import words_of
from ...parsers.run import Curve, Meaning, Note, Run
from ...parsers.secrets import conceal, conceal_paths, masked_path, masked_text
from ..config.limits import LimitError, limited
from ..config.options import Config
from .alignment import align
from .discover import EVENTS
from .joining import PRINTED_FORMATS, belongs, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ...parsers.run import Split
    from .discover import LogFile, LogGroup

DEFAULTS = Config()
MAX_FILES_JOINED = 32  # one training does not write more tables than this into one folder; beyond, each is its own
KERAS_AGAIN = "evaluation_*_vs_iterations"  # written for the validation set, which the word does not mean here


# Numbers near the limits of float64 overflow in sums and differences: they are infinite then, as meant.
@np.errstate(over="ignore")
def read_group(group: LogGroup, root: Path, *, config: Config = DEFAULTS, strict: bool = False) -> list[Run]:
    """Read all runs of a group; names are relative to the root and unique within it.

    The configuration may say what metrics mean and what the task is. A file that fails is noted in the run (or is a
    run without curves), unless `strict`; one that cannot be opened, or takes more than its limits, is in any case.
    """
    try:
        with limited(config.limits) as block:
            return _read(group, root, config, block, strict=strict)
    except LimitError:
        reason = config.limits.seconds_told
    except MemoryError:
        reason = config.limits.memory_told
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
        own = config.at(Path(run.path)).task
        run.task, run.task_evidence = (own, (OWN,)) if own else task_of(run)
        conceal_paths(run)
    return runs


def _parse(group: LogGroup, config: Config, block: limited, *, strict: bool) -> list[Run]:
    """One part per event-file split and per other file, meanings resolved part by part."""
    parts: list[Run] = []
    told = _splits_of_files(group.files)
    for logs in _units(group.files):
        first = logs[0]
        by_name = told.get(first.path, "none") if len(logs) == 1 else "none"
        split = first.split if first.split != "none" else by_name
        meanings = config.at(first.path).meanings
        for run in map(conceal, _parse_unit(logs, block, strict=strict)):
            run.all_curves = _with_own(run.all_curves, meanings)
            if _contradicts(run.all_curves, split):
                # the folder or file is called "test" and holds a whole run
                run.name = run.name or (masked_text(first.path.parent.name) if first.path.parent != group.path else "")
            elif split != "none":
                run.all_curves = _with_split(run.all_curves, split, first.path)
            parts.append(run)
    _resolve_together([part for part in parts if part.format == EVENTS and not part.name])
    for part in parts:
        if part.format != EVENTS or part.name:
            part.all_curves = resolve(part.all_curves)

    # Events first, what was printed for people last, else the one with most curves: the richest hosts the others.
    def rank(part: Run) -> tuple[object, ...]:
        is_printed = part.format in PRINTED_FORMATS
        return part.format != EVENTS, is_printed, -len(part.all_curves), len(Path(part.path).parts), part.path

    return sorted(parts, key=rank)


def _units(files: Sequence[LogFile]) -> Iterator[list[LogFile]]:
    """Files of one home and split are read together where their parser can, any other file alone."""
    together: dict[tuple[str, Path, Split], list[LogFile]] = {}
    for log in files:
        if log.parser.parse_files:
            together.setdefault((log.parser.id, log.parser.home(log.path), log.split), []).append(log)
    yield from together.values()
    yield from ([log] for log in files if not log.parser.parse_files)


def _parse_unit(logs: Sequence[LogFile], block: limited, *, strict: bool) -> list[Run]:
    """The runs of one unit; a parser that fails leaves what it had read, and a note that says so."""
    parser, path = logs[0].parser, logs[0].path
    runs: list[Run] = []
    is_fault = False
    try:
        block.go_on()
        # What was read before an error stays.
        runs.extend(parser.parse_files([log.path for log in logs]) if parser.parse_files else parser.parse(path))
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
    except LimitError:
        reason = block.limits.seconds_told
    except MemoryError:
        reason = block.limits.memory_told
    except Exception as error:
        if strict:
            raise
        reason, is_fault = f"the parser {parser.id} failed: {type(error).__name__}: {error}", True
    else:
        return runs
    runs = runs or [Run("", str(path), parser.id)]
    runs[-1].notes.append(Note(str(path), "", reason, fault=is_fault))
    return runs


def _with_own(curves: Iterable[Curve], meanings: Sequence[tuple[str, Meaning]]) -> list[Curve]:
    """Apply the user's meanings, which nothing later overrides; a glob is also met by a tag that is spelled like it."""

    def own(curve: Curve) -> Meaning | None:
        return next((m for glob, m in meanings if curve.tag == glob or fnmatchcase(curve.tag, glob)), None)

    return [curve.with_meaning(meaning) if (meaning := own(curve)) else curve for curve in curves]


def _contradicts(curves: Iterable[Curve], split: Split) -> bool:
    """Whether tags name a split other than that of their folder or file: then the name is that of a whole run."""
    if split == "none":
        return False
    tags = {curve.tag for curve in curves if not curve.statistic and not fnmatchcase(curve.tag, KERAS_AGAIN)}
    named = {named for tag in tags for word in words_of(tag) if (named := split_of_word(word))}
    return bool(named - {split})


def _with_split(curves: Iterable[Curve], split: Split, path: Path) -> list[Curve]:
    """Apply the split of a folder or file name to curves that have none."""
    reason = f"name of {masked_path(f'{path.parent.name}/{path.name}')}"

    def placed(curve: Curve) -> Curve:
        if curve.split != "none":
            return curve
        own = curve.meaning.reason if curve.role != "unknown" else ""
        return curve.with_meaning(replace(curve.meaning, split=split, reason=own or reason))

    return [placed(curve) for curve in curves]


def _splits_of_files(files: Sequence[LogFile]) -> dict[Path, Split]:
    """The splits that file names state where neighbours differ in nothing else: `train.csv` beside `val.csv`."""
    alike: dict[tuple[str, ...], dict[Path, Split]] = {}
    for log in files:
        words = words_of(log.path.stem)
        splits = [split for word in words if (split := split_of_word(word))]
        if len(splits) == 1:
            rest = (log.parser.id, *(word for word in words if not split_of_word(word)))
            alike.setdefault(rest, {})[log.path] = splits[0]
    return {path: split for told in alike.values() if len(set(told.values())) > 1 for path, split in told.items()}


def _resolve_together(parts: list[Run]) -> None:
    """Resolve event parts of one group as one set of tags: `epoch_loss` of train/ and validation/ meet there."""
    curves = resolve([curve for part in parts for curve in part.all_curves])
    for part in parts:
        part.all_curves, curves = curves[: len(part.all_curves)], curves[len(part.all_curves) :]


def _name(runs: Sequence[Run], group: LogGroup, root: Path) -> None:
    """One run has its folder's name; several are told apart by their files, and by their own names within a file."""
    # "." where "runs" would be the root as well as the folder runs/ in it
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
    """Where in the folder of its group a run was read: a file, or the sub-folder of event files."""
    path = Path(run.sources[0].path if run.sources else run.path)
    return _relative(str(path.parent if run.format == EVENTS else path), group.path)


def _relative(path: str, root: Path) -> str:
    """A path as reports show it, relative to a folder where it lies in there; "" for the folder itself."""
    try:
        relative = Path(path).relative_to(root).as_posix()
    except ValueError:
        return path
    return "" if relative == "." else relative

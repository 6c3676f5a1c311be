"""Read a group of log files as runs: parse, join parts of a run, drop copies; `understand` assigns the meanings of tags."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.base import is_below
from ...parsers.meaning.resolve import OWN
from ...parsers.meaning.tasks import task_of
from ...parsers.meaning.understand import Hints, splits_of_siblings, understand
from ...parsers.repeated_settings import without_settings
from ...parsers.run import Note, Run
from ...parsers.secrets import conceal, conceal_paths, masked_path, masked_text
from ..config.limits import LimitError, limited
from ..config.options import Config
from .alignment import align
from .checkpoint_files import checkpoints_beside
from .comparing import NOTHING_SHARED, Part, belongs
from .epochs import add_epochs
from .grouping import EVENTS, MAX_FILES_JOINED, name_without_split
from .joining import join
from .naming import name_runs
from .packing import NOTHING_PARSED, packs_of, parse_pack
from .sessions import resolve_sessions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...parsers.run import Split
    from .comparing import Comparison
    from .grouping import LogFile, LogGroup
    from .packing import Parsed

DEFAULTS = Config()
REPEATING_FORMATS = frozenset(("plain-text", "json-lines", "csv-table"))  # whose records may repeat settings
PRINTED_FORMATS = frozenset(("plain-text",))


def read_groups(
    groups: Sequence[LogGroup], root: Path, *, config: Config = DEFAULTS, strict: bool = False
) -> Iterator[list[Run]]:
    """Read the runs of each group as `read_group` does, but small files of several groups together."""
    for pack in packs_of(groups):
        parsed = parse_pack(pack)
        for group in pack:
            yield read_group(group, root, config=config, strict=strict, parsed=parsed)


# Numbers near the limits of float64 overflow in sums and differences; the infinite results are intended.
@np.errstate(over="ignore")
def read_group(
    group: LogGroup, root: Path, *, config: Config = DEFAULTS, strict: bool = False, parsed: Parsed = NOTHING_PARSED
) -> list[Run]:
    """Read all runs of a group; names are relative to the root and unique within it.

    The configuration may set meanings of metrics and the task. A file whose parser fails becomes a note of the run (or a
    run without curves), unless `strict`; a file that cannot be opened or exceeds a limit becomes one in any case.
    `parsed` has the runs of files that were read before.
    """
    try:
        with limited(config.limits) as block:
            return _read(group, root, config, block, parsed, strict=strict)
    except LimitError:
        reason = config.limits.time_exceeded
    except MemoryError:
        reason = config.limits.memory_exceeded
    run = Run(group.name or root.name, str(group.path), group.files[0].parser.id)
    run.notes.append(Note(group.name or ".", "", reason))
    return [run]


def _read(group: LogGroup, root: Path, config: Config, block: limited, parsed: Parsed, *, strict: bool) -> list[Run]:
    parts = _parse(group, config, block, parsed, strict=strict)
    hosts: list[Part] = []
    may_join = len(group.files) <= MAX_FILES_JOINED
    _mark_pairs(parts)
    for part in parts:
        best = _host_of(part, hosts) if may_join else None
        if best is None:
            hosts.append(part)
        else:
            join(*best)
    name_runs(hosts, group, root)
    runs = [run for part in hosts for run in resolve_sessions(part.run)]
    for run in runs:
        align(run)
        add_epochs(run)
        run.notes = [replace(note, path=_relative(note.path, root)) for note in run.notes]
        task = config.at(Path(run.path)).task
        run.task, run.task_evidence = (task, (OWN,)) if task else task_of(run)
        run.checkpoints = checkpoints_beside(Path(run.path))
        conceal_paths(run)
    return runs


def _mark_pairs(parts: Sequence[Part]) -> None:
    """Mark the parts of folders that have two with curves, of different formats."""
    homes: dict[Path, list[Part]] = {}
    for part in parts:
        if part.run.all_curves:
            homes.setdefault(part.home, []).append(part)
    for logs in homes.values():
        if len(logs) == 2 and logs[0].run.format != logs[1].run.format:
            for part in logs:
                part.is_one_of_two = True


def _host_of(part: Part, hosts: Sequence[Part]) -> tuple[Part, Part, Comparison] | None:
    """The run that a part belongs to, with most evidence if there are several; None if the part is a separate run."""
    if part.is_one_of_several:
        return None
    found = [(host, how) for host in hosts if not host.is_one_of_several and (how := belongs(part, host)) is not None]
    if not found:
        return _only_neighbour(part, hosts)
    host, how = max(found, key=lambda pair: pair[1].evidence)
    return host, part, how


def _only_neighbour(part: Part, hosts: Sequence[Part]) -> tuple[Part, Part, Comparison] | None:
    """The only run of a folder, for a log that contains only failures or settings of its own."""
    beside = [host for host in hosts if host.home == part.home and host.run.all_curves]
    if part.run.all_curves or len(beside) != 1:
        return None
    has_settings = not part.run.hyperparameters.keys() <= beside[0].run.hyperparameters.keys()
    return (beside[0], part, NOTHING_SHARED) if part.run.incidents or has_settings else None


def _parse(group: LogGroup, config: Config, block: limited, parsed: Parsed, *, strict: bool) -> list[Part]:
    """One part per split of event files and per other file, with the meanings of their curves."""
    parts: list[Part] = []
    homes: dict[Path, list[LogFile]] = {}
    for log in group.files:
        homes.setdefault(log.home or log.path.parent, []).append(log)
    for home, logs in homes.items():
        parts += _parse_home(home, logs, config, block, parsed, strict=strict)

    # Event files first, console logs last, otherwise by number of curves: the others are joined to the richest. The folder
    # nearest to the root gives the run its name.
    def rank(part: Part) -> tuple[object, ...]:
        run = part.run
        is_printed = run.format in PRINTED_FORMATS
        depth = len(Path(run.path).parts)
        return len(part.home.parts), run.format != EVENTS, is_printed, -len(run.all_curves), depth, run.path

    return sorted(parts, key=rank) if len(parts) > 1 else parts


def _parse_home(
    home: Path, logs: Sequence[LogFile], config: Config, block: limited, parsed: Parsed, *, strict: bool
) -> list[Part]:
    """The parts that belong to one folder."""
    parts: list[Part] = []
    hints: list[Hints] = []
    siblings = splits_of_siblings([(log.parser.id, log.path.stem) for log in logs])
    split_of = {log.path: split for log, split in zip(logs, siblings, strict=True)}
    claimed = {glob for log in logs for glob in log.parser.companions}
    for unit in _units(logs):
        first, paths = unit[0], [log.path for log in unit]
        own_split = split_of[first.path]
        split = first.split if first.split != "none" or len(unit) > 1 else own_split
        reason = f"name of {masked_path(f'{first.path.parent.name}/{first.path.name}')}"
        is_placed = first.path.parent != home and not is_below(first.path, home, claimed)
        known = parsed.get(tuple(paths))
        runs = [conceal(run) for run in ([known] if known else _parse_unit(unit, block, strict=strict))]
        for run in runs:
            if len(runs) == 1:
                run.name = run.title = run.title or run.name
            parts.append(
                Part(
                    run,
                    home,
                    paths,
                    first.parser.companions,
                    siblings=name_without_split(first.path) if own_split != "none" and len(unit) == 1 else None,
                    is_placed=is_placed,
                    is_of_folder=first.parser.parse_files is not None,
                    is_one_of_several=len(runs) > 1,
                )
            )
            hints.append(
                Hints(
                    overrides=config.at(first.path).meanings,
                    split=split,
                    split_reason=reason,
                    is_shared=run.format == EVENTS and not run.name,
                    is_apart=is_placed,
                )
            )
    understood = understand([(part.run.all_curves, given) for part, given in zip(parts, hints, strict=True)])
    for part, given, found in zip(parts, hints, understood, strict=True):
        part.run.all_curves = found.curves
        if part.run.format in REPEATING_FORMATS:
            part.run.all_curves, settings = without_settings(found.curves)
            part.run.hyperparameters = settings | part.run.hyperparameters
        part.run.notes += [Note(part.run.path, "", message) for message in found.notes]
        if found.is_whole_run and given.is_apart:
            part.run.name = part.run.name or masked_text(part.paths[0].parent.name)
            part.is_placed, part.is_one_of_several = False, True
        part.measure()
    return parts


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


def _relative(path: str, root: Path) -> str:
    """A path for reports, relative to a folder if it lies in it; "" for the folder itself."""
    try:
        relative = Path(path).relative_to(root).as_posix()
    except ValueError:
        return path
    return "" if relative == "." else relative

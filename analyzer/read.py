"""Read a group of log files as runs: parse, join what belongs together, set copies aside, resolve meanings."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import numpy as np

from ..parsers.names import resolve, split_of_word
from ..parsers.run import Curve, Meaning, Note, Run, Source
from ..parsers.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ..parsers.run import Role, Split
    from .discover import LogFile, LogGroup

MAX_FILES_JOINED = 32  # one training does not write more tables than this into one folder; beyond, each is its own
TOLERANCE = 1e-6  # float32 keeps 7 digits: the same number logged to an event file and to a CSV differs by less
COMPARED_ROLES: frozenset[Role] = frozenset(
    ("loss", "score", "perplexity", "learning-rate", "gradient-norm", "reward", "entropy", "kl")
)


def read_group(
    group: LogGroup, root: Path, *, meanings: Sequence[tuple[str, Meaning]] = (), strict: bool = False
) -> list[Run]:
    """Read all runs of a group; names are relative to the root and unique within it.

    `meanings` are the user's own, pairs of a glob on tags and a meaning; the first that matches counts. A file that
    fails is noted in the run (or is a run without curves), unless `strict`.
    """
    parts = _parse(group, meanings, strict=strict)
    runs: list[Run] = []
    may_join = len(group.files) <= MAX_FILES_JOINED
    for part in parts:
        host = next((run for run in runs if _belongs(part, run)), None) if may_join and not part.name else None
        if host is None:
            runs.append(part)
        else:
            _join(host, part)
    _name(runs, group, root)
    return runs


def _parse(group: LogGroup, meanings: Sequence[tuple[str, Meaning]], *, strict: bool) -> list[Run]:
    """One part per event-file split and per other file, meanings resolved part by part."""
    parts: list[Run] = []
    for logs in _units(group.files):
        split = logs[0].split
        try:
            parsed = list(_parse_unit(logs))
        except Exception as error:
            if strict:
                raise
            reason = error.strerror if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
            path = str(logs[0].path)
            parsed = [Run("", path, logs[0].parser.id, notes=[Note(path, "", f"cannot be read: {reason}")])]
        for run in parsed:
            if split == "none":
                split = _split_of_file(logs[0], group)
            run.all_curves = _with_split(_with_own(run.all_curves, meanings), split, logs[0].path)
            parts.append(run)
    _resolve_together([part for part in parts if part.format == "tensorboard" and not part.name])
    for part in parts:
        if part.format != "tensorboard" or part.name:
            part.all_curves = resolve(part.all_curves)
    # events first, then the table with most curves: the richest hosts the others
    return sorted(parts, key=lambda p: (p.format != "tensorboard", -len(p.all_curves), p.path))


def _units(files: Sequence[LogFile]) -> Iterator[list[LogFile]]:
    """Event files of one folder and split are read together, any other file alone."""
    together: dict[tuple[Path, Split], list[LogFile]] = {}
    for log in files:
        if log.parser.id == "tensorboard":
            together.setdefault((log.path.parent, log.split), []).append(log)
    yield from together.values()
    yield from ([log] for log in files if log.parser.id != "tensorboard")


def _parse_unit(logs: Sequence[LogFile]) -> Iterator[Run]:
    if logs[0].parser.id == "tensorboard":
        from ..parsers.tensorboard import parse_files

        yield parse_files([log.path for log in logs])
    else:
        yield from logs[0].parser.parse(logs[0].path)


def _with_own(curves: Iterable[Curve], meanings: Sequence[tuple[str, Meaning]]) -> list[Curve]:
    """Apply the user's meanings, which nothing later overrides."""
    own = ((curve, next((m for glob, m in meanings if fnmatchcase(curve.tag, glob)), None)) for curve in curves)
    return [curve.with_meaning(meaning) if meaning else curve for curve, meaning in own]


def _with_split(curves: Iterable[Curve], split: Split, path: Path) -> list[Curve]:
    """Apply the split of a folder or file name, unless tags name splits of their own: then the name is a run's."""
    curves = list(curves)
    if split == "none" or any(split_of_word(word) for curve in curves for word in words_of(curve.tag)):
        return curves
    meaning = Meaning(split=split, reason=f"name of {path.parent.name}/{path.name}")
    return [curve if curve.split != "none" else curve.with_meaning(meaning) for curve in curves]


def _split_of_file(log: LogFile, group: LogGroup) -> Split:
    """The split that a file name states, if a neighbour differs from it in nothing but the split."""

    def parted(path: Path) -> tuple[tuple[str, ...], list[Split]]:
        words = words_of(path.stem)
        return tuple(w for w in words if not split_of_word(w)), [s for w in words if (s := split_of_word(w))]

    rest, named = parted(log.path)
    others = [parted(other.path) for other in group.files if other.path != log.path and other.parser is log.parser]
    is_told = len(named) == 1 and any(len(s) == 1 and s != named and r == rest for r, s in others)
    return named[0] if is_told else "none"


def _resolve_together(parts: list[Run]) -> None:
    """Resolve event parts of one group as one set of tags: `epoch_loss` of train/ and validation/ meet there."""
    curves = resolve([curve for part in parts for curve in part.all_curves])
    for part in parts:
        part.all_curves, curves = curves[: len(part.all_curves)], curves[len(part.all_curves) :]


def _key(curve: Curve) -> tuple[str, Split]:
    return curve.name, curve.split


def _belongs(part: Run, host: Run) -> bool:
    """Whether a part tells of the same training: nothing that both log differs."""
    if host.name or (part.path == host.path and part.format == host.format):
        return False
    if not part.all_curves or not host.all_curves:
        return part.format == host.format == "tensorboard"
    known = {_key(c): c for c in host.all_curves if c.role in COMPARED_ROLES}
    shared = [(known[_key(c)], c) for c in part.all_curves if _key(c) in known]
    return all(_agree(ours, theirs) for ours, theirs in shared)


def _agree(one: Curve, other: Curve) -> bool:
    """Whether two curves have the same values at their common steps, of which there is at least one."""
    a, b = one.effective(), other.effective()
    steps, rows_a, rows_b = np.intersect1d(a.step, b.step, return_indices=True)
    if len(steps) == 0:
        return False
    x, y = a.value[rows_a], b.value[rows_b]
    return bool(np.allclose(x, y, rtol=TOLERANCE, atol=0, equal_nan=True))


def _join(host: Run, part: Run) -> None:
    """Add to a run what another of its files has and it lacks."""
    known = {_key(c): i for i, c in enumerate(host.all_curves)}
    added = 0
    for curve in part.all_curves:
        at = known.get(_key(curve))
        if at is None:
            host.all_curves.append(curve)
            added += 1
        elif len(curve) > len(host.all_curves[at]):
            host.all_curves[at] = curve
            added += 1
    host.sources += part.sources if added or not part.all_curves else [_as_copy(source) for source in part.sources]
    host.notes += part.notes
    host.hyperparameters = part.hyperparameters | host.hyperparameters
    host.framework = host.framework or part.framework
    host.is_cut_short |= part.is_cut_short


def _as_copy(source: Source) -> Source:
    return replace(source, use="copy") if source.use == "data" else source


def _name(runs: list[Run], group: LogGroup, root: Path) -> None:
    """One run has its folder's name; several are told apart by their files, and by their own names within a file."""
    taken: set[str] = set()
    for run in runs:
        parts = [group.name]
        if len(runs) > 1:
            folder, _, file = run.path.rpartition("/")
            parts.append(file if run.format != "tensorboard" else folder.rpartition("/")[2])
            parts.append(run.name)
        name = "/".join(filter(None, parts)) or root.name
        unique, count = name, 2
        while unique in taken:
            unique, count = f"{name} ({count})", count + 1
        taken.add(unique)
        run.name = unique

"""Settings of a run from small text files around its logs, whatever their names: by position and structure.

A file belongs to a run that its name names (`configs/a7.yaml` of `logs/a7.csv`), or as one of the files in a folder that
is the run's own. A file that names no run belongs to all runs in and below its folder, unless that is the folder of a
program, whose files hold its defaults. What is nearest to the logs takes precedence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..files.hyperparameters import flatten
from ..files.listings import listing_of
from ..files.open_log import open_log
from ..run import Source
from .file_roles import is_named_for_settings, run_named_by
from .recognise import are_settings, settings_within
from .written import rows_by_name, settings_written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from ..files.listings import Listing
    from ..run import Hyperparameter, Run

MAX_FOLDERS = 8  # of the logs of one run
MAX_UP = 6  # folders above a log: DVCLive writes `dvclive/plots/metrics/val/acc.tsv`
MAX_BYTES = 64 * 1024  # of one file
MAX_SUBFOLDERS = 4  # of the folder of a log that are looked at for their contents
MAX_FILES = 16  # that are read for a run in one folder
CODE_SUFFIXES = (".py", ".ipynb")
# Files of these kinds hold no settings that are written as text.
_OTHER_SUFFIXES = frozenset(
    ".log .out .err .jsonl .ndjson .parquet .gz .zst .bz2 .xz .zip .tar .pt .pth .ckpt .bin .safetensors .h5 .hdf5 .onnx .pkl "
    ".pickle .npy .npz .joblib .png .jpg .jpeg .gif .svg .pdf .mp4 .db .sqlite .sqlite3 .html .md .rst .ipynb .lock .wandb .xml "
    ".c .cc .cpp .h .cu .so .js .ts .css .whl .model .arrow .tfrecord .index .pid".split()
)
_NOT_SETTINGS = re.compile(
    r"requirements|readme|license|environment|vocab|tokenizer|\.git|index|package", re.IGNORECASE
)
_EVENTS = "tfevents"
TABLES = (".csv", ".tsv")
_DATA_SUFFIXES = (*TABLES, ".jsonl", ".json", ".log", ".txt", ".out")
# Names of folders that say what is in them, not which run it is.
CONTENT = re.compile(
    r"(?:tb|tf|tensorboard|csv|metrics?|events?|summary|summaries|history|files|train|val|valid|validation|eval|test|checkpoint|ckpt)"
    r"(?:[-_ ]?(?:logs?|events?))?(?:[-_]\d+)?|logs?|checkpoints|plots|scalars|dvclive|outputs?|results?|stats|\.guild|version_\d+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder in or above that of a log. `names`: what the log and the folders between are called; `is_own`: of this run alone."""

    folder: Path
    names: tuple[str, ...]
    is_own: bool
    is_above: bool


def settings_around(run: Run, root: Path) -> tuple[dict[str, Hyperparameter], list[Source]]:
    """Settings of a run that are written around its logs, not outside of `root`, and the files that have them."""
    known = {source.path for source in run.sources}
    values: dict[str, Hyperparameter] = {}
    sources: list[Source] = []
    visited: set[Path] = set()
    for log in _logs(run):
        for place in _places(log, root, known):
            if place.folder in visited:
                break
            visited.add(place.folder)
            for folder, names in _files_of(place):
                some, read = _read_all(folder, names, place, known)
                values = {**some, **values}
                sources += read
    return values, sources


def _logs(run: Run) -> list[Path]:
    logs: dict[Path, Path] = {}
    for source in run.sources:
        if source.use == "data":
            logs.setdefault(Path(source.path).parent, Path(source.path))
    return list(logs.values())[:MAX_FOLDERS]


def _places(log: Path, root: Path, known: Collection[str]) -> Iterator[_Place]:
    """The folder of a log, and those above it that are not outside of `root`, nearest first."""
    top = root if root.is_dir() else root.parent
    listing = listing_of(log.parent)
    if listing is None:
        return
    is_own = _is_alone(log, listing, known)
    names: tuple[str, ...] = (log.name,)
    yield _Place(log.parent, names, is_own, is_above=False)
    below = log.parent
    for above in list(below.parents)[:MAX_UP]:
        listing = listing_of(above)
        if listing is None or not above.is_relative_to(top):
            return
        if is_own and not CONTENT.fullmatch(below.name):
            is_own = all(name == below.name or is_named_for_settings(name) for name in listing.folders)
        names = (*names, below.name)
        yield _Place(above, names, is_own, is_above=True)
        below = above


def _is_alone(log: Path, listing: Listing, known: Collection[str]) -> bool:
    """Whether no other log like this one is in its folder."""
    own = run_named_by(log.name)
    if not own or _EVENTS in log.name:
        return True
    return not any(
        name.endswith(log.suffix)
        and name != log.name
        and not is_named_for_settings(name)
        and run_named_by(name) not in ("", own)
        for name in listing.files
        if str(log.parent / name) not in known
    )


def _files_of(place: _Place) -> Iterator[tuple[Path, list[str]]]:
    """Files that may have settings of the runs of a place: in its folder, and in folders there that hold settings."""
    yield place.folder, _belonging(place.folder, place)
    listing = listing_of(place.folder)
    if listing is None:
        return
    for name in _contents(listing).setting_folders:
        if name not in place.names:
            yield place.folder / name, _belonging(place.folder / name, place)
    if place.is_own and not place.is_above:
        for name in listing.folders[:MAX_SUBFOLDERS]:
            if not is_named_for_settings(name) and _has_settings_only(place.folder / name):
                yield place.folder / name, _belonging(place.folder / name, place)


def _has_settings_only(folder: Path) -> bool:
    """Whether all files of a folder are named for settings."""
    listing = listing_of(folder)
    return listing is not None and bool(listing.files) and all(map(is_named_for_settings, listing.files))


def _belonging(folder: Path, place: _Place) -> list[str]:
    """The names of the files that belong to a run: those that name it first, then those that name none, then others."""
    listing = listing_of(folder)
    if listing is None:
        return []
    contents = _contents(listing)
    index = contents.by_run
    own = {run_named_by(name) for name in place.names} - {""}
    named = [name for run in sorted(own) for name in index.get(run, ())]
    shared = list(index.get("", ()))
    if place.is_above and not place.is_own and contents.has_code:
        shared = []  # defaults of a program
    if folder != place.folder and not place.is_own:
        shared = []
    others = [name for run, names in index.items() if run and run not in own for name in names] if place.is_own else []
    others = [name for name in others if len(index[run_named_by(name)]) == 1 and not _is_of_log(name, listing)]
    return [*named, *shared, *others][:MAX_FILES]


def _is_of_log(name: str, listing: Listing) -> bool:
    """Whether another file, a log, has the same name but for its suffix."""
    run = run_named_by(name)
    return any(
        run_named_by(other) == run and Path(other).suffix.lower() in (".csv", ".jsonl", ".log", ".out", ".tsv")
        for other in listing.files
        if other != name
    )


@dataclass(frozen=True, slots=True)
class _Contents:
    """Files of a folder that may have settings, by the run that they name; folders named for settings; whether code is there."""

    by_run: Mapping[str, Sequence[str]]
    setting_folders: tuple[str, ...]
    has_code: bool


@lru_cache(maxsize=64)
def _contents(listing: Listing) -> _Contents:
    found: dict[str, list[str]] = defaultdict(list)
    codes = sum(name.endswith(CODE_SUFFIXES) for name in listing.files)  # one may be a configuration
    for name in listing.files:
        suffix = Path(name).suffix.lower()
        if (
            suffix not in _OTHER_SUFFIXES
            and (suffix != ".py" or codes == 1)
            and _EVENTS not in name
            and not _NOT_SETTINGS.match(name)
        ):
            found[run_named_by(name)].append(name)
    for names in found.values():
        names.sort(key=lambda name: (not is_named_for_settings(name), name))
    folders = tuple(name for name in listing.folders if is_named_for_settings(name))
    return _Contents(found, folders, codes > 0)


def _read_all(
    folder: Path, names: Sequence[str], place: _Place, known: Collection[str]
) -> tuple[dict[str, Hyperparameter], list[Source]]:
    values: dict[str, Hyperparameter] = {}
    sources = []
    for name in names:
        path = folder / name
        if str(path) in known:
            continue
        try:
            status = path.stat()
            if not 0 < status.st_size <= MAX_BYTES:
                continue
            settings = _settings_of(path, status.st_mtime_ns, status.st_size)
            if not settings and path.suffix.lower() in TABLES:
                rows = _rows_of(path, status.st_mtime_ns, status.st_size)
                settings = next((rows[run] for run in map(_stem, place.names) if run in rows), {})
        except OSError:
            continue
        if settings and (are_settings(settings) or (place.is_own and is_named_for_settings(name))):
            values = {**settings, **values}
            sources.append(Source(str(path), path.suffix[1:].lower() or "text", status.st_size, "hyperparameters"))
    return values, sources


def _stem(name: str) -> str:
    return name[: -len(suffix)] if (suffix := Path(name).suffix) in _DATA_SUFFIXES else name


@lru_cache(maxsize=64)
def _rows_of(path: Path, _changed: int, _size: int) -> Mapping[str, Mapping[str, Hyperparameter]]:
    """The settings of runs in a table of them, by the names of the runs."""
    rows = rows_by_name(_text_of(path), path.suffix.lower())
    return {name: flatten(row) for name, row in rows.items()}


@lru_cache(maxsize=256)
def _settings_of(path: Path, _changed: int, _size: int) -> Mapping[str, Hyperparameter]:
    """The settings in a file, flat; empty if it has none."""
    text = _text_of(path)
    return flatten(settings_within(settings_written(text, path.suffix.lower()))) if text else {}


def _text_of(path: Path) -> str:
    """The text of a file; "" if it is no text."""
    with open_log(path) as file:
        data = file.read(MAX_BYTES + 1)
    is_wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in data and not is_wide:
        return ""
    return data.decode("utf-16" if is_wide else "utf-8-sig", errors="replace")

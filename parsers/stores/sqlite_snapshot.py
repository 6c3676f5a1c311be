"""A snapshot of a database that SQLite can read without accessing, locking or changing any other file.

A database at rest is read in place. One that has a writer, or whose writer was killed, is copied to the folder for
temporary files, and our own code applies its journal or write-ahead log there. SQLite opens either as "immutable": it
then takes no locks, which could block a training run, and ignores journals, so it follows no names in them.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from ..files.leftovers import scratch_folder
from ..files.open_log import open_log
from .rollback_journal import names_other_file, roll_back
from .write_ahead_log import replay

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_COPY_BYTES = 1024**3  # a folder for temporary files may have no more space
LIVE_SECONDS = 60  # after its last change a database may still have a writer: trainings log every few seconds
ATTEMPTS = 3  # attempts to copy without changes meanwhile; if the writer never pauses that long, the last copy is used

_PAGE = slice(16, 18)  # of the header: bytes of a page, big-endian; 1 stands for 64 KiB


class Snapshot(NamedTuple):
    """A file to open as immutable, and notes for the user."""

    path: Path
    remarks: list[str]


@contextmanager
def snapshot(path: Path) -> Iterator[Snapshot]:
    """A snapshot of a database; a copy exists as long as the context. Raises `OSError`."""
    beside = [name for ending in ("-journal", "-wal") if _size(name := Path(f"{path}{ending}"))]
    status = path.stat()
    is_live = abs(time.time() - status.st_mtime) < LIVE_SECONDS
    if not beside and not is_live:
        yield Snapshot(path, [])
    elif status.st_size + sum(map(_size, beside)) > MAX_COPY_BYTES:
        names = "".join(f", without {name.name}" for name in beside)
        yield Snapshot(path, [f"the database is too large to copy: read as it is on disk{names}"])
    else:
        with scratch_folder() as folder:
            copy = folder / "copy.db"
            try:
                yield Snapshot(copy, _copied(path, copy))
            finally:
                copy.unlink(missing_ok=True)  # by its path, which may be all that is allowed: see `confinement`


def _copied(path: Path, copy: Path) -> list[str]:
    """Make a copy with the journals of the database applied; returns notes."""
    for _ in range(ATTEMPTS):
        with ExitStack() as stack:
            # The file itself last: changes of its pages are written to the others first
            before = _states(path)
            journal, log = (_beside(path, ending, stack) for ending in ("-journal", "-wal"))
            source = stack.enter_context(open_log(path))
            with copy.open("w+b") as target:
                shutil.copyfileobj(source, target, 1 << 20)
                target.flush()
                remarks = _finished(target, journal, log)
            if _states(path) == before:
                return remarks
    return [*remarks, "the database changed while it was read: the newest rows may be missing or damaged"]


def _finished(copy: BinaryIO, journal: BinaryIO | None, log: BinaryIO | None) -> list[str]:
    remarks = []
    if journal and roll_back(copy, journal) and names_other_file(journal):
        remarks.append("the last transaction may span several databases, which are not read: it was rolled back")
    copy.seek(0)
    page = int.from_bytes(copy.read(_PAGE.stop)[_PAGE], "big")
    if log:
        replay(copy, log, page if page > 1 else 65536)
    return remarks


def _beside(path: Path, ending: str, stack: ExitStack) -> BinaryIO | None:
    try:
        return stack.enter_context(open_log(Path(f"{path}{ending}")))
    except OSError:  # usually there is none; SQLite creates only regular files
        return None


def _states(path: Path) -> list[tuple[int, int, int] | None]:
    return [_state(f"{path}{ending}") for ending in ("-journal", "-wal", "")]


def _state(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _size(path: Path) -> int:
    """Bytes of a regular file; 0 if there is none."""
    try:
        status = path.stat()
    except OSError:
        return 0
    return status.st_size if S_ISREG(status.st_mode) else 0

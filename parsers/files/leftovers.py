"""What only a process that was killed leaves behind: unfinished files, and folders that were its own.

Whoever makes one holds a lock of it, which the system ends with the process: what is named as ours and has a free lock is
left over. A number of the process in the name would not do: another machine or container that shares the folder does not
know it. Without locks (Windows, some network drives) nothing is taken for left over.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRATCH = "trainlint-"
_TOKEN = "[0-9a-f]{16}"  # noqa: S105  (no password)
_UNFINISHED = re.compile(rf"\..*\.trainlint-{_TOKEN}\.tmp")


def open_unfinished(path: Path) -> IO[str]:
    """Open a new text file beside a path, to take its place when it is whole; it is left over if the process is killed.

    Raises:
        OSError: it cannot be made.

    """
    while True:
        name = f".{path.name[:40]}.trainlint-{_token()}.tmp"
        file = path.with_name(name).open("x", encoding="utf-8", errors="backslashreplace", newline="\n")
        if _is_held(file.fileno(), Path(file.name)):
            return file
        file.close()


def remove_unfinished(folder: Path) -> None:
    """Remove the files that killed processes left unfinished in a folder."""
    for entry in _entries(folder):
        if _UNFINISHED.fullmatch(entry.name):
            with suppress(OSError), _open_if_left(entry) as is_left:
                if is_left and entry.is_file():
                    entry.unlink()


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder below the one for temporary files; what killed processes left there goes.

    Raises:
        OSError: it cannot be made.

    """
    import tempfile

    place = Path(tempfile.gettempdir())
    remove_folders(place, SCRATCH)
    with own_folder(place, SCRATCH) as folder:
        yield folder


@contextmanager
def own_folder(parent: Path, prefix: str) -> Iterator[Path]:
    """A new folder, removed at the end of the block with all that is in it; it is left over if the process is killed.

    Raises:
        OSError: it cannot be made.

    """
    while True:
        folder = parent / f"{prefix}{_token()}"
        folder.mkdir(mode=0o700)
        with _open_to_lock(folder) as handle:
            if _is_held(handle, folder):
                try:
                    yield folder
                finally:
                    _remove_tree(folder)
                return


def remove_folders(parent: Path, prefix: str) -> None:
    """Remove the folders that killed processes left in another; only the user's own, and no links: `rmtree` follows none."""
    named = re.compile(re.escape(prefix) + _TOKEN)
    for entry in _entries(parent):
        if named.fullmatch(entry.name):
            with suppress(OSError), _open_if_left(entry) as is_left:
                if is_left and entry.is_dir():
                    _remove_tree(entry)


def _remove_tree(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _token() -> str:
    return os.urandom(8).hex()


def _entries(folder: Path) -> list[Path]:
    try:
        return [folder / name for name in os.listdir(folder)]  # noqa: PTH208  (a hundred thousand names)
    except OSError:
        return []


def _is_held(handle: int | None, path: Path) -> bool:
    """Lock what was just made; False if another process took it for left over in the meantime."""
    return handle is None or (_lock(handle) is not False and os.path.lexists(path))


@contextmanager
def _open_if_left(path: Path) -> Iterator[bool]:
    """Whether a file or folder is the user's own and its lock was free, which it then is not within the block."""
    with _open_to_lock(path) as handle:
        yield handle is not None and os.fstat(handle).st_uid == os.getuid() and _lock(handle) is True


@contextmanager
def _open_to_lock(path: Path) -> Iterator[int | None]:
    """A handle of a file or folder, and of nothing that a link leads to; None where a handle cannot be locked."""
    if sys.platform == "win32":
        yield None
        return
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int) -> bool | None:
    """Lock what is open until its handles are closed: False if another process has, None where there are no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True

"""Confine the reading of logs to one folder, whatever links, `..` or configuration files it contains.

A given path can be resolved and compared. But parsers also open files beside a log, and any of these may be a link to
another place. An audit hook of the interpreter (PEP 578) refuses such files, so that no parser needs to be trusted. To a
parser a refused file looks like one without read permission, which it notes.
"""

from __future__ import annotations

import errno
import os
import site
import sys
import tempfile
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ...parsers.files.leftovers import SCRATCH  # to which SQLite's databases are copied if their writer was killed

if TYPE_CHECKING:
    from collections.abc import Iterator

# Audit events with the positions of their paths: reading, and changing, creating or deleting
LISTING = frozenset({"os.listdir", "os.scandir", "os.chdir"})
# (for these also the positions of open folders to which the paths are relative)
CHANGING: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "os.remove": ((0,), (1,)), "os.rmdir": ((0,), (1,)), "os.mkdir": ((0,), (2,)), "os.rename": ((0, 1), (2, 3)),
    "os.link": ((0, 1), (2, 3)), "os.symlink": ((1,), (2,)), "os.truncate": ((0,), ()), "os.chmod": ((0,), (2,)),
    "os.chown": ((0,), (3,)), "os.utime": ((0,), (3,)), "os.chflags": ((0,), ()), "os.setxattr": ((0,), ()),
    "os.removexattr": ((0,), ()),
}  # fmt: skip
# Events that never occur while reading logs
REFUSED = frozenset({
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.startfile",
    "os.startfile/2", "pty.spawn", "os.kill", "os.killpg", "signal.pthread_kill", "socket.connect", "socket.bind",
    "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname", "webbrowser.open",
    "sqlite3.enable_load_extension", "sqlite3.load_extension", "pickle.find_class", "winreg.OpenKey", "sys.addaudithook",
})  # fmt: skip
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Folders of a thread: to read from, and for temporary files."""

    readable: tuple[Path, ...]
    temporary: Path

    def check(self, path: Any, *, is_written: bool = False) -> None:
        """Raise `PermissionError` for a file outside of the folders; integers are open descriptors."""
        if path is None or isinstance(path, int):
            return
        real = Path(os.path.realpath(os.fsdecode(path)))
        if real.is_relative_to(self.temporary) and real.relative_to(self.temporary).as_posix().startswith(SCRATCH):
            return
        if is_written:
            raise PermissionError(errno.EACCES, "may not be written", str(path))
        if not any(real.is_relative_to(folder) for folder in self.readable):
            raise PermissionError(errno.EACCES, "lies outside of the root", str(path))


_bounds: ContextVar[_Bounds | None] = ContextVar("bounds", default=None)


def inside(root: Path, path: str) -> Path:
    """A path below the root, relative to it or absolute, with links and `..` resolved.

    Raises:
        PermissionError: it lies outside of the root, whether or not it exists.
        FileNotFoundError: it does not exist.

    """
    top = root.resolve()
    try:
        real = (top / path).resolve()
        is_inside = real.is_relative_to(top)
        is_there = is_inside and real.exists()
    except (ValueError, OSError, RuntimeError):  # a null byte, too long, a cycle of links
        is_inside = is_there = False
    if not is_inside:
        raise PermissionError(errno.EACCES, "lies outside of the root", path)
    if not is_there:
        raise FileNotFoundError(errno.ENOENT, "does not exist", path)
    return real


@contextmanager
def confined(root: Path) -> Iterator[None]:
    """Within the block this thread can only open files below `root`, for reading only.

    Modules of Python and its packages remain readable, since some are imported on demand, and so does the scratch
    folder of trainlint for temporary files.
    """
    # the folders for the hook are determined in advance, because that opens files
    bounds = _Bounds((root.resolve(), *_code()), Path(os.path.realpath(tempfile.gettempdir())))
    _watch_once()
    before = _bounds.set(bounds)
    try:
        yield
    finally:
        _bounds.reset(before)


def prepare() -> None:
    """Initialise in advance: Python determines the folder for temporary files by writing a file."""
    tempfile.gettempdir()
    _watch_once()


@cache
def _watch_once() -> None:
    """An audit hook cannot be removed: it is installed once, and does nothing outside of a block."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    bounds = _bounds.get()
    if bounds is None:
        return
    if event == "open":
        path, _, flags = arguments
        bounds.check(path, is_written=bool(flags & WRITING))
    elif event in LISTING:
        bounds.check(arguments[0])
    elif event in CHANGING:
        _check_changed(bounds, event, arguments)
    elif event in REFUSED:
        raise PermissionError(errno.EACCES, "is not allowed while reading logs", event)
    elif event == "ctypes.dlopen" and os.sep in str(arguments[0]):
        bounds.check(arguments[0])
    elif event == "sqlite3.connect":
        bounds.check(unquote(urlsplit(os.fsdecode(arguments[0])).path))


def _check_changed(bounds: _Bounds, event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse changes outside of the scratch folder, and any with a path relative to an open folder."""
    paths, folders = CHANGING[event]
    if any(arguments[folder] not in (None, -1) for folder in folders):
        raise PermissionError(errno.EACCES, "may not be written", str(arguments[paths[0]]))
    for path in paths:
        bounds.check(arguments[path], is_written=True)


@cache
def _code() -> tuple[Path, ...]:
    """Folders that Python imports from, except those with other content."""
    packages = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    found = [*packages, sys.prefix, sys.base_prefix, *site.getsitepackages(), str(Path(__file__).parents[2])]
    return tuple({Path(os.path.realpath(path)) for path in found})

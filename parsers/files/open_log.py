"""The only function with which parsers and log discovery open files: only regular files, and only for reading.

Opening a named pipe blocks until its other end is opened, and opening a device may have side effects. A file can also be
replaced between a check and its opening, so the opened file is checked again.
"""

from __future__ import annotations

import errno
import os
from io import BufferedReader, FileIO
from stat import S_ISREG
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# A pipe in place of a file is opened without blocking, and a terminal does not become that of the process.
# Some systems lack these flags, and Windows has a text mode.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))


def open_log(path: Path) -> BufferedReader:
    """Open a regular file, or a link to one, to read bytes. Raises `OSError` also for any other kind of file."""
    return BufferedReader(open_unbuffered(path))


def open_unbuffered(path: Path) -> FileIO:
    """Open a file like `open_log`, unbuffered."""
    _check(os.stat(path), path)  # noqa: PTH116  (quicker than by way of the path, and some logs are thousands of files)
    descriptor = os.open(path, _FLAGS)
    try:
        _check(os.fstat(descriptor), path)
        return FileIO(descriptor)
    except BaseException:
        os.close(descriptor)
        raise


def _check(status: os.stat_result, path: Path) -> None:
    if not S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "is not a regular file", str(path))

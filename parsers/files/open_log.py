"""The only function with which parsers and log discovery open files: only regular files, and only for reading.

To open a named pipe waits for ever for its other end, and to open a device may make it do something. A file can also be
exchanged for one between a look at it and its opening: so the file that was opened is looked at again.
"""

from __future__ import annotations

import errno
import os
from io import BufferedReader, FileIO
from stat import S_ISREG
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# A pipe that took the place of a file is opened without waiting, and a terminal does not become that of the process.
# Some systems have no such flags, and one has a mode for text.
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"))


def open_log(path: Path) -> BufferedReader:
    """Open a regular file, or a link to one, to read bytes. Raises `OSError` also for any other kind of file."""
    return BufferedReader(open_unbuffered(path))


def open_unbuffered(path: Path) -> FileIO:
    """Open a file like `open_log`; each read goes to the system."""
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

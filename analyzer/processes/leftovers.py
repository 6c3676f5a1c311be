"""Files that a killed process leaves behind: their names contain its id, and they are removed once it has ended."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tempfile
    from collections.abc import Container, Iterator, Sequence

SCRATCH = "trainlint-"
_SCRATCH_OF = re.compile(rf"{SCRATCH}(\d+)-\w+")
_UNFINISHED = re.compile(r"\..*\.(\d+)\.[0-9a-f]{8}\.tmp")
REPORT = (".", "runs")


def unfinished_name(name: str) -> str:
    """The name of a file until it is written completely."""
    return f".{name[:40]}.{os.getpid()}.{os.urandom(4).hex()}.tmp"


def remove_unfinished(folder: Path, processes: Container[int] | None = None, places: Sequence[str] = REPORT) -> None:
    """Remove unfinished files of processes from a folder: of the given processes, otherwise of all that have ended."""
    for place in places:
        where = folder / place
        for entry in [] if where.is_symlink() else _entries(where):
            found = _UNFINISHED.fullmatch(entry.name)
            if found and (_is_gone(int(found[1])) if processes is None else int(found[1]) in processes):
                with suppress(OSError):
                    entry.unlink()


class Scratch:
    """The folder for temporary files of the workers of one audit; also removes such folders of dead processes."""

    def __init__(self) -> None:
        import tempfile

        _remove_old()
        self.folder: Path | None = None
        self._made: tempfile.TemporaryDirectory[str] | None = None
        with suppress(OSError):  # no writable place: few logs need it, and those get a note
            self._made = tempfile.TemporaryDirectory(prefix=f"{SCRATCH}{os.getpid()}-", ignore_cleanup_errors=True)
            self.folder = Path(self._made.name)

    def remove(self) -> None:
        """Remove the folder with its content."""
        if self._made:
            self._made.cleanup()


def _remove_old() -> None:
    """Remove folders of killed processes; only those of the user, and no links."""
    if sys.platform == "win32":
        return
    import shutil
    import tempfile

    for entry in _entries(Path(tempfile.gettempdir())):
        found = _SCRATCH_OF.fullmatch(entry.name)
        if not found or not _is_gone(int(found[1])):
            continue
        with suppress(OSError):
            status = entry.lstat()
            if entry.is_dir() and not entry.is_symlink() and status.st_uid == os.getuid():
                shutil.rmtree(entry, ignore_errors=True)


def _entries(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from list(folder.iterdir())


def _is_gone(process: int) -> bool:
    if sys.platform == "win32":
        return False  # on Windows this call would end the process
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False

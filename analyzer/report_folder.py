"""The folder of a report: a new report is written to a hidden folder and then replaces the old one.

Pages are written to a hidden folder within the folder of the report. When the audit is finished they are moved into
place, the index last: an interrupted audit leaves the previous report unchanged. Any content of the folder may come with
hostile logs: nothing is written through a link in it, since pages are moved over names and never opened under them, and
a link in place of `runs` is refused. Only files that prove to be our pages are ever removed.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..parsers.files.leftovers import own_folder, remove_folders
from .report.files import INDEX, REPORT, page_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAGING = ".trainlint-new-"
RUNS = "runs"
PAGE = re.compile(r"[A-Za-z0-9.=-]{1,100}\.html")
ASTRAY = "is a link or not a folder: pages of runs would be written elsewhere"
MARK = b'<meta name="generator" content="trainlint '
MARK_WITHIN = 65_536  # bytes; a description of some sentences precedes it
HAS_HANDLES = {os.open, os.mkdir, os.rename, os.unlink, os.stat} <= os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder accessed by its handle, so that no link can replace it meanwhile (not on Windows)."""

    path: Path
    handle: int | None

    def _where(self, name: str) -> tuple[str, int | None]:
        return (str(self.path / name), None) if self.handle is None else (name, self.handle)

    @contextmanager
    def inner(self, name: str) -> Iterator[Folder]:
        """A folder in it, created if missing.

        Raises:
            OSError: it cannot be created, or is a link or not a folder.

        """
        where, at = self._where(name)
        with suppress(FileExistsError):
            os.mkdir(where, dir_fd=at)
        if not stat.S_ISDIR(os.stat(where, dir_fd=at, follow_symlinks=False).st_mode):
            raise OSError(errno.ENOTDIR, ASTRAY, str(self.path / name))
        with _held(self.path / name, where, at, follow=False) as folder:
            yield folder

    def names(self) -> list[str]:
        return os.listdir(self.path if self.handle is None else self.handle)  # noqa: PTH208  (a handle, not a path)

    def is_page(self, name: str) -> bool:
        """Whether a name belongs to a regular file that trainlint wrote as a page."""
        where, at = self._where(name)
        try:
            if not PAGE.fullmatch(name) or not stat.S_ISREG(os.stat(where, dir_fd=at, follow_symlinks=False).st_mode):
                return False
            with os.fdopen(os.open(where, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0), dir_fd=at), "rb") as file:
                return MARK in file.read(MARK_WITHIN)
        except OSError:
            return False

    def read(self, name: str) -> bytes:
        """Content of a regular file in it; empty if there is none."""
        where, at = self._where(name)
        try:
            if not stat.S_ISREG(os.stat(where, dir_fd=at, follow_symlinks=False).st_mode):
                return b""
            with os.fdopen(os.open(where, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0), dir_fd=at), "rb") as file:
                return file.read()
        except OSError:
            return b""

    def remove(self, name: str) -> None:
        where, at = self._where(name)
        os.unlink(where, dir_fd=at)

    def take(self, name: str, other: Folder) -> None:
        """Move a file here from another folder, replacing a file of its name; a link is replaced, not followed."""
        (source, source_at), (target, target_at) = other._where(name), self._where(name)
        try:
            os.replace(source, target, src_dir_fd=source_at, dst_dir_fd=target_at)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self.path / name)) from error


@contextmanager
def _held(path: Path, where: str, at: int | None, *, follow: bool) -> Iterator[Folder]:
    if not HAS_HANDLES:
        yield Folder(path, None)
        return
    handle = os.open(where, os.O_RDONLY | os.O_DIRECTORY | (0 if follow else os.O_NOFOLLOW), dir_fd=at)
    try:
        yield Folder(path, handle)
    finally:
        os.close(handle)


class ReportFolder:
    """A report under construction.

    Attributes:
        path: its final place, as given by the user.
        staging: folder for its files until all are written: `report.json`, `index.html` and `runs/`.

    """

    def __init__(self, path: Path, staging: Path) -> None:
        self.path = path
        self.staging = staging

    def publish(self) -> list[str]:
        """Put the pages that were written into place; returns sentences on what else lies there.

        Raises:
            OSError: a file cannot be moved into place.

        """
        with _held(self.path, str(self.path), None, follow=True) as top, top.inner(self.staging.name) as new:
            before = top.read(REPORT)
            remarks: list[str] = []
            if RUNS in new.names() or RUNS in top.names():
                with top.inner(RUNS) as runs, new.inner(RUNS) as pages:
                    written = [name for name in pages.names() if PAGE.fullmatch(name)]  # whole ones
                    for name in written:
                        runs.take(name, pages)
                    others = sorted(set(runs.names()) - set(written))
                    stale = set(others) & _pages_of(before) if others else set()
                    for name in (REPORT, INDEX):
                        top.take(name, new)
                    remarks = _cleared(runs, others, stale)
            else:
                for name in (REPORT, INDEX):
                    top.take(name, new)
        return remarks


def _cleared(runs: Folder, others: list[str], stale: set[str]) -> list[str]:
    """Remove pages of runs that no longer exist; files that are not proven to be pages are kept and counted."""
    removed = [name for name in others if name in stale and runs.is_page(name)]
    for name in removed:
        runs.remove(name)
    left = len(others) - len(removed)
    remarks = (
        [f"removed {len(removed):,} {'page' if len(removed) == 1 else 'pages'} of runs that no longer exist"]
        if removed
        else []
    )
    if left:
        remarks.append(
            f"left {left:,} {'file' if left == 1 else 'files'} in {runs.path} that do not belong to this audit"
        )
    return remarks


def _pages_of(report: bytes) -> set[str]:
    """Names of the pages of the runs in an older report.json; empty if it is not a report."""
    try:
        whole: Any = json.loads(report)
        return {f"{page_name(run['run'])}.html" for run in whole["runs"]}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return set()


@contextmanager
def new_report(path: Path, *, is_chosen: bool) -> Iterator[ReportFolder]:
    """A new report in a folder; files not published are removed at the end of the block.

    `is_chosen`: the user named the folder, which may then be a link.

    Raises:
        OSError: the folder cannot be created; or it is a link, or lies behind one, and the user did not choose it.

    """
    if not is_chosen and path.is_symlink():
        raise OSError(errno.ELOOP, "is a link: name the folder with --report to write through it", str(path))
    path.mkdir(parents=True, exist_ok=True)
    if (path / RUNS).is_symlink():  # reported before hours of work, and ensured after them
        raise OSError(errno.ENOTDIR, ASTRAY, str(path / RUNS))
    remove_folders(path, STAGING)
    with own_folder(path, STAGING) as staging:
        yield ReportFolder(path, staging)

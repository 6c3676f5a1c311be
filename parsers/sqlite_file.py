"""SQLite databases of trackers, read without ever writing: not to them, and no file beside them.

What takes care is a database whose writer was killed or still runs. SQLite would make `-shm` and `-wal` files even when
told to read only; where it has to write before it can read, it does so in a copy. And the contents are not trusted: only
real tables are looked at, no views, and values may be of any type.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from .text import Notes

    Row: TypeAlias = tuple[Any, ...]

MARK = b"SQLite format 3\0"
PATTERNS = ("*.db", "*.sqlite", "*.sqlite3", "*.db3")
MAX_CELL_BYTES = 16 * 1024**2
MAX_COPY_BYTES = 1024**3  # of a database that can only be read in a copy

_WRITE_VERSION = 18  # byte of the header that is 2 in a database with a write-ahead log


def has_tables(path: Path, head: bytes, wanted: Collection[str]) -> bool:
    """Whether a file is a database with these tables; never raises."""
    if not head.startswith(MARK):
        return False
    try:
        status = path.stat()
        return _tables(path, status.st_mtime_ns, status.st_size) >= set(wanted)
    except (OSError, sqlite3.Error):
        return False


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading. Raises `OSError` or `sqlite3.Error`."""
    with path.open("rb") as file:
        head = file.read(_WRITE_VERSION + 1)
    has_ahead_log = head[_WRITE_VERSION:] == b"\2"
    unfinished = Path(f"{path}{'-wal' if has_ahead_log else '-journal'}")
    if not unfinished.is_file() or not unfinished.stat().st_size:
        # A database of which nothing lies elsewhere; locking one with a write-ahead log would make files.
        yield from _connected(path, "immutable=1" if has_ahead_log else "mode=ro")
    elif has_ahead_log and Path(f"{path}-shm").is_file():
        yield from _connected(path, "mode=ro&readonly_shm=1")
    elif path.stat().st_size + unfinished.stat().st_size <= MAX_COPY_BYTES:
        with TemporaryDirectory(prefix="trainlint-") as folder:
            copy = Path(folder) / path.name
            shutil.copyfile(path, copy)
            shutil.copyfile(unfinished, copy.with_name(unfinished.name))
            yield from _connected(copy, "mode=rw")  # SQLite finishes or takes back what was under way
    else:
        yield from _connected(path, "immutable=1")


def rows(connection: sqlite3.Connection, notes: Notes, query: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
    """Yield the rows of a query up to the first damage, which is noted."""
    count = 0
    try:
        for row in connection.execute(query, parameters):
            count += 1
            yield row
    except (sqlite3.Error, OverflowError) as error:
        notes.add(f"the database is damaged: {error}", f"row {count + 1} of a query")


def columns_of(connection: sqlite3.Connection, table: str) -> set[str]:
    """Give the names of a table's columns; versions of a tracker differ in them. Raises `sqlite3.Error`."""
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}


def _connected(path: Path, how: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True)
    try:
        connection.text_factory = _text
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_CELL_BYTES)
        for safeguard in ("query_only=ON", "trusted_schema=OFF", "temp_store=MEMORY", "mmap_size=0"):
            connection.execute(f"PRAGMA {safeguard}")
        yield connection
    finally:
        connection.close()


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


@lru_cache(maxsize=8)
def _tables(path: Path, modified: int, size: int) -> set[str]:  # noqa: ARG001  (they tell whether it is still the same file)
    """Names of the tables that are no views and not virtual: neither runs a query of the file's own."""
    with opened(path) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
        return {str(name) for (name,) in connection.execute(query)}

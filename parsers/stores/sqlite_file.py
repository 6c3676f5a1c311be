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
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ..text import Notes

    Row: TypeAlias = tuple[Any, ...]

DAMAGE = (sqlite3.Error, OverflowError, UnicodeDecodeError)  # the last: a message that quotes the damage
MARK = b"SQLite format 3\0"
PATTERNS = ("*.db", "*.sqlite", "*.sqlite3", "*.db3")
MAX_CELL_BYTES = 16 * 1024**2
MAX_COPY_BYTES = 1024**3  # of a database that can only be read in a copy
MIN_OPERATIONS = 1_000_000  # of SQLite's virtual machine, some tens of milliseconds
OPERATIONS_PER_BYTE = 8  # a row takes ten bytes at least and some twenty operations
OPERATIONS_BETWEEN = 10_000  # looks at the count

_HEAD_BYTES = 100
_PAGE_BYTES, _PAGES = slice(16, 18), slice(28, 32)  # of the header, big-endian; a page size of 1 stands for 64 KiB
_CHANGES, _PAGES_KNOWN_FOR = slice(24, 28), slice(92, 96)  # the number of pages counts only if these two are the same
_WRITE_VERSION = 18  # byte of the header that is 2 in a database with a write-ahead log


def has_tables(path: Path, head: bytes, wanted: Collection[str]) -> bool:
    """Whether a file is a database with these tables; never raises."""
    if not head.startswith(MARK):
        return False
    try:
        status = path.stat()
        return _tables(path, status.st_mtime_ns, status.st_size) >= set(wanted)
    except (OSError, *DAMAGE):
        return False


class Database(sqlite3.Connection):
    """A connection that gives up a query which takes more operations than a file of this size can need.

    In a damaged database pages may point at each other in a circle: SQLite would go round for ever.
    """

    operations_left = 0
    lost = ""  # what the file lacks, until it is noted

    def start_counting(self) -> None:
        """Begin a query; after one that was given up, every other is as well."""
        calls = count(1)

        def is_over() -> bool:
            if next(calls) * OPERATIONS_BETWEEN > self.operations_left:
                self.operations_left = 0
            return not self.operations_left

        self.set_progress_handler(is_over, OPERATIONS_BETWEEN)


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """Open a database for reading. Raises `OSError` or an error of `DAMAGE`."""
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


def rows(database: Database, notes: Notes, query: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
    """Yield the rows of a query up to the first damage, which is noted; one query at a time."""
    database.start_counting()
    number = 0
    if database.lost:
        notes.add(f"the database is cut: {database.lost}")
        database.lost = ""
    try:
        for row in database.execute(query, parameters):
            number += 1
            yield row
    except DAMAGE as error:
        notes.add(f"the database is damaged: {error}", f"row {number + 1} of a query")


def columns_of(database: Database, table: str) -> set[str]:
    """Give the names of a table's columns; versions of a tracker differ in them. Raises an error of `DAMAGE`."""
    return {row[1] for row in database.execute(f"PRAGMA table_info({table})")}


def _connected(path: Path, how: str) -> Iterator[Database]:
    database = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, factory=Database)
    try:
        database.lost = _lost_pages(path)
        database.operations_left = MIN_OPERATIONS + OPERATIONS_PER_BYTE * path.stat().st_size
        database.text_factory = _text
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_CELL_BYTES)
        for safeguard in ("query_only=ON", "trusted_schema=OFF", "temp_store=MEMORY", "mmap_size=0"):
            database.execute(f"PRAGMA {safeguard}")
        yield database
    finally:
        database.close()


def _lost_pages(path: Path) -> str:
    """What a file lacks of what its header promises; SQLite reads what is there and says nothing."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    page, pages = (int.from_bytes(head[place], "big") for place in (_PAGE_BYTES, _PAGES))
    whole = pages * (page if page > 1 else 65536)
    size = path.stat().st_size
    is_known = len(head) == _HEAD_BYTES and head[_CHANGES] == head[_PAGES_KNOWN_FOR]
    return f"{size:,} of {whole:,} bytes are left" if is_known and size < whole else ""


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


@lru_cache(maxsize=8)
def _tables(path: Path, modified: int, size: int) -> set[str]:  # noqa: ARG001  (they tell whether it is still the same file)
    """Names of the tables that are no views and not virtual: neither runs a query of the file's own."""
    with opened(path) as database:
        database.start_counting()
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
        return {str(name) for (name,) in database.execute(query)}

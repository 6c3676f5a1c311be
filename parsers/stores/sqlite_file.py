"""SQLite databases of trackers, read without writing to them or beside them.

SQLite opens the file from `sqlite_snapshot` as immutable and does not see files beside it. The content is not trusted:
only our own queries run, they read only real tables and stored columns, they may use no more operations and text than a
file of this size can need, and values may be of any type.
"""

from __future__ import annotations

import math
import re
import sqlite3
import sys
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, TypeAlias

from ..files.open_log import open_log
from .sqlite_snapshot import snapshot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from ..files.text import Notes

    Row: TypeAlias = tuple[Any, ...]

# Exceptions on damage; the last two: a message that quotes it, and a cell that does not fit into memory
DAMAGE = (sqlite3.Error, OverflowError, UnicodeDecodeError, MemoryError)
MARK = b"SQLite format 3\0"
MAX_CELL_BYTES = 16 * 1024**2  # and not more than the file has
MAX_TABLES = 1000  # that are read; trackers create about forty
MIN_OPERATIONS = 1_000_000  # of SQLite's virtual machine, tens of milliseconds
OPERATIONS_PER_BYTE = 8  # a row needs at least ten bytes and some twenty operations
OPERATIONS_BETWEEN = 10_000  # checks of the count
MIN_TEXT_BYTES = 16 * 1024**2
TEXT_PER_BYTE = 4  # the names of a run are read once per row, some twice
# Longer ones are not default values of a tracker's columns, which all older rows would repeat
MAX_DEFAULT = 64

_HEAD_BYTES = 100
_PAGE_BYTES, _PAGES = slice(16, 18), slice(28, 32)  # of the header, big-endian; a page size of 1 stands for 64 KiB
_CHANGES, _PAGES_KNOWN_FOR = slice(24, 28), slice(92, 96)  # the number of pages is valid only if these two are equal
_SCHEMA = "sqlite_master"
_FUNCTIONS = frozenset({"max", "min"})
_SAFEGUARDS = ("query_only=ON", "trusted_schema=OFF", "temp_store=MEMORY", "mmap_size=0", "automatic_index=OFF")
_REAL_TABLE = re.compile(r"CREATE TABLE\s*(\"(?:[^\"]|\"\")+\"|'[^']+'|`[^`]+`|\[[^\]]+\]|\w+)", re.IGNORECASE)
_GATHERING = ("TEMP B-TREE", "AUTOMATIC")  # in a plan: rows are kept in memory before the first one is returned


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
    """A connection that only reads rows, and aborts a query that exceeds the need of a file of this size.

    In a damaged database pages may form a cycle, in which SQLite would loop forever. Rows may also share their text, or
    compute it.
    """

    operations_left = 0
    text_left = 0

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.remarks: list[str] = []  # until they are noted
        self.tables: frozenset[str] = frozenset()
        self._computed: set[tuple[str, str]] = set()
        self._plans: dict[str, bool] = {}

    def limit_to(self, size: int) -> None:
        """Set limits for a database of `size` bytes, and allow only reading of stored rows."""
        self.operations_left = MIN_OPERATIONS + OPERATIONS_PER_BYTE * size
        self.text_left = MIN_TEXT_BYTES + TEXT_PER_BYTE * size
        self.text_factory = self._text
        self.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(MAX_CELL_BYTES, max(size, _HEAD_BYTES)))
        self.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        if sys.version_info >= (3, 12):
            self.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE)
            for option in (sqlite3.SQLITE_DBCONFIG_ENABLE_VIEW, sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER):
                self.setconfig(option, False)  # noqa: FBT003  (it takes no keyword)
        for safeguard in _SAFEGUARDS:
            self.execute(f"PRAGMA {safeguard}")
        self.set_authorizer(self._is_allowed)
        self.start_counting()
        self.tables = frozenset(self._real_tables())
        self._computed = {column for table in self.tables for column in self._not_in_rows(table)}

    def start_counting(self) -> None:
        """Start counting for a query; after an aborted query, all others are aborted."""
        calls = count(1)

        def is_over() -> bool:
            if next(calls) * OPERATIONS_BETWEEN > self.operations_left:
                self.operations_left = 0
            return not self.operations_left

        self.set_progress_handler(is_over, OPERATIONS_BETWEEN)

    def gathers(self, query: str) -> bool:
        """Whether SQLite would sort rows, in memory without a limit, because there is no suitable index."""
        if query not in self._plans:
            plan = self.execute(f"EXPLAIN QUERY PLAN {query}", [None] * query.count("?"))
            self._plans[query] = any(word in str(step[-1]) for step in plan for word in _GATHERING)
        return self._plans[query]

    def _text(self, data: bytes) -> str:
        self.text_left -= len(data)
        if self.text_left < 0:
            raise sqlite3.DataError("it returns more text than a file of this size can contain")
        return data.decode(errors="replace")

    def _real_tables(self) -> Iterator[str]:
        """Names of the tables except views and virtual tables, which would run queries or modules of the file."""
        query = f"SELECT name, sql FROM {_SCHEMA} WHERE type = 'table' LIMIT {MAX_TABLES}"  # noqa: S608
        for name, text in self.execute(query):
            made = _REAL_TABLE.match(str(text))  # SQLite uses this, not the name
            if made and made[1].strip("\"'`[]") == name:
                yield name

    def _not_in_rows(self, table: str) -> Iterator[tuple[str, str]]:
        """Columns that are computed, or that have a long default value."""
        quoted = table.replace('"', '""')
        for _, name, _, _, default, _, hidden in self.execute(f'PRAGMA table_xinfo("{quoted}")'):
            if hidden or len(str(default)) > MAX_DEFAULT:
                yield table.lower(), str(name).lower()

    def _is_allowed(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        """Authorise each part of a query when it is prepared; a denied one raises `sqlite3.DatabaseError`."""
        table, name = str(first), str(second)
        is_allowed = (
            action == sqlite3.SQLITE_SELECT
            or (action == sqlite3.SQLITE_FUNCTION and name.lower() in _FUNCTIONS)
            or (action == sqlite3.SQLITE_PRAGMA and table in {"table_info", "table_xinfo"})
            or (
                action == sqlite3.SQLITE_READ
                and (table == _SCHEMA or table in self.tables)
                and (table.lower(), name.lower()) not in self._computed
            )
        )
        return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """Open a database for reading. Raises `OSError` or an error of `DAMAGE`."""
    with snapshot(path) as (file, remarks):
        lost = _lost_pages(file)  # also checks that it can be opened
        database = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, factory=Database)
        try:
            database.limit_to(file.stat().st_size)
            database.remarks = [*remarks, *lost]
            yield database
        finally:
            database.close()


def rows(database: Database, notes: Notes, query: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
    """Yield the rows of a query up to the first damage, which is noted; one query at a time."""
    database.start_counting()
    number = 0
    for remark in database.remarks:
        notes.add(remark)
    database.remarks = []
    try:
        if database.gathers(query):
            notes.add("the database lacks the indexes of its tracker: some rows are not read")
            return
        for row in database.execute(query, parameters):
            number += 1
            yield row
    except DAMAGE as error:
        is_refused = getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_AUTH
        what = "computed columns are not read" if is_refused else "the database is damaged"
        notes.add(f"{what}: {error}", f"row {number + 1} of a query")


def in_order(found: Iterable[Row]) -> list[Row]:
    """Sort rows by their first column, a number, and remove it: SQLite would collect rows to sort them."""
    return [row[1:] for row in sorted(found, key=_place)]


def columns_of(database: Database, table: str) -> set[str]:
    """Names of the columns of a table, which differ between versions of a tracker. Raises an error of `DAMAGE`."""
    return {row[1] for row in database.execute(f"PRAGMA table_info({table})")}


def _place(row: Row) -> float:
    return row[0] if isinstance(row[0], int | float) else -math.inf


def _lost_pages(path: Path) -> list[str]:
    """Note a file that is shorter than its header states; SQLite reads the existing part without an error."""
    with open_log(path) as file:
        head = file.read(_HEAD_BYTES)
    page, pages = (int.from_bytes(head[place], "big") for place in (_PAGE_BYTES, _PAGES))
    whole = pages * (page if page > 1 else 65536)
    size = path.stat().st_size
    is_known = len(head) == _HEAD_BYTES and head[_CHANGES] == head[_PAGES_KNOWN_FOR]
    return [f"the database is truncated: {size:,} of {whole:,} bytes are present"] if is_known and size < whole else []


@lru_cache(maxsize=8)
def _tables(path: Path, modified: int, size: int) -> frozenset[str]:  # noqa: ARG001  (they tell whether it is still the same file)
    with opened(path) as database:
        return database.tables

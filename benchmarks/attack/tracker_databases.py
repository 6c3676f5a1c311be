"""Databases of trackers that attack their reader; used by the scripts of this folder and by tests.

All look like MLflow's: one experiment, one run, the tables that make it known, and something that is not of MLflow.
"""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

JOURNAL_MARK = bytes((0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7))
PAGE, SECTOR = 4096, 512
LEAF = 0x0D  # the first byte of a page of rows
METRICS = "CREATE TABLE metrics (key, value, timestamp, run_uuid, step, is_nan)"
COMPUTED = "CREATE TABLE metrics (value, timestamp, run_uuid, step, is_nan, key AS ({}))"
TABLES = """
CREATE TABLE experiments (experiment_id, name, lifecycle_stage);
CREATE TABLE runs (run_uuid, name, status, start_time, lifecycle_stage, experiment_id);
CREATE TABLE params (key, value, run_uuid);
CREATE TABLE tags (key, value, run_uuid);
INSERT INTO experiments VALUES (1, 'digits', 'active');
INSERT INTO runs VALUES ('a', 'first', 'FINISHED', 1, 'active', 1);
"""


def make(path: Path, *statements: str, points: int = 0) -> Path:
    """A small database of MLflow with more statements, and the points of one metric."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA page_size={PAGE}")
        database.executescript(TABLES)
        for statement in statements:
            database.execute(statement)
        rows = [(2 - step / 50, 1_700_000_000_000 + step, step) for step in range(points)]
        database.executemany(
            "INSERT INTO metrics (value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, 'a', ?, 0)", rows
        )
        database.commit()
    return path


def with_super_journal(path: Path, victim: Path) -> Path:
    """A database whose rollback journal says that `victim` is its super-journal: SQLite deletes that in the end."""
    make(path, METRICS.replace("key,", "key DEFAULT 'loss',"), points=60)
    pages = path.stat().st_size // PAGE
    name = str(victim.absolute()).encode()
    head = JOURNAL_MARK + struct.pack(">5I", 0, 7, pages, SECTOR, PAGE)  # no pages: there is nothing to write back
    signed = sum(byte if byte < 0x80 else byte - 0x100 for byte in name)
    tail = struct.pack(">I", 0x4000_0000 // PAGE + 1) + name + struct.pack(">II", len(name), signed & 0xFFFF_FFFF)
    path.with_name(f"{path.name}-journal").write_bytes(head.ljust(SECTOR, b"\0") + tail + JOURNAL_MARK)
    return path


def with_generated_column(path: Path, rows: int = 2000) -> Path:
    """A database of some 100 KB in which each row of a metric has a name of 16 MB, computed when it is read."""
    make(path, METRICS.replace("key, ", ""), points=rows)
    with closing(sqlite3.connect(path)) as database:  # added afterwards: an INSERT would compute it, too
        database.execute("ALTER TABLE metrics ADD COLUMN key AS (replace(hex(zeroblob(4000000)), '0', 'ab'))")
    return path


def with_long_default(path: Path, rows: int = 2000) -> Path:
    """A column that was added with a default of 4 MB, which all rows before it show."""
    make(path, METRICS.replace("key, ", ""), points=rows)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"ALTER TABLE metrics ADD COLUMN key DEFAULT '{'n' * 4_000_000}'")
    return path


def with_shared_text(path: Path, rows: int = 1000) -> Path:
    """Rows whose names of 1 MB are all kept on the same pages, as SQLite itself never writes them.

    Both a short and a long name keep 489 bytes of a record in the row itself, and the rest on whole pages of 4,092.
    """
    make(path, METRICS)
    short, long = (489 + 4092 * pages for pages in (4, 250))  # bytes of a record; 10 of them are not its name
    insert = "INSERT INTO metrics VALUES (?, 1, 1, 'a', 1, 0)"
    with closing(sqlite3.connect(path)) as database:
        database.execute(insert, ["n" * (long - 10)])
        database.executemany(insert, [["m" * (short - 10)]] * rows)
        database.commit()
    data = path.read_bytes()
    pages = [data[start : start + PAGE] for start in range(0, len(data), PAGE)]
    first = next(number for number, page in enumerate(pages, 1) if page[4:].startswith(b"n" * 1000))
    marks = [(_varint(short), _varint(long)), (_varint(13 + 2 * (short - 10)), _varint(13 + 2 * (long - 10)))]
    for number, page in enumerate(pages):
        if page[0] != LEAF:
            continue
        for old, new in marks:
            page = page.replace(old, new)  # noqa: PLW2901
        parts = page.split(b"m" * 480)
        pages[number] = (b"m" * 480).join([parts[0], *(struct.pack(">I", first) + part[4:] for part in parts[1:])])
    path.write_bytes(b"".join(pages))
    return path


def _varint(value: int) -> bytes:
    """A number of up to 21 bits as SQLite writes it in three bytes."""
    return bytes((value >> 14 | 0x80, value >> 7 & 0x7F | 0x80, value & 0x7F))

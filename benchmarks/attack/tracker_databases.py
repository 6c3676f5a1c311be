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
    """A database of some 50 KB in which each row of a metric has a name of 16 MB, computed when it is read."""
    return make(path, COMPUTED.format("replace(hex(zeroblob(4000000)), '0', 'ab')"), points=rows)


def with_long_default(path: Path, rows: int = 2000) -> Path:
    """A column that was added with a default of 4 MB, which all rows before it show."""
    make(path, METRICS.replace("key, ", ""), points=rows)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"ALTER TABLE metrics ADD COLUMN key DEFAULT '{'n' * 4_000_000}'")
    return path


def with_shared_text(path: Path, rows: int = 2000) -> Path:
    """Rows whose names of 1 MB are all kept on the same pages, which no database of SQLite's own has."""
    make(path, METRICS)
    size = 1_000_000
    with closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO metrics VALUES (?, 1, 1, 'a', 1, 0)", ["n" * size])
        database.commit()
        pages = path.stat().st_size // PAGE
        first = next(number for number in range(2, pages + 1) if _page(path, number)[4:].startswith(b"n" * 100))
        database.executemany("INSERT INTO metrics VALUES (?, 1, 1, 'a', ?, 0)", [("m" * size, 1)] * (rows // 100))
        database.commit()
    data = bytearray(path.read_bytes())
    for start in range(0, len(data), PAGE):  # whatever continues the name of another row goes to the first one's pages
        place = 0
        page = data[start : start + PAGE]
        while (place := page.find(b"mmmm", place)) > 0 and page[0] == 0x0D:
            end = place + len(page[place:]) - len(page[place:].lstrip(b"m"))
            data[start + end : start + end + 4] = struct.pack(">I", first)
            place = end + 4
    path.write_bytes(data)
    return path


def _page(path: Path, number: int) -> bytes:
    with path.open("rb") as file:
        file.seek((number - 1) * PAGE)
        return file.read(PAGE)

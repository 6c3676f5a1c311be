"""Changes of SQLite databases: odd values and schemas made through SQLite, pages, write-ahead logs and journals.

A database is changed in memory and taken out as bytes. A write-ahead log or a rollback journal lies beside it as a writer
leaves it that was killed; their checksums are put right after a change. A journal may name a super-journal, which SQLite
deletes when it rolls back: the name is that of a file which the fuzzer watches.
"""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from . import raw

if TYPE_CHECKING:
    from random import Random

WATCHED = "watched.txt"  # relative to the current folder, which is the fuzzer's own
JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
VALUES: tuple[Any, ...] = (
    None, 0, -1, -5, 1e308, -1e308, 5e-324, float("inf"), float("-inf"), 2**53 + 1, 2**62, 2**63 - 1, -(2**63), "", "nan", "NaN", "1e400",
    "x" * 3000, "9" * 400, "٣", "\0", "\x1b[31m", "2026-13-45", "2026-01-01 00:00:00", b"", b"\xff\xfe\0", b'{"loss": 1}', b"\x80",
    b"1.5", '{"a":' * 500, "[" * 500, '{"loss": NaN}', '{"loss": 1e999, "x": {"y": "NaN"}}', '{"loss": "x", "loss": 1}', "[1,2", "{}", "[]",
    '{"": 1}', '{"loss": ' + "9" * 400 + "}", "null", '{"_type": "trackio.table", "_value": []}', "RUNNING", "COMPLETE", "deleted", "INF_POS", "INF_NEG", "NAN",
)  # fmt: skip
BIG_CELL = 7_000_000  # bytes, doubled by hex(): as much as the reader takes for a cell
HEADER_BYTES = (16, 17, 18, 19, 20, 21, 24, 28, 31, 32, 36, 43, 47, 52, 56, 59, 92, 100, 101, 103, 105, 107, 108)


def database(data: bytes, chance: Random) -> bytes:
    """Values or schema in half of the cases, bytes of pages in the others."""
    kind = chance.random()
    if kind < 0.55:
        data = _through_sqlite(data, chance)
    if kind < 0.45:
        return data
    return chance.choice((_header, _cells, _pages, raw.changed))(data, chance)


def _through_sqlite(data: bytes, chance: Random) -> bytes:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        try:
            connection.deserialize(data)
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            tables = [name for (name,) in found if isinstance(name, str) and not name.startswith("sqlite_")]
            for _ in range(chance.choice((1, 1, 2, 4)) if tables else 0):
                table = chance.choice(tables)
                columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
                with suppress(sqlite3.Error):
                    _change(connection, table, chance.choice(columns), chance)
            return connection.serialize()
        except (sqlite3.Error, IndexError, UnicodeError):
            return data


def _change(connection: sqlite3.Connection, table: str, column: str, chance: Random) -> None:
    kind = chance.random()
    run = connection.execute
    if kind < 0.6:
        run(
            f'UPDATE OR IGNORE "{table}" SET "{column}" = ? WHERE rowid % ? = 0',
            (chance.choice(VALUES), chance.choice((1, 2, 7))),
        )
    elif kind < 0.68:
        run(f'DELETE FROM "{table}" WHERE rowid % ? = 0', (chance.choice((1, 2)),))
    elif kind < 0.74:
        run(f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "z{chance.randrange(9)}"')
    elif kind < 0.8:
        # A column that takes no byte of the file and as many of the memory as it likes.
        big = chance.choice(
            ("zeroblob(9)", f"'{{}}' || \"z{column}\"", "hex(zeroblob(1000))", f"hex(zeroblob({BIG_CELL}))")
        )
        run(f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "z{column}"')
        run(f'ALTER TABLE "{table}" ADD COLUMN "{column}" AS ({big}) VIRTUAL')
    elif kind < 0.86:
        run(f'ALTER TABLE "{table}" RENAME TO "{table}_"')
        endless = f'WITH RECURSIVE q(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM q) SELECT x AS "{column}" FROM q'
        run(f'CREATE VIEW "{table}" AS {endless}')
    elif kind < 0.92:
        run(f'INSERT OR IGNORE INTO "{table}" SELECT * FROM "{table}"')
    elif kind < 0.96:
        run(f'CREATE INDEX IF NOT EXISTS i{chance.randrange(9)} ON "{table}" ("{column}")')
    else:
        run(f'DROP TABLE "{table}"')


def _header(data: bytes, chance: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        place = chance.choice(HEADER_BYTES)
        if place < len(changed):
            changed[place] = chance.choice((0, 1, 2, 5, 10, 13, 255, chance.randrange(256)))
    return bytes(changed)


def _page_size(data: bytes) -> int:
    size = int.from_bytes(data[16:18], "big")
    return 65536 if size == 1 else max(size, 512)


def _cells(data: bytes, chance: Random) -> bytes:
    """Headers, cell pointers and the first bytes of cells: what leads from page to page."""
    changed, page = bytearray(data), _page_size(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place = page * chance.randrange(max(1, len(data) // page)) + chance.randrange(40)
        if place < len(changed):
            changed[place] = chance.choice((0, 1, 2, 5, 10, 13, 127, 128, 255, chance.randrange(256)))
    return bytes(changed)


def _pages(data: bytes, chance: Random) -> bytes:
    """Pages are exchanged, doubled, emptied, or left out at the end."""
    page = _page_size(data)
    pages = [data[place : place + page] for place in range(0, len(data), page)]
    if not pages:
        return data
    one, other, kind = chance.randrange(len(pages)), chance.randrange(len(pages)), chance.randrange(4)
    if kind == 0:
        pages[one], pages[other] = pages[other], pages[one]
    elif kind == 1:
        pages[one] = pages[other]
    elif kind == 2:
        pages[one] = bytes(len(pages[one]))
    else:
        del pages[one:]
    return b"".join(pages)


def write_ahead_log(data: bytes, chance: Random) -> bytes:
    """Frames with other bytes, their checksums put right in two of three cases; see https://sqlite.org/fileformat2.html."""
    if len(data) < 32 or chance.random() < 0.35:
        return raw.changed(data, chance)
    page = int.from_bytes(data[8:12], "big")
    size = 24 + page
    frames = [bytearray(data[place : place + size]) for place in range(32, len(data) - size + 1, size)]
    for _ in range(chance.choice((1, 1, 2, 8)) if frames else 0):
        frame = chance.choice(frames)
        place = chance.choice((chance.randrange(8), 24 + chance.randrange(40), chance.randrange(len(frame))))
        if place < len(frame):
            frame[place] = chance.choice((0, 1, 2, 5, 13, 255, chance.randrange(256)))
    if chance.random() < 0.2:
        chance.shuffle(frames)
    return with_right_sums(data[:24], frames)


def with_right_sums(head: bytes, frames: list[bytearray]) -> bytes:
    """A write-ahead log of these whole frames, with the salt and the checksums that its header asks for."""
    order = ">" if head[3] & 1 else "<"
    sums = _wal_sum(head, (0, 0), order)
    out = [head + struct.pack(">II", *sums)]
    for frame in frames:
        sums = _wal_sum(bytes(frame[:8]) + bytes(frame[24:]), sums, order)
        out.append(bytes(frame[:8]) + head[16:24] + struct.pack(">II", *sums) + bytes(frame[24:]))
    return b"".join(out)


def _wal_sum(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 8 * 2}I", data[: len(data) // 8 * 8])
    for place in range(0, len(words), 2):
        first = (first + words[place] + second) & 0xFFFFFFFF
        second = (second + words[place + 1] + first) & 0xFFFFFFFF
    return first, second


def journal(data: bytes, chance: Random) -> bytes:
    """Header, pages or the end of a rollback journal; in a third of the cases it names a super-journal."""
    kind = chance.random()
    if kind < 0.35:
        return _with_super_journal(data, chance)
    if kind < 0.65 and len(data) >= 28:
        changed = bytearray(data)
        place = chance.choice((8, 12, 16, 20, 24))
        changed[place : place + 4] = struct.pack(
            ">I", chance.choice((0, 1, 2, 3, 512, 1000, 2**31, 2**32 - 1, len(data)))
        )
        return bytes(changed)
    return raw.changed(data, chance)


def _with_super_journal(data: bytes, chance: Random) -> bytes:
    name = chance.choice((WATCHED, f"./{WATCHED}", f"../{WATCHED}", WATCHED + "\0")).encode()
    page = struct.pack(">I", chance.choice((0, 2**21 + 1, 1, 2**30 // 512 + 1)))
    tail = page + name + struct.pack(">II", len(name), sum(name) & 0xFFFFFFFF) + JOURNAL_MAGIC
    return (data if chance.random() < 0.8 else raw.changed(data, chance)) + tail

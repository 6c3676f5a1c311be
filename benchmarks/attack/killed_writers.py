"""Kill writers of SQLite databases in the middle of transactions and read what they leave: `killed_writers.py [COUNT] [SEED]`.

What trainlint's own code makes of a rollback journal or a write-ahead log is compared, row by row and page by page, with
what SQLite makes of a copy that it may write to. Prints how many differ, and what there was to roll back.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from trainlint.parsers.stores.rollback_journal import MAGIC
from trainlint.parsers.stores.sqlite_snapshot import snapshot

MODES = ("delete", "persist", "truncate", "wal")


def write_for_ever(path: Path, seed: int, mode: str) -> None:
    """Write, change, delete and take back rows; a small cache makes SQLite write pages before the end of a transaction."""
    chance = random.Random(seed)
    database = sqlite3.connect(path, isolation_level=None)
    for setting in (
        f"page_size={chance.choice((512, 1024, 4096, 8192))}",
        f"auto_vacuum={chance.choice((0, 1, 2))}",
        f"journal_mode={mode}",
        f"cache_size={chance.choice((1, 5, 10, 100, 2000))}",
        f"cache_spill={chance.choice((1, 5, 1000))}",
        f"synchronous={chance.choice(('OFF', 'NORMAL', 'FULL', 'EXTRA'))}",
        f"wal_autocheckpoint={chance.choice((0, 3, 20, 1000))}",
    ):
        database.execute(f"PRAGMA {setting}")
    database.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, key TEXT, value BLOB)")
    database.execute("CREATE INDEX keys ON rows (key)")
    (path.parent / "started").touch()
    while True:
        database.execute("BEGIN")
        for _ in range(chance.choice((1, 5, 50, 400))):
            action = chance.random()
            if action < 0.6:
                content = chance.randbytes(chance.choice((3, 50, 700, 9000)))
                database.execute("INSERT INTO rows (key, value) VALUES (?, ?)", (str(chance.random()), content))
            elif action < 0.8:
                database.execute(
                    "UPDATE rows SET key = ? WHERE id % 17 = ?", (str(chance.random()), chance.randrange(17))
                )
            else:
                database.execute("DELETE FROM rows WHERE id % 29 = ?", (chance.randrange(29),))
        database.execute("COMMIT" if chance.random() < 0.9 else "ROLLBACK")
        if chance.random() < 0.05:
            database.execute("VACUUM")
        if chance.random() < 0.1:
            database.execute("DELETE FROM rows")


def killed(folder: Path, seed: int) -> tuple[Path, str]:
    """A database whose writer was killed at a random moment, and its mode."""
    chance = random.Random(~seed)
    path, mode = folder / "killed.db", chance.choice(MODES)
    child = os.fork()
    if not child:
        try:
            write_for_ever(path, seed, mode)
        finally:
            os._exit(1)
    while not (folder / "started").exists():
        time.sleep(0.001)
    time.sleep(chance.uniform(0.001, 0.15))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return path, mode


def contents(path: Path, how: str) -> str:
    """A hash of all rows, and the number of pages; or what SQLite says is wrong."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?{how}", uri=True)) as database:
            (health,) = database.execute("PRAGMA integrity_check").fetchone()
            every = database.execute("SELECT * FROM rows ORDER BY id").fetchall()
            (pages,) = database.execute("PRAGMA page_count").fetchone()
        rows = hashlib.sha256(repr(every).encode()).hexdigest()
    except sqlite3.Error as error:
        return f"{type(error).__name__}: {error}"
    return f"{health}, {pages} pages, {rows[:16]}"


def compared(folder: Path, seed: int, seen: Counter[str]) -> bool:
    path, mode = killed(folder, seed)
    waiting = [Path(f"{path}{ending}") for ending in ("-journal", "-wal")]
    waiting = [file for file in waiting if file.exists() and file.stat().st_size and file.read_bytes()[:1] != b"\0"]
    seen[mode] += 1
    for file in waiting:
        seen["something waits"] += 1
        seen["journals of several segments"] += file.read_bytes().count(MAGIC) > 1 and file.name.endswith("-journal")
    with snapshot(path) as (copy, _):
        ours = contents(copy, "mode=ro&immutable=1")
    as_it_is = contents(path, "mode=ro&immutable=1")
    (folder / "sqlite").mkdir()
    for file in (path, *waiting):
        shutil.copy(file, folder / "sqlite")
    expected = contents(folder / "sqlite" / path.name, "mode=rw")
    seen["read wrongly without it"] += expected != as_it_is
    if ours != expected:
        print(f"seed {seed} ({mode}): SQLite {expected}; trainlint {ours}")
    return ours == expected


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    start = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    seen: Counter[str] = Counter()
    different = 0
    for seed in range(start, start + count):
        with tempfile.TemporaryDirectory() as folder:
            different += not compared(Path(folder), seed, seen)
    print(f"{count} killed writers: {different} read differently from SQLite; {dict(seen)}")
    return bool(different)


if __name__ == "__main__":
    sys.exit(main())

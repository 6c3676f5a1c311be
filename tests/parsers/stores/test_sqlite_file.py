"""A database is read with its write-ahead log, and nothing is ever written beside it."""

import hashlib
import importlib.util
import os
import shutil
import sqlite3
import sys
import tracemalloc
from contextlib import closing
from pathlib import Path

import pytest

from trainlint.parsers.files.text import Notes
from trainlint.parsers.formats.trackers import mlflow_sqlite
from trainlint.parsers.stores.sqlite_file import has_tables, opened, rows

ATTACKS = Path(__file__).parents[3] / "benchmarks" / "attack"


def script(name):
    """A module of the folder of attacks."""
    spec = importlib.util.spec_from_file_location(name, ATTACKS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


databases = script("tracker_databases")


def write(path, mode):
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA journal_mode={mode}")
    database.execute("CREATE TABLE t (x)")
    database.execute("INSERT INTO t VALUES (1), (2)")
    database.commit()
    return database


def contents(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


CASES = [
    pytest.param("delete", (), id="closed"),
    pytest.param("wal", (), id="closed, write-ahead"),
    pytest.param("wal", ("-wal",), id="killed, copied without its index"),
    pytest.param("wal", ("-wal", "-shm"), id="killed"),
]


@pytest.mark.parametrize(("mode", "beside"), CASES)
def test_nothing_is_written(tmp_path, mode, beside):
    (tmp_path / "live").mkdir()
    (tmp_path / "dead").mkdir()
    live, dead = tmp_path / "live" / "a #1%?.db", tmp_path / "dead" / "a #1%?.db"
    database = write(live, mode)
    if not beside:
        database.close()
    for ending in ("", *beside):
        shutil.copy(f"{live}{ending}", f"{dead}{ending}")
    database.close()
    before = contents(dead.parent)
    assert has_tables(dead, dead.read_bytes()[:4096], {"t"})
    with opened(dead) as connection:
        assert connection.execute("SELECT x FROM t").fetchall() == [(1,), (2,)]
        with pytest.raises(sqlite3.DatabaseError):
            connection.execute("INSERT INTO t VALUES (3)")
    assert contents(dead.parent) == before


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_writer_is_not_disturbed(tmp_path, mode):
    """Neither waits for the other: a reader that SQLite knows of would keep one that writes to the file from its commit."""
    path = tmp_path / "a.db"
    with closing(write(path, mode)) as writer:
        writer.execute("PRAGMA busy_timeout=0")
        writer.execute("INSERT INTO t VALUES (3)")  # not committed
        with opened(path) as reader:
            cursor = reader.execute("SELECT x FROM t")
            assert cursor.fetchone() == (1,)
            writer.commit()
            assert cursor.fetchall() == [(2,)]
        with opened(path) as reader:
            assert len(reader.execute("SELECT x FROM t").fetchall()) == 3


def test_a_journal_that_waits_to_be_rolled_back(tmp_path):
    path, copy = tmp_path / "a.db", tmp_path / "b.db"
    with closing(write(path, "delete")) as writer:
        writer.execute("PRAGMA cache_size=1")
        writer.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 300)
        for ending in ("", "-journal"):
            shutil.copy(f"{path}{ending}", f"{copy}{ending}")
    before = contents(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"a.db", "b.db", "b.db-journal"}
    with opened(copy) as reader:
        assert reader.execute("SELECT x FROM t").fetchall() == [(1,), (2,)]
    assert contents(tmp_path) == before


def test_a_schema_that_is_no_text(tmp_path):
    path = tmp_path / "a.db"
    write(path, "delete").close()
    path.write_bytes(path.read_bytes().replace(b"TABLE", b"T\xff\x9eLE"))
    assert not has_tables(path, path.read_bytes()[:4096], {"t"})


def test_a_super_journal_is_not_looked_for(tmp_path):
    """SQLite itself deletes what the end of a journal names."""
    victim = tmp_path / "victim"
    victim.write_text("dear")
    path = databases.with_super_journal(tmp_path / "logs" / "mlflow.db", victim)
    before = contents(path.parent)
    assert has_tables(path, path.read_bytes()[:4096], {"runs"})
    (run,) = mlflow_sqlite.parse(path)
    assert [len(curve) for curve in run.all_curves] == [60]
    assert any("several databases" in note.message for note in run.notes)
    assert victim.read_text() == "dear"
    assert contents(path.parent) == before


def test_killed_writers_are_read_as_by_sqlite(tmp_path):
    """Writers in all modes, killed by the process they run in: journals of several segments, and logs that go on."""
    for seed in range(8):
        made = script("killed_writers")
        folder = tmp_path / str(seed)
        folder.mkdir()
        assert made.compared(folder, seed, made.Counter())


@pytest.mark.parametrize("damage", ["cut", "changed", "noise"])
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_damaged_journals(tmp_path, mode, damage):
    path, copy = tmp_path / "a.db", tmp_path / "b.db"
    with closing(write(path, mode)) as writer:
        writer.execute("PRAGMA cache_size=1")
        writer.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 300)
        beside = f"-{'wal' if mode == 'wal' else 'journal'}"
        shutil.copy(path, copy)
        data = bytearray(Path(f"{path}{beside}").read_bytes())
    for place in range(0, len(data), max(1, len(data) // 50)):
        changed = bytearray(data[:place] if damage == "cut" else data)
        if damage != "cut":
            changed[place : place + 8] = b"\xff" * 8 if damage == "changed" else os.urandom(8)
        Path(f"{copy}{beside}").write_bytes(changed)
        notes = Notes(copy)
        try:
            with opened(copy) as reader:
                assert len(list(rows(reader, notes, "SELECT x FROM t"))) <= 302 or notes.all()
        except sqlite3.Error:
            pass
        assert copy.stat().st_size < 1 << 20


STATEMENTS = [
    "ATTACH '{other}' AS other",
    "SELECT load_extension('{other}')",
    "SELECT hex(zeroblob(9))",
    "SELECT * FROM pragma_database_list",
    "PRAGMA journal_mode=WAL",
    "PRAGMA writable_schema=ON",
    "CREATE TEMP TABLE u (x)",
    "CREATE VIRTUAL TABLE u USING fts4(x)",
    "VACUUM INTO '{other}'",
    "DELETE FROM t",
    "SELECT * FROM v",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_only_tables_are_read(tmp_path, statement):
    path, other = tmp_path / "a.db", tmp_path / "other.db"
    with closing(write(path, "delete")) as database:
        database.execute("CREATE VIEW v AS SELECT x FROM t")
        database.commit()
    with opened(path) as reader, pytest.raises(sqlite3.Error):
        reader.execute(statement.format(other=other)).fetchall()
    assert [file.name for file in tmp_path.iterdir()] == ["a.db"]


@pytest.mark.parametrize("name", ["with_generated_column", "with_long_default", "with_shared_text"])
def test_a_small_database_takes_little(tmp_path, name):
    path = getattr(databases, name)(tmp_path / "mlflow.db")
    tracemalloc.start()
    try:
        (run,) = mlflow_sqlite.parse(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100 << 20
    assert any("computed columns" in note.message or "more text than" in note.message for note in run.notes)


def test_rows_that_would_have_to_be_sorted(tmp_path):
    """SQLite would keep them all in memory first, however long they are."""
    path = tmp_path / "a.db"
    write(path, "delete").close()
    notes = Notes(path)
    with opened(path) as reader:
        assert list(rows(reader, notes, "SELECT x FROM t ORDER BY x")) == []
        assert list(rows(reader, notes, "SELECT x FROM t ORDER BY rowid")) == [(1,), (2,)]
    assert [note.message for note in notes.all()] == [
        "the database lacks the indexes of its tracker: some rows are not read"
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes in folders")
@pytest.mark.parametrize("ending", ["-wal", "-journal", "-shm"])
def test_a_pipe_beside_a_database_is_not_opened(tmp_path, ending):
    path = tmp_path / "a.db"
    write(path, "wal" if ending == "-shm" else "delete").close()
    os.mkfifo(f"{path}{ending}")
    with opened(path) as reader:
        assert len(reader.execute("SELECT x FROM t").fetchall()) == 2


def test_a_database_that_is_too_large_for_a_copy(tmp_path, monkeypatch):
    monkeypatch.setattr("trainlint.parsers.stores.sqlite_snapshot.MAX_COPY_BYTES", 100)
    path = tmp_path / "a.db"
    notes = Notes(path)
    with closing(write(path, "wal")), opened(path) as reader:
        list(rows(reader, notes, "SELECT x FROM t"))
    assert "read as it is on disk, without a.db-wal" in notes.all()[0].message

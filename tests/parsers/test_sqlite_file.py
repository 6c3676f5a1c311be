"""A database is read with its write-ahead log, and nothing is ever written beside it."""

import hashlib
import shutil
import sqlite3
from contextlib import closing

import pytest

from trainlint.parsers.stores.sqlite_file import has_tables, opened


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
        with pytest.raises(sqlite3.OperationalError):
            connection.execute("INSERT INTO t VALUES (3)")
    assert contents(dead.parent) == before


def test_a_writer_is_not_disturbed(tmp_path):
    path = tmp_path / "a.db"
    with closing(write(path, "wal")) as writer:
        writer.execute("INSERT INTO t VALUES (3)")  # not committed
        with opened(path) as reader:
            assert len(reader.execute("SELECT x FROM t").fetchall()) == 2
            writer.commit()
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

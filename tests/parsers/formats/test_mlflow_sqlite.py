"""MLflow's database: a NaN that is stored as 0.0, an infinity as the largest float, and what was deleted."""

import math
import random
import sqlite3
import sys
from contextlib import closing

import numpy as np
import pytest

from trainlint.parsers.formats.trackers.mlflow_sqlite import PARSER

SCHEMA = """
CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name VARCHAR, lifecycle_stage VARCHAR);
CREATE TABLE runs (run_uuid VARCHAR PRIMARY KEY, name VARCHAR, status VARCHAR, start_time BIGINT, lifecycle_stage VARCHAR,
  experiment_id INTEGER);
CREATE TABLE metrics (key VARCHAR, value FLOAT, timestamp BIGINT, run_uuid VARCHAR, step BIGINT DEFAULT 0, is_nan BOOLEAN);
CREATE TABLE params (key VARCHAR, value VARCHAR, run_uuid VARCHAR);
CREATE TABLE tags (key VARCHAR, value VARCHAR, run_uuid VARCHAR);
INSERT INTO experiments VALUES (1, 'digits', 'active'), (2, 'gone', 'deleted');
INSERT INTO runs VALUES ('a', 'first', 'FINISHED', 10, 'active', 1), ('b', '', 'RUNNING', 20, 'active', 1),
  ('c', 'deleted', 'FINISHED', 30, 'deleted', 1), ('d', 'elsewhere', 'FINISHED', 40, 'active', 2);
INSERT INTO tags VALUES ('mlflow.runName', 'second', 'b');
INSERT INTO params VALUES ('lr', '1e-3', 'a'), ('opt', 'sgd', 'a'), ('db_password', 'x', 'a'), ('lr', '0.1', 'b');
"""
TIME = 1_700_000_000_000


def write(folder, metrics, schema=SCHEMA, name="mlflow.db"):
    path = folder / name
    with closing(sqlite3.connect(path)) as database:
        database.executescript(schema)
        marks = ", ".join("?" * (len(metrics[0]) if metrics else 6))
        database.executemany(f"INSERT INTO metrics VALUES ({marks})", metrics)
        database.commit()
    return path


def test_runs(tmp_path):
    largest = sys.float_info.max
    values = [(3.0, 0), (0.0, 1), (largest, 0), (-largest, 0), (1.0, 0)]
    metrics = [("loss", v, TIME + 1000 * i, "a", i, nan) for i, (v, nan) in enumerate(values)]
    metrics += [("nostep", v, TIME - v, "a", 0, 0) for v in (1, 2)] + [("loss", 9, TIME, "b", 0, 0)]
    path = write(tmp_path, metrics + [("loss", 1, TIME, run, 0, 0) for run in "cd"])
    assert PARSER.matches(path.name)
    assert PARSER.sniff(path, path.read_bytes()[:4096])
    first, second = PARSER.parse(path)
    curves = {curve.tag: curve for curve in first.all_curves}
    assert curves["loss"].step.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(curves["loss"].value, [3, math.nan, math.inf, -math.inf, 1])
    assert curves["loss"].wall_time.tolist() == [TIME / 1000 + i for i in range(5)]
    assert (curves["nostep"].axis, curves["nostep"].value.tolist()) == ("row", [2, 1])
    assert first.hyperparameters == {"lr": 0.001, "opt": "sgd", "db_password": "***"}
    assert (first.name, first.notes, first.is_cut_short) == ("first", [], False)
    assert (second.name, second.is_cut_short, second.hyperparameters) == ("second", True, {"lr": 0.1})
    assert [note.message for note in second.notes] == ["the status of the run is RUNNING, not FINISHED"]


def test_several_experiments(tmp_path):
    path = write(tmp_path, [("loss", 1, TIME, "d", 0, 0)], SCHEMA.replace("'gone', 'deleted'", "'other', 'active'"))
    assert [run.name for run in PARSER.parse(path)] == ["digits/first", "digits/second", "other/elsewhere"]


def test_old_schema(tmp_path):
    schema = SCHEMA.replace(", step BIGINT DEFAULT 0, is_nan BOOLEAN", "")
    first, _ = PARSER.parse(write(tmp_path, [("loss", v, TIME + v, "a") for v in (1, 2)], schema))
    assert [(curve.axis, curve.value.tolist()) for curve in first.all_curves] == [("row", [1, 2])]


def test_odd_types(tmp_path):
    odd = [b"\xff", "abc", None, "3.5", 2**62, 1.5, "", "nan"]
    path = write(tmp_path, [("loss", v, "x", "a", v, None) for v in odd] + [(b"\xff\0", 1, None, "a", None, "x")])
    first, _ = PARSER.parse(path)
    curves = {curve.tag: curve.value.tolist() for curve in first.all_curves}
    assert curves["loss"][:3] == [3.5, 2.0**62, 1.5]


HOSTILE = [
    pytest.param(
        "CREATE VIEW {t} AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n", id="view"
    ),
    pytest.param("CREATE VIRTUAL TABLE {t} USING fts4(key, value)", id="virtual"),
]


@pytest.mark.parametrize("statement", HOSTILE)
def test_only_tables_are_queried(tmp_path, statement):
    path = write(tmp_path, [])
    with closing(sqlite3.connect(path)) as database:
        database.executescript(f"DROP TABLE metrics; {statement.format(t='metrics')}")
    assert not PARSER.sniff(path, path.read_bytes()[:4096])


def test_other_databases(tmp_path):
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE runs (a)")
    assert not PARSER.sniff(path, path.read_bytes()[:4096])
    (run,) = PARSER.parse(path)
    assert run.notes
    path.write_bytes(b"")
    assert not PARSER.sniff(path, b"")
    (run,) = PARSER.parse(path)
    assert run.notes
    with pytest.raises(OSError, match="nowhere"):
        list(PARSER.parse(tmp_path / "nowhere.db"))


def test_no_runs(tmp_path):
    (run,) = PARSER.parse(write(tmp_path, [], SCHEMA.replace("'active', 1)", "'deleted', 1)")))
    assert [note.message for note in run.notes] == ["contains no runs"]


@pytest.mark.parametrize("seed", range(20))
def test_damage(tmp_path, seed):
    chance = random.Random(seed)
    whole = write(tmp_path, [("loss", 9 - i / 64, TIME + i, "a", i, 0) for i in range(2000)]).read_bytes()
    position = len(whole) * seed // 20
    noise = chance.randbytes(200)
    path = tmp_path / "damaged.db"
    for data in (whole[:position], whole[:position] + noise + whole[position + 200 :], whole[:100] + noise):
        path.write_bytes(data)
        assert PARSER.sniff(path, data[:4096]) in (True, False)
        runs = list(PARSER.parse(path))
        values = [c.value.tolist() for c in runs[0].all_curves if c.tag == "loss"]
        assert (values and len(values[0]) == 2000) or any(run.notes for run in runs) or data == whole

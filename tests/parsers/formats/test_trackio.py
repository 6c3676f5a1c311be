"""Trackio's database: steps as JSON objects, NaN as text, and the first schema without ids of runs."""

import json
import sqlite3
from contextlib import closing

import pytest

from trainlint.parsers.formats.trackers.trackio import PARSER

SCHEMA = """
CREATE TABLE metrics (id INTEGER PRIMARY KEY, run_id TEXT, timestamp TEXT, run_name TEXT, step INTEGER, metrics TEXT);
CREATE TABLE configs (id INTEGER PRIMARY KEY, run_id TEXT, run_name TEXT, config TEXT, created_at TEXT);
"""
TIME = "2026-11-23T06:31:07.5+00:00"


def write(folder, rows, configs=(), schema=SCHEMA):
    path = folder / "project.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(schema)
        for table, filled in (("metrics", rows), ("configs", configs)):
            for row in filled:
                database.execute(
                    f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", [*row.values()]
                )
        database.commit()
    return path


def row(run, step, metrics, time=TIME):
    text = metrics if isinstance(metrics, bytes | str) else json.dumps(metrics).encode()
    return {"run_id": f"id-{run}", "run_name": run, "step": step, "timestamp": time, "metrics": text}


def test_runs(tmp_path):
    rows = [row("a", 0, {"loss": 2.5, "val": {"acc": 0.5}, "note": "x"}), row("b", 0, {"loss": 9}),
            row("a", 1, {"loss": "NaN", "epoch": 1}), row("a", 2, {"loss": "-Infinity"})]  # fmt: skip
    config = {"run_id": "id-a", "run_name": "a", "config": json.dumps({"lr": 0.1, "m": {"h": 2}, "_Group": None})}
    path = write(tmp_path, rows, [config])
    assert PARSER.matches(path.name)
    assert PARSER.sniff(path, path.read_bytes()[:4096])
    first, second = PARSER.parse(path)
    curves = {curve.tag: (curve.step.tolist(), str(curve.value.tolist())) for curve in first.all_curves}
    assert curves == {"loss": ([0, 1, 2], "[2.5, nan, -inf]"), "val/acc": ([0], "[0.5]"), "epoch": ([1], "[1.0]")}
    assert first.all_curves[0].wall_time.tolist() == [1795415467.5] * 3
    assert first.hyperparameters == {"lr": 0.1, "m.h": 2}
    assert (first.name, second.name, first.notes, second.hyperparameters) == ("a", "b", [], {})


def test_first_schema(tmp_path):
    rows = [row("a", step, {"loss": step}) for step in (1, 2)]
    for each in rows:
        del each["run_id"]
    (run,) = PARSER.parse(write(tmp_path, rows, schema=SCHEMA.replace("run_id TEXT, ", "")))
    assert (run.name, run.all_curves[0].step.tolist()) == ("a", [1, 2])


def test_odd_rows(tmp_path):
    rows = [row("a", 0, b"\xff\xfe"), row("a", "x", {"loss": 1}, 5), row("a", None, "[1]"), row("a", 7, {"loss": [1]}),
            row(None, 8, {"loss": 2})]  # fmt: skip
    runs = list(PARSER.parse(write(tmp_path, rows)))
    assert [run.name for run in runs] == ["a", "None"]
    assert runs[0].all_curves[0].value.tolist() == [1]
    assert [note.where for note in runs[0].notes] == ["row 1", "row 3"]


def test_empty(tmp_path):
    (run,) = PARSER.parse(write(tmp_path, []))
    assert [note.message for note in run.notes] == ["contains no runs"]


@pytest.mark.parametrize("part", range(20))
def test_damage(tmp_path, part):
    path = write(tmp_path, [row("a", step, {"loss": step, "pad": "x" * 300}) for step in range(200)])
    whole = path.read_bytes()
    position = len(whole) * part // 20
    for data in (whole[:position], whole[:position] + b"\xa5" * 90 + whole[position + 90 :]):
        path.write_bytes(data)
        assert PARSER.sniff(path, data[:4096]) in (True, False)
        runs = list(PARSER.parse(path))
        values = [curve.value.tolist() for run in runs for curve in run.all_curves if curve.tag == "loss"]
        assert values == [list(range(200))] or any(run.notes for run in runs)

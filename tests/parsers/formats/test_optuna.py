"""Optuna's two stores tell the same trials: choices by index, values that are no numbers, trials that were added."""

import json
import random
import sqlite3
from contextlib import closing

import pytest

from trainlint.parsers.formats.trackers.optuna_journal import PARSER as JOURNAL
from trainlint.parsers.formats.trackers.optuna_sqlite import PARSER as SQLITE

FLOAT = json.dumps({"name": "FloatDistribution", "attributes": {"low": 0, "high": 1, "step": None, "log": False}})
INT = json.dumps({"name": "IntDistribution", "attributes": {"low": 0, "high": 9, "step": 1, "log": False}})
CHOICE = json.dumps({"name": "CategoricalDistribution", "attributes": {"choices": ["sgd", None, 3]}})

SCHEMA = """
CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name VARCHAR);
CREATE TABLE study_directions (study_direction_id INTEGER PRIMARY KEY, direction VARCHAR, study_id INTEGER, objective INTEGER);
CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER, study_id INTEGER, state VARCHAR);
CREATE TABLE trial_params (param_id INTEGER PRIMARY KEY, trial_id INTEGER, param_name VARCHAR, param_value FLOAT,
  distribution_json TEXT);
CREATE TABLE trial_intermediate_values (trial_intermediate_value_id INTEGER PRIMARY KEY, trial_id INTEGER, step INTEGER,
  intermediate_value FLOAT, intermediate_value_type VARCHAR);
INSERT INTO studies VALUES (1, 'one'), (2, 'two');
INSERT INTO study_directions (direction, study_id) VALUES ('MAXIMIZE', 1), ('MINIMIZE', 2), ('MAXIMIZE', 2);
INSERT INTO trials VALUES (1, 0, 1, 'COMPLETE'), (2, 1, 1, 'PRUNED'), (3, 0, 2, 'RUNNING'), (4, 2, 1, 'COMPLETE');
INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type) VALUES
  (1, 0, 0.5, 'FINITE'), (1, 1, NULL, 'NAN'), (1, 2, NULL, 'INF_POS'), (1, 3, NULL, 'INF_NEG'), (2, 0, 2, 'FINITE'),
  (3, 5, 3, 'FINITE');
"""


def write_database(path, schema=SCHEMA):
    with closing(sqlite3.connect(path)) as database:
        database.executescript(schema)
        settings = [
            (1, "lr", 0.25, FLOAT),
            (1, "n", 4.0, INT),
            (1, "opt", 1.0, CHOICE),
            (2, "opt", 0.0, CHOICE),
            (3, "opt", 9.0, CHOICE),
        ]
        query = "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)"
        database.executemany(query, settings)
        database.commit()


OPERATIONS = [
    {"op_code": 0, "study_name": "one", "directions": [2]},
    {"op_code": 0, "study_name": "two", "directions": [1, 2]},
    {"op_code": 4, "study_id": 0},
    {"op_code": 5, "trial_id": 0, "param_name": "lr", "param_value_internal": 0.25, "distribution": FLOAT},
    {"op_code": 5, "trial_id": 0, "param_name": "n", "param_value_internal": 4.0, "distribution": INT},
    {"op_code": 5, "trial_id": 0, "param_name": "opt", "param_value_internal": 1, "distribution": CHOICE},
    {"op_code": 4, "study_id": 0, "state": 2, "params": {"opt": 0}, "distributions": {"opt": CHOICE},
     "intermediate_values": {"0": 2}},
    {"op_code": 7, "trial_id": 0, "step": 0, "intermediate_value": 0.5},
    {"op_code": 7, "trial_id": 0, "step": 1, "intermediate_value": float("nan")},
    {"op_code": 7, "trial_id": 0, "step": 2, "intermediate_value": float("inf")},
    {"op_code": 7, "trial_id": 0, "step": 3, "intermediate_value": float("-inf")},
    {"op_code": 4, "study_id": 1},
    {"op_code": 5, "trial_id": 2, "param_name": "opt", "param_value_internal": 9, "distribution": CHOICE},
    {"op_code": 7, "trial_id": 2, "step": 5, "intermediate_value": 3},
    {"op_code": 6, "trial_id": 0, "state": 1, "values": [1]},
    {"op_code": 4, "study_id": 0},
    {"op_code": 8, "trial_id": 0, "user_attr": {"a": 1}},
]  # fmt: skip
JOURNAL_TEXT = "".join(json.dumps({**operation, "worker_id": "w"}) + "\n" for operation in OPERATIONS)


@pytest.mark.parametrize("parser", [SQLITE, JOURNAL], ids=lambda parser: parser.id)
def test_trials(tmp_path, parser):
    path = tmp_path / ("study.db" if parser is SQLITE else "journal.log")
    write_database(path) if parser is SQLITE else path.write_text(JOURNAL_TEXT)
    assert parser.matches(path.name)
    assert parser.sniff(path, path.read_bytes()[:4096])
    first, second, third = parser.parse(path)
    (curve,) = first.all_curves
    assert (curve.tag, curve.step.tolist(), str(curve.value.tolist())) == (
        "intermediate_value", [0, 1, 2, 3], "[0.5, nan, inf, -inf]",
    )  # fmt: skip
    assert (curve.role, curve.direction, third.all_curves[0].direction) == ("score", "higher", "unknown")
    assert first.hyperparameters == {"lr": 0.25, "n": 4, "opt": None}
    assert (second.hyperparameters, third.hyperparameters) == ({"opt": "sgd"}, {"opt": 9})
    assert [run.name for run in (first, second, third)] == ["one/trial-0", "one/trial-1", "two/trial-0"]
    assert [run.is_cut_short for run in (first, second, third)] == [False, False, True]
    assert "1 trials reported no" in first.notes[0].message
    assert "pruned" in second.notes[0].message


def test_first_schema(tmp_path):
    path = tmp_path / "study.db"
    schema = SCHEMA.replace(
        ",\n  intermediate_value FLOAT, intermediate_value_type VARCHAR", ",\n  intermediate_value FLOAT"
    )
    head, _, _ = schema.partition("INSERT INTO trial_intermediate_values")
    write_database(path, head + "INSERT INTO trial_intermediate_values VALUES (1, 1, 0, 0.5), (2, 1, 1, NULL);")
    run, *_ = SQLITE.parse(path)
    assert str(run.all_curves[0].value.tolist()) == "[0.5, nan]"


def test_no_curves(tmp_path):
    path = tmp_path / "journal.log"
    path.write_text("".join(JOURNAL_TEXT.splitlines(keepends=True)[:3]))
    (run,) = JOURNAL.parse(path)
    assert [note.message for note in run.notes] == [
        "1 trials reported no intermediate values and have no curve",
        "contains no trial with a curve",
    ]


def test_other_files(tmp_path):
    assert not JOURNAL.sniff(tmp_path / "a.log", b'{"step": 1, "loss": 2}\n')
    assert not JOURNAL.sniff(tmp_path / "a.log", b"")
    assert not SQLITE.sniff(tmp_path / "a.db", b"SQLite format 3\0")


ODD = [
    {"op_code": 0, "study_name": None, "directions": [[1]]}, {"op_code": 0}, {"op_code": 4, "study_id": 99},
    {"op_code": 5, "trial_id": -1}, {"op_code": 6, "trial_id": 0, "state": [1]}, {"op_code": [7]}, [1], None,
    {"op_code": 4, "study_id": 0, "params": 3, "distributions": {"a": 3}, "intermediate_values": {"x": [1], "2": "y"}},
    {"op_code": 7, "trial_id": 0, "step": {}, "intermediate_value": 1}, {"op_code": 5, "trial_id": 0, "distribution": "[1]"},
    {"op_code": 5, "trial_id": 0, "distribution": '{"name": 3, "attributes": [1]}', "param_value_internal": float("inf")},
]  # fmt: skip


def test_odd_operations(tmp_path):
    path = tmp_path / "journal.log"
    path.write_text("".join(json.dumps(operation) + "\n" for operation in ODD))
    run, *_ = JOURNAL.parse(path)
    assert run.all_curves[0].value.tolist() == [1]


@pytest.mark.parametrize("seed", range(20))
def test_damage(tmp_path, seed):
    chance = random.Random(seed)
    database, journal = tmp_path / "study.db", tmp_path / "journal.log"
    write_database(database)
    for path, parser, whole in ((database, SQLITE, database.read_bytes()), (journal, JOURNAL, JOURNAL_TEXT.encode())):
        position = len(whole) * seed // 20
        noise = chance.randbytes(60)
        for data in (whole[:position], whole[:position] + noise + whole[position:], noise * 30):
            path.write_bytes(data)
            assert parser.sniff(path, data[:4096]) in (True, False)
            assert list(parser.parse(path))

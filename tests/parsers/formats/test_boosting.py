"""CatBoost, XGBoost and LightGBM: read, and known as what they are."""

import json

import pytest

from trainlint.parsers.formats.frameworks import boosting_evals, catboost, tensorboard
from trainlint.parsers.formats.generic import json_table

from ..event_files import scalar
from ..event_files import write as write_events

DOCUMENT = {
    "meta": {
        "learn_metrics": [{"best_value": "Min", "name": "Logloss"}],
        "test_metrics": [{"best_value": "Min", "name": "Logloss"}, {"best_value": "Max", "name": "AUC"}],
    },
    "iterations": [
        {"learn": [0.5 - i / 10], "iteration": i, "passed_time": 0.1 * i, "test": [0.6 - i / 10, 0.9]} for i in range(3)
    ],
}


def write_catboost(folder, names):
    contents = {
        "catboost_training.json": json.dumps(DOCUMENT, indent=0),
        "learn_error.tsv": "iter\tLogloss\n0\t0.5\n1\t0.4\n2\t0.3\n",
        "test_error.tsv": "iter\tLogloss\tAUC\n0\t0.6\t0.9\n1\t0.5\t0.9\n2\t0.4\t0.9\n",
        "time_left.tsv": "iter\tPassed\tRemaining\n0\t189\t2082\n",
    }
    for name in names:
        (folder / name).write_text(contents[name])
    return [folder / name for name in sorted(names)]


def test_catboost_document_gives_splits_and_directions(tmp_path):
    paths = write_catboost(tmp_path, ["catboost_training.json", "learn_error.tsv", "test_error.tsv", "time_left.tsv"])
    assert all(catboost.PARSER.sniff(path, path.read_bytes()) for path in paths)
    (run,) = catboost.PARSER.parse_files(paths)
    found = {curve.tag: (curve.split, curve.role, curve.direction, len(curve)) for curve in run.all_curves}
    assert found["learn/Logloss"] == ("train", "loss", "lower", 3)
    assert found["test/AUC"] == ("validation", "score", "higher", 3)
    assert run.framework == "catboost"
    assert run.all_curves[1].step.tolist() == [0, 1, 2]


def test_catboost_tables_alone(tmp_path):
    (run,) = catboost.PARSER.parse_files(write_catboost(tmp_path, ["learn_error.tsv", "test_error.tsv"]))
    assert {curve.tag: curve.split for curve in run.all_curves} == {
        "learn/Logloss": "train", "test/Logloss": "validation", "test/AUC": "validation",
    }  # fmt: skip


def test_catboost_damaged_document_leaves_the_tables(tmp_path):
    paths = write_catboost(tmp_path, ["catboost_training.json", "learn_error.tsv"])
    (tmp_path / "catboost_training.json").write_text('{"meta"')
    (run,) = catboost.PARSER.parse_files(paths)
    assert [curve.tag for curve in run.all_curves] == ["learn/Logloss"]


def test_times_left_are_no_metrics(tmp_path):
    (run,) = catboost.PARSER.parse_files(write_catboost(tmp_path, ["time_left.tsv"]))
    assert not run.all_curves


@pytest.mark.parametrize(
    ("content", "framework"),
    [
        ({"train": {"logloss": [0.5, 0.4], "auc": [0.5, 0.6]}, "eval": {"logloss": [0.6, 0.5]}}, "xgboost"),
        ({"validation_0": {"rmse": [3, 2]}}, "xgboost"),
        ({"training": {"auc": [0.5, 0.6]}, "valid_0": {"auc": [0.5, 0.6]}}, "lightgbm"),
        ({"mine": {"binary_logloss": [0.5], "ndcg@10": [0.1]}}, "lightgbm"),
    ],
)
def test_evals_results(tmp_path, content, framework):
    path = tmp_path / "evals_result.json"
    path.write_text(json.dumps(content))
    assert boosting_evals.PARSER.sniff(path, path.read_bytes())
    (run,) = boosting_evals.PARSER.parse(path)
    assert run.framework == framework
    assert {curve.tag for curve in run.all_curves} == {f"{s}/{m}" for s, metrics in content.items() for m in metrics}


@pytest.mark.parametrize(
    "content",
    [{}, [], {"loss": [1, 2]}, {"train": {"loss": [1, 2], "auc": [1, 2]}}, {"train": {}}, {"a": {"auc": 0.5}}],
)
def test_others_are_not_taken(tmp_path, content):
    assert not boosting_evals.PARSER.sniff(tmp_path / "evals.json", json.dumps(content).encode())
    assert boosting_evals.PARSER.id != json_table.PARSER.id


@pytest.mark.parametrize(
    ("name", "folder", "split", "framework"),
    [
        ("events.out.tfevents", "test", "validation", "catboost"),
        ("events.out.tfevents", "learn", "none", "catboost"),
        ("events.out.tfevents.17.host", "test", "none", None),
    ],
)
def test_event_files_of_catboost(tmp_path, name, folder, split, framework):
    (tmp_path / folder).mkdir()
    path = write_events(tmp_path / folder, scalar("Logloss", 0.5), name=name, version=False)
    (run,) = tensorboard.PARSER.parse(path)
    assert (run.all_curves[0].split, run.framework) == (split, framework)

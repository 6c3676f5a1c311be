"""Rows or columns in one JSON document."""

import json

import pytest

from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.read import read_group
from trainlint.parsers.formats.generic.json_table import PARSER

LOSS = {"train_loss": ([0, 1, 2], [3, 2, 1])}
ROWS = [{"epoch": i, "train_loss": 3 - i} for i in range(3)]


def read(tmp_path, document, name="log.json"):
    path = tmp_path / name
    path.write_text(json.dumps(document, indent=1))
    assert PARSER.sniff(path, path.read_bytes()[:4096])
    (run,) = PARSER.parse(path)
    return run


def curves(run):
    return {curve.tag: (curve.step.tolist(), curve.value.tolist()) for curve in run.all_curves}


@pytest.mark.parametrize(
    "document",
    [
        ROWS,
        {"train_loss": [3, 2, 1]},
        {"epoch": [0, 1, 2], "train_loss": [3, 2, 1]},
        {"history": ROWS},
        {"logs": {"train_loss": [3, 2, 1]}, "best": 1},
        {"metrics": {"epoch": [0, 1, 2], "train_loss": [3, 2, 1]}, "config": {"layers": [1, 2]}},
        {"0": {"train_loss": 3}, "1": {"train_loss": 2}, "2": {"train_loss": 1}},
        {"epoch_2": {"train_loss": 1}, "epoch_0": {"train_loss": 3}, "epoch_1": {"train_loss": 2}},
        {"model": "mlp", "results": {"fit": ROWS}, "lr": 0.1},
        {"train_loss": {"0": 3, "1": 2, "2": 1}},
        {"train_loss": [3, 2, 1], "classes": ["a", "b"], "matrix": [[1, 2], [3, 4]], "seed": 1},
        [{**row, "note": "text", "best": True, "sizes": [1]} for row in ROWS],
    ],
)
def test_one_table_in_many_shapes(tmp_path, document):
    assert curves(read(tmp_path, document)) == LOSS


def test_sets_of_metrics(tmp_path):
    run = read(tmp_path, {"train": {"auc": [0.5, 0.6]}, "valid_0": {"auc": [0.4, 0.5]}})
    assert curves(run) == {"train/auc": ([0, 1], [0.5, 0.6]), "valid_0/auc": ([0, 1], [0.4, 0.5])}


def test_skorch(tmp_path):
    rows = [
        {
            "batches": [{"train_loss": 9.0}],
            "epoch": i,
            "train_batch_count": 1,
            "dur": 0.5,
            "train_loss": 1 / i,
            "train_loss_best": True,
        }
        for i in (1, 2)
    ]
    run = read(tmp_path, rows)
    assert run.framework == "skorch"
    assert curves(run)["train_loss"] == ([1, 2], [1.0, 0.5])
    assert not any("best" in curve.tag for curve in run.all_curves)


def test_settings_beside_the_table(tmp_path):
    run = read(tmp_path, {"config": {"lr": 0.1, "token": "abc"}, "history": ROWS})
    assert run.hyperparameters == {"lr": 0.1, "token": "***"}


def test_cut(tmp_path):
    path = tmp_path / "log"
    path.write_text(json.dumps(ROWS)[:-12])
    (run,) = PARSER.parse(path)
    assert curves(run) == {"train_loss": ([0, 1], [3, 2])}
    assert "truncated or damaged" in run.notes[0].message


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("config.json", {"loss": [1, 2], "lr": 0.1}),
        ("settings.json", {"lr": 0.1, "loss": "mse", "layers": [64, 64]}),
        ("results.json", {"loss": 0.1, "accuracy": 0.9}),
        ("labels.json", [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]),
        ("package.json", {"name": "x", "scripts": {"train": "y"}}),
        ("empty.json", {}),
        ("list.json", [1, 2, 3]),
        ("text.json", "loss"),
    ],
)
def test_no_logs(tmp_path, name, document):
    assert not PARSER.sniff(tmp_path / name, json.dumps(document).encode())


@pytest.mark.parametrize(
    "document",
    [
        {"args": {"lr": 0.1}, "history": [{"epoch": i, "train_loss": 1 / (i + 1)} for i in range(500)]},
        {f"epoch_{i}": {"train_loss": 1 / (i + 1)} for i in range(500)},
    ],
)
def test_a_long_document_on_one_line_is_no_log_of_one_row(tmp_path, document):
    path = tmp_path / "log.json"
    path.write_text(json.dumps(document))
    (run,) = (run for group in discover([tmp_path]).groups for run in read_group(group, tmp_path))
    assert [(curve.tag, len(curve)) for curve in run.all_curves] == [("train_loss", 500)]

"""History.history as JSON."""

import json

import numpy as np
import pytest

from trainlint.parsers.formats.frameworks.keras_history import PARSER

LISTS = {"loss": [3.0, 2.0, float("nan"), 1.0], "val_loss": [3.5, 2.5, 2.0, 1.5]}


def read(tmp_path, document):
    path = tmp_path / "history.json"
    path.write_text(json.dumps(document))
    assert PARSER.sniff(path, path.read_bytes()[:4096])
    (run,) = PARSER.parse(path)
    return run, {curve.tag: curve for curve in run.all_curves}


def test_lists(tmp_path):
    run, curves = read(tmp_path, LISTS)
    assert run.framework == "keras"
    np.testing.assert_array_equal(curves["loss"].value, LISTS["loss"])
    for curve in curves.values():
        assert (curve.axis, curve.step.tolist(), curve.epoch.tolist()) == ("epoch", [0, 1, 2, 3], [0, 1, 2, 3])


def test_pandas(tmp_path):
    values = {name: {str(i): None if v != v else v for i, v in enumerate(column)} for name, column in LISTS.items()}  # noqa: PLR0124
    _, curves = read(tmp_path, values)
    assert (curves["loss"].step.tolist(), curves["loss"].value.tolist()) == ([0, 1, 3], [3.0, 2.0, 1.0])


def test_validation_now_and_then(tmp_path):
    run, curves = read(tmp_path, {"loss": [4, 3, 2, 1], "val_loss": [3.5, 1.5]})
    assert curves["val_loss"].step.tolist() == [1, 3]
    assert "val_loss every 2 rows" in run.notes[0].message


def test_an_uneven_list_starts_at_the_first_epoch(tmp_path):
    _, curves = read(tmp_path, {"loss": [4, 3, 2, 1], "val_loss": [4, 3, 2]})
    assert curves["val_loss"].step.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "document",
    [{"lr": 0.1, "loss": "mse"}, {"loss": []}, {"train_loss": [1, 2]}, [{"loss": 1}], 3, {"a": {"loss": [1, 2]}}, {}],
)
def test_not_keras(tmp_path, document):
    assert not PARSER.sniff(tmp_path / "history.json", json.dumps(document).encode())

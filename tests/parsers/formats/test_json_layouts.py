"""JSON documents that name no columns: the orientations of pandas, lists of numbers, downloads of TensorBoard."""

import json

import numpy as np
import pandas as pd
import pytest

from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.read import read_group


def read(folder, name, text):
    path = folder / "exp" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    found = discover([path.parent])
    runs = [run for group in found.groups for run in read_group(group, found.root, strict=True)]
    return {
        c.tag: (c.axis, len(c), int(c.step[0]), int(c.step[-1]), float(c.value[0]), float(c.value[-1]))
        for run in runs
        for c in run.all_curves
    }


COUNTS = [5, 3000]  # of the longer ones, no row stands in the head in some orientations
LOSS = {count: [2 - i / 4096 for i in range(count)] for count in COUNTS}


@pytest.mark.parametrize("orient", ["split", "index", "columns", "records", "table"])
@pytest.mark.parametrize("count", COUNTS)
def test_frames_of_pandas(tmp_path, orient, count):
    frame = pd.DataFrame({"epoch": range(count), "loss": LOSS[count], "note": "x"})
    found = read(tmp_path, "history.json", frame.to_json(orient=orient, double_precision=15))
    assert found == {"loss": ("epoch", count, 0, count - 1, 2.0, LOSS[count][-1])}


@pytest.mark.parametrize("orient", ["split", "index", "records", "table"])
@pytest.mark.parametrize("count", COUNTS)
def test_series_of_pandas(tmp_path, orient, count):
    text = pd.Series(LOSS[count], name="train_loss").to_json(orient=orient, double_precision=15)
    assert read(tmp_path, "train_loss.json", text) == {"train_loss": ("row", count, 0, count - 1, 2.0, LOSS[count][-1])}


@pytest.mark.parametrize("count", COUNTS)
def test_lists(tmp_path, count):
    row = ("row", count, 0, count - 1, 2.0, LOSS[count][-1])
    assert read(tmp_path / "a", "val_losses.json", LOSS[count]) == {"val_losses": row}
    assert read(tmp_path / "b", "loss.json", {"train": LOSS[count], "val": LOSS[count]}) == {
        "train/loss": row,
        "val/loss": row,
    }
    pairs = [[10 * i, value] for i, value in enumerate(LOSS[count])]
    assert read(tmp_path / "c", "loss.json", pairs) == {"loss": ("step", count, 0, 10 * (count - 1), *row[4:])}


@pytest.mark.parametrize("count", COUNTS)
def test_lines_of_plots(tmp_path, count):
    """`{plot: {line: {"x", "y"}}}`: lines with steps of their own."""
    drawn = {
        "loss": {
            "train": {"name": "train", "x": [10 * i for i in range(count)], "y": LOSS[count]},
            "validation": {"name": "validation", "x": [20, 40], "y": [2.5, 1.5]},
        },
        ":monitor:gpu": {"gpu_0": {"name": "gpu_0", "x": [5, 10, 15], "y": [91.5, 90.0, 89.5]}},
    }
    assert read(tmp_path, "task_scalars.json", drawn) == {
        "loss/train": ("step", count, 0, 10 * (count - 1), 2.0, LOSS[count][-1]),
        "loss/validation": ("step", 2, 20, 40, 2.5, 1.5),
        ":monitor:gpu/gpu_0": ("step", 3, 5, 15, 91.5, 89.5),
    }


def test_lines_that_are_drawn_over_something_else_are_no_steps(tmp_path):
    found = read(tmp_path, "metrics.json", {"loss": {"train": {"x": [0.1, 0.2, 0.3], "y": [3.5, 2.5, 1.5]}}})
    assert all(axis == "row" for axis, *_ in found.values())


@pytest.mark.parametrize("count", COUNTS)
def test_download_of_tensorboard(tmp_path, count):
    rows = [[1_700_000_000.5 + i, 10 * i, value] for i, value in enumerate(LOSS[count])]
    found = read(tmp_path, "run-a-tag-train_loss.json", rows)
    assert list(found.values()) == [("step", count, 0, 10 * (count - 1), 2.0, LOSS[count][-1])]


def test_all_scalars_of_a_writer_are_curves_of_one_run(tmp_path):
    def points(by, values):
        return [[1_700_000_000.5 + i, by * i, value] for i, value in enumerate(values)]

    document = {"./logs/a/Cost/fit": points(1, LOSS[5]), "./logs/a/Cost/val": points(2, [0.5, 0.25])}
    found = read(tmp_path, "scalars.json", document)
    assert found == {"Cost/fit": ("step", 5, 0, 4, 2.0, LOSS[5][-1]), "Cost/val": ("step", 2, 0, 2, 0.5, 0.25)}


@pytest.mark.parametrize("name", ["state.json", "state.log"])
@pytest.mark.parametrize("count", COUNTS)
def test_quantities_that_bring_their_counter(tmp_path, count, name):
    document = {
        "Loss": {"iters": [5 * i for i in range(count)], "Mean": LOSS[count]},
        "Other": {"iters": [0, 5], "real": [1.5, 2.5]},
    }
    found = read(tmp_path, name, document)
    assert found["Loss/Mean"] == ("step", count, 0, 5 * (count - 1), 2.0, LOSS[count][-1])
    assert found["Other/real"] == ("step", 2, 0, 5, 1.5, 2.5)


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("scalars.json", {"a/x": [[1, 2, 3.5], [4, 5, 6.5]], "a/y": [[1, 2, 3.5], [4, 5, 6.5]]}),  # no times
        ("state.log", {"A": {"iters": 3, "Mean": 0.5}, "B": {"iters": 4, "Mean": 0.5}}),
        ("numbers.json", [0.5, 0.25, 0.125]),  # no name of a metric
        ("accuracy.json", [3, 1, 2, 0]),  # ids
        ("loss.json", [["a", 0.5], ["b", 0.25]]),
        ("loss.json", [[0.5, 0.25, 0.125], [0.1, 0.2, 0.3]]),  # a matrix
        ("loss.json", [[1], [2, 0.5]]),
        ("loss.json", {"lr": 0.1, "2": 0.5}),
        ("loss.json", {"columns": 3, "data": [[1]]}),
        ("loss.json", {"schema": 1, "data": 2}),
        ("loss.json", {"name": None, "index": [], "data": {"a": 1}}),
        ("table.json", {"columns": [["a", 0], None], "data": [[1, 0.5], 3, [2]]}),
        ("loss.json", []),
        ("loss.json", 0.5),
    ],
)
def test_other_documents(tmp_path, name, document):
    assert read(tmp_path, name, document) == {}


def test_missing_values(tmp_path):
    assert read(tmp_path, "loss.json", "[2.5, null, NaN, 1.5]") == {"loss": ("row", 3, 0, 3, 2.5, 1.5)}


@pytest.mark.parametrize("key", ["snapshot_pkl", "checkpoint"])
def test_evaluations_of_snapshots(tmp_path, key):
    rows = [
        {"results": {"fid50k": 60 + i}, "metric": "fid50k", key: f"out/net-v2-snapshot-{200 * i:06}.pkl"}
        for i in range(5)
    ]
    found = read(tmp_path / "snap", "metric-fid.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert found == {"results/fid50k": ("step", 5, 0, 800, 60.0, 64.0)}
    rows = [{"step": 7 * i, **row} for i, row in enumerate(rows)]
    found = read(tmp_path / "step", "metric-fid.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert found["results/fid50k"][:4] == ("step", 5, 0, 28)


def test_many_evaluations_of_snapshots(tmp_path):
    """Files above a megabyte are read in another way."""
    rows = [{"fid": float(np.float32(i % 9)), "checkpoint": f"ckpt-{i}.pt", "pad": "x" * 200} for i in range(6000)]
    found = read(tmp_path, "fid.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert found["fid"][:4] == ("step", 6000, 0, 5999)

"""MLflow's file store: lines of two, three and five fields, steps that were never given, runs that were deleted."""

import math
import random

import numpy as np
import pytest

from trainlint.parsers.formats.trackers.mlflow_files import PARSER

META = """artifact_uri: file:///x/artifacts
end_time: 1700000009000
experiment_id: '7'
lifecycle_stage: active
run_id: 5fe3
run_name: calm-finch-1
start_time: 1700000000000
status: 3
"""


def write(folder, files, meta=META):
    for name, text in {"meta.yaml": meta, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / "meta.yaml"


def read(folder, files, meta=META):
    (run,) = PARSER.parse(write(folder, files, meta))
    return run


def test_run(tmp_path):
    run = read(tmp_path, {
        "metrics/val_loss": "1700000001000 3.0 0\n1700000002000 nan 5\n1700000003000 -inf 9\n",
        "metrics/train/loss": "1700000001500 2.5 0\n",
        "params/optimizer/lr": "0.001",
        "params/api_key": "abc",
        "params/batch": "32\n",
        "params/amp": "True",
        "tags/mlflow.user": "me",
    })  # fmt: skip
    curves = {curve.tag: curve for curve in run.all_curves}
    assert list(curves) == ["val_loss", "train/loss"]
    assert curves["val_loss"].step.tolist() == [0, 5, 9]
    np.testing.assert_array_equal(curves["val_loss"].value, [3, math.nan, -math.inf])
    assert curves["val_loss"].wall_time.tolist() == [1_700_000_001, 1_700_000_002, 1_700_000_003]
    assert run.hyperparameters == {"amp": True, "api_key": "***", "batch": 32, "optimizer/lr": 0.001}
    assert (run.name, run.framework, run.notes, run.is_cut_short) == ("calm-finch-1", "mlflow", [], False)
    assert [source.path.removeprefix(str(tmp_path)) for source in run.sources] == [
        "/meta.yaml", "/metrics/val_loss", "/metrics/train/loss",
    ]  # fmt: skip
    assert PARSER.home(tmp_path / "meta.yaml") == tmp_path


LINES = [
    pytest.param("1700000001000 1\n1700000002000 2\n", "row", [0, 1], [1, 2], id="two fields"),
    pytest.param("1700000002000 2 0\n1700000001000 1 0\n", "row", [0, 1], [1, 2], id="no steps: by time"),
    pytest.param("1700000001000 1 0 data 8a1\n1700000002000 2 3 data 8a1\n", "step", [0, 3], [1, 2], id="five fields"),
    pytest.param("1700000001000 1 0\n1700000002000 2 1\n1700000003000 3 0\n", "step", [0, 1, 0], [1, 2, 3], id="again"),
    pytest.param(
        "oops\n1700000001000 1 4\n\0\0 \xff 1\n1700000001000 2 5\n17000000010", "step", [4, 5], [1, 2], id="junk"
    ),
    pytest.param("1 1e999 99999999999999999999\n", "step", [0], [math.inf], id="out of range"),
]


@pytest.mark.parametrize(("text", "axis", "step", "value"), LINES)
def test_lines(tmp_path, text, axis, step, value):
    (curve,) = read(tmp_path, {"metrics/loss": text}).all_curves
    assert (curve.axis, curve.step.tolist(), curve.value.tolist()) == (axis, step, value)


METAS = [
    pytest.param(META.replace("status: 3", "status: 1"), True, "RUNNING", id="running"),
    pytest.param(META.replace("status: 3", "status: 4"), True, "FAILED", id="failed"),
    pytest.param(META.replace("status: 3", "status: FINISHED").replace("run_id", "run_uuid"), False, "", id="old"),
    pytest.param("run_id: a\n", True, "unknown", id="cut"),
]


@pytest.mark.parametrize(("meta", "is_cut", "status"), METAS)
def test_status(tmp_path, meta, is_cut, status):
    run = read(tmp_path, {"metrics/loss": "1700000001000 1 0\n"}, meta)
    assert PARSER.sniff(tmp_path / "meta.yaml", meta.encode())
    assert run.is_cut_short == is_cut
    assert [status in note.message for note in run.notes] == [True] * is_cut


def test_name_in_a_tag(tmp_path):
    run = read(tmp_path, {"tags/mlflow.runName": "old one"}, META.replace("run_name: calm-finch-1\n", ""))
    assert run.name == "old one"
    assert [note.message for note in run.notes] == ["the run logged no metrics"]


def test_deleted(tmp_path):
    assert list(PARSER.parse(write(tmp_path, {}, META.replace("active", "deleted")))) == []


def test_experiment_is_no_run(tmp_path):
    assert not PARSER.sniff(tmp_path / "meta.yaml", b"experiment_id: '7'\nname: Default\nlifecycle_stage: active\n")
    assert not PARSER.sniff(tmp_path / "meta.yaml", b"")


def test_many_metrics(tmp_path):
    run = read(tmp_path, {f"metrics/m{i:04}": "1700000001000 1 0\n" for i in range(1500)})
    assert len(run.all_curves) == 1500


@pytest.mark.parametrize("seed", range(20))
def test_damage(tmp_path, seed):
    chance = random.Random(seed)
    values = [float(f"{9 - i / 64:.6f}") for i in range(100)]
    text = "".join(f"{1700000001000 + i} {value} {i}\n" for i, value in enumerate(values)).encode()
    position = len(text) * seed // 20
    kept = {
        c.tag: c.value.tolist() for c in read(tmp_path, {"metrics/loss": text[:position], "metrics/b": text}).all_curves
    }
    rows = text[:position].count(b"\n")
    assert (kept.get("loss", []), kept["b"]) == (values[:rows], values)
    noise = chance.randbytes(20)
    curves = read(tmp_path, {"metrics/loss": text[:position] + noise + text[position:]}).all_curves
    assert next(c.value.tolist() for c in curves if c.tag == "loss")[:rows] == values[:rows]
    meta = META.encode()
    position = len(meta) * seed // 20
    read(tmp_path, {}, (meta[:position] + noise + meta[position:]).replace(b"deleted", b""))


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="meta"):
        list(PARSER.parse(tmp_path / "meta.yaml"))

"""The commands `inspect` and `export`."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trainlint

from ...parsers.event_files import scalar, write
from ..command_line import call, elsewhere, log  # noqa: F401  (a fixture)


def test_inspect(logs):
    process = call("inspect", logs, "--exclude", "short")
    assert process.exit_code == 0
    assert "overfit   csv-table" in process.output
    assert "loss:validation" in process.output
    missing = [line for line in process.output.splitlines() if line.startswith("  not logged")]
    assert any("gradient norm" in line and "clipping-saturation" in line for line in missing)
    assert not any("validation loss" in line for line in missing)
    assert process.output.splitlines()[-1] == "2 runs, 0 files unreadable, 0 skipped"


def test_inspect_as_json(logs):
    arguments = ("inspect", logs, "--exclude", "short", "--metric", "val_loss=score:test", "--format", "json")
    whole = json.loads(call(*arguments).output)
    assert [run["run"] for run in whole["runs"]] == ["good", "overfit"]
    told = {
        metric["tag"]: (metric["role"], metric["split"], metric["reason"]) for metric in whole["runs"][1]["metrics"]
    }
    assert told == {"train_loss": ("loss", "train", "words: loss"), "val_loss": ("score", "test", "set by the user")}
    missing = {item["what"]: item for item in whole["runs"][1]["missing"]}
    assert "overfitting" in missing["validation loss"]["rules"]
    assert missing["gradient norm"]["lines"][0]["framework"] == "PyTorch"
    assert call(*arguments, "--output", "told.json").output == ""
    assert json.loads(Path("told.json").read_text()) == whole
    assert call("inspect", logs, "--exclude", "*", "--format", "json").exit_code == 3


def test_inspect_names_what_is_too_short(logs):
    lines = call("inspect", logs / "short").output.splitlines()
    assert any(line.startswith("  insufficient data ") and "has 3:" in line and "overfitting" in line for line in lines)


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_export_keeps_missing_nan_and_infinity_apart(tmp_path, format_):
    (tmp_path / "log.csv").write_text("step,loss,acc\n0,1.5,\n1,nan,0.5\n2,inf,\n")
    lines = call("export", tmp_path / "log.csv", "-f", format_).output.splitlines()
    if format_ == "csv":
        head, *rows = (line.split(",") for line in lines)
        told = [(row[head.index("tag")], row[head.index("step")], row[head.index("value")]) for row in rows]
        assert {row[head.index("wall_time")] for row in rows} == {""}
    else:
        rows = [json.loads(line) for line in lines]
        told = [(row["tag"], str(row["step"]), str(row["value"])) for row in rows]
        assert not any("wall_time" in row for row in rows)
    assert sorted(told) == [("acc", "1", "0.5"), ("loss", "0", "1.5"), ("loss", "1", "nan"), ("loss", "2", "inf")]


READERS = {
    # NaN is a value, an empty cell is none
    "csv": lambda path: pd.read_csv(path, keep_default_na=False, na_values={"epoch": [""], "wall_time": [""]}),
    "jsonl": lambda path: pd.DataFrame([json.loads(line) for line in path.read_text().splitlines()]),
    "parquet": pd.read_parquet,
}


@pytest.mark.parametrize("format_", READERS)
def test_every_way_out_holds_what_read_gives(tmp_path, format_):
    if format_ == "parquet":
        pytest.importorskip("pyarrow")
    logs = tmp_path / "logs"
    for name in "ab":
        (logs / name).mkdir(parents=True)
    rows = ["step,epoch,time,loss,val_loss", "0,0,1.7e9,1.5,", "5,0.5,1.7e9,nan,0.1", "9,1,1.7e9,-inf,3e-9"]
    (logs / "a" / "log.csv").write_text("\n".join(rows))
    write(logs / "b", scalar("grads/fc1", 0.1, 3), scalar("acc", 1.0, 2**40, 1.7e9))
    frame = trainlint.read(logs)
    path = tmp_path / f"points.{format_}"
    assert call("export", logs, "-f", format_, "-o", path).exit_code == 0
    found = READERS[format_](path)[list(frame.columns)]
    for column, values in frame.items():
        if values.dtype == "category":
            assert found[column].tolist() == values.tolist()
        else:
            np.testing.assert_array_equal(found[column].astype(values.dtype), values)


def test_export_of_nothing_has_a_header_and_says_so(tmp_path):
    process = call("export", tmp_path)
    assert process.exit_code == 3
    assert process.output == "run,tag,role,split,layer,step,epoch,wall_time,value\n"

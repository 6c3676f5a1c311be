"""Sacred's columns of metrics, and how the run ended."""

import json

import pytest

from trainlint.parsers.formats.trackers.sacred import PARSER

TIMES = ["2026-11-23T06:31:21.5", "2026-11-23T06:31:22", "2026-11-23T06:31:23"]
METRICS = {
    "nostep": {"steps": [0, 1], "timestamps": TIMES[:2], "values": [1.0, 2.0]},
    "train.loss": {"steps": [0, 5, 9], "timestamps": TIMES, "values": [2.5, float("nan"), float("-inf")]},
}


def read(folder, metrics, **beside):
    path = folder / "metrics.json"
    path.write_text(metrics if isinstance(metrics, str) else json.dumps(metrics, indent=2))
    for name, content in beside.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    (run,) = PARSER.parse(path)
    return run


def test_run(tmp_path):
    run = read(tmp_path, METRICS, config={"lr": 0.1, "model": {"h": 2}, "seed": 7}, run={"status": "COMPLETED"})
    assert PARSER.matches("metrics.json")
    assert PARSER.sniff(tmp_path / "metrics.json", (tmp_path / "metrics.json").read_bytes()[:4096])
    nostep, loss = run.all_curves
    assert (nostep.tag, nostep.step.tolist(), nostep.value.tolist()) == ("nostep", [0, 1], [1, 2])
    assert (loss.step.tolist(), str(loss.value.tolist())) == ([0, 5, 9], "[2.5, nan, -inf]")
    assert nostep.wall_time.tolist() == [1795415481.5, 1795415482]
    assert run.hyperparameters == {"lr": 0.1, "model.h": 2, "seed": 7}
    assert (run.notes, run.is_cut_short, len(run.sources)) == ([], False, 2)


@pytest.mark.parametrize("status", ["RUNNING", "FAILED", "INTERRUPTED"])
def test_status(tmp_path, status):
    run = read(tmp_path, METRICS, run={"status": status})
    assert run.is_cut_short
    assert [note.message for note in run.notes] == [f"the status of the run is {status}, not COMPLETED"]


OTHERS = ['{"accuracy": 0.5}', '{"loss": [1, 2]}', "", "[]", '{"steps": [1]}', '{"a": {"b": {"steps": [1]}}}']


@pytest.mark.parametrize("text", OTHERS)
def test_others(tmp_path, text):
    assert not PARSER.sniff(tmp_path / "metrics.json", text.encode())


ODD = [
    '{"a": {"steps": 3, "values": [1]}}',
    '{"a": {"values": {"b": 1}}}',
    '{"a": 3}',
    "[1]",
    '{"a": {"values": [[1], "x"]}}',
]


@pytest.mark.parametrize("text", ODD)
def test_odd(tmp_path, text):
    assert read(tmp_path, text).all_curves == [] or "values" in text


@pytest.mark.parametrize("part", range(20))
def test_cut(tmp_path, part):
    text = json.dumps(METRICS, indent=2)
    text = text[: len(text) * part // 20]
    run = read(tmp_path, text, run=["x"])
    assert run.notes
    kept = next((curve.value.tolist() for curve in run.all_curves if curve.tag == "nostep"), [])
    assert kept == [1.0, 2.0][: len(kept)]
    assert len(kept) == 2 or '"train.loss"' not in text

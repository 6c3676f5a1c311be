"""Neptune's operations: values without a step, parameters among other assignments, files in the order of their numbers."""

import json
import random

import pytest

from trainlint.parsers.formats.trackers.neptune_offline import PARSER


def series(path, *values, time=1_700_000_000.5):
    points = [{"value": value, "step": step, "ts": time} for value, step in values]
    return {"obj": {"type": "LogFloats", "path": path, "values": points}, "version": 1, "at": time}


def assign(path, value, kind="AssignFloat"):
    return {"obj": {"type": kind, "path": path, "value": value}, "version": 1}


def write(folder, files):
    for name, records in files.items():
        data = (
            records if isinstance(records, bytes) else "".join(json.dumps(record) + "\n" for record in records).encode()
        )
        (folder / name).write_bytes(data)
    return sorted(folder.glob("data-*.log"))


def test_run(tmp_path):
    paths = write(tmp_path, {
        "data-1.log": [assign(["sys", "name"], "a", "AssignString"), assign(["training", "hyperparams", "opt", "lr"], 0.1),
                       assign(["params", "token"], "abc", "AssignString"), assign(["best"], 3.5),
                       series(["train", "loss"], (2.5, None)), series(["val", "loss"], (3, 10), (float("nan"), 20))],
        "data-10.log": [series(["train", "loss"], (0.5, None))],
        "data-2.log": [series(["train", "loss"], (1.5, None))],
    })  # fmt: skip
    assert all(PARSER.matches(path.name) and PARSER.sniff(path, path.read_bytes()[:4096]) for path in paths)
    (run,) = PARSER.parse_files(paths)
    curves = {curve.tag: (curve.step.tolist(), str(curve.value.tolist())) for curve in run.all_curves}
    assert curves == {"train/loss": ([0, 1, 2], "[2.5, 1.5, 0.5]"), "val/loss": ([10, 20], "[3.0, nan]")}
    assert run.all_curves[0].wall_time.tolist() == [1_700_000_000.5] * 3
    assert run.hyperparameters == {"opt.lr": 0.1, "token": "***"}
    assert (run.title, run.notes, len(run.sources)) == ("a", [], 3)


ODD = ["3", '{"obj": 3}', '{"obj": {"path": 3}}', '{"obj": {"type": "LogFloats", "path": ["a"], "values": 3}}',
       '{"obj": {"type": "LogFloats", "path": [1], "values": [3, {"value": "x"}]}}', '{"obj": {"type": 1, "path": []}}']  # fmt: skip


@pytest.mark.parametrize("line", ODD)
def test_odd_records(tmp_path, line):
    (path,) = write(tmp_path, {"data-1.log": (line + "\n" + json.dumps(series(["loss"], (1, 0))) + "\n").encode()})
    (run,) = PARSER.parse(path)
    assert run.all_curves[0].value.tolist() == [1]


@pytest.mark.parametrize("head", [b"", b'{"loss": 1}\n', b"\x00\x01\x02"])
def test_others(tmp_path, head):
    assert not PARSER.sniff(tmp_path / "data-1.log", head)


@pytest.mark.parametrize("part", range(20))
def test_damage(tmp_path, part):
    values = [float(f"{9 - i / 64:.6f}") for i in range(60)]
    text = "".join(json.dumps(series(["loss"], (value, None))) + "\n" for value in values).encode()
    position = len(text) * part // 20
    whole = text[:position].count(b"\n")
    for data in (text[:position], text[:position] + random.Random(part).randbytes(9) + text[position:]):
        (run,) = PARSER.parse_files(write(tmp_path, {"data-1.log": data}))
        kept = [curve.value.tolist() for curve in run.all_curves] or [[]]
        assert kept[0][:whole] == values[:whole]

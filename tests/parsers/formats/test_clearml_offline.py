"""ClearML's session: arrays of events, sections of hyperparameters, and the archive that says the same again."""

import json
import random
import zipfile

import pytest

from trainlint.parsers.formats.trackers.clearml_offline import PARSER


def event(variant, value, step, metric="loss", kind="training_stats_scalar"):
    return {
        "timestamp": 1_700_000_000_000 + step,
        "type": kind,
        "iter": step,
        "metric": metric,
        "variant": variant,
        "value": value,
    }


EVENTS = [
    [event("train", 2.5, 0), event("val", 3, 0), event("train", float("nan"), 1)],
    [event("train", 1.5, 2), event("x", 1, 0, kind="plot")],
]
TASK = {
    "hyperparams": {"General": {"lr": {"value": "0.1"}, "name": {"value": "x"}}, "Optim": {"beta": {"value": "2"}}},
    "name": "a",
}


def write(folder, lines, task=TASK):
    folder.mkdir(exist_ok=True)
    path = folder / "metrics.jsonl"
    path.write_bytes(lines if isinstance(lines, bytes) else "".join(json.dumps(line) + "\n" for line in lines).encode())
    (folder / "task.json").write_text(task if isinstance(task, str) else json.dumps(task))
    return path


def check(run):
    curves = {curve.tag: (curve.step.tolist(), str(curve.value.tolist())) for curve in run.all_curves}
    assert curves == {"loss/train": ([0, 1, 2], "[2.5, nan, 1.5]"), "loss/val": ([0], "[3.0]")}
    assert run.all_curves[0].wall_time.tolist() == [1.7e9, 1.7e9 + 0.001, 1.7e9 + 0.002]
    assert run.hyperparameters == {"lr": 0.1, "name": "x", "Optim.beta": 2}
    assert (run.title, run.notes) == ("a", [])


def test_folder_and_archive(tmp_path):
    folder, packed = tmp_path / "offline-a1", tmp_path / "offline-a1.zip"
    path = write(folder, EVENTS)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(path, path.name)
        file.write(folder / "task.json", "task.json")
    assert PARSER.matches(path.name)
    assert PARSER.matches(packed.name)
    assert PARSER.sniff(path, path.read_bytes()[:4096])
    assert PARSER.sniff(folder / "task.json", b"{}")
    assert list(PARSER.parse(folder / "task.json")) == []
    assert list(PARSER.parse(packed)) == []
    (run,) = PARSER.parse(path)
    check(run)
    alone = packed.rename(tmp_path / "offline-b2.zip")
    assert PARSER.sniff(alone, alone.read_bytes()[:4096])
    (run,) = PARSER.parse(alone)
    check(run)


@pytest.mark.parametrize(
    "task", ["", "[]", '{"hyperparams": [1]}', '{"hyperparams": {"a": 1, "b": {"c": [2]}}}', '{"hyp']
)
def test_odd_tasks(tmp_path, task):
    (run,) = PARSER.parse(write(tmp_path, [[1, None, {"type": "training_stats_scalar"}], 3, EVENTS[0][0]], task))
    assert [curve.value.tolist() for curve in run.all_curves] == [[2.5]]


@pytest.mark.parametrize("head", [b"", b'{"metric": 1, "variant": 2}', b'[{"loss": 1}]', b"PK\x03\x04" + b"x" * 99])
def test_others(tmp_path, head):
    assert not PARSER.sniff(tmp_path / "metrics.jsonl", head)


@pytest.mark.parametrize("part", range(20))
def test_damage(tmp_path, part):
    values = [float(f"{9 - i / 64:.6f}") for i in range(60)]
    text = "".join(json.dumps([event("train", value, i)]) + "\n" for i, value in enumerate(values)).encode()
    position = len(text) * part // 20
    whole = text[:position].count(b"\n")
    for data in (text[:position], text[:position] + random.Random(part).randbytes(9) + text[position:]):
        (run,) = PARSER.parse(write(tmp_path, data))
        kept = [curve.value.tolist() for curve in run.all_curves] or [[]]
        assert kept[0][:whole] == values[:whole]

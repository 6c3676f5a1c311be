"""Comet's archive: messages of many kinds, read as far as the archive goes and no further than the limit."""

import io
import json
import zipfile

import pytest

from trainlint.parsers.formats.trackers.comet_offline import PARSER
from trainlint.parsers.stores import zip_members


def metric(name, value, step, epoch=None, time=1_700_000_000_000):
    body = {"metricName": name, "metricValue": value, "step": step, "epoch": epoch}
    return {"payload": {"local_timestamp": time, "metric": body}, "type": "metric_msg"}


def parameter(name, value, source="manual"):
    return {"payload": {"param": {"paramName": name, "paramValue": value, "source": source}}, "type": "parameter_msg"}


MESSAGES = [
    {"payload": {"key": "offline_experiment", "value": True}, "type": "log_other"},
    parameter("lr", 0.1), parameter("batch", "32"), parameter("api_key", "abc"), parameter("--x", "1", "cli"),
    parameter("curr_step", 0), metric("loss", 2.5, 0, 0), metric("loss", "NaN", 1, 1), metric("loss", 1.5, 2, 1),
    metric("acc", 0.5, None), metric("acc", 0.25, None), metric("process duration", 0, 0),
    {"payload": {"key": "Name", "value": "warm-moon"}, "type": "log_other"},
    {"payload": {"output": "hello"}, "type": "standard_output"},
]  # fmt: skip


def archive(messages, compression=zipfile.ZIP_DEFLATED, name="messages.json"):
    text = messages if isinstance(messages, str) else "".join(json.dumps(message) + "\n" for message in messages)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as file:
        file.writestr("experiment.json", '{"offline_id": "a"}')
        file.writestr(name, text)
    return buffer.getvalue()


def read(tmp_path, data):
    path = tmp_path / "3f1c.zip"
    path.write_bytes(data)
    assert PARSER.sniff(path, data[:4096]) or len(data) < 50
    (run,) = PARSER.parse(path)
    return run


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_run(tmp_path, compression):
    run = read(tmp_path, archive(MESSAGES, compression))
    curves = {curve.tag: (curve.step.tolist(), str(curve.value.tolist())) for curve in run.all_curves}
    assert curves == {"loss": ([0, 1, 2], "[2.5, nan, 1.5]"), "acc": ([0, 1], "[0.5, 0.25]")}
    assert run.all_curves[0].epoch.tolist() == [0, 1, 1]
    assert run.all_curves[0].wall_time.tolist() == [1.7e9] * 3
    assert run.hyperparameters == {"lr": 0.1, "batch": 32, "api_key": "***"}
    assert (run.title, run.notes) == ("warm-moon", [])


ODD = [
    "3",
    "[]",
    '{"payload": 3}',
    '{"payload": {"metric": {}}}',
    '{"payload": {"metric": {"metricName": [1], "metricValue": {}}}}',
    '{"a',
]


@pytest.mark.parametrize("line", ODD)
def test_odd_messages(tmp_path, line):
    run = read(tmp_path, archive(line + "\n" + json.dumps(metric("loss", 1, 0)) + "\n"))
    assert run.all_curves[0].value.tolist() == [1]


def test_bomb(tmp_path, monkeypatch):
    monkeypatch.setattr(zip_members, "MAX_BYTES", 100_000)
    run = read(tmp_path, archive(json.dumps(metric("loss", 1, 0)) + "\n" + " " * 10_000_000))
    assert run.all_curves[0].value.tolist() == [1]
    assert "only the first" in run.notes[0].message


def test_other_archives(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("data.csv", "a")
    assert not PARSER.sniff(tmp_path / "a.zip", buffer.getvalue())
    assert not PARSER.sniff(tmp_path / "a.zip", b"")
    assert read(tmp_path, archive([], name="other.json")).notes[0].message == "contains no rows of numbers"


@pytest.mark.parametrize("part", range(20))
def test_damage(tmp_path, part):
    values = [float(f"{9 - i / 64:.6f}") for i in range(2000)]
    whole = archive([metric("loss", value, i) for i, value in enumerate(values)])
    position = len(whole) * part // 20
    kept = []
    for data in (whole[:position], whole[:position] + b"\xa5" * 30 + whole[position + 30 :]):
        path = tmp_path / "a.zip"
        path.write_bytes(data)
        (run,) = PARSER.parse(path)
        kept = [curve.value.tolist() for curve in run.all_curves if curve.tag == "loss"] or [[]]
        sure = max(int(len(values) * position / len(whole)) - 500, 0)
        assert kept[0][:sure] == values[:sure]
        assert run.notes or kept[0] == values

"""Runs of SwanLab on disk: records of protobuf in the framing of LevelDB's log."""

import math
import struct

import pytest

from trainlint.parsers.formats.trackers.swanlab_offline import HEADER, PARSER

from ..protobuf_bytes import field
from .test_wandb_offline import framed

TIME = 1_700_000_000


def swanlab(*records):
    return framed(records, HEADER)


def start(name):
    return field(10, field(1, "project") + field(4, name) + field(10, "ab"))


def finish(state=1):
    return field(11, field(1, state) if state else b"")


def scalar(key, step, value):
    """As protobuf writes it: zeros are left out."""
    number = field(1, struct.pack("<d", value), 1) if value else b""
    where = field(2, step) if step else b""
    return field(1, 7) + field(13, field(1, key) + where + field(4, field(1, TIME + step)) + field(5, number))


def read(tmp_path, *records):
    path = tmp_path / "run-ab.swanlab"
    path.write_bytes(swanlab(*records))
    assert PARSER.sniff(path, path.read_bytes()[:4096])
    (run,) = PARSER.parse(path)
    return run


def test_values_and_times(tmp_path):
    values = [0.0, -1.5, math.inf, math.nan, 1e-300]
    run = read(
        tmp_path,
        start("owl"),
        *(scalar("loss", i, v) for i, v in enumerate(values)),
        field(14, field(1, "image")),
        finish(),
    )
    (curve,) = run.all_curves
    assert curve.step.tolist() == [0, 1, 2, 3, 4]
    assert curve.value.tolist()[:3] == values[:3]
    assert math.isnan(curve.value[3])
    assert curve.wall_time.tolist() == [TIME + i for i in range(5)]
    assert (run.name, run.framework, run.is_cut_short, run.notes) == ("owl", "swanlab", False, [])


@pytest.mark.parametrize("end", [[], [finish(0)], [finish(2)], [finish(3)]])
def test_runs_that_did_not_finish(tmp_path, end):
    run = read(tmp_path, scalar("loss", 0, 1.0), *end)
    assert run.is_cut_short
    assert [note.message for note in run.notes] == ["the run is not marked as finished"]


@pytest.mark.parametrize("record", [b"\xff", field(13, b"\x0a\xff"), field(13, field(5, b"\x09\x01"))])
def test_damaged_records(tmp_path, record):
    run = read(tmp_path, scalar("loss", 0, 1.0), record, scalar("loss", 1, 0.5), finish())
    assert len(run.all_curves[0]) == 2
    assert "a record is damaged" in run.notes[0].message


def test_a_scalar_without_a_value_is_none(tmp_path):
    run = read(tmp_path, field(13, field(1, "loss")), finish())
    assert run.all_curves == []


def test_other_versions(tmp_path):
    assert not PARSER.sniff(tmp_path / "a.swanlab", HEADER[:-1] + b"\x01")

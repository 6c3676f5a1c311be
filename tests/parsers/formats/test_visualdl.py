"""VisualDL's records, written here byte by byte."""

import random
import struct

import pytest

from trainlint.parsers.formats.trackers.visualdl import PARSER

from ..protobuf_bytes import field, varint


def framed(message):
    record = field(1, message)
    return struct.pack("<Q", len(record)) + record


def scalar(tag, step, value, time=1_700_000_000_000):
    return framed(
        (field(1, step) if step else b"")
        + field(2, tag)
        + field(3, time)
        + varint(4 << 3 | 5)
        + struct.pack("<f", value)
    )


META = framed(field(2, "meta_data_tag") + field(3, 1) + field(10, b""))
SETTINGS = framed(field(2, "hparam") + field(13, b"".join([
    field(1, varint(2 << 3 | 1) + struct.pack("<d", 0.1) + field(4, "lr")), field(1, field(3, "sgd") + field(4, "opt")),
    field(1, field(1, 32) + field(4, "batch")), field(2, field(4, "loss")),
])))  # fmt: skip


def read(folder, *files):
    paths = []
    for number, data in enumerate(files):
        paths.append(folder / f"vdlrecords.{1_700_000_000 + number}.log")
        paths[-1].write_bytes(data)
    (run,) = PARSER.parse_files(paths)
    return run


def test_run(tmp_path):
    data = (
        META
        + scalar("loss", 0, 2.5)
        + scalar("loss", 1, float("nan"))
        + framed(field(2, "image") + field(5, b"x"))
        + SETTINGS
    )
    assert PARSER.matches("vdlrecords.1700000000.log")
    assert PARSER.sniff(tmp_path / "vdlrecords.1.log", data[:4096])
    run = read(tmp_path, data, META + scalar("loss", 1, 1.5))
    (curve,) = run.all_curves
    assert (curve.tag, curve.step.tolist(), str(curve.value.tolist())) == ("loss", [0, 1, 1], "[2.5, nan, 1.5]")
    assert curve.wall_time.tolist() == [1.7e9] * 3
    assert run.hyperparameters == {"lr": 0.1, "opt": "sgd", "batch": 32}
    assert (run.notes, run.is_cut_short) == ([], False)


def test_splits(tmp_path):
    paths = [tmp_path / split / "vdlrecords.1700000000.log" for split in ("train", "val")]
    for value, path in enumerate(paths):
        path.parent.mkdir()
        path.write_bytes(scalar("loss", 0, value))
    assert [PARSER.home(path) for path in paths] == [tmp_path, tmp_path]
    (run,) = PARSER.parse_files(paths)
    assert {curve.tag: curve.value.tolist() for curve in run.all_curves} == {"train/loss": [0], "val/loss": [1]}


def test_damaged_message(tmp_path):
    bad = b"\x0a\xff\xff"
    run = read(tmp_path, scalar("loss", 0, 1) + struct.pack("<Q", len(bad)) + bad + scalar("loss", 1, 2))
    assert run.all_curves[0].value.tolist() == [1, 2]
    assert [note.where for note in run.notes] == [f"byte {len(scalar('loss', 0, 1))}"]


@pytest.mark.parametrize("head", [b"", b"\xff" * 9, b"plain text of a log\n"])
def test_others(tmp_path, head):
    assert not PARSER.sniff(tmp_path / "vdlrecords.1.log", head)


@pytest.mark.parametrize("part", range(20))
def test_damage(tmp_path, part):
    whole = b"".join(scalar("loss", i, i / 2) for i in range(60))
    position = len(whole) * part // 20
    sure = max(60 * part // 20 - 1, 0)
    noise = random.Random(part).randbytes(11)
    for data in (whole[:position], whole[:position] + noise + whole[position:], noise * 50):
        run = read(tmp_path, data)
        kept = [curve.value.tolist() for curve in run.all_curves if curve.tag == "loss"] or [[]]
        assert kept[0][:sure] == [i / 2 for i in range(sure)] or data.startswith(noise)


def test_cut(tmp_path):
    run = read(tmp_path, scalar("loss", 0, 1) + scalar("loss", 1, 2)[:-3])
    assert run.is_cut_short
    assert run.all_curves[0].value.tolist() == [1]
    assert [note.message for note in run.notes] == ["the file ends within a record"]

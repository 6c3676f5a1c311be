"""Event files that were packed with gzip."""

import gzip
import tracemalloc

import numpy as np
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

from trainlint.parsers.formats.frameworks.tensorboard import parse, parse_files, parse_folders

from ..event_files import scalar, write

PICTURE = Event(wall_time=1.0, step=5, summary=Summary(value=[Summary.Value(tag="picture")]))
PICTURE.summary.value[0].image.encoded_image_string = bytes(range(256)) * 400


def packed(folder, *events, change=lambda data: data):
    """The path of a packed event file, and the content of it."""
    plain = write(folder, *events)
    path = plain.with_name(f"{plain.name}.gz")
    path.write_bytes(change(gzip.compress(plain.read_bytes(), mtime=0)))
    plain.unlink()
    return path


def points(run):
    return {curve.tag: list(zip(curve.step.tolist(), curve.value.tolist(), strict=True)) for curve in run.all_curves}


@pytest.mark.parametrize("count", [3, 20_000])
def test_the_same_points(tmp_path, count):
    events = [scalar("loss", float(np.float32(1 / (i + 1))), i) for i in range(count)]
    events.insert(2, PICTURE)
    (whole,) = parse(write(tmp_path, *events, name="events.out.tfevents.2.host"))
    (run,) = parse(packed(tmp_path, *events))
    assert points(run) == points(whole)
    assert run.notes == []


def test_several_files_are_ordered_by_their_first_record(tmp_path):
    plain = write(tmp_path, scalar("loss", 1.0, 9, wall_time=200.0), version=False)
    late = tmp_path / "a.tfevents.gz"
    late.write_bytes(gzip.compress(plain.read_bytes()))
    early = write(tmp_path, scalar("loss", 2.0, 1, wall_time=100.0), name="b.tfevents", version=False)
    assert points(parse_files([late, early]))["loss"] == [(1, 2.0), (9, 1.0)]
    assert [points(run)["loss"] for run in parse_folders([[late], [early]])] == [[(9, 1.0)], [(1, 2.0)]]


def test_damage(tmp_path):
    events = [scalar("loss", float(i % 7), i) for i in range(5000)]
    (run,) = parse(packed(tmp_path, *events, change=lambda data: data[: len(data) // 2]))
    assert 0 < len(run.all_curves[0]) < 5000
    assert run.is_cut_short
    assert any("the gzip data is truncated or damaged" in note.message for note in run.notes)


def test_a_bomb(tmp_path):
    """A packed file of nothing but zeros costs a window of memory, and says what was left out."""
    path = tmp_path / "events.out.tfevents.1.host.gz"
    path.write_bytes(gzip.compress(bytes(100 << 20), mtime=0))
    tracemalloc.start()
    try:
        (run,) = parse(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 24 << 20
    assert [note.message for note in run.notes if note.left_out == "end"] == [
        "unpacks to more than a log does: only the first 67 MB were read"
    ]

import struct

import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

from trainlint.parsers.formats.frameworks.tensorboard import parse

from .event_files import masked, record, scalar, tensor, write

EVENTS = [scalar("loss", float(i), i) for i in range(100)]
RECORD = len(record(EVENTS[50]))


def damaged(change):
    """The file of `EVENTS` after `change(bytes, offset of the middle record)`."""
    data = bytearray(b"".join(map(record, EVENTS)))
    return bytes(change(data, sum(len(record(event)) for event in EVENTS[:50])))


def flip(place):
    def change(data, at):
        data[at + place] ^= 4
        return data

    return change


@pytest.mark.parametrize(
    ("change", "lost_steps", "said"),
    [
        (lambda data, _: data, [], None),
        (flip(0), [50], "no record starts here"),
        (flip(7), [50], "no record starts here"),
        (flip(9), [50], "no record starts here"),
        (flip(12), [50], "checksum of this record"),
        (flip(30), [50], "checksum of this record"),
        (flip(RECORD - 1), [50], "checksum of this record"),
        (lambda data, _: data[:-3], [99], "the last record is incomplete"),
        (lambda data, _: data[: -RECORD + 5], [99], "the last record is incomplete"),
        (lambda data, at: data[:at] + b"junk" * 50 + data[at:], [], "no record starts here"),
        (lambda data, _: data + bytes(4096), [], "only zeros"),
        (lambda data, at: data[:at] + bytes(RECORD) + data[at + RECORD :], [50], "only zeros"),
    ],
)
def test_damage_costs_what_it_hits_and_no_more(tmp_path, change, lost_steps, said):
    (run,) = parse(write(tmp_path, damaged(change), version=False))
    assert run.all_curves[0].step.tolist() == [i for i in range(100) if i not in lost_steps]
    if said is None:
        assert not run.notes
    else:
        (note,) = run.notes
        assert said in note.message
        assert run.is_cut_short == ("incomplete" in said)
        assert note.where.startswith("byte ")


def test_a_record_that_is_no_event_is_noted(tmp_path):
    (run,) = parse(write(tmp_path, EVENTS[0], record(b"\xff\xff\xff"), EVENTS[1]))
    assert run.all_curves[0].step.tolist() == [0, 1]
    assert "holds no event" in run.notes[0].message


def test_much_damage_is_summed_up(tmp_path):
    bad = bytearray(record(EVENTS[0]))
    bad[-1] ^= 1
    (run,) = parse(write(tmp_path, *([bytes(bad), EVENTS[1]] * 50)))
    assert len(run.all_curves[0]) == 50
    assert len(run.notes) == 21
    assert "at 50 places" in run.notes[-1].message


def test_a_huge_length_with_a_good_checksum_is_a_cut_tail(tmp_path):
    length = struct.pack("<Q", 1 << 62)
    (run,) = parse(write(tmp_path, EVENTS[0], length + struct.pack("<I", masked(length)) + b"\t" * 40))
    assert len(run.all_curves[0]) == 1
    assert "incomplete" in run.notes[0].message


def image(tag, size, step):
    value = Summary.Value(tag=tag, image=Summary.Image(encoded_image_string=bytes(size)))
    return Event(wall_time=1.0, step=step, summary=Summary(value=[value]))


def tf2_image(step):
    return tensor("sample", step, "images", dtype=7, string_val=[b"28", b"28", bytes(30_000)], shape=(3,))


@pytest.mark.parametrize("make", [lambda step: image("sample", 30_000, step), tf2_image])
def test_long_records_without_a_curve_are_stepped_over(tmp_path, make):
    """More than one window of them; what is wrong within one is not seen, for it is not read."""
    events = []
    for step in range(100):
        events += [make(step), scalar("loss", float(step), step), scalar("acc", 1.0, step)]
    data = bytearray(b"".join(map(record, events)))
    data[-20_000] ^= 1
    (run,) = parse(write(tmp_path, bytes(data)))
    assert [(c.tag, c.step.tolist()) for c in run.all_curves] == [("loss", [*range(100)]), ("acc", [*range(100)])]
    assert not run.notes


def test_an_image_cut_off_at_the_end_is_noted(tmp_path):
    images = [record(image("sample", 30_000, step)) for step in range(50)]
    (run,) = parse(write(tmp_path, scalar("loss", 1.0), *images[:-1], images[-1][:10_000]))
    (note,) = run.notes
    assert "10000 bytes lost: the last record is incomplete" in note.message


def test_a_long_record_with_a_curve_is_read(tmp_path):
    many = Event(step=3, summary=Summary(value=[Summary.Value(tag=f"t{i}", simple_value=i) for i in range(200_000)]))
    (run,) = parse(write(tmp_path, scalar("loss", 1.0), many, scalar("loss", 2.0, 4)))
    assert len(run.all_curves) == 200_001
    assert run.all_curves[0].step.tolist() == [0, 4]

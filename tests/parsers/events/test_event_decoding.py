"""The fast reader against the plain protobuf loop of event_reference, value by value, on files of every make."""

import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainlint.parsers.events.histograms import STATISTICS, Histograms, summarise
from trainlint.parsers.formats.frameworks.tensorboard import parse

from .. import event_reference
from ..event_files import VERSION, record
from ..protobuf_bytes import field, varint

f32 = st.floats(width=32)
tags = st.one_of(
    st.sampled_from(["loss", "a", "train/accuracy", "x" * 8, "x" * 9, "ü/λ", "t" * 130, "t" * 300, "", "weights"]),
    st.text(st.characters(codec="utf-8"), max_size=12),
)  # fmt: skip
plugins = st.sampled_from(["scalars", "histograms", "pr_curves", "images", "text", "mesh", ""])


@st.composite
def numbers_tensors(draw):
    """The bytes of a TensorProto of one number, in all the ways they are written."""
    value = draw(f32)
    dtype, content, single = draw(st.sampled_from([
        (1, struct.pack("<f", value), field(5, struct.pack("<f", value))),
        (1, struct.pack("<f", value), field(5, struct.pack("<f", value), wire=5)),  # not packed
        (2, struct.pack("<d", value), field(6, struct.pack("<d", value))),
        (2, struct.pack("<d", value), field(6, struct.pack("<d", value), wire=1)),
        (19, b"\x00\x3c", field(13, varint(0x3C00))),
        (14, b"\x80\x3f", field(13, varint(0x3F80))),
        (3, struct.pack("<i", -5), field(7, varint(-5))),
        (9, struct.pack("<q", 7), field(10, varint(7))),
        (7, b"text", field(8, b"text")),
    ]))  # fmt: skip
    shape = draw(
        st.sampled_from([[field(2, b"")], [], [field(2, field(2, field(1, 1)))], [field(2, field(2, field(1, 2)))]])
    )
    body = draw(st.sampled_from([[field(4, content)], [single], [], [field(4, content), single], [field(4, b"abc")]]))
    parts = [field(1, dtype), *shape, *body, *draw(extras)]
    return b"".join(parts if draw(st.integers(0, 3)) else draw(st.permutations(parts)))


extras = st.lists(
    st.sampled_from([field(99, b"unknown"), field(98, 5), field(3, 1)]), max_size=1
)  # fmt: skip


@st.composite
def triples(draw):
    count = draw(st.sampled_from([0, 1, 3, 30, 130]))
    edges = np.sort(np.array(draw(st.lists(st.floats(-100, 100), min_size=count + 1, max_size=count + 1))))
    counts = np.array(draw(st.lists(st.integers(0, 9), min_size=count, max_size=count)), np.float64)
    rows = np.stack([edges[:-1], edges[1:], counts], axis=1) if count else np.zeros((0, 3))
    dims = b"".join(field(2, field(1, n)) for n in rows.shape)
    return field(1, 2) + field(2, dims) + field(4, rows.tobytes())


@st.composite
def histograms(draw):
    count = draw(st.sampled_from([0, 1, 2, 5, 40]))
    limits = sorted(draw(st.lists(st.floats(-1e3, 1e3), min_size=count, max_size=count)))
    counts = draw(st.lists(st.integers(0, 9).map(float), min_size=count, max_size=count))
    moments = draw(st.tuples(*[st.one_of(st.just(0.0), st.floats(0, 50))] * 5))
    parts = [field(i + 1, struct.pack("<d", m), wire=1) for i, m in enumerate(moments) if m]
    if draw(st.booleans()):
        parts += [field(number, struct.pack(f"<{count}d", *column)) for number, column in ((6, limits), (7, counts))]
    else:  # not packed
        parts += [field(n, struct.pack("<d", x), wire=1) for n, column in ((6, limits), (7, counts)) for x in column]
    return b"".join(parts if draw(st.integers(0, 3)) else draw(st.permutations(parts)))


@st.composite
def values(draw):
    """The bytes of a Summary.Value."""
    content = draw(st.one_of(
        f32.map(lambda x: field(2, struct.pack("<f", x), wire=5)),
        numbers_tensors().map(lambda x: field(8, x)),
        triples().map(lambda x: field(8, x)),
        histograms().map(lambda x: field(5, x)),
        st.sampled_from([field(4, field(4, b"png" * 9)), field(6, b""), field(3, b"old"), b""]),
    ))  # fmt: skip
    parts = [field(1, draw(tags).encode()), content]
    plugin = draw(st.one_of(st.none(), plugins))
    if plugin is not None:
        data = field(1, plugin.encode()) + draw(st.sampled_from([b"", field(2, b"\x08\x03"), field(2, b"\xff" * 200)]))
        parts.append(field(9, field(1, data) + draw(st.sampled_from([b"", field(4, 1), field(3, b"what it is")]))))
    parts += draw(extras) if not draw(st.integers(0, 4)) else []
    return b"".join(parts if draw(st.integers(0, 5)) else draw(st.permutations(parts)))


@st.composite
def events(draw):
    """The bytes of an Event."""
    parts = [field(1, struct.pack("<d", draw(st.floats(0, 2e9))), wire=1)] if draw(st.integers(0, 9)) else []
    step = draw(st.one_of(st.integers(0, 300), st.integers(-5, 1 << 62)))
    if step:
        parts.append(field(2, step))
    summary = b"".join(field(1, draw(values())) for _ in range(draw(st.sampled_from([0, 1, 1, 1, 1, 2, 5]))))
    parts.append(draw(st.sampled_from(
        [field(5, summary)] * 9 + [field(4, b"graph"), field(8, field(1, b"x")), field(6, field(2, b"log")), b""]
    )))  # fmt: skip
    if not draw(st.integers(0, 9)):
        parts = draw(st.permutations([*parts, *draw(extras)]))
    return b"".join(parts)


@st.composite
def files(draw):
    """An event file; many of its events come several times, so that there is something to look up."""
    pool = draw(st.lists(events(), min_size=1, max_size=6))
    picked = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=80))
    return b"".join([record(VERSION), *map(record, picked)])


@st.composite
def damaged_files(draw):
    data = bytearray(draw(files()))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(data)))
        kind = draw(st.sampled_from(["flip", "cut", "junk", "zeros", "remove"]))
        if kind == "flip" and place < len(data):
            data[place] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del data[max(place, 20) :]
        elif kind == "junk":
            data[place:place] = draw(st.binary(min_size=1, max_size=60))
        elif kind == "zeros":
            data[place:place] = bytes(draw(st.integers(1, 60)))
        else:
            del data[place : place + draw(st.integers(1, 60))]
    return bytes(data)


def compare(data):
    """Read `data` both ways; everything must be the same, NaN in the same places."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.tfevents")
        path.write_bytes(data)
        (run,) = parse(path)
    scalars, bars = event_reference.read(data)
    open_kind = event_reference.of_two_kinds(data)
    scalars, bars = ({tag: each[tag] for tag in each.keys() - open_kind} for each in (scalars, bars))
    curves_told = [curve for curve in run.all_curves if curve.tag not in open_kind]
    found = {curve.tag: curve for curve in curves_told if not curve.statistic}
    # a tag may be written differently and be the same text: compared as what it decodes to
    assert set(found) == {tag for tag, rows in scalars.items() if rows} - placeholder(scalars)
    for tag, curve in found.items():
        rows = [row for row in scalars[tag] if tag != "hp_metric" or row[0] != 0 or row[2] != -1]
        step, wall_time, value = map(np.array, zip(*rows, strict=True))
        np.testing.assert_array_equal(curve.step, step)
        np.testing.assert_array_equal(curve.wall_time, wall_time)
        np.testing.assert_array_equal(curve.value, value)
    assert {curve.tag for curve in curves_told if curve.statistic} == set(bars)
    for tag, rows in bars.items():
        expected = np.concatenate([summarise(one_histogram(*row[2:])) for row in rows])
        for column, statistic in enumerate(STATISTICS):
            curves = [c for c in run.all_curves if (c.tag, c.statistic) == (tag, statistic)]
            value = curves[0].value if curves else np.empty(0)
            wanted = expected[:, column]
            if statistic in {"zero_fraction", "p01", "p50", "p99"}:
                wanted = wanted[~np.isnan(wanted)]
            np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-9)
    return run


def placeholder(scalars):
    return {"hp_metric"} if all(row[0] == 0 and row[2] == -1 for row in scalars.get("hp_metric", [(1,)])) else set()


def one_histogram(moments, edges, counts):
    smallest, largest, number, total, squares = (np.array([moment]) for moment in moments)
    return Histograms(edges, counts, np.array([len(edges)]), smallest, largest, number, total, squares)


thorough = settings(max_examples=80)


@thorough
@given(files())
def test_every_file_reads_as_with_protobuf(data):
    run = compare(data)
    assert not [note for note in run.notes if "no event" not in note.message and "no scalars" not in note.message]


@thorough
@given(damaged_files())
def test_every_damaged_file_reads_as_with_protobuf(data):
    compare(data)


@settings(thorough, max_examples=30)
@given(st.binary(max_size=3000))
def test_random_bytes_are_no_file(data):
    (run,) = [compare(data)]
    assert not run.all_curves


@pytest.mark.parametrize("count", [1, 31, 32, 33, 5000, 60_000])
def test_windows_join(count):
    """Several windows, several tags in no order, steps of one to three bytes."""
    rng = np.random.default_rng(count)
    tag, value = rng.integers(0, 50, count), rng.normal(size=count).astype(np.float32)
    parts = []
    for i in range(count):
        name = f"tag{tag[i]}".encode() * (1 + tag[i] % 4)
        inner = field(1, name) + field(2, struct.pack("<f", value[i]), wire=5)
        payload = field(1, struct.pack("<d", 1e9 + i), wire=1) + (field(2, i) if i else b"")
        parts.append(record(payload + field(5, field(1, inner))))
    compare(b"".join(parts))

"""A large file of JSON lines read in chunks holds the same rows, with the same notes, as read line by line."""

import gzip
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainlint.parsers.files.text import Notes
from trainlint.parsers.formats.generic import json_lines
from trainlint.parsers.formats.generic.json_lines import read_by_line
from trainlint.parsers.numbers import plain_numbers
from trainlint.parsers.tables.json import chunks as json_chunks
from trainlint.parsers.tables.json.chunks import read_in_chunks
from trainlint.parsers.tables.json.shape import shape_of

many = settings(max_examples=80)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(json_chunks, "CHUNK_BYTES", 400)


def texts_of(labels):
    return [labels.texts[code] for code in labels.code]


def read_both_ways(path, data):
    """The table read in chunks, after a check that it equals the one read line by line; None if it is refused."""
    path.write_bytes(data)
    notes, slow_notes = Notes(path), Notes(path)
    log, slow_log = read_in_chunks(path, notes), read_by_line(path, slow_notes)
    if log is None:
        return None
    table, slow = log.table.table(notes), slow_log.table.table(slow_notes)
    assert notes.all() == slow_notes.all()
    assert log.hyperparameters() == slow_log.hyperparameters()
    assert table.rows == slow.rows
    assert list(table.columns) == list(slow.columns)
    assert {name: texts_of(labels) for name, labels in table.labels.items()} == {
        name: texts_of(labels) for name, labels in slow.labels.items()
    }
    assert list(table.clocks) == list(slow.clocks)
    for name in slow.clocks:
        np.testing.assert_array_equal(table.dense(name), slow.dense(name))
    for name, (row, value) in slow.columns.items():
        np.testing.assert_array_equal(table.columns[name].row, row)
        np.testing.assert_array_equal(table.columns[name].value.view(np.int64), value.view(np.int64))
    return table


value = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-10, 10).map("{:.6f}".format),
    st.sampled_from(
        ["NaN", "Infinity", "-Infinity", "null", "true", "false", "01", ".5", "5.", "+1", "1e5", "-0.0", "1E+3", '"3.5"',
         '"nan"', '""', '"train"', '"val"', '"a,b"', '"a\\"b"', "[1, 2]", "{}", '{"a": 1, "b": {"c": 2}}', "1e400", "nan", '"x"y"']
    ),
)  # fmt: skip
plain_row = st.tuples(st.integers(0, 99).map(str), st.floats(0, 9).map(repr), value)
shape = st.sampled_from(
    ['{"step": %s, "loss": %s, "a": %s}', '{"step":%s,"val":{"loss":%s},"a":%s}', '{"step": %s, "phase": "train", "loss": %s, "a": %s}',
     '{"loss": %s, "step": %s, "phase": %s}', '{"step": %s, "ok": true, "loss": %s, "step": %s}', '{"config": {"lr": 1}, "step": %s, "loss": %s, "a": %s}']
)  # fmt: skip
odd_line = st.sampled_from(
    ["", "{}", "not json", '{"loss": 1}', '{"env_info": "x", "seed": 3}', "[1]", '{"é": 1, "loss": 2}']
)
line = st.one_of(*[st.tuples(shape, plain_row).map(lambda drawn: drawn[0] % drawn[1])] * 5, odd_line)


@pytest.fixture(params=["simdjson", "numpy"])
def engine(request, monkeypatch):
    """Runs a test with simdjson, and as if it refused every list."""
    if request.param == "numpy":
        monkeypatch.setattr(plain_numbers.NumberReader, "read", lambda *_: None)


@pytest.mark.usefixtures("engine")
@many
@given(
    first=shape,
    rows=st.lists(plain_row, min_size=3, max_size=40),
    others=st.lists(line, max_size=15),
    at=st.integers(0, 40),
    end=st.sampled_from(["\n", "\r\n"]),
    is_whole=st.booleans(),
)
def test_both_ways_are_the_same(tmp_path, first, rows, others, at, end, is_whole):
    lines = [first % row for row in rows]
    lines[at:at] = others
    read_both_ways(tmp_path / "log.jsonl", (end.join(lines) + end * is_whole).encode())


@pytest.mark.parametrize(
    "row",
    ['{"step": 5, "layer_2": 1, "layer_1": 2}', '{"step": 5, "layer_": 11, "layer_2": 2}', '{"step": 5, "layer_15": , "layer_2": 2}',
     '{"step": 5, "layer_1": 2.25e-308, "layer_2": NaN}', '{"step": 5, "layer_1": "3", "layer_2": null}', '{"step": 5, "layer_1": 1}',
     '{"step": 5, "layer_1": 1 2, "layer_2": 3}', '{"step": 5, "layer_1": 01, "layer_2": 3}', '{"step": 5, "layer_1":  1, "layer_2": 3}',
     '{"step": 5, "layer_1": -Infinity, "layer_2": 1e999}', '{"step": 5, "layer_1": [1], "layer_2": true}', '{"step":5,"layer_1":1,"layer_2":3}'],
)  # fmt: skip
def test_one_odd_row_among_plain_ones(tmp_path, row):
    rows = [f'{{"step": {i}, "layer_1": {i / 7!r}, "layer_2": 0.{i}}}' for i in range(60)]
    rows[20:20] = [row]
    table = read_both_ways(tmp_path / "log.jsonl", ("\n".join(rows) + "\n").encode())
    assert table.rows >= 60


def test_lines_shorter_than_what_stands_around_the_numbers(tmp_path):
    lines = [
        '{"config": {"lr": 1}, "step": 0, "loss": 8.0, "a": -9}',
        '{"loss": 1}',
        '{"step": 0, "loss": 0.0, "a": 0}',
        "",
    ] * 3
    for count in range(1, len(lines) + 1):
        read_both_ways(tmp_path / "log.jsonl", "\n".join(lines[-count:]).encode())


def test_three_states_labels_and_evaluations(tmp_path):
    lines = []
    for i in range(300):
        loss = (math.nan, -math.inf, None, 0.5)[i % 4]
        lines.append(json.dumps({"step": i, "phase": ("train", "val")[i % 2], "loss": loss, "time": f"2024-01-01 {i}"}))
        if i % 100 == 99:
            lines.append(json.dumps({"step": i, "accuracy": 0.5}))
    table = read_both_ways(tmp_path / "log.jsonl", "\n".join([*lines, ""]).encode())
    assert table.rows == 303
    assert len(table.columns["accuracy"].row) == 3
    assert len(table.columns["loss"].row) == 225
    assert np.isnan(table.columns["loss"].value).sum() == 75
    assert set(texts_of(table.labels["phase"])) == {"train", "val", ""}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b'{"iter": 1, "loss": 2}\n' * 90,
        b'{"a": 1}\r' * 90,
        b"a\0b" * 900,
        b'{"step": 1}\n' * 90 + b"\xff\n",
        b"\x1f\x8b" * 90,
    ],
    ids=range(6),
)
def test_what_cannot_be_read_in_chunks_is_left_to_the_other_way(tmp_path, data):
    assert read_both_ways(tmp_path / "log.jsonl", data) is None


ROWS = b"".join(b'{"step":%d,"loss":0.%d}\n' % (step, step + 100) for step in range(300))


@pytest.fixture
def few_odd_lines(monkeypatch):
    monkeypatch.setattr(json_chunks, "CHUNK_BYTES", 20_000)
    monkeypatch.setattr(json_chunks, "MAX_ODD_LINES", 2000)
    monkeypatch.setattr(json_chunks, "END_LINES", 100)
    monkeypatch.setattr(json_chunks, "ODD_LINE_BYTES", 1_000_000)


@pytest.mark.usefixtures("few_odd_lines")
@pytest.mark.parametrize("line", [b"7\n", b"[\n", b"{\n", b" \n", b'{"step":1,"lo\n'])
@pytest.mark.parametrize("end", [b"", b'{"step":999,"loss":0.5,"\\u0061":1}\n', b'{"step":999,"loss":0.5}'])
def test_of_very_many_odd_lines_the_first_and_the_last_are_read(tmp_path, line, end):
    path = tmp_path / "log.jsonl"
    path.write_bytes(ROWS + line * 50_000 + end)
    notes = Notes(path)
    log = read_in_chunks(path, notes)
    step = log.table.table(notes).columns["step"].value
    assert step.tolist() == [*range(300), *([999] if end else [])]
    (note,) = [note for note in notes.all() if note.left_out]
    assert (note.left_out, "lines unlike the others were skipped" in note.message) == ("middle", True)


@pytest.mark.usefixtures("few_odd_lines")
@pytest.mark.parametrize("odd", [1990, 2010])
def test_rows_between_odd_lines_are_all_read(tmp_path, odd):
    path = tmp_path / "log.jsonl"
    path.write_bytes((b"[\n" * (odd // 10) + ROWS) * 10)
    notes = Notes(path)
    table = read_in_chunks(path, notes).table.table(notes)
    assert table.rows == 3000
    assert table.columns["step"].value.tolist() == [*range(300)] * 10
    assert any(note.left_out for note in notes.all()) == (odd > 2000)


@pytest.mark.usefixtures("few_odd_lines")
def test_blank_lines_are_no_odd_ones(tmp_path):
    table = read_both_ways(tmp_path / "log.jsonl", ROWS + b"\n" * 50_000 + ROWS)
    assert table.rows == 600


@pytest.mark.usefixtures("few_odd_lines")
def test_long_lines_do_not_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(json_chunks, "END_CHARACTERS", 3000)
    path = tmp_path / "log.jsonl"
    path.write_bytes(ROWS + b"[\n" * 2000 + (b'{"\\u0061":"' + b"x" * 900 + b'","step":1}\n') * 200)
    notes = Notes(path)
    assert read_in_chunks(path, notes).table.table(notes).rows == 303


def test_gzip_without_its_suffix_is_read_in_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(json_lines, "read_by_line", None)
    path = tmp_path / "log.jsonl"
    path.write_bytes(gzip.compress(ROWS * 10))
    assert json_lines.read_lines(path, Notes(path)).rows == 3000


@pytest.mark.parametrize(("length", "is_shape"), [(500, True), (501, False)])
def test_lines_with_skipped_names_have_no_shape(tmp_path, length, is_shape):
    name = "k" * length
    line = json.dumps({"step": 1, name: 2})
    assert (shape_of(line) is not None) == is_shape
    table = read_both_ways(tmp_path / "log.jsonl", (line + "\n").encode() * 50)
    assert (name in table.columns) == is_shape

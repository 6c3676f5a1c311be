"""A large file read in chunks is the same table, with the same notes, as the file read line by line."""

import gzip
import math
import struct
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainlint.parsers.files.text import Notes, read_text
from trainlint.parsers.numbers import plain_numbers
from trainlint.parsers.numbers.cells import numbers
from trainlint.parsers.numbers.numbers import read_cells
from trainlint.parsers.numbers.texts import read_texts
from trainlint.parsers.tables.delimited import chunks as delimited_chunks
from trainlint.parsers.tables.delimited import rows as delimited_rows
from trainlint.parsers.tables.delimited import table as delimited_table
from trainlint.parsers.tables.delimited.cells import cells_in
from trainlint.parsers.tables.delimited.chunks import read_in_chunks
from trainlint.parsers.tables.delimited.table import read_by_line, read_delimited

many = settings(max_examples=60)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch):
    monkeypatch.setattr(delimited_chunks, "CHUNK_BYTES", 150)
    monkeypatch.setattr(delimited_chunks, "SAMPLE_LINES_MOST", 3)
    monkeypatch.setattr(delimited_chunks, "SAMPLE_LINES", 2)


def texts_of(labels):
    return [labels.texts[code] for code in labels.code]


def read_both_ways(path, data):
    """The table read in chunks, after a check that it equals the one read line by line; None if it is refused."""
    path.write_bytes(data)
    notes, slow_notes = Notes(path), Notes(path)
    table = read_in_chunks(path, notes)
    if table is None:
        return None
    compare(table, notes, read_by_line(read_text(path, slow_notes), slow_notes), slow_notes)
    return table


def compare(table, notes, slow, slow_notes):
    assert notes.all() == slow_notes.all()
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
        assert (table.columns[name].row.dtype, table.columns[name].value.dtype) == (np.int64, np.float64)


plain = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-10, 10).map("{:.6f}".format),
    st.floats(1e-9, 1e9).map("{:.3e}".format),
)
odd = st.sampled_from(
    ["", "nan", "NaN", "inf", "-inf", "-Infinity", "NA", "null", "-", ".5", "5.", "+1", "01", " 2", "3 ", "1e400", "-0",
     "97%", "1_2", "abc", "tensor(0.5)", "-nan", "--5", "1e", "e5", "1.2.3", "1e+5", "0.1e-05", "2024-01-02", "#", "é"]
)  # fmt: skip
line = st.one_of(
    st.lists(st.one_of(plain, plain, plain, odd), min_size=3, max_size=3),
    st.lists(st.one_of(plain, plain, odd), min_size=1, max_size=4),
    st.sampled_from([["step", "loss", "acc"], ["step", "loss", "f1"], ["---", "---", "---"], ["# seed", "1"], [""], ['"1"', "2", '"3,5"']]),
)  # fmt: skip


@pytest.fixture(params=["simdjson", "numpy"])
def engine(request, monkeypatch):
    """Runs a test with simdjson, and as if it refused every list."""
    if request.param == "numpy":
        monkeypatch.setattr(plain_numbers.NumberReader, "read", lambda *_: None)


@pytest.mark.usefixtures("engine")
@many
@given(
    rows=st.lists(st.one_of(st.lists(plain, min_size=3, max_size=3), line), min_size=8, max_size=80),
    delimiter=st.sampled_from([",", ";", "\t", ", "]),
    end=st.sampled_from(["\n", "\r\n"]),
    is_whole=st.booleans(),
    bom=st.sampled_from(["", "\ufeff"]),
)
def test_both_ways_are_the_same(tmp_path, rows, delimiter, end, is_whole, bom):
    lines = [delimiter.join(row) for row in [["step", "loss", "acc"], *rows]]
    read_both_ways(tmp_path / "log.csv", (bom + end.join(lines) + end * is_whole).encode())


@pytest.mark.parametrize(
    "row",
    ["5,2.25e-308,1", "5,nan,2.25e-308", "5,2.26e-308,1", "5,-0,1", "5,1,", ",1,2", "5,1,2,3\n5,1", "nan,,", "# 1,,2",
     "5,1 2,3", "5,[1],2", "5,0x1f,2", "5,18446744073709551616,2", "5,1,0.1\n\n5,1,2", "5,1\t,2", "5,true,2"],
)  # fmt: skip
def test_one_odd_row_among_plain_ones(tmp_path, row):
    rows = [f"{i},{i / 7!r},0.{i}" for i in range(60)]
    rows[20:20] = [row]
    table = read_both_ways(tmp_path / "log.csv", ("step,loss,acc\n" + "\n".join(rows) + "\n").encode())
    assert table.rows >= 60


date = st.one_of(
    st.datetimes().map(str),
    st.integers(0, 10**9).map(lambda millisecond: str(np.datetime64(1_700_000_000_000 + millisecond, "ms"))),
    st.sampled_from(["2024-02-29 12:00:00", "2023-02-29 12:00:00", "2024-01-01T24:00:00", "2024-01-01 12:00", "2024-01-01T12:00:00Z",
                     "2024-01-01T12:00:00+01:00", "2024-01-01 12:00:00,5", "0000-01-01 12:00:00", "9999-12-31 23:59:59", "", "5", "soon"]),
)  # fmt: skip
name_of_run = st.one_of(
    st.sampled_from(["a", "b", "resnet50-lr0.1-seed1", "resnet50-lr0.1-seed2", "n" * 80, "é1", "3", "", "NA", "tensor(0.5)", "nan"]),
    st.text("ab:(1. ", max_size=12),
)  # fmt: skip
text_row = st.tuples(st.one_of(date, date.map(str.strip)), plain, st.one_of(plain, odd), name_of_run)


@pytest.mark.usefixtures("engine")
@many
@given(
    rows=st.lists(text_row, min_size=8, max_size=60),
    same=st.one_of(st.none(), st.tuples(date, name_of_run)),
    header=st.sampled_from(["time,step,loss,run", "Timestamp,loss,step,phase", "host,step,loss,tag", "wall_time,run,loss,time"]),
    is_quoted=st.booleans(),
    is_odd_at=st.integers(0, 60),
)  # fmt: skip
def test_columns_of_texts_are_the_same_both_ways(tmp_path, rows, same, header, is_quoted, is_odd_at):
    mark = '"' if is_quoted else ""
    lines = [
        ",".join(
            [f"{mark}{(same or row)[0].replace(',', '.')}{mark}", row[1], row[2], f"{mark}{(same or row)[-1]}{mark}"]
        )
        for row in rows
    ]
    lines[is_odd_at:is_odd_at] = ['"a, b",1,2,"say ""x"""'] if is_odd_at % 3 else []
    read_both_ways(tmp_path / "log.csv", "\n".join([header, *lines, ""]).encode())


@pytest.mark.parametrize(
    "cell",
    ["{0}", "2024-01-{1:02d} 00:{2:02d}:01.5", "run-{3}", '"run {3}"', '"2024-01-01 00:00:{2:02d}"', "tensor({0})"],
)
def test_a_column_of_texts_keeps_the_others_on_the_fast_way(tmp_path, monkeypatch, cell):
    plain_chunks = []
    read = delimited_rows.read_plain_cells
    monkeypatch.setattr(
        delimited_rows, "read_plain_cells", lambda *given: plain_chunks.append(read(*given)) or plain_chunks[-1]
    )
    rows = [f"{i},{cell.format(i, 1 + i % 28, i % 60, i // 100)},{i / 7!r}" for i in range(300)]
    table = read_both_ways(tmp_path / "log.csv", ("step,time,loss\n" + "\n".join(rows) + "\n").encode())
    assert len(table.columns["loss"].row) == 300
    assert sum(found is not None for found in plain_chunks) >= len(plain_chunks) - 2 > 10  # the first ones show it


def test_three_states_and_labels(tmp_path):
    rows = "".join(
        f"{i},{'val' if i % 2 else 'train'},{('', 'nan', '-inf', '0.5', 'oops')[i % 5]}\n" for i in range(200)
    )
    table = read_both_ways(tmp_path / "log.csv", b"step,phase,loss\n" + rows.encode())
    row, value = table.columns["loss"]
    assert table.rows == 200
    assert texts_of(table.labels["phase"]) == ["train", "val"] * 100
    assert not (set(row[::3] % 5) - {1, 2, 3})
    assert math.isnan(value[0])
    assert value[1] == -math.inf


@pytest.mark.parametrize(
    "data",
    [b"", b"step\n1\n" * 50, b'step,loss\n1,"a\n2,3\n' * 40, b"step,loss\n" + b"1,2\r" * 90, b"a\0b" * 900,
     b"step,loss\n" + b"1,2\n" * 90 + b"\xff,1\n", b"\x1f\x8b" * 90, "step,loss\n1,2\n".encode("utf-16") * 30],
    ids=range(8),
)  # fmt: skip
def test_what_cannot_be_read_in_chunks_is_left_to_the_other_way(tmp_path, data):
    assert read_both_ways(tmp_path / "log.csv", data) is None


def test_every_number_is_the_one_that_python_reads():
    generator = np.random.default_rng(7)
    texts = [repr(x) for x in (generator.standard_normal(3000) * 10.0 ** generator.integers(-30, 30, 3000)).tolist()]
    texts += [repr(x) for x in struct.unpack("3000d", generator.bytes(24_000)) if math.isfinite(x)]
    texts += [f"{x:.{n}f}" for x in generator.standard_normal(100) for n in range(25)]
    texts += [f"{m}e{e}" for m in generator.integers(2**52, 2**63, 500) for e in (-40, -23, -22, -19, -1, 0, 5, 22, 23)]
    texts += [f"0.{m}" for m in generator.integers(2**52, 2**63, 500)] + [
        "9007199254740993",
        "-0.0",
        "0",
        "1" * 19,
        "9" * 25,
    ]
    cells = cells_in(("\n".join(texts) + "\n").encode(), ord(","), 1)
    value, is_plain = read_cells(cells)
    others = np.flatnonzero(~is_plain)
    value[others] = read_texts(cells.content, cells.start(others), cells.end[others], numbers).value
    np.testing.assert_array_equal(value.view(np.int64), np.array(list(map(float, texts))).view(np.int64))
    assert len(others) < 0.4 * len(texts)


def test_the_largest_integer_is_read_without_a_warning(tmp_path):
    lines = [f"{i},0.5" for i in range(20)]
    read_both_ways(
        tmp_path / "log.csv", "\n".join(["step,loss", *lines, f"20,{2**64 - 1}.0", f"21, {2**64 - 1}", ""]).encode()
    )


BROKEN = b"step,loss\n" + b"".join(b"%d,0.%d\n" % (step, step + 100) for step in range(300))


@pytest.mark.parametrize("line", [b"7\n", b"[\n", b"a\n", b'{"a":1}\n', b",,,\n"])
def test_of_very_many_odd_lines_the_first_and_the_last_are_read(tmp_path, monkeypatch, line):
    monkeypatch.setattr(delimited_chunks, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(delimited_chunks, "MAX_ODD_LINES", 2000)
    monkeypatch.setattr(delimited_chunks, "END_LINES", 100)
    monkeypatch.setattr(delimited_chunks, "ODD_LINE_BYTES", 1000)
    path = tmp_path / "metrics.csv"
    path.write_bytes(BROKEN + line * 50_000 + b"99,0.5\n")
    notes = Notes(path)
    table = read_in_chunks(path, notes)
    step = table.columns["step"].value
    assert (step[0], step[-1]) == (0, 99)
    assert table.rows <= 2500
    (note,) = [note for note in notes.all() if note.left_out]
    assert (note.left_out, "irregular rows were skipped" in note.message) == ("middle", True)


@pytest.mark.parametrize(("end_size", "lines"), [(10_000, 6), (8994, 6), (8993, 5), (1000, 0), (10**9, 50)])
def test_the_lines_that_wait_for_the_end_are_bounded_by_size(tmp_path, monkeypatch, end_size, lines):
    """Lines of 1,499 characters, of which 50 may wait."""
    monkeypatch.setattr(delimited_chunks, "CHUNK_BYTES", 4000)
    monkeypatch.setattr(delimited_chunks, "MAX_ODD_LINES", 20)
    monkeypatch.setattr(delimited_chunks, "END_LINES", 50)
    monkeypatch.setattr(delimited_chunks, "END_SIZE", end_size)
    monkeypatch.setattr(delimited_chunks, "ODD_LINE_BYTES", 10_000_000)
    waiting = []
    end = delimited_chunks._ChunkReader.end
    monkeypatch.setattr(
        delimited_chunks._ChunkReader, "end", lambda reader: (waiting.extend(reader._waiting), end(reader))
    )
    path = tmp_path / "metrics.csv"
    path.write_bytes(BROKEN + (b"x" * 1499 + b"\n") * 500)
    notes = Notes(path)
    read_in_chunks(path, notes)
    assert sum(len(each) - 1 for _, each in waiting) == lines
    (note,) = [note for note in notes.all() if note.left_out]
    assert "irregular rows were skipped" in note.message


def test_the_lines_before_too_many_odd_ones_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited_chunks, "CHUNK_BYTES", 20_000)
    monkeypatch.setattr(delimited_chunks, "MAX_ODD_LINES", 2000)
    monkeypatch.setattr(delimited_chunks, "ODD_LINE_BYTES", 1_000_000)
    path = tmp_path / "metrics.csv"
    path.write_bytes(BROKEN + b"7\n" * 50_000)  # the rows share a chunk with more odd lines than are read
    loss = read_in_chunks(path, Notes(path)).columns["loss"].value
    assert len(loss) == 300


ODD_TEXTS = {
    "latin-1": ("step,loss,größe\n" + "".join(f"{i},0.{i},1\n" for i in range(400))).encode("latin-1"),
    "utf-16": ("step,loss,größe\n" + "".join(f"{i},0.{i},1\n" for i in range(400))).encode("utf-16"),
    "returns": b"step,loss\r" + b"".join(b"%d,0.%d\r" % (i, i) for i in range(400)),
    "ragged": "step,loss,ö\n".encode("latin-1") + b"".join(b"%d,0.%d%s\n" % (i, i, b",2,3" * (i % 3)) for i in range(400)),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_text_in_another_encoding_is_the_same_in_chunks(tmp_path, monkeypatch, name):
    monkeypatch.setattr(delimited_table, "LARGE_BYTES", 1000)
    path = tmp_path / "log.csv"
    path.write_bytes(ODD_TEXTS[name])
    slow_notes, notes = Notes(path), Notes(path)
    slow = read_by_line(read_text(path, slow_notes), slow_notes)
    monkeypatch.setattr(delimited_table, "read_by_line", None)
    compare(read_delimited(path, notes), notes, slow, slow_notes)
    assert slow.rows == 400


def test_gzip_without_its_suffix_is_read_in_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited_table, "read_by_line", None)
    path = tmp_path / "training.log"
    path.write_bytes(gzip.compress(BROKEN * 10))
    assert read_delimited(path, Notes(path)).rows == 3000


@pytest.mark.parametrize(("cell", "shown"), [("[" * 5_000_000, "[" * 40), ("password=" + "x1Y2" * 900, "password=***")])
def test_of_a_cell_that_is_shown_only_the_start_is_searched_for_secrets(tmp_path, cell, shown):
    path = tmp_path / "log.csv"
    path.write_bytes(BROKEN + b"300," + cell.encode() + b"\n")
    notes = Notes(path)
    started = time.process_time()
    read_delimited(path, notes)
    assert time.process_time() - started < 1
    assert notes.all()[-1].message.endswith(f"the first is {shown!r}")


def test_regular_rows_behind_very_many_odd_lines_are_all_read(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited_chunks, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(delimited_chunks, "MAX_ODD_LINES", 2000)
    monkeypatch.setattr(delimited_chunks, "ODD_LINE_BYTES", 1000)
    path = tmp_path / "metrics.csv"
    path.write_bytes(BROKEN + b"[\n" * 50_000 + b"".join(b"%d,0.5\n" % step for step in range(300, 5000)) + b'"\n')
    notes = Notes(path)
    step = read_in_chunks(path, notes).columns["step"].value
    assert (step[0], step[-1]) == (0, 4999)
    assert len(step) > 4800
    assert any(note.left_out == "middle" for note in notes.all())

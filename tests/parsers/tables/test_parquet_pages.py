"""Page headers that lie about sizes: nothing is allocated for them. Each replaces the first page of a column in a sound file."""

import contextlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.parsers.formats.generic.parquet_table import PARSER
from trainlint.parsers.tables.parquet import pages
from trainlint.parsers.tables.parquet.compact import CompactError
from trainlint.parsers.tables.parquet.file import footer_of
from trainlint.parsers.tables.parquet.footer import row_groups

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

ROWS = 5000
GIB = 2**30
PLAIN, SNAPPY = (
    {"compression": "NONE", "use_dictionary": False, "column_encoding": {"loss": "PLAIN", "step": "PLAIN"}},
    {"compression": "SNAPPY", "use_dictionary": False},
)
DICTIONARY = {"compression": "SNAPPY", "use_dictionary": True}


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def number(value):
    return varint(value * 2)  # zigzag


def header(kind, unpacked, packed, values, *, of):
    """A PageHeader: type, sizes, and the header of a data page (5) or a dictionary (7)."""
    inner = b"\x15" + number(values) + b"\x15" + number(0) + b"\x15" + number(3) + b"\x15" + number(3) + b"\0"
    last = bytes([(of - 3) << 4 | 12])
    return b"\x15" + number(kind) + b"\x15" + number(unpacked) + b"\x15" + number(packed) + last + inner + b"\0"


def with_text_for_number(left):
    """A header whose number of values is a binary field of one byte."""
    return header(0, 900, left, 0, of=5).replace(b"\x2c\x15\x00", b"\x2c\x18\x01a", 1)


def write(path, **options):
    rng = np.random.default_rng(1)
    loss = rng.integers(0, 90, ROWS) / 7 if options.get("use_dictionary") else rng.normal(2, 1, ROWS)
    pq.write_table(pa.table({"step": np.arange(ROWS), "loss": loss}), path, **options)
    return pq.ParquetFile(path).metadata.row_group(0).column(1)


def forge(path, chunk, make):
    """Replace the first page of a column by one with a forged header; `make` gets the bytes left for its data."""
    at = min(chunk.data_page_offset, chunk.dictionary_page_offset or chunk.data_page_offset)
    length = chunk.total_compressed_size - 64  # the header is shorter; zeros follow
    page = make(length)
    data = bytearray(path.read_bytes())
    data[at : at + chunk.total_compressed_size] = page.ljust(chunk.total_compressed_size, b"\0")
    path.write_bytes(bytes(data))


FORGED = {
    "2 GiB unpacked": (SNAPPY, lambda left: header(0, 2 * GIB - 1, left, ROWS, of=5), "a page of more than 128 MiB"),
    "just over the limit": (SNAPPY, lambda left: header(0, pages.MAX_PAGE + 1, left, ROWS, of=5), "more than 128 MiB"),
    "negative": (SNAPPY, lambda left: header(0, 0, left, ROWS, of=5).replace(b"\x15\0\x15", b"\x15\1\x15", 2), "a page"),
    "2 GiB packed": (PLAIN, lambda _: header(0, 8 * ROWS, 2 * GIB - 1, ROWS, of=5), "longer than its column"),
    "16 GiB of a dictionary": (DICTIONARY, lambda left: header(2, 900, left, 2 * GIB - 1, of=7), "more values than it can hold"),
    "more values than rows": (PLAIN, lambda left: header(0, 900, left, ROWS + 1, of=5), "more values than it can hold"),
    "text for a number": (PLAIN, with_text_for_number, "more values than it can hold"),
    "no end": (PLAIN, lambda _: b"\x15" + b"\xff" * 40, "more than 64 bits"),
    "deep": (PLAIN, lambda _: b"\x1c" * 90, "nested too deeply"),
    "lists of lists": (PLAIN, lambda _: b"\x19" * 90, "nested too deeply"),
    "a long list": (PLAIN, lambda _: b"\x19\xf5" + varint(2**40), "longer than its file"),
    "a long text": (PLAIN, lambda _: b"\x18" + varint(2**40), "longer than its file"),
    "a map": (PLAIN, lambda _: b"\x1b" * 90, "of an unknown type"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORGED)
def test_what_a_page_states_is_not_believed(tmp_path, kind):
    options, make, said = FORGED[kind]
    path = tmp_path / "a.parquet"
    forge(path, write(path, **options), make)
    (run,) = PARSER.parse(path)
    assert not run.all_curves
    assert any(said in note.message and note.message.endswith("the row group is skipped") for note in run.notes)
    assert {note.left_out for note in run.notes if note.where == "row group 0"} == {"middle"}


@pytest.mark.parametrize("kind", ["2 GiB unpacked", "16 GiB of a dictionary"])
def test_nothing_is_allocated(tmp_path, kind):
    """The peak of a new process; that of `resource` may be its parent's, which Linux hands on."""
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("the peak of a process is told by /proc")
    options, make, _ = FORGED[kind]
    path = tmp_path / "a.parquet"
    forge(path, write(path, **options), make)
    code = f"""
import pyarrow.parquet
from pathlib import Path
from trainlint.parsers.formats.generic.parquet_table import PARSER
list(PARSER.parse(Path({str(path)!r})))
print(next(line.split()[1] for line in open({str(status)!r}) if line.startswith("VmHWM")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 10_000 < int(done.stdout) < 500_000  # KiB


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("options", [PLAIN, SNAPPY, DICTIONARY, {"compression": "ZSTD", "data_page_size": 512}])
def test_honest_pages_are_read(tmp_path, version, options):
    path = tmp_path / "a.parquet"
    write(path, data_page_version=version, **options)
    (run,) = PARSER.parse(path)
    assert [len(curve) for curve in run.all_curves] == [ROWS]
    assert not run.notes


def test_the_number_of_pages_is_limited(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    write(path, compression="NONE", use_dictionary=False, data_page_size=512, write_batch_size=64)
    for most, is_read in ((1000, True), (20, False)):
        monkeypatch.setattr(pages, "MAX_PAGES", most)
        (run,) = PARSER.parse(path)
        assert bool(run.all_curves) == is_read


def test_statistics_that_cannot_be_do_not_end_the_process(tmp_path):
    """pyarrow's C++ library throws where its binding expects no exception: the process would abort."""
    path = tmp_path / "a.parquet"
    write(path)
    data = path.read_bytes()
    two_levels, one_level = b"\x19\x26\x00", b"\x19\x16\x80"  # a histogram of two counts, and of one, as long
    assert two_levels in data
    path.write_bytes(data.replace(two_levels, one_level))
    code = f"""
from pathlib import Path
from trainlint.parsers.formats.generic.parquet_table import PARSER
(run,) = PARSER.parse(Path({str(path)!r}))
print([(note.where, note.message) for note in run.notes])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "cannot be read as Parquet: Definition level histogram size mismatch" in done.stdout
    assert "a.parquet" not in done.stdout


@pytest.mark.parametrize("count", [1, 3])
def test_row_groups_of_the_footer_are_those_that_pyarrow_tells(tmp_path, count):
    path = tmp_path / "a.parquet"
    table = pa.table({"step": np.arange(ROWS), "a": [{"b": n / 7} for n in range(ROWS)], "text": ["x"] * ROWS})
    pq.write_table(table, path, row_group_size=-(-ROWS // count))
    metadata = pq.ParquetFile(path).metadata
    found = list(row_groups(footer_of(path), ["step", "a.b"]))
    assert [group.rows for group in found] == [metadata.row_group(i).num_rows for i in range(count)]
    for index, group in enumerate(found):
        columns = [metadata.row_group(index).column(i) for i in range(2)]
        assert [chunk.path for chunk in group.chunks] == ["step", "a.b"]
        assert [(chunk.unpacked, chunk.packed, chunk.begins) for chunk in group.chunks] == [
            (column.total_uncompressed_size, column.total_compressed_size, column.dictionary_page_offset or column.data_page_offset)
            for column in columns
        ]  # fmt: skip


@pytest.fixture(scope="module")
def sound_footer(tmp_path_factory):
    path = tmp_path_factory.mktemp("footer") / "a.parquet"
    write(path)
    return footer_of(path)


@given(st.data())
def test_a_damaged_footer_is_refused_or_read(sound_footer, data):
    footer = bytearray(sound_footer)
    for _ in range(data.draw(st.integers(1, 4))):
        footer[data.draw(st.integers(0, len(footer) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(CompactError):
        assert all(
            isinstance(chunk.packed, int) for group in row_groups(bytes(footer), ["loss"]) for chunk in group.chunks
        )


GROUPS = b"\x49\x1c"  # field 4, a list of one struct
DAMAGED_GROUPS = {
    "columns that are numbers": GROUPS + b"\x19\x15\x02\x26\x02\x00\x00",
    "a path of structs": GROUPS + b"\x19\x1c\x3c\x39\x1c\x00\x00\x00\x26\x02\x00\x00",
    "rows beyond 63 bits": GROUPS + b"\x19\x0c\x26" + b"\xfe" * 9 + b"\x7f\x00\x00",
}


@pytest.mark.parametrize("kind", DAMAGED_GROUPS)
def test_groups_of_other_types_raise_the_error_of_the_reader(kind):
    if kind == "a path of structs":  # is none of the wanted columns
        assert [group.chunks for group in row_groups(DAMAGED_GROUPS[kind], ["loss"])] == [[]]
        return
    with pytest.raises(CompactError):
        list(row_groups(DAMAGED_GROUPS[kind], ["loss"]))

"""Page headers that lie about sizes: nothing is allocated for them. Each replaces the first page of a column in a sound file."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from trainlint.parsers.formats.generic.parquet_table import PARSER
from trainlint.parsers.tables.parquet import pages

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
    "a list": (PLAIN, lambda _: b"\x19" * 90, "of an unknown type"),
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

"""Text comes compressed, in other encodings, and damaged."""

import gzip
import random

import pytest

from trainlint.parsers.files import text as text_module
from trainlint.parsers.files.text import MAX_NOTES, Notes, head_lines, head_text, read_text

SAMPLE = "epoch,loss\n0,1.5\n1,0.5\n"
BINARY = bytes(range(256)) * 20


def read(tmp_path, data):
    path = tmp_path / "log.csv"
    path.write_bytes(data)
    notes = Notes(path)
    return read_text(path, notes), [note.message for note in notes.all()]


@pytest.mark.parametrize(
    "data",
    [
        SAMPLE.encode(),
        SAMPLE.encode("utf-8-sig"),
        SAMPLE.encode("utf-16"),
        ("\ufeff" + SAMPLE).encode("utf-16-be"),
        SAMPLE.replace("\n", "\r\n").encode(),
        SAMPLE.replace("\n", "\r").encode(),
        gzip.compress(SAMPLE.encode(), mtime=0),
        gzip.compress(SAMPLE.encode()[:10], mtime=0) + gzip.compress(SAMPLE.encode()[10:], mtime=0),
    ],
)
def test_encodings_read_alike(tmp_path, data):
    assert read(tmp_path, data) == (SAMPLE, [])
    assert head_text(data) == SAMPLE


def test_latin_1_is_noted(tmp_path):
    assert read(tmp_path, "época\n".encode("latin-1")) == ("época\n", ["is not UTF-8: read as Latin-1"])


@pytest.mark.parametrize(
    "data", [BINARY, random.Random(0).randbytes(5000), b"\0" * 100, gzip.compress(BINARY, mtime=0)]
)
def test_binary_is_not_text(tmp_path, data):
    text, notes = read(tmp_path, data)
    assert text is None
    assert any("not text" in note for note in notes)
    assert head_text(data[:4096]).strip("\0") == ""


def test_empty(tmp_path):
    assert read(tmp_path, b"") == ("", [])


def test_blocks_never_written_are_dropped(tmp_path):
    text, notes = read(tmp_path, SAMPLE.encode() + b"\0" * 4096)
    assert text == SAMPLE
    assert notes == ["4096 NUL bytes at the end were removed"]


def test_a_nul_inside_a_number_spoils_it(tmp_path):
    text, _ = read(tmp_path, SAMPLE.encode() * 9 + b"2,0.\x005\n")
    assert text.endswith("2,0.\ufffd5\n")


def test_cut_gzip_gives_what_stands_before(tmp_path):
    lines = "".join(f"{i},{random.Random(i).random()}\n" for i in range(5000))
    packed = gzip.compress(lines.encode(), mtime=0)
    text, notes = read(tmp_path, packed[: len(packed) // 2])
    assert len(text) > len(lines) // 3
    assert lines.startswith(text)
    assert "gzip" in notes[0]


def test_length_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(text_module, "MAX_BYTES", 1000)
    lines = "".join(f"{i}\n" for i in range(5000))
    for data in (lines.encode(), gzip.compress(lines.encode(), mtime=0)):
        text, notes = read(tmp_path, data)
        assert 980 < len(text) <= 1000
        assert text.startswith("0\n1\n")
        assert text.endswith("\n4998\n4999\n")  # the end is read, too
        assert set(text.split()) <= set(lines.split())  # in whole lines
        assert any("only the first" in note for note in notes)


def test_lines_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(text_module, "MAX_LINES", 400)
    text, (note,) = read(tmp_path, "".join(f"{i}\n" for i in range(5000)).encode())
    assert text.split() == [*map(str, range(300)), *map(str, range(4900, 5000))]
    assert note == "only the first 300 and the last 100 of 5,000 lines were read"


def test_what_unpacks_for_ever_is_read_at_its_start_only(tmp_path, monkeypatch):
    monkeypatch.setattr(text_module, "MAX_BYTES", 1000)
    monkeypatch.setattr(text_module, "MAX_UNPACKED", 5 << 20)
    path = tmp_path / "train.log.gz"
    path.write_bytes(gzip.compress(b"loss 1.5\n" * (1 << 20), mtime=0))
    notes = Notes(path)
    text = text_module.read_text(path, notes)
    assert len(text) == 1000
    assert [note.left_out for note in notes.all()] == ["end"]


def test_padding_behind_a_long_log_is_no_end(tmp_path, monkeypatch):
    monkeypatch.setattr(text_module, "MAX_BYTES", 1000)
    text, notes = read(tmp_path, "".join(f"{i}\n" for i in range(5000)).encode() + bytes(3 << 20))
    assert text.endswith("\n4999\n")
    assert f"{3 << 20} NUL bytes at the end were removed" in notes


def test_blocks_that_were_never_written_do_not_make_a_log_binary(tmp_path):
    text, notes = read(tmp_path, b"loss 1.5\n" + bytes(2000) + b"\nloss 1.4\n")
    assert text.endswith("\nloss 1.4\n")
    assert notes == []


def test_a_cut_line_is_no_line_of_the_head():
    assert head_lines(b"a,b\n" * 2000)[-1] == "a,b"
    assert head_lines((b"abc,def\n" * 600)[:4093] + b"abc")[-1] == "abc,def"
    assert head_lines(b"x" * 4096) == ["x" * 4096]


def test_many_notes_are_summed_up(tmp_path):
    notes = Notes(tmp_path)
    for i in range(100):
        notes.add("bad", f"line {i}")
    assert len(notes.all()) == MAX_NOTES + 1
    assert "80 more" in notes.all()[-1].message

"""Logs that ask for much memory or time: what is read of them, what is said, and what is not judged."""

import gzip
import io
import json
import math
import resource
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from trainlint.analyzer.cli import cli
from trainlint.analyzer.judging.engine import judge
from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.read import read_group
from trainlint.parsers.files import chunks
from trainlint.parsers.files import text as text_module
from trainlint.parsers.files.hyperparameters import MAX_KEYS, read_beside
from trainlint.parsers.files.text import Notes
from trainlint.parsers.numbers import columns
from trainlint.parsers.run import Note
from trainlint.parsers.tables.json import rows as json_rows
from trainlint.rules.registry import RULES

LINES = [f"{i},{2 / (i + 1):.6f}" for i in range(2000)]
CSV = "step,loss\n" + "\n".join(LINES) + "\n"
JSONL = "".join(json.dumps({"step": i, "loss": 2 / (i + 1)}) + "\n" for i in range(60))


def run_in(folder):
    found = discover([folder])
    (group,) = found.groups
    (run,) = read_group(group, found.root)
    return run


@pytest.fixture
def small_scan(monkeypatch):
    monkeypatch.setattr("trainlint.parsers.tables.delimited.table.LARGE_BYTES", 0)
    monkeypatch.setattr("trainlint.parsers.tables.delimited.chunks.CHUNK_BYTES", 1000)
    monkeypatch.setattr("trainlint.parsers.tables.delimited.chunks.SAMPLE_LINES_MOST", 30)
    for name in ("MAX_SCAN", "MIN_UNPACKED"):
        monkeypatch.setattr(chunks, name, 8000)
    monkeypatch.setattr(chunks, "END_BYTES", 2000)
    monkeypatch.setattr(chunks, "UNPACKED_RATIO", 0)


@pytest.mark.parametrize("packed", [False, True])
def test_of_a_file_too_long_to_scan_the_end_is_read(small_scan, tmp_path, packed):
    data = gzip.compress(CSV.encode()) if packed else CSV.encode()
    (tmp_path / f"metrics.csv{'.gz' if packed else ''}").write_bytes(data)
    run = run_in(tmp_path)
    (curve,) = run.all_curves
    assert (curve.step[0], curve.step[-1], len(curve.segments)) == (0, 1999, 1)
    assert len(curve) < 1000
    assert [note.left_out for note in run.notes] == ["middle"]
    assert not run.unread_end


def test_where_the_end_was_not_read_it_is_not_judged(small_scan, tmp_path, monkeypatch):
    monkeypatch.setattr(text_module, "MAX_UNPACKED", 1000)
    (tmp_path / "metrics.csv.gz").write_bytes(gzip.compress(CSV.encode()))
    run = run_in(tmp_path)
    assert "unpacks to more than" in run.unread_end
    verdicts = judge(run, RULES).verdicts
    assert "the end of the log was not read" in verdicts["truncated-run"].reason
    judging = [rule.id for rule in RULES if rule.judges_end]
    assert {"truncated-run", "undertrained", "overfitting", "out-of-memory"} <= set(judging)
    assert all(verdicts[rule].outcome in ("insufficient-data", "not-applicable") for rule in judging)
    said = CliRunner().invoke(cli, ["audit", str(tmp_path), "--no-report"]).output
    assert "note     metrics.csv.gz: unpacks to more than" in said


def test_what_was_left_out_of_a_clear_run_stands_in_the_terminal(small_scan, tmp_path):
    loss = [2 / (i + 1) ** 0.3 for i in range(2000)]
    rows = "".join(f"{i},{v:.6f},{1.05 * v:.6f}\n" for i, v in enumerate(loss))
    (tmp_path / "metrics.csv").write_text("step,train_loss,val_loss\n" + rows)
    said = CliRunner().invoke(cli, ["audit", str(tmp_path), "--no-report"]).output
    assert "only the first" in said


def test_rules_that_compare_neighbouring_rows_ask_for_all_of_them(small_scan, tmp_path):
    (tmp_path / "metrics.csv").write_text(CSV)
    verdict = judge(run_in(tmp_path), RULES).verdicts["duplicate-steps"]
    assert (verdict.outcome, verdict.reason) == ("insufficient-data", "not all rows of the log were read")


@pytest.mark.parametrize("is_text", [False, True])
@pytest.mark.parametrize(("place", "outcome"), [(1000, "insufficient-data"), (50, "fired")])
def test_no_value_is_wrong_only_where_all_were_read(small_scan, tmp_path, monkeypatch, is_text, place, outcome):
    monkeypatch.setattr(text_module, "MAX_LINES", 600)
    loss = [2 / (step + 1) ** 0.3 for step in range(2000)]
    loss[place] = math.nan
    if is_text:
        (tmp_path / "train.log").write_text("".join(f"step {step} loss {v:.6f}\n" for step, v in enumerate(loss)))
    else:
        (tmp_path / "metrics.csv").write_text("step,loss\n" + "".join(f"{s},{v:.6f}\n" for s, v in enumerate(loss)))
    verdicts = judge(run_in(tmp_path), RULES).verdicts
    assert verdicts["non-finite"].outcome == outcome
    for rule in ("masked-nan", "out-of-range", "loss-spike", "exploding-gradients"):
        assert verdicts[rule].outcome != "clear"


def test_a_line_that_never_ends_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(chunks, "MAX_LINE_BYTES", 5000)
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n" * 100 + b"9" * 50_000 + b"\n" + b"c,d\n")
    notes = Notes(path)
    assert b"".join(chunks.line_chunks(path, 64, notes)) == b"a,b\n" * 100 + b"c,d\n"
    assert [note.left_out for note in notes.all()] == ["middle"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("training.log", "epoch,accuracy,loss\n" + "".join(f"{i},0.5,{2 / (i + 1)}\n" for i in range(30))),
        ("history.json", json.dumps({"loss": [2 / (i + 1) for i in range(30)], "val_loss": [1.0] * 30})),
        ("metrics.jsonl", JSONL),
    ],
)
def test_short_logs_with_nul_bytes_behind_are_read(tmp_path, name, text):
    (tmp_path / name).write_bytes(text.encode())
    whole = run_in(tmp_path)
    (tmp_path / name).write_bytes(text.encode() + bytes(1000))
    padded = run_in(tmp_path)
    assert [curve.value.tolist() for curve in padded.all_curves] == [curve.value.tolist() for curve in whole.all_curves]
    assert padded.notes == [Note(name, f"byte {len(text)}", "1000 NUL bytes at the end were removed")]


def npz(path, header, body, method=zipfile.ZIP_DEFLATED, version=1):
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("timesteps.npy", b"\x93NUMPY" + bytes([version, 0]) + length + header + body)


def header_of(shape, descr="'<f8'"):
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b"\n"


@pytest.mark.parametrize(
    ("header", "body", "method", "version"),
    [
        (header_of("(4000001,)", "'|i1'"), bytes(4_000_001), zipfile.ZIP_DEFLATED, 1),
        (header_of("(2,)", "'|O'"), b"cos\nsystem\n(S'true'\ntR.", zipfile.ZIP_DEFLATED, 1),
        (header_of("(2,)", "[('a', '<f8')]"), bytes(16), zipfile.ZIP_DEFLATED, 1),
        (header_of("(2,)", "'<f7'"), bytes(14), zipfile.ZIP_DEFLATED, 1),
        (header_of("(-2, -1)"), bytes(16), zipfile.ZIP_DEFLATED, 1),
        (header_of(f"({'9' * 18}, {'9' * 18})"), bytes(16), zipfile.ZIP_DEFLATED, 1),
        (header_of(f"(0, {'9' * 18})"), b"", zipfile.ZIP_DEFLATED, 1),
        (header_of("(2,)"), bytes(15), zipfile.ZIP_DEFLATED, 1),
        (header_of("(2,)"), bytes(50_000_000), zipfile.ZIP_DEFLATED, 1),
        (header_of("__import__('os')"), bytes(16), zipfile.ZIP_DEFLATED, 1),
        (b"(" * 9000 + b"\n", b"", zipfile.ZIP_DEFLATED, 1),
        (b"{'descr': '<f8'" + b" " * 100_000, b"", zipfile.ZIP_DEFLATED, 2),
        (header_of("(2,)"), bytes(16), zipfile.ZIP_LZMA, 1),
        (header_of("(2,)"), bytes(16), zipfile.ZIP_BZIP2, 1),
    ],
)
def test_odd_arrays_are_refused_with_a_note(tmp_path, header, body, method, version):
    npz(tmp_path / "evaluations.npz", header, body, method, version)
    run = run_in(tmp_path)
    assert run.all_curves == []
    assert run.notes[0].message.startswith(("cannot be read as an archive of arrays: ", "contains no rows of numbers"))


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<i8", "|u1", "|b1", "<f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_numpy_are_read_as_numpy_reads_them(tmp_path, dtype, order):
    values = np.asarray(np.arange(12).reshape(4, 3) % 2, dtype=dtype, order=order)
    np.savez_compressed(tmp_path / "evaluations.npz", timesteps=np.arange(4), results=values)
    (curve,) = run_in(tmp_path).all_curves
    np.testing.assert_array_equal(curve.value, values.astype(float).mean(axis=1))


@pytest.mark.parametrize("leaf", ["{x0: 1, y0: 2}", "{}"])
@pytest.mark.parametrize("line", ["a{k}: &a{k} {{{keys}}}", "a{k}:\n  &a{k}\n  <<: [{aliases}]\n  x{k}: 1"])
def test_keys_of_yaml_that_multiply_are_given_up(tmp_path, leaf, line):
    text = f"a0: &a0 {leaf}\n"
    for k in range(1, 9):
        aliases = [f"*a{k - 1}"] * 10
        keys = ", ".join(f"k{j}: {alias}" for j, alias in enumerate(aliases))
        text += line.format(k=k, keys=keys, aliases=", ".join(aliases)) + "\n"
    (tmp_path / "config.yaml").write_text(text)
    clock = time.process_time()
    values, _, notes = read_beside(tmp_path / "metrics.csv")
    assert time.process_time() - clock < 5  # 100,000,000 keys take minutes
    assert len(values) <= MAX_KEYS
    assert values or notes or leaf == "{}"


def test_long_names_are_left_out_and_told(tmp_path):
    (tmp_path / "metrics.jsonl").write_text(JSONL + json.dumps({"step": 60, "loss": 0.1, "k" * 600: 1}) + "\n")
    run = run_in(tmp_path)
    assert [curve.tag for curve in run.all_curves] == ["loss"]
    assert run.notes[0].message == "1 values with names of more than 500 characters are skipped"


def test_columns_beyond_the_limit_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(json_rows, "MAX_COLUMNS", 3)
    document = {"loss": [2.0, 1.5, 1.2], **{f"loss_{i}": [1.0, 2.0, 3.0] for i in range(10)}}
    (tmp_path / "table.json").write_text(json.dumps(document))
    run = run_in(tmp_path)
    assert len(run.all_curves) == 3
    assert run.notes[0].message == "only the first 3 of 11 columns were read"
    assert columns.MAX_COLUMNS == 20_000


@pytest.mark.parametrize("is_of_rows", [True, False])
def test_of_a_document_with_too_many_values_rows_at_its_end_are_read(tmp_path, monkeypatch, is_of_rows):
    monkeypatch.setattr(json_rows, "MAX_VALUES", 300)
    rows = [{"epoch": i, "loss": 2 / (i + 1)} for i in range(500)]
    document = rows if is_of_rows else {"loss": [row["loss"] for row in rows]}
    (tmp_path / "history.json").write_text(json.dumps(document))
    run = run_in(tmp_path)
    (curve,) = run.all_curves
    assert len(curve) < 300
    assert bool(run.unread_end) == (not is_of_rows)
    if is_of_rows:
        assert curve.step[-1] == 499


@pytest.mark.skipif(sys.platform != "linux", reason="counts kilobytes")
def test_a_bomb_takes_little_memory(tmp_path):
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file:
        file.write(b"step,loss\n1,1\n2,2\n3,")
        for _ in range(300):
            file.write(b"9" * (1 << 20))
    (tmp_path / "metrics.csv.gz").write_bytes(packed.getvalue())
    code = (
        "import resource, sys; from pathlib import Path; from trainlint.parsers.formats.generic import csv_table;"
        f"list(csv_table.parse(Path({str(tmp_path / 'metrics.csv.gz')!r})));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # what a child begins with
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, cwd=Path.home()
    )
    assert int(done.stdout) < max(before, 60_000) + 120_000

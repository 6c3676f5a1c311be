"""Only regular files are opened, and only in one way."""

import ast
import os
import socket
import sys
from contextlib import closing
from pathlib import Path

import pytest

from trainlint.analyzer.reading.discover import discover
from trainlint.parsers.files.hyperparameters import CONFIG_NAMES, read_beside
from trainlint.parsers.files.open_log import open_log, open_unbuffered
from trainlint.parsers.registry import PARSERS

ROOT = Path(__file__).parents[3]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes in folders")
OPENERS = {
    "open", ".open", ".read_text", ".read_bytes", ".write_text", ".write_bytes", ".fromfile", ".loadtxt", ".genfromtxt",
    ".memmap", ".load_npz", ".read_csv", ".read_json", ".fdopen", ".mkfifo", ".copyfile", ".copy2", ".copytree",
}  # fmt: skip
# where another name is no file of a log: (file, name), with the reason
ALLOWED = {
    ("open_log.py", ".open"),  # the way itself
    ("npy_arrays.py", ".open"),  # a member of an archive
    ("leftovers.py", ".open"),  # what is written, or locked and not read
    ("sqlite_snapshot.py", ".open"),  # the copy
}


def calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield f".{node.func.attr}" if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@pytest.mark.parametrize("path", sorted((ROOT / "parsers").rglob("*.py")), ids=lambda path: path.name)
def test_parsers_open_files_in_one_way(path):
    text = path.read_text(encoding="utf-8")
    found = {name for name in calls(ast.parse(text)) if name in OPENERS}
    assert found <= {name for file, name in ALLOWED if file == path.name}


def test_discovery_opens_files_in_one_way():
    text = (ROOT / "analyzer" / "reading" / "discover.py").read_text(encoding="utf-8")
    assert not OPENERS & set(calls(ast.parse(text)))


@POSIX
@pytest.mark.parametrize("opened", [open_log, open_unbuffered])
def test_only_regular_files_are_opened(tmp_path, opened):
    (tmp_path / "file").write_bytes(b"abc")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to-pipe").symlink_to(tmp_path / "pipe")
    with closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind(os.path.relpath(tmp_path / "socket"))
    for name in ("pipe", "to-pipe", "socket", "."):
        with pytest.raises(OSError, match="not a regular file") as error:
            opened(tmp_path / name)
        assert error.value.filename == str(tmp_path / name)
    for device in ("/dev/zero", "/dev/tty", "/dev/stdin"):
        with pytest.raises(OSError):
            opened(Path(device))
    with pytest.raises(FileNotFoundError):
        opened(tmp_path / "gone")
    for name in ("file", "link"):
        with opened(tmp_path / name) as file:
            assert file.read() == b"abc"


@POSIX
def test_a_file_that_becomes_a_pipe_is_not_waited_for(tmp_path, monkeypatch):
    """It is exchanged between the look at it and its opening."""
    path = tmp_path / "log"
    path.write_text("")
    before = os.open

    def exchanged(name, flags):
        path.unlink()
        os.mkfifo(path)
        return before(name, flags)

    monkeypatch.setattr(os, "open", exchanged)
    with pytest.raises(OSError, match="not a regular file"):
        open_log(path)


@POSIX
def test_pipes_beside_logs_are_passed_over(tmp_path):
    """A pipe under every name that anything looks for: nothing waits."""
    log = tmp_path / "metrics.csv"
    log.write_text("step,loss\n" + "".join(f"{step},{2 - step / 50}\n" for step in range(30)))
    names = {pattern.replace("*", "pipe") for parser in PARSERS for pattern in parser.patterns}
    for name in sorted({*names, *CONFIG_NAMES, "trainlint.toml", "metrics.csv-wal", "run.json"} - {"metrics.csv"}):
        if not any(mark in name for mark in "[]?"):
            os.mkfifo(tmp_path / name)
    assert read_beside(log) == ({}, [], [])
    found = discover([tmp_path])
    assert [file.path for group in found.groups for file in group.files] == [log]
    for group in found.groups:
        for file in group.files:
            assert [len(curve) for run in file.parser.parse(file.path) for curve in run.all_curves] == [30]

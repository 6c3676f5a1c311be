"""Stores that only their own tracker reads are named, with what to do."""

import pytest

from trainlint.parsers.formats.trackers.unsupported import PARSER

FILES = [
    ("exp/.aim/run_metadata.sqlite", "Aim: export it first", "exp"),
    ("swanlog/run-1/run-1.swanlab", "SwanLab: export it first", "swanlog/run-1"),
]


@pytest.mark.parametrize(("name", "message", "home"), FILES)
def test_refusal(tmp_path, name, message, home):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x00" * 99)
    assert PARSER.matches(path.name)
    assert PARSER.sniff(path, b"")
    assert PARSER.home(path) == tmp_path / home
    (run,) = PARSER.parse(path)
    assert run.all_curves == []
    assert run.notes[0].message.startswith(message)


def test_other_databases(tmp_path):
    assert not PARSER.sniff(tmp_path / "run_metadata.sqlite", b"SQLite format 3")

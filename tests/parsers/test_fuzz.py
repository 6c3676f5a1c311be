"""Inputs of the fuzzer: a few of every parser with a fixed seed, and those that broke something once.

`fuzz_cases/` holds one folder a case, named for what it did, as the fuzzer made and minimized it.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trainlint.analyzer.config.options import Config, rules_of
from trainlint.analyzer.judging.engine import judge
from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.read import read_group
from trainlint.analyzer.report.document import run_entry

FUZZER = Path(__file__).parents[2] / "benchmarks" / "attack" / "fuzz.py"
CASES = sorted((Path(__file__).parent / "fuzz_cases").iterdir())
INPUTS = 31 * 150
MOST_SECONDS, MOST_BYTES = 5.0, 300 * 1024**2  # CPU and growth of the process, as in the fuzzer


@pytest.mark.slow
def test_nothing_escapes(tmp_path):
    """Needs nothing but the test dependencies; what is found stands in the output, with the number to try it again."""
    command = [sys.executable, FUZZER, "--inputs", INPUTS, "--batch", 150, "--seed", 1, "--state", tmp_path / "state.json",
               "--findings", tmp_path / "findings"]  # fmt: skip
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert f"{INPUTS:,} inputs" in done.stdout


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_broke_once_holds(tmp_path, monkeypatch, case):
    folder = tmp_path / "logs"
    shutil.copytree(case, folder)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "watched.txt").write_text("watched\n")  # a journal of a case names it
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    peak, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found = discover([folder])
    assert not [note for note in found.skipped if "failed to look at it" in note.message]
    for group in found.groups:
        for run in read_group(group, found.root, strict=True):
            entry = run_entry(judge(run, rules_of(Config().at(folder)), strict=True))
            json.dumps(entry, allow_nan=False)
    assert time.process_time() - started < MOST_SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) * 1024 < MOST_BYTES
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert (tmp_path / "watched.txt").exists()

"""The first minute: `trainlint demo` and the completion of the shell."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..command_line import elsewhere  # noqa: F401  (a fixture)
from ..report.test_baseline import call

PLANTED = {
    "divergence": ("divergence", "json-lines"),
    "healthy": (None, "keras-csv"),
    "learning-rate-of-zero": ("zero-learning-rate", "hf-trainer-state"),
    "not-finite": ("non-finite", "tensorboard"),
    "out-of-memory": ("out-of-memory", "plain-text"),
    "overfitting": ("overfitting", "keras-csv"),
}


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file() and "report" not in str(p)}


def test_the_demo_finds_what_was_planted():
    process = call("demo", "first")
    assert process.exit_code == 0, process.output
    assert "detectable from step" in process.output
    assert "  clear" in process.output
    assert Path("first/trainlint-report/index.html").exists()
    runs = json.loads(Path("first/trainlint-report/report.json").read_text())["runs"]
    found = {run["run"]: ({f["rule"] for f in run["findings"]} or {None}, run["format"]) for run in runs}
    assert {name: file_format for name, (_, file_format) in found.items()} == {n: f for n, (_, f) in PLANTED.items()}
    assert [name for name, (rule, _) in PLANTED.items() if rule not in found[name][0]] == []


def test_the_demo_is_the_same_every_time_and_small():
    call("demo", "first")
    call("demo", "second")
    assert contents(Path("first")) == contents(Path("second"))
    assert sum(map(len, contents(Path("first")).values())) < 150_000


def test_the_demo_writes_into_no_folder_that_holds_something():
    Path("taken").mkdir()
    Path("taken/.hidden").write_text("mine")
    process = call("demo", "taken")
    assert process.exit_code == 2
    assert [path.name for path in Path("taken").iterdir()] == [".hidden"]
    Path("file").write_text("")
    assert call("demo", "file").exit_code == 2
    assert call("demo", "file/below").exit_code != 0
    Path("empty").mkdir()
    assert call("demo", "empty").exit_code == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_of_the_shell(shell):
    script = call("completion", shell).output
    assert "_TRAINLINT_COMPLETE" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("trainlint exp", ["explain", "export"]),
        ("trainlint explain overf", ["overfitting"]),
        ("trainlint audit --select numer", ["numeric"]),
        ("trainlint audit --fail-on w", ["warning"]),
        ("trainlint audit --write-b", ["--write-baseline"]),
    ],
)
def test_what_is_completed(line, expected):
    environment = {
        "_TRAINLINT_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split()) - 1),
    }
    process = subprocess.run(
        [sys.executable, "-m", "trainlint"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(item.partition(",")[2] for item in process.stdout.split()) == sorted(expected)

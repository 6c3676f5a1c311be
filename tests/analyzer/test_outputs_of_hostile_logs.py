"""Logs that are hostile in every name and text, through every command: the short form of benchmarks/attack/hostile_names.py."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from click.testing import CliRunner

from trainlint.analyzer.cli import cli

pytest.importorskip("markdown_it")
SPEC = spec_from_file_location(
    "hostile_names", Path(__file__).parents[2] / "benchmarks" / "attack" / "hostile_names.py"
)
hostile_names = module_from_spec(SPEC)
SPEC.loader.exec_module(hostile_names)
NAMES = ("formula", "carriage return", "azure", "command", "crlf", "colours", "bidi", "surrogate", "marks", "speaking")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    hostile_names.write_logs(folder / "logs", NAMES)
    return folder


def call(folder, monkeypatch, *arguments):
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(cli, [*arguments, "--isolated"])
    assert done.exit_code == 0, done.output
    return done


@pytest.mark.parametrize("output", hostile_names.FORMATS)
def test_an_audit_lets_nothing_out(folder, monkeypatch, output):
    done = call(folder, monkeypatch, "audit", "logs", "--no-report", "-v", "--format", output)
    assert hostile_names.invisible(done.output) == []
    if output != "github":
        assert hostile_names.runner_commands(done.output) == []
    found = hostile_names.judged_by_format(output, done.stdout)
    assert {what: texts for what, texts in found.items() if texts} == {}


@pytest.mark.parametrize("arguments", [["inspect"], ["export"], ["export", "--format", "jsonl"]], ids=" ".join)
def test_other_commands_let_nothing_out(folder, monkeypatch, arguments):
    done = call(folder, monkeypatch, *arguments, "logs")
    assert hostile_names.invisible(done.output) == []
    assert hostile_names.runner_commands(done.output) == []
    if arguments == ["export"]:
        assert hostile_names.formulas(done.stdout) == []


def test_a_table_in_a_file_holds_no_formula(folder, monkeypatch):
    call(folder, monkeypatch, "export", "logs", "--output", "table.csv")
    with (folder / "table.csv").open(encoding="utf-8", newline="") as file:
        assert hostile_names.formulas(file.read()) == []


def test_pages_hold_no_markup_of_a_log(folder):
    assert hostile_names.judged_pages(folder, is_driven=False) == []


@pytest.mark.parametrize("text", ["\x1b[31mred", "::error::x", "a\n::error::b", "##vso[x]"])
def test_an_error_says_nothing_for_a_log(tmp_path, text):
    (tmp_path / "trainlint.toml").write_text(f"[metrics]\n{hostile_names.json.dumps(text)} = 3\n")
    command = [sys.executable, "-P", "-m", "trainlint", "audit", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "must be a string" in done.stderr
    assert hostile_names.invisible(done.stderr) == []
    assert hostile_names.runner_commands(done.stderr) == []

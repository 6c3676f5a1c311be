"""The documentation site: it builds without a warning, its links hold, and the commands it shows run."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from trainlint.analyzer.report.inspection import Inspection
from trainlint.analyzer.report.json_schema import json_schema
from trainlint.analyzer.report.schema import Report
from trainlint.parsers.registry import PARSERS
from trainlint.rules.registry import ALL_RULES

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
SECONDS = re.compile(r"in [\d.]+ s")


def examples():
    """Command and shown output of every console block."""
    for page in PAGES:
        for block in re.findall(r"^```console\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
            for part in block.split("$ trainlint ")[1:]:
                command, _, shown = part.partition("\n")
                yield pytest.param(command, shown.strip(), id=f"{page.stem}: {command}")


@pytest.mark.parametrize(("command", "shown"), list(examples()))
def test_the_commands_run_and_print_what_is_shown(command, shown):
    run = [sys.executable, "-m", "trainlint", *shlex.split(command)]
    result = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    if shown:
        assert SECONDS.sub("", result.stdout.strip()) == SECONDS.sub("", shown)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_python_examples_run(page):
    for block in re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        result = subprocess.run([sys.executable, "-c", block], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("page", [*PAGES, ROOT / "skills" / "trainlint" / "SKILL.md"], ids=lambda page: page.stem)
def test_the_commands_for_scripts_run(page, tmp_path):
    """Lines of shell blocks, of workflows and in the prose, one after the other as they stand on the page."""
    text = page.read_text(encoding="utf-8")
    blocks = "".join(re.findall(r"^```(?:sh|yaml)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    commands = re.findall(r"^\s*(?:- run: |entry: )?(trainlint [a-z].*)$", blocks, re.MULTILINE)
    if page.stem == "SKILL":
        commands = re.findall(r"`(trainlint [^`]*)`", text)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "trainlint").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m trainlint "$@"\n')
    (tmp_path / "bin" / "trainlint").chmod(0o755)
    for name in ("runs", "LOGS"):
        shutil.copytree(ROOT / "sample_logs" / "healthy-keras-csv", tmp_path / name)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_STEP_SUMMARY": "summary.md",
    }
    for command in commands:
        if command.startswith("trainlint mcp") and importlib.util.find_spec("mcp") is None:
            continue
        given = command.replace("RULE", "overfitting").replace("\n", " ")
        result = subprocess.run(
            ["bash", "-c", given], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, input=""
        )
        assert (command, result.returncode, result.stderr) == (command, 0, "")


@pytest.mark.skipif(importlib.util.find_spec("sphinx") is None, reason="dependency group docs is not installed")
def test_the_site_builds_without_a_warning(tmp_path):
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-d", str(tmp_path / "cache")]
    result = subprocess.run(
        [*build, "docs", str(tmp_path / "site")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    formats = (tmp_path / "site" / "formats" / "index.html").read_text(encoding="utf-8")
    assert [parser.id for parser in PARSERS if parser.id not in formats] == []
    for kind, name in ((Report, "report"), (Inspection, "inspection")):
        published = json.loads((tmp_path / "site" / f"{name}.schema.json").read_text(encoding="utf-8"))
        assert published == json_schema(kind, title=f"trainlint-{name}/1")
    for rule in ALL_RULES:
        page = (tmp_path / "site" / "rules" / f"{rule.id}.html").read_text(encoding="utf-8")
        assert "When it is a false alarm" in page

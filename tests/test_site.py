"""The documentation site: it builds without a warning, its links hold, and the commands it shows run."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from trainlint.parsers.registry import PARSERS
from trainlint.rules.registry import RULES

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


@pytest.mark.skipif(importlib.util.find_spec("sphinx") is None, reason="dependency group docs is not installed")
def test_the_site_builds_without_a_warning(tmp_path):
    build = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "-d", str(tmp_path / "cache")]
    result = subprocess.run(
        [*build, "docs", str(tmp_path / "site")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    formats = (tmp_path / "site" / "formats" / "index.html").read_text(encoding="utf-8")
    assert [parser.id for parser in PARSERS if parser.id not in formats] == []
    for rule in RULES:
        page = (tmp_path / "site" / "rules" / f"{rule.id}.html").read_text(encoding="utf-8")
        assert "When it is a false alarm" in page

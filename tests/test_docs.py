"""README, CONTRIBUTING, CHANGELOG and the samples' README say what is true."""

import re
import shlex
import signal
import subprocess
import sys
import tomllib
from itertools import groupby
from pathlib import Path

import pytest

from trainlint.analyzer.commands import exit_codes
from trainlint.parsers.registry import PARSERS
from trainlint.rules.registry import ALL_RULES

ROOT = Path(__file__).parents[1]
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/coverage.md",
    "sample_logs/README.md",
    "skills/trainlint/SKILL.md",
)
LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]: (\S+)$", re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Source"]
VIEWS = (f"{PROJECT}/blob/main/", f"{PROJECT.replace('github.com', 'raw.githubusercontent.com')}/main/")
SECONDS = re.compile(r"in [\d.]+ s")


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


README = text_of("README.md")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def table(heading, document="README.md"):
    """Rows of the first table under a heading of a document, without its two first lines."""
    section = text_of(document).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("|")][2:]


def trainlint(*arguments, cwd=ROOT):
    command = [sys.executable, "-m", "trainlint", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    links = [inline or defined for inline, defined in LINK.findall(text_of(document))]
    assert [link for link in links if not leads_somewhere(document, link)] == []


def leads_somewhere(document, link):
    """A link to a file of the project, relative or through its repository, with the heading that it names; others do."""
    target, _, anchor = link.partition("#")
    if view := next((view for view in VIEWS if target.startswith(view)), None):
        path = ROOT / target.removeprefix(view)
    elif "://" in target:
        return True
    else:
        path = (ROOT / document).parent / target if target else ROOT / document
    return path.exists() and (not anchor or anchor in anchors(path))


def anchors(path):
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", ["README.md"])
def test_what_an_index_shows_needs_no_checkout(document):
    """The page of a package index has no files beside it: every link and picture of the README is absolute."""
    links = [inline or defined for inline, defined in LINK.findall(text_of(document))]
    assert len(links) > 10
    assert [link for link in links if not link.startswith(("https://", "#"))] == []


def test_the_table_of_rules_is_the_registry():
    rows = []
    for family, rules in groupby(ALL_RULES, key=lambda rule: rule.family):
        folder = f"rules/{family.replace('-', '_')}"
        links = [f"[`{rule.id}`]({VIEWS[0]}{folder}/{rule.id.replace('-', '_')}.py)" for rule in rules]
        rows.append(f"| {family.replace('-', ' ')} | {', '.join(links)} |")
    assert table("Rules", "docs/coverage.md") == rows


def test_the_table_of_formats_is_the_registry():
    assert sorted(row.split(" | ")[0].removeprefix("| ") for row in table("Formats", "docs/coverage.md")) == sorted(
        p.title for p in PARSERS
    )


def test_the_changelog_names_every_rule():
    changelog = text_of("CHANGELOG.md")
    assert [rule.id for rule in ALL_RULES if f"`{rule.id}`" not in changelog] == []


def test_the_exit_codes_are_those_of_the_command_line():
    codes = [int(row.split("|")[1]) for row in table("Use it")]
    assert codes == [
        exit_codes.DONE,
        exit_codes.FOUND,
        exit_codes.USAGE,
        exit_codes.NOTHING_JUDGED,
        exit_codes.INCOMPLETE,
        *(exit_codes.SIGNALLED + number for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)),
    ]


def test_the_console_output_is_what_is_printed():
    (block,) = blocks("console")
    command, _, shown = block.partition("\n")
    result = trainlint(*shlex.split(command.removeprefix("$ trainlint ")))
    assert result.returncode == 0
    assert SECONDS.sub("", result.stdout) == SECONDS.sub("", shown)


def test_the_commands_run(tmp_path):
    for name in ("runs", "new-runs"):
        (tmp_path / name).symlink_to(ROOT / "sample_logs" / "healthy-keras-csv", target_is_directory=True)
    (commands,) = (block for block in blocks("sh") if block.startswith("trainlint "))
    for line in commands.splitlines():
        result = trainlint(*shlex.split(line, comments=True)[1:], cwd=tmp_path)
        assert (line, result.returncode, "Traceback" in result.stderr) == (line, 0, False)


def test_options_that_the_prose_names_exist():
    known = (
        trainlint("audit", "--help").stdout
        + trainlint("compare", "--help").stdout
        + trainlint("--help").stdout
        + "--version"
    )
    assert [option for option in set(re.findall(r"`(?:trainlint )?(--[\w-]+)", README)) if option not in known] == []


def test_the_python_example_runs():
    (block,) = blocks("python")
    result = subprocess.run([sys.executable, "-c", block], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "overfitting error ['overfitting']" in result.stdout


def test_contributing_fits_on_a_page():
    assert len(text_of("CONTRIBUTING.md").splitlines()) <= 60

"""Rules and parsers of other packages: installed, found, run, and refused with a reason."""

import json
import subprocess
import sys
import zipfile

import pytest

RULE = '''"""The loss is a lucky number.

## What it finds
A seven.

## Why it matters
It does not.

## How it is detected
By looking.

## When it is a false alarm
Always.

## What to do
Nothing.
"""

from dataclasses import dataclass

from trainlint.rules.base import Finding, Need, Rule, Severity
from trainlint.rules.thresholds import limit


@dataclass(frozen=True)
class Limits:
    lucky: float = limit(7.0, "by tradition")


def check(run, limits):
    loss = run.loss("train")
    if (loss.values == limits.lucky).any():
        yield Finding("the loss is lucky", 0.5, loss.name, (0, 1), remedies=("play the lottery",))


RULE = Rule(
    id="lucky-number",
    family="superstition",
    severity=Severity.WARNING,
    needs=(Need("loss", "train"),),
    since="1.0",
    title="No luck",
    failure_title="Luck",
    doc=__doc__,
    check=check,
    limits=Limits(),
)
'''


PARSER = '''"""Numbers in words."""

from trainlint.parsers.base import Parser
from trainlint.parsers.run import Curve, Run

WORDS = {"three": 3.0, "two": 2.0, "one": 1.0}


def sniff(path, head):
    return head.startswith(b"spoken")


def parse(path):
    values = [WORDS[word] for word in path.read_text().split()[1:]]
    run = Run("", str(path), "spoken-numbers", "speech")
    run.all_curves.append(Curve.build("loss", range(len(values)), values))
    yield run


PARSER = Parser(
    id="spoken-numbers", title="Spoken numbers", patterns=("*.csv",), sniff=sniff, parse=parse, doc=__doc__
)
'''


def installed(folder, source, entry="lucky = lucky_rules:RULE", group="trainlint.rules"):
    """A package with one rule or parser, packed as a wheel and installed by pip into a folder of its own."""
    info = "lucky_rules-1.0.dist-info"
    wheel = folder / "lucky_rules-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("lucky_rules.py", source)
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: lucky-rules\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/entry_points.txt", f"[{group}]\n{entry}\n")
        archive.writestr(f"{info}/RECORD", "")
    target = folder / "site"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", target, wheel]
    subprocess.run(command, check=True, capture_output=True)
    return target


def call(site, *arguments):
    """The command with a folder of installed packages in its path, as a process of its own."""
    code = f"import sys; sys.path.append({str(site)!r}); from trainlint.analyzer.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.slow
def test_a_rule_of_an_installed_package_is_run_like_ours(tmp_path):
    site = installed(tmp_path, RULE)
    log = tmp_path / "logs" / "log.csv"  # nothing is imported from a folder of logs
    log.parent.mkdir()
    log.write_text("step,loss\n" + "".join(f"{step},{value}\n" for step, value in enumerate([9, 8, 7, 6, 5])))

    def severities(*options):
        done = call(site, "audit", log, "--format", "json", "--isolated", *options)
        (run,) = json.loads(done.stdout)["runs"]
        return {found["rule"]: found["severity"] for found in run["findings"]}

    assert severities()["lucky-number"] == "warning"
    assert severities("--select", "superstition") == {"lucky-number": "warning"}
    assert "lucky-number" not in severities("--ignore", "lucky-number")
    assert "lucky = 7  (by tradition)" in call(site, "explain", "lucky-number").stdout
    assert "lucky-number" in call(site, "rules").stdout
    config = tmp_path / "trainlint.toml"
    config.write_text("[rules.lucky-number]\nlucky = 77\n")
    done = call(site, "audit", log, "--format", "json", "--config", config)
    assert [found["rule"] for found in json.loads(done.stdout)["runs"][0]["findings"]] == []
    report = tmp_path / "report"
    assert call(site, "audit", log, "--report", report, "--isolated").returncode == 0
    assert "the loss is lucky" in (report / "index.html").read_text()


@pytest.mark.slow
def test_a_parser_of_an_installed_package_is_offered_files_first(tmp_path):
    site = installed(tmp_path, PARSER, "spoken = lucky_rules:PARSER", "trainlint.parsers")
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "mine.csv").write_text("spoken three two one")
    (logs / "other.csv").write_text("step,loss\n1,3\n2,2\n")
    done = call(site, "export", logs, "--isolated")
    assert done.stderr == ""
    header, *rows = [line.split(",") for line in done.stdout.splitlines()]
    values = [(row[0], float(row[header.index("value")])) for row in rows]
    assert values == [("mine.csv", 3), ("mine.csv", 2), ("mine.csv", 1), ("other.csv", 3), ("other.csv", 2)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "entry", "group", "complaint"),
    [
        ("1 / 0", "lucky = lucky_rules:RULE", "trainlint.rules", "'lucky' of the package lucky-rules cannot be loaded: ZeroDivisionError"),
        ("RULE = 7", "lucky = lucky_rules:RULE", "trainlint.rules", "is a int, not a trainlint.rules.base.Rule"),
        (RULE.replace("lucky-number", "overfitting"), "lucky = lucky_rules:RULE", "trainlint.rules", "has the id 'overfitting', which is already in use"),
        (PARSER.replace('"spoken-numbers"', '"json-lines"'), "lucky = lucky_rules:PARSER", "trainlint.parsers", "has the id 'json-lines', which is already in use"),
        (RULE, "lucky = lucky_rules:RULE", "trainlint.parsers", "is a Rule, not a trainlint.parsers.base.Parser"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_its_package(tmp_path, source, entry, group, complaint):
    logs = tmp_path / "logs"  # nothing is imported from a folder of logs
    logs.mkdir()
    done = call(installed(tmp_path, source, entry, group), "audit", logs)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr

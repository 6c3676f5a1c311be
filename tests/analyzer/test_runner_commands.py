"""Nothing that a log calls itself becomes a command of the runner that reads our output."""

import json
import re

import numpy as np
import pytest

from trainlint.analyzer.commands.shared_options import FORMATS
from trainlint.analyzer.report.verdict_text import harmless

from .test_cli import HEALTHY, OVERFIT, call, elsewhere  # noqa: F401  (a fixture)

NAME = "::error::broken"
TAG = "##[add-mask]loss"
AZURE, TEAMCITY = "##vso[task.setvariable variable=x]loss", "##teamcity[buildStop]loss"


@pytest.fixture
def logs(tmp_path):
    """A run that overfits, another that is a copy of its beginning, and files that cannot be read, all called like commands."""
    rows = [
        f"{step},{a:.5f},{b:.5f},1,2,3"
        for step, a, b in zip(np.arange(60), HEALTHY * (1 + 1e-3 * np.cos(np.arange(60))), OVERFIT, strict=True)
    ]
    for folder, points in ((NAME, 60), ("  ::warning::old", 50)):
        (tmp_path / "logs" / folder).mkdir(parents=True)
        lines = [f'step,"::set-output name=x::loss","val_loss","{TAG}","{AZURE}","{TEAMCITY}"', *rows[:points]]
        (tmp_path / "logs" / folder / "metrics.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "logs" / "::stop-commands::x").mkdir()
    (tmp_path / "logs" / "::stop-commands::x" / "events.out.tfevents.1.h").write_bytes(b"\0" * 40)
    return tmp_path / "logs"


def commands(output):
    return [line for line in output.splitlines() if line.lstrip().startswith("::") or re.search(r"##\w*\[", line)]


@pytest.mark.parametrize("output", ["text", *(name for name in FORMATS if name != "github")])
def test_no_line_of_an_audit_is_a_command(logs, output):
    process = call("audit", logs, "-f", output, "-v", "--no-report")
    assert process.output
    assert commands(process.output) == []


@pytest.mark.parametrize(
    "arguments", [["inspect"], ["inspect", "-f", "json"], ["export"], ["export", "-f", "jsonl"]], ids=" ".join
)
def test_no_line_of_other_commands_is_one(logs, arguments):
    process = call(*arguments, logs)
    assert "loss" in process.output
    assert commands(process.output) == []


def test_annotations_are_the_only_commands_of_their_format(logs):
    found = commands(call("audit", logs, "-f", "github").output)
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in found)
    assert found


def test_programs_still_read_the_names(logs):
    report = json.loads(call("audit", logs, "-f", "json").output)
    assert NAME in {run["run"] for run in report["runs"]}
    assert TAG in {metric["tag"] for run in report["runs"] for metric in run["metrics"]}


@pytest.mark.parametrize("line", ["std::vector", "a::b", "#[x]", "", "loss", "::"[:1]])
def test_other_names_stay_as_they_are(line):
    assert harmless(line) == line

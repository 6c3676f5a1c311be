"""The GitHub action, the pre-commit hook and the image: their commands run, and say what is wrong."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "sample_logs"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
EXPRESSION = re.compile(r"\$\{\{\s*(inputs|steps\.audit\.outputs)\.([\w-]+)\s*\}\}")


@pytest.fixture
def installed(tmp_path):
    """A folder of a runner in which trainlint is installed as the action's first step does it."""
    folder = tmp_path / "runner" / "trainlint" / "bin"
    folder.mkdir(parents=True)
    command = folder / "trainlint"
    command.write_text(f'#!/bin/sh\ncd "$OLDPWD_OF_TEST" && exec {sys.executable} -P -m trainlint "$@"\n')
    command.chmod(0o755)
    return folder.parents[1]


def act(installed, tmp_path, **inputs):
    """What the step of the audit leaves: exit code, annotations, summary, outputs."""
    given = {name: spec["default"] for name, spec in ACTION["inputs"].items()} | inputs
    step = STEPS["Audit"]
    variables = {name: EXPRESSION.sub(lambda m: given[m[2]], text) for name, text in step["env"].items()}
    files = {"GITHUB_STEP_SUMMARY": tmp_path / "summary.md", "GITHUB_OUTPUT": tmp_path / "output"}
    for path in files.values():
        path.write_text("")
    environment = os.environ | variables | {name: str(path) for name, path in files.items()}
    environment |= {"RUNNER_TEMP": str(installed), "OLDPWD_OF_TEST": str(tmp_path)}
    result = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    return result, files["GITHUB_STEP_SUMMARY"].read_text(), outputs


@pytest.mark.parametrize(
    ("sample", "inputs", "found", "code"),
    [
        ("overfitting", {}, True, 1),
        ("overfitting", {"fail-on": "never"}, True, 0),
        ("overfitting", {"options": "--ignore\noverfitting\n\n"}, False, 0),
        ("healthy-keras-csv", {"fail-on": "warning"}, False, 0),
    ],
)
def test_the_action_reports_and_fails_as_asked(installed, tmp_path, sample, inputs, found, code):
    result, summary, outputs = act(installed, tmp_path, paths=f"{SAMPLES / sample}\n", **inputs)
    assert (result.returncode, outputs["exit-code"], "Traceback" in result.stderr) == (code, str(code), False)
    assert sample in summary
    results = json.loads(Path(outputs["sarif"]).read_text())["runs"][0]["results"]
    assert ("overfitting" in [entry["ruleId"] for entry in results]) == ("::error" in result.stdout) == found
    assert (tmp_path / "trainlint-report" / "index.html").exists()


def test_what_an_input_holds_is_never_run(installed, tmp_path):
    hostile = "$(touch evil)`touch evil`; touch evil\n--help\n"
    result, _, _ = act(installed, tmp_path, paths=hostile, **{"fail-on": "error; touch evil"})
    assert result.returncode == 2
    assert not (tmp_path / "evil").exists()
    for step in STEPS.values():
        assert "${{" not in step.get("run", "")


def test_the_action_names_only_inputs_and_outputs_that_exist():
    outputs = set(re.findall(r"(?:'|\\n)([\w-]+)=%s", STEPS["Audit"]["run"]))
    for kind, name in EXPRESSION.findall((ROOT / "action.yml").read_text(encoding="utf-8")):
        assert name in (ACTION["inputs"] if kind == "inputs" else outputs)


def test_the_hook_fails_on_an_error_and_passes_a_healthy_log(tmp_path):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    command, *arguments = shlex.split(hook["entry"])
    assert command == "trainlint"
    for sample, code in (("overfitting", 1), ("healthy-keras-csv", 0)):
        logs = [path for path in (SAMPLES / sample).rglob("*") if path.suffix in {".csv", ".log"}]
        result = subprocess.run(
            [sys.executable, "-P", "-m", "trainlint", *arguments, *map(str, logs)],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (result.returncode, result.stderr) == (code, "")
    for name in ("runs/metrics.csv", "events.out.tfevents.1700000000.host.1.0", "a/trainer_state.json"):
        assert re.search(hook["files"], name)


def test_the_image_installs_what_lies_here():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    (copied,) = (line.split()[-1] for line in lines if line.startswith("COPY"))
    (install,) = (line for line in lines if line.startswith("RUN"))
    assert f'"{copied}[parquet]"' in install
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert not {"analyzer", "parsers", "rules", "templates", "README.md", "LICENSE"} & set(ignored)

"""Configuration files: what they may say, how it is brought together with the command line, and what is refused."""

import html
import json
import os
import typing
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import trainlint
from trainlint.analyzer.cli import cli
from trainlint.analyzer.commands.shared_options import TASKS
from trainlint.parsers.run import Task
from trainlint.rules.registry import RULES
from trainlint.rules.thresholds import thresholds_of

STEPS = np.arange(60)
LOSS = 2.5 * np.exp(-STEPS / 15) + 0.3 + np.random.default_rng(0).normal(0, 0.004, 60)
RISING = LOSS + 0.05 + np.maximum(STEPS - 20, 0) * 0.03


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    for name in ("new", "old"):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        rows = (f"{step},{a:.5f},{b:.5f}\n" for step, a, b in zip(STEPS, LOSS, RISING, strict=True))
        (folder / "metrics.csv").write_text("step,train_loss,val_loss\n" + "".join(rows))
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("TRAINLINT_")]:
        monkeypatch.delenv(name)
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(cli, [str(a) for a in arguments])


def findings(*arguments):
    """{run: {rule: severity}} of the runs of the project."""
    result = call("audit", "runs", "--format", "json", *arguments)
    assert result.exit_code in (0, 1), result.output
    return {
        run["run"]: {found["rule"]: found["severity"] for found in run["findings"]}
        for run in json.loads(result.stdout)["runs"]
    }


def test_without_a_file_everything_is_judged():
    assert findings()["new"]["overfitting"] == "error"
    assert findings()["new"] == findings()["old"]


@pytest.mark.parametrize(
    ("text", "new", "old"),
    [
        ('ignore = ["overfitting"]', None, None),
        ('ignore = ["generalization"]', None, None),
        ('select = ["optimization"]', None, None),
        ("min-confidence = 1.0", None, None),
        ('[rules.overfitting]\nseverity = "info"', "info", "info"),
        ("[rules.overfitting]\nmin-rise = '5000%'", None, None),
        ("[rules.overfitting]\nerror-rise = '5000%'", "warning", "warning"),
        ('[metrics]\n"val_*" = "score"', None, None),
        ('task = "adversarial"', None, None),
        ('[[overrides]]\npaths = ["runs/old"]\nignore = ["overfitting"]', "error", None),
        ('[[overrides]]\npaths = ["old"]\nmin-confidence = 1.0', "error", None),
        ('[[overrides]]\npaths = ["runs/*/metrics.csv"]\n[overrides.metrics]\nval_loss = "unknown"', None, None),
        ('[[overrides]]\npaths = ["*/new"]\n[overrides.rules.overfitting]\nseverity = "warning"', "warning", "error"),
        ('[[overrides]]\npaths = ["runs/old"]\ntask = "adversarial"', "error", None),
        ('[[overrides]]\npaths = ["elsewhere"]\nignore = ["overfitting"]', "error", "error"),
    ],
)
def test_a_file_settles_how_runs_are_judged(project, text, new, old):
    (project / "trainlint.toml").write_text(text)
    found = findings()
    assert (found["new"].get("overfitting"), found["old"].get("overfitting")) == (new, old)
    assert findings("--isolated")["new"]["overfitting"] == "error"


def test_the_nearest_file_counts_and_a_pyproject_that_speaks_of_others_does_not(project, monkeypatch):
    (project / "pyproject.toml").write_text('[tool.trainlint]\nignore = ["overfitting"]')
    below = project / "runs" / "new"
    (below / "pyproject.toml").write_text("[tool.black]\nline-length = 1")
    monkeypatch.chdir(below)
    assert 'ignore = ["overfitting"]  # file' in call("config", "show").output
    (below / "trainlint.toml").write_text('ignore = ["plateau"]')
    assert 'ignore = ["plateau"]  # file' in call("config", "show").output


def test_the_command_line_counts_before_the_environment_and_that_before_the_file(project, monkeypatch):
    (project / "trainlint.toml").write_text('fail-on = "error"')
    assert call("audit", "runs", "--no-report").exit_code == 1
    monkeypatch.setenv("TRAINLINT_FAIL_ON", "never")
    assert call("audit", "runs", "--no-report").exit_code == 0
    assert 'fail-on = "never"  # environment' in call("config", "show").output
    assert call("audit", "runs", "--no-report", "--fail-on", "error").exit_code == 1


def test_what_is_shown_can_be_used_as_a_file(project):
    (project / "trainlint.toml").write_text(
        'fail-on = "error"\n[metrics]\n"a b" = "loss:validation"\n[rules.overfitting]\nseverity = "info"\nmin-rise = 0.1\n'
        '[[overrides]]\npaths = ["runs/old"]\nignore = ["plateau"]\nmin-confidence = 0.5\ntask = "detection"\n'
        '[overrides.metrics]\nx = "score:test:higher"\n[overrides.rules.plateau]\nseverity = "warning"\n'
    )
    shown = call("config", "show").output
    (project / "shown.toml").write_text(shown)
    again = call("config", "show", "--config", "shown.toml")
    assert again.exit_code == 0, again.output

    def values(text):
        return [line.partition("  #")[0] for line in text.splitlines()[1:] if not line.startswith("#")]

    assert values(shown) == values(again.output)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("select = [", "is not TOML"),
        ("selekt = []", "did you mean 'select'"),
        ('select = "overfitting"', "must be a list of strings"),
        ('ignore = ["overfiting"]', "did you mean 'overfitting'"),
        ("min-confidence = 2", "between 0 and 1"),
        ("min-confidence = nan", "must be a number"),
        ('fail-on = "errors"', "did you mean 'error'"),
        ("jobs = 0", "an integer of at least 1"),
        ("strict = 1", "true or false"),
        ("metrics = 3", "must be a table"),
        ('[metrics]\nx = "los"', "did you mean 'loss'"),
        ("[metrics]\nx = 3", "metrics.x must be a string"),
        ('task = "gan"', "is not one of"),
        ("[rules.overfiting]", "did you mean 'overfitting'"),
        ("[rules.overfitting]\nmin-rize = 1", "did you mean 'min-rise'"),
        ("[rules.overfitting]\nmin-rise = true", "must be a percentage"),
        ("[rules.overfitting]\nmin-rise = inf", "must be a percentage"),
        ("[rules.overfitting]\nmin-evaluations = 8.5", "must be an integer"),
        ('[rules.overfitting]\nseverity = "fatal"', "is not one of info, warning, error"),
        ("overrides = {}", "list of tables"),
        ("[[overrides]]\nignore = []", "has no paths"),
        ('[[overrides]]\npaths = ["x"]\nselect = []', "overrides 1: select"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(project, text, complaint):
    (project / "trainlint.toml").write_text(text)
    result = call("audit", "runs")
    assert result.exit_code == 2
    assert "trainlint.toml" in result.output
    assert complaint in result.output
    assert not (project / "trainlint-report").exists()
    with pytest.raises(trainlint.ConfigError, match=r"trainlint\.toml"):
        trainlint.audit("runs", config="trainlint.toml")


def test_a_file_that_is_not_utf8_is_refused(project):
    (project / "trainlint.toml").write_bytes(b'report = "\xff"')
    assert call("inspect", "runs").exit_code == 2


def test_the_report_lies_beside_the_file_that_names_it(project, monkeypatch):
    (project / "trainlint.toml").write_text('report = "out"')
    monkeypatch.chdir(project / "runs")
    assert call("audit", ".").exit_code == 0
    assert (project / "out" / "report.json").exists()


def test_inspect_and_export_know_what_metrics_mean(project):
    (project / "trainlint.toml").write_text('[metrics]\ntrain_loss = "reward:test"')
    assert "reward:test" in call("inspect", "runs").output
    assert ",reward,test," in call("export", "runs").output


def test_from_python_a_file_is_used_when_named(project):
    path = Path("trainlint.toml")
    path.write_text('ignore = ["overfitting"]')

    def rules(**options):
        return {found["rule"] for run in trainlint.audit("runs", **options)["runs"] for found in run["findings"]}

    assert "overfitting" in rules()
    assert "overfitting" not in rules(config=path)


def test_workers_judge_by_the_same_configuration(project):
    (project / "trainlint.toml").write_text("[rules.overfitting]\nmin-rise = '5000%'")
    assert "overfitting" not in findings("--jobs", "2")["new"]


def test_the_command_line_knows_every_task():
    assert set(TASKS) == set(typing.get_args(Task))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_thresholds_are_listed_with_the_rule(rule):
    shown = call("explain", rule.id).output
    assert [name for name in thresholds_of(rule) if f"{name} = " not in shown] == []


HOSTILE = """
select = ["numeric"]
ignore = ["non-finite"]
min-confidence = 0.9
fail-on = "never"
baseline = "known.json"
exclude = ["*/secret"]
[metrics]
"val_*" = "unknown"
[rules.masked-nan]
severity = "info"
[rules.overfitting]
min-rise = "5000%"
[[overrides]]
paths = ["runs/old"]
ignore = ["masked-nan"]
"""
CHANGES = (
    "switches off ", "hides findings below confidence 0.9", "sets the meaning of 1 metric: val_* = unknown:none",
    "changes thresholds of overfitting", "changes the severity of masked-nan to info", "accepts the findings of a baseline",
    "excludes files", "sets the severity that fails the audit", "overrides options for runs/old, ignores masked-nan",
)  # fmt: skip


@pytest.fixture
def hostile(project):
    (project / "known.json").write_text('{"schema": "trainlint-baseline/2", "findings": []}')
    (project / "trainlint.toml").write_text(HOSTILE)
    return project


@pytest.mark.parametrize("output", ["text", "json", "jsonl", "markdown", "brief", "github", "sarif", "junit", "csv"])
@pytest.mark.parametrize("more", [[], ["--quiet"]])
def test_what_a_file_changes_is_told_in_every_output(hostile, output, more):
    said = call("audit", "runs", "--no-report", "--format", output, *more)
    told = said.stderr if output in ("jsonl", "csv") else said.stdout  # these hold nothing but runs and findings
    plain = html.unescape(told).replace("\\", "").replace("%3A", ":")
    assert "trainlint.toml" in plain
    assert [change for change in CHANGES if change not in plain] == []
    if output == "text":
        assert sum("trainlint.toml" in line for line in told.splitlines()) == 1


def test_pages_tell_what_a_file_changes(hostile):
    call("audit", "runs")
    pages = [hostile / "trainlint-report" / "index.html", *(hostile / "trainlint-report" / "runs").iterdir()]
    assert len(pages) == 3
    for page in pages:
        text = html.unescape(page.read_text())
        assert [change for change in CHANGES if change not in text] == []
    report = json.loads((hostile / "trainlint-report" / "report.json").read_text())
    assert "overfitting" in report["configuration"]["switched_off"]
    new, old = sorted(report["runs"], key=lambda run: run["run"])
    assert new["outcomes"]["overfitting"] == "switched-off"
    assert new["reasons"]["overfitting"] == "switched off by trainlint.toml"
    assert (new["outcomes"]["masked-nan"], old["outcomes"]["masked-nan"]) == ("clear", "switched-off")


@pytest.mark.parametrize("command", ["inspect", "export"])
def test_other_commands_name_the_file(hostile, command):
    assert "configuration " in call(command, "runs").output
    assert "configuration " not in call(command, "runs", "--isolated").output


def test_what_the_command_line_settles_is_not_said_of_the_file(hostile):
    said = call("audit", "runs", "--no-report", "--min-confidence", "0.1", "--fail-on", "error").stdout
    assert "drops findings" not in said
    assert "what fails" not in said
    (hostile / "trainlint.toml").write_text('jobs = 1\nreport = "pages"\n')
    assert "trainlint.toml" not in call("audit", "runs", "--no-report", "--ignore", "plateau").output
    (run, _) = json.loads(call("audit", "runs", "--format", "json", "--ignore", "plateau").stdout)["runs"]
    assert "plateau" not in run["outcomes"]


@pytest.mark.parametrize("value", ["../out", "/tmp/out", "link/out", "reports/../../out"])
def test_a_file_sends_the_report_to_no_other_folder(project, value):
    (project / "own").mkdir()
    (project / "own" / "link").symlink_to(project)
    (project / "own" / "trainlint.toml").write_text(f'report = "{value}"\n')
    said = call("audit", "runs", "--config", "own/trainlint.toml")
    assert said.exit_code == 2
    assert "own/trainlint.toml: report lies outside of the folder of this file" in said.output
    assert not (project / "out").exists()
    with pytest.raises(trainlint.ConfigError):
        trainlint.audit("runs", config="own/trainlint.toml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
@pytest.mark.parametrize("arguments", [["--config", "pipe"], ["--baseline", "pipe"], ["--config", "names-it.toml"]])
def test_a_pipe_is_no_file_of_settings(project, arguments):
    os.mkfifo(project / "pipe")
    (project / "names-it.toml").write_text('baseline = "pipe"\n')
    said = call("audit", "runs", *arguments)
    assert said.exit_code == 2
    assert "pipe" in said.output
    assert "is not a regular file" in said.output


def test_a_file_beyond_measure_is_refused(project):
    (project / "trainlint.toml").write_text("# " + "x" * 1_000_000)
    said = call("audit", "runs")
    assert said.exit_code == 2
    assert "trainlint.toml: has more than 1,000,000 bytes" in said.output

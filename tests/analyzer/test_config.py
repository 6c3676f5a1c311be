"""Configuration files: what they may say, how it is brought together with the command line, and what is refused."""

import json
import os
import typing
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import trainlint
from trainlint.analyzer.cli import TASKS, cli
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
        ("[rules.overfitting]\nmin-rise = 50", None, None),
        ("[rules.overfitting]\nerror-rise = 50\nruinous-rise = 50", "warning", "warning"),
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
        ('select = "overfitting"', "is a list of texts"),
        ('ignore = ["overfiting"]', "did you mean 'overfitting'"),
        ("min-confidence = 2", "between 0 and 1"),
        ("min-confidence = nan", "is a number"),
        ('fail-on = "errors"', "did you mean 'error'"),
        ("jobs = 0", "1 or more"),
        ("strict = 1", "true or false"),
        ("metrics = 3", "is a table"),
        ('[metrics]\nx = "los"', "did you mean 'loss'"),
        ("[metrics]\nx = 3", "metrics.x is a text"),
        ('task = "gan"', "none of"),
        ("[rules.overfiting]", "did you mean 'overfitting'"),
        ("[rules.overfitting]\nmin-rize = 1", "did you mean 'min-rise'"),
        ("[rules.overfitting]\nmin-rise = true", "is a number"),
        ("[rules.overfitting]\nmin-rise = inf", "is a number"),
        ("[rules.overfitting]\nmin-evaluations = 8.5", "is a whole number"),
        ('[rules.overfitting]\nseverity = "fatal"', "none of info, warning, error"),
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
    (project / "trainlint.toml").write_text("[rules.overfitting]\nmin-rise = 50")
    assert "overfitting" not in findings("--jobs", "2")["new"]


def test_the_command_line_knows_every_task():
    assert set(TASKS) == set(typing.get_args(Task))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_thresholds_are_listed_with_the_rule(rule):
    shown = call("explain", rule.id).output
    assert [name for name in thresholds_of(rule) if f"{name} = " not in shown] == []

"""The command line as people and scripts meet it: what it prints and exits with."""

import io
import json
import os
from pathlib import Path

import pytest

import trainlint
from trainlint.analyzer.commands.shared_options import FORMATS
from trainlint.analyzer.commands.terminal import Printer, printable
from trainlint.analyzer.pages import render

from ..parsers.event_files import scalar, write
from .command_line import call, elsewhere, log, run  # noqa: F401  (a fixture)

SAMPLES = Path(__file__).parents[2] / "sample_logs"


@pytest.mark.parametrize(
    ("which", "arguments", "code"),
    [
        ("good", [], 0),
        ("overfit", [], 0),
        ("overfit", ["--fail-on", "error"], 1),
        ("overfit", ["--fail-on", "warning"], 1),
        ("overfit", ["--fail-on", "info"], 1),
        ("good", ["--fail-on", "warning"], 0),
        ("overfit", ["--fail-on", "info", "--select", "non-finite", "-s", "plateau"], 0),
        ("overfit", ["--fail-on", "info", "--ignore", "generalization"], 0),
        ("overfit", ["--fail-on", "info", "--min-confidence", "1"], 0),
        ("good", ["--fail-on", "sometimes"], 2),
        ("good", ["--jobs", "0"], 2),
        ("good", ["--select", "overfiting"], 2),
        ("gone", [], 2),
        ("short", [], 3),
        ("short", ["--strict"], 3),
        ("empty", [], 3),
        ("empty", ["--fail-on", "info"], 3),
        ("", [], 0),
        ("", ["--strict"], 4),
        ("", ["--strict", "--exclude", "short"], 0),
        ("good", ["--strict"], 0),
    ],
)
def test_exit_codes(logs, which, arguments, code):
    if which == "empty":
        (logs / which).mkdir()
    process = call("audit", logs / which, "--no-report", *arguments)
    assert process.exit_code == code, process.output
    assert process.exception is None or isinstance(process.exception, SystemExit) or code == 2


def test_usage_errors_are_one_line_without_a_traceback(logs):
    for arguments in (
        ["audit", logs / "gone"],
        ["audit", "--nope"],
        ["explain", "overfiting"],
        ["audti"],
        ["audit", "--metric", "x", logs],
    ):
        process = run(*arguments)
        assert process.returncode == 2, arguments
        assert "Error: " in process.stderr
        assert "Traceback" not in process.stderr
        assert process.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (["audti"], "audit"),
        (["explain", "overfiting"], "overfitting"),
        (["audit", ".", "--select", "non-finit"], "non-finite"),
        (["audit", ".", "--ignore", "optimisation"], "optimization"),
        (["audit", ".", "--metric", "x=los"], "loss"),
        (["audit", ".", "--metric", "x=loss:validaton"], "validation"),
    ],
)
def test_did_you_mean(arguments, suggestion):
    message = str(call(*arguments, standalone_mode=False).exception.message)
    assert f"did you mean {suggestion!r}?" in message


@pytest.mark.parametrize("metric", ["x", "=loss", "x=", "x=nothing", "x=loss:sideways"])
def test_wrong_forms_of_metric(metric):
    process = call("audit", ".", "--metric", metric)
    assert process.exit_code == 2
    assert repr(metric) in process.output


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("objective=loss", ("loss", "train", "lower")),
        ("objective=loss:validation", ("loss", "validation", "lower")),
        ("objective=score:test:higher", ("score", "test", "higher")),
        ("obj*=reward", ("reward", "none", "higher")),
    ],
)
def test_metric(tmp_path, metric, expected):
    (tmp_path / "log.csv").write_text("step,objective\n" + "".join(f"{i},{9 - i}\n" for i in range(9)))
    process = call("audit", tmp_path / "log.csv", "-f", "json", "--metric", metric)
    (found,) = json.loads(process.output)["runs"][0]["metrics"]
    assert (found["role"], found["split"], found["direction"]) == expected


def test_a_metric_that_nobody_knows_can_be_named(tmp_path):
    (tmp_path / "log.csv").write_text("step,wibble\n" + "".join(f"{i},{9 - i}\n" for i in range(40)))
    process = call("audit", tmp_path / "log.csv", "--no-report")
    assert process.exit_code == 3
    assert "assign roles, for example --metric wibble=loss:train" in process.output


def test_text(logs):
    process = call("audit", logs)
    first, *_, last = process.output.splitlines()
    assert first.startswith("overfit   59 steps · 2 metrics · csv-table")
    assert "error    overfitting" in process.output
    assert "not checked" in process.output
    assert last.startswith("judged 2 of 3 runs in ")
    assert last.endswith("1 with errors, 1 clear; 1 not checked, 0 unreadable. Report: trainlint-report/index.html")


def test_statistics_count_findings_by_rule(logs):
    lines = call("audit", logs, "--no-report", "--statistics").output.splitlines()
    assert [line.split() for line in lines if line.endswith(" in 1 run")] == [
        ["1", "error", "overfitting", "in", "1", "run"]
    ]


def test_a_path_without_a_command_is_an_audit(logs):
    assert f"did you mean `trainlint audit {logs}`?" in call(logs).output
    assert "did you mean 'audit'?" in call("audti").output


def test_help_of_the_completion_has_one_shell_a_line():
    lines = [line.strip() for line in call("completion", "--help").output.splitlines()]
    assert "zsh:  trainlint completion zsh >> ~/.zshrc" in lines


@pytest.mark.parametrize(
    ("files", "reason"), [([], "there is no file"), (["a.txt"], "no file there is the log of a training")]
)
def test_nothing_found_has_a_reason(tmp_path, files, reason):
    for name in files:
        (tmp_path / name).write_text("hello")
    assert f": {reason}" in call("audit", tmp_path, "--no-report").output


def test_infos_are_one_line_a_run(tmp_path):
    entry = json.loads(call("audit", SAMPLES / "stuck-at-chance", "-f", "json").output)["runs"][0]
    assert [finding["severity"] for finding in entry["findings"]] == ["error", "info"]
    short, long = (call("audit", SAMPLES / "stuck-at-chance", "--no-report", *more).output for more in ([], ["-v"]))
    assert "  info     overtraining   (-v explains)" in short
    assert entry["findings"][1]["message"] not in short
    assert entry["findings"][1]["message"] in long


def test_sentences_are_broken_at_the_width_of_the_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("COLUMNS", "60")
    printer = Printer(stream := Terminal(), color=False, quiet=False, verbose=False)
    printer._paragraph("   -> ", "one word " * 30)
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= 60
    assert all(line.startswith(("      one", "      word")) for line in lines[1:])


def test_quiet_and_verbose(logs):
    assert len(call("audit", logs, "-q").output.splitlines()) == 1
    verbose = call("audit", logs, "-v").output
    assert "good   59 steps" in verbose
    assert "  clear" in verbose


@pytest.mark.parametrize(
    ("arguments", "environment", "is_colored"),
    [([], {}, False), (["--color"], {}, True), (["--no-color"], {}, False), (["--color"], {"NO_COLOR": "1"}, True)],
)
def test_color(logs, arguments, environment, is_colored):
    assert ("\x1b[" in call("audit", logs, *arguments, env=environment, color=True).output) == is_colored


def test_json_is_all_that_stands_on_standard_output(logs):
    process = run("audit", logs, "-f", "json")
    whole = json.loads(process.stdout)
    assert [r["run"] for r in whole["runs"]] == ["good", "overfit", "short"]
    assert process.stderr == ""
    assert not Path("trainlint-report").exists()


def test_json_lines_are_one_run_a_line(logs):
    lines = call("audit", logs, "-f", "jsonl").output.splitlines()
    assert [json.loads(line)["run"] for line in lines] == ["good", "overfit", "short"]


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_printed_alone(logs, format_):
    process = call("audit", logs, "-f", format_)
    assert process.exit_code == 0
    assert "overfitting" in process.stdout
    assert process.stderr == ""
    assert not Path("trainlint-report").exists()
    assert call("audit", logs, "-f", format_, "-o", "out").output == ""
    assert Path("out").read_text() == process.stdout


def test_brief_is_a_format(logs):
    assert call("audit", logs, "--brief").output == call("audit", logs, "-f", "brief").output
    assert call("audit", logs, "--brief", "-f", "csv").exit_code == 2


def test_command_line_and_library_say_the_same(logs):
    assert json.loads(call("audit", logs, "-f", "json").output) == json.loads(json.dumps(trainlint.audit(logs)))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ä 漢", "plain ä 漢"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2066a\u200f", "\\u2066a\\u200f"),
        ("\udcff", "\\udcff"),
    ],
)
def test_names_cannot_command_the_terminal(text, shown):
    assert printable(text) == shown


HOSTILE = "\x1b[2J\u202e</script><img src=x onerror=alert(1)>\udcff"


def test_hostile_names(tmp_path):
    folder = tmp_path / "logs" / HOSTILE.replace("/", "_")
    write(log(folder), *(scalar(HOSTILE.replace("\udcff", "") + " loss", 1.0 + i, i) for i in range(40)))
    for arguments in (["audit", "-v"], ["inspect"], ["audit", "-f", "json"], ["audit", "-f", "jsonl"]):
        process = run(*arguments, folder.parent)
        assert process.returncode in (0, 3), process.stderr
        assert "\x1b[2J" not in process.stdout
        assert "\u202e" not in process.stdout
    assert run("export", folder.parent).returncode == 0
    for page in Path("trainlint-report").rglob("*.html"):
        assert "<img src=x" not in page.read_text()


def test_a_terminal_without_unicode(logs):
    process = run("audit", logs, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert process.returncode == 0
    assert "judged 2 of 3" in process.stdout


def test_rules_and_explain():
    assert "overfitting" in call("rules").output
    assert "What to do" in call("explain", "overfitting").output


def test_a_page_that_fails_costs_no_run(logs, monkeypatch):
    monkeypatch.setattr(render, "render_run", lambda *_, **__: 1 / 0)
    process = call("audit", logs)
    assert process.exit_code == 0
    assert "judged 2 of 3 runs" in process.output

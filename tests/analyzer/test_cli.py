"""The command line as people and scripts meet it: what it prints, writes and exits with."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import trainlint
from trainlint.analyzer.cli import FORMATS, cli
from trainlint.analyzer.commands.terminal import printable
from trainlint.analyzer.pages import render
from trainlint.analyzer.report import files as pages
from trainlint.analyzer.report import json_text

from ..parsers.event_files import scalar, write

STEPS = np.arange(60)
HEALTHY = 2.5 * np.exp(-STEPS / 8) + 0.3
OVERFIT = HEALTHY + np.maximum(STEPS - 20, 0) * 0.03
NOISE = np.random.default_rng(0).normal(0, 0.004, (2, 60))


def log(folder, *, name="metrics.csv", points=60, validation=HEALTHY):
    folder.mkdir(parents=True, exist_ok=True)
    rows = zip(STEPS, HEALTHY + NOISE[0], validation + 0.05 + NOISE[1], strict=True)
    lines = ["step,train_loss,val_loss", *(f"{step},{a:.5f},{b:.5f}" for step, a, b in rows)]
    (folder / name).write_text("\n".join(lines[: points + 1]) + "\n")
    return folder


@pytest.fixture
def logs(tmp_path):
    log(tmp_path / "logs" / "good")
    log(tmp_path / "logs" / "overfit", validation=OVERFIT)
    log(tmp_path / "logs" / "short", points=3)
    return tmp_path / "logs"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """The report is written to the current folder unless told otherwise."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    monkeypatch.delenv("NO_COLOR", raising=False)


def call(*arguments, **options):
    return CliRunner().invoke(cli, [str(a) for a in arguments], **options)


def run(*arguments, **options):
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "trainlint", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False, **options
    )  # fmt: skip


def listing(folder):
    return {path: path.lstat().st_mtime_ns for path in (folder, *folder.rglob("*"))}


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
    assert "say what they mean with --metric" in process.output


def test_text(logs):
    process = call("audit", logs)
    first, *_, last = process.output.splitlines()
    assert first.startswith("overfit   59 steps · 2 metrics · csv-table")
    assert "error    overfitting" in process.output
    assert "not checked" in process.output
    assert last.startswith("judged 2 of 3 runs in ")
    assert last.endswith("1 error, 1 clear; 1 not checked, 0 unreadable. Report: trainlint-report/index.html")


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


def test_the_report_of_many_runs(logs):
    call("audit", logs, "-r", "out")
    whole = json.loads(Path("out/report.json").read_text())
    assert len(whole["runs"]) == 3
    index = Path("out/index.html").read_text()
    written = sorted(Path("out").rglob("*"))
    assert len([p for p in written if p.parent.name == "runs"]) == 3
    assert all(f"runs/{p.name}" in index for p in written if p.parent.name == "runs")
    assert not [p for p in written if p.suffix == ".tmp"]


def test_the_page_of_a_lone_run_is_the_report(logs):
    call("audit", logs / "overfit", "-r", "out")
    assert sorted(p.name for p in Path("out").rglob("*")) == ["index.html", "report.json"]
    assert "overfit" in Path("out/index.html").read_text()


def test_output_is_the_same_every_time_and_for_any_number_of_processes(logs, monkeypatch):
    from trainlint.analyzer import batch

    monkeypatch.setattr(batch, "SMALL_BYTES", 0)
    one, two = (call("audit", logs, "-f", "json", "-r", f"out{jobs}", "-j", jobs).output for jobs in (1, 2))
    assert one == two
    pages_of = [
        {p.relative_to(out): p.read_text() for p in Path(out).rglob("*.html") if p.name != "index.html"}
        for out in ("out1", "out2")
    ]
    assert pages_of[0] == pages_of[1]
    assert len(pages_of[0]) == 3


def test_nothing_is_written_beside_the_logs(logs):
    write(logs, scalar("loss", 1.0, 0))
    before = listing(logs)
    call("audit", logs)
    call("inspect", logs)
    call("export", logs)
    trainlint.audit(logs)
    trainlint.read(logs)
    assert listing(logs) == before


def test_a_report_is_not_read_as_a_log(logs, monkeypatch):
    monkeypatch.chdir(logs)
    first, second = call("audit", "-f", "json", "-r", "trainlint-report"), call("audit", "-f", "json")
    assert first.output == second.output


@pytest.mark.parametrize("format_", ["json", "jsonl"])
def test_an_output_file_is_whole_or_as_it_was(logs, monkeypatch, format_):
    target = Path("out.json")
    target.write_text("old")
    assert call("audit", logs, "-f", format_, "-o", target).output == ""
    assert target.read_text().startswith("{")
    target.write_text("old")
    monkeypatch.setattr(json_text, "json", SimpleNamespace(dumps=lambda *_, **__: 1 / 0))
    assert isinstance(call("audit", logs, "-f", format_, "-o", target).exception, ZeroDivisionError)
    assert target.read_text() == "old"
    assert [p.name for p in Path().iterdir()] == ["out.json"]


def test_a_page_is_whole_or_as_it_was(tmp_path, monkeypatch):
    page = tmp_path / "deep" / "page.html"
    pages.write_page(page, "one")
    monkeypatch.setattr(Path, "replace", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pages.write_page(page, "two")
    assert [p.name for p in page.parent.iterdir()] == ["page.html"]
    assert page.read_text() == "one"


def test_output_may_be_a_device_or_a_link(logs):
    assert call("audit", logs, "-f", "json", "-o", os.devnull).exit_code == 0
    assert not Path(os.devnull).is_file()
    Path("real.json").write_text("")
    Path("link.json").symlink_to("real.json")
    call("audit", logs, "-f", "json", "-o", "link.json")
    assert Path("link.json").is_symlink()
    assert Path("real.json").read_text().startswith("{")


@pytest.mark.parametrize("arguments", [["-r", "file/report"], ["--no-report", "-o", "file/out.txt"]])
def test_what_cannot_be_written_is_named(logs, arguments):
    Path("file").write_text("")
    process = call("audit", logs, *arguments)
    assert process.exit_code != 0
    assert "cannot write" in process.output
    assert "file" in process.output


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


def test_a_reader_that_has_gone_is_no_error(logs):
    command = f"{sys.executable} -m trainlint export {logs} | head -n 1; echo ${{PIPESTATUS[0]}}"
    process = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    assert process.stdout.splitlines() == ["run,tag,role,split,layer,step,epoch,wall_time,value", "0"]
    assert process.stderr == ""


@pytest.mark.parametrize("form", ["text", "jsonl", "brief"])
def test_a_reader_that_has_gone_does_not_change_the_verdict(tmp_path, form):
    for number in range(30):
        rows = "".join(f"{step},{'nan' if step > 20 else 1 / (step + 1)}\n" for step in range(40))
        (tmp_path / f"logs/run{number}").mkdir(parents=True)
        (tmp_path / f"logs/run{number}/metrics.csv").write_text("step,loss\n" + rows)
    command = (
        f"{sys.executable} -u -m trainlint audit {tmp_path}/logs -f {form} --report {tmp_path}/report --fail-on error"
    )
    process = subprocess.run(
        ["bash", "-c", f"{command} | head -n 1 >/dev/null; echo ${{PIPESTATUS[0]}}"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert (process.stdout, process.stderr) == ("1\n", "")
    assert (tmp_path / "report/index.html").exists()


def test_standard_output_that_is_closed_or_full_is_told_without_a_traceback(logs):
    for redirection, code, told in (
        (">&-", 0, ""),
        (">/dev/full", 2, "Error: cannot write standard output: No space left on device\n"),
        ("| head -n 1", 0, ""),
    ):
        for arguments in (f"audit {logs} --no-report", f"export {logs}"):
            command = f"{sys.executable} -m trainlint {arguments} {redirection}; echo ${{PIPESTATUS[0]}} >&3"
            process = subprocess.run(
                ["bash", "-c", f"exec 3>&1; {{ {command}; }} >/dev/null"],
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            assert process.stdout.splitlines()[-1:] == [str(code)], (redirection, process.stdout, process.stderr)
            assert process.stderr == told


# a shell that runs the tests in the background has interrupts ignored, and what it starts inherits that
HEEDS_INTERRUPTS = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "if hasattr(signal, 'SIGHUP'): signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"  # nohup ignores it
)


def test_an_interrupt(tmp_path):
    # the parser waits in reading this: a pipe behind the name of a log
    log(tmp_path / "logs")
    program = (
        f"{HEEDS_INTERRUPTS}import time, sys; from trainlint.analyzer import batch, cli\n"
        "def wait(*_, **__): print('waiting', flush=True); time.sleep(60)\n"
        "batch.read_group = wait\n"
        f"sys.argv = ['trainlint', 'audit', {str(tmp_path / 'logs')!r}]\n"
        "cli.main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.split() == ["interrupted"]


@pytest.mark.parametrize(
    ("name", "told", "code"), [("SIGINT", "interrupted", 130), ("SIGTERM", "ended by SIGTERM", 143)]
)
def test_a_signal_whose_exception_an_import_replaced(tmp_path, name, told, code):
    """As numpy does: whatever is raised while its extension modules are loaded becomes an `ImportError`."""
    log(tmp_path / "logs")
    program = (
        f"{HEEDS_INTERRUPTS}import os, sys; from trainlint.analyzer import batch, cli\n"
        "def load(*_, **__):\n"
        f"    try: os.kill(os.getpid(), signal.{name})\n"
        "    except BaseException as error: raise ImportError('cannot load') from error\n"
        "batch.read_group = load\n"
        f"sys.argv = ['trainlint', 'audit', '--no-report', {str(tmp_path / 'logs')!r}]\n"
        "cli.main()"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.strip()) == (code, told)


@pytest.mark.parametrize(
    ("number", "told"),
    [(signal.SIGINT, "interrupted"), (signal.SIGTERM, "ended by SIGTERM"), (signal.SIGHUP, "ended by SIGHUP")],
)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_signal_ends_an_audit_at_once(tmp_path, number, told, jobs):
    for i in range(4):
        log(tmp_path / "logs" / str(i))
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "hazard.py").write_text(
        f"import pathlib, time\ndef wait(*_, **__):\n    pathlib.Path({str(tmp_path / 'waiting')!r}).touch()\n    time.sleep(60)\n"
    )
    program = (
        f"{HEEDS_INTERRUPTS}import sys; sys.path.insert(0, {str(tmp_path / 'modules')!r}); import hazard\n"
        "from trainlint.analyzer import batch, cli\n"
        "batch.SMALL_BYTES = 0; batch._audit_pack = batch.audit_group = hazard.wait\n"
        f"sys.argv = ['trainlint', 'audit', '-j{jobs}', '-fjson', '-oout.json', {str(tmp_path / 'logs')!r}]\n"
        "cli.main()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        start_new_session=True,
    ) as process:
        while not (tmp_path / "waiting").exists():
            time.sleep(0.02)
        started = time.monotonic()
        os.killpg(process.pid, number)  # as a terminal does
        _, errors = process.communicate(timeout=40)
    assert process.returncode == 128 + number
    assert errors.strip() == told
    assert time.monotonic() - started < 30
    assert not list(tmp_path.glob("*.tmp"))  # nor .tmp of the output
    assert not list(tmp_path.glob(".*"))


def imported_by(code):
    program = f"{code}\nimport sys; print(' '.join(sys.modules), file=sys.stderr)"
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return {name.partition(".")[0] for name in process.stderr.split()}


COMMAND = "import sys\nfrom trainlint.analyzer.cli import main\nsys.argv = ['trainlint', {}]\ntry: main()\nexcept SystemExit: pass"
HEAVY = {"numpy", "pandas", "scipy", "tensorboard", "google", "jinja2", "yaml"}


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import trainlint", HEAVY),
        (COMMAND.format("'--version'"), HEAVY),
        (COMMAND.format("'--help'"), HEAVY),
        (COMMAND.format("'audit', '--help'"), HEAVY),
        (COMMAND.format("'audit', 'metrics.csv', '--no-report'"), HEAVY - {"numpy", "yaml", "google"}),
        (COMMAND.format("'audit', 'metrics.csv'"), HEAVY - {"numpy", "yaml", "google", "jinja2"}),
        ("import trainlint; trainlint.audit('metrics.csv')", HEAVY - {"numpy", "yaml", "google"}),
    ],
)
def test_nothing_is_imported_before_it_is_used(code, unwanted):
    log(Path(), points=20)
    assert not imported_by(code) & unwanted


def test_inspect(logs):
    process = call("inspect", logs, "--exclude", "short")
    assert process.exit_code == 0
    assert "overfit   csv-table" in process.output
    assert "loss:validation" in process.output
    missing = [line for line in process.output.splitlines() if line.startswith("  missing")]
    assert any("gradient norm" in line and "clipping-saturation" in line for line in missing)
    assert not any("validation loss" in line for line in missing)
    assert process.output.splitlines()[-1] == "2 runs, 0 files unreadable, 0 passed over"


def test_inspect_as_json(logs):
    arguments = ("inspect", logs, "--exclude", "short", "--metric", "val_loss=score:test", "--format", "json")
    whole = json.loads(call(*arguments).output)
    assert [run["run"] for run in whole["runs"]] == ["good", "overfit"]
    told = {
        metric["tag"]: (metric["role"], metric["split"], metric["reason"]) for metric in whole["runs"][1]["metrics"]
    }
    assert told == {"train_loss": ("loss", "train", "words: loss"), "val_loss": ("score", "test", "said by the user")}
    missing = {item["what"]: item for item in whole["runs"][1]["missing"]}
    assert "overfitting" in missing["validation loss"]["rules"]
    assert missing["gradient norm"]["lines"][0]["framework"] == "PyTorch"
    assert call(*arguments, "--output", "told.json").output == ""
    assert json.loads(Path("told.json").read_text()) == whole
    assert call("inspect", logs, "--exclude", "*", "--format", "json").exit_code == 3


def test_inspect_names_what_is_too_short(logs):
    lines = call("inspect", logs / "short").output.splitlines()
    assert any(line.startswith("  short ") and "has 3:" in line and "overfitting" in line for line in lines)


def test_rules_and_explain():
    assert "overfitting" in call("rules").output
    assert "What to do" in call("explain", "overfitting").output


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_export_keeps_missing_nan_and_infinity_apart(tmp_path, format_):
    (tmp_path / "log.csv").write_text("step,loss,acc\n0,1.5,\n1,nan,0.5\n2,inf,\n")
    lines = call("export", tmp_path / "log.csv", "-f", format_).output.splitlines()
    if format_ == "csv":
        head, *rows = (line.split(",") for line in lines)
        told = [(row[head.index("tag")], row[head.index("step")], row[head.index("value")]) for row in rows]
        assert {row[head.index("wall_time")] for row in rows} == {""}
    else:
        rows = [json.loads(line) for line in lines]
        told = [(row["tag"], str(row["step"]), str(row["value"])) for row in rows]
        assert not any("wall_time" in row for row in rows)
    assert sorted(told) == [("acc", "1", "0.5"), ("loss", "0", "1.5"), ("loss", "1", "nan"), ("loss", "2", "inf")]


READERS = {
    # NaN is a value, an empty cell is none
    "csv": lambda path: pd.read_csv(path, keep_default_na=False, na_values={"epoch": [""], "wall_time": [""]}),
    "jsonl": lambda path: pd.DataFrame([json.loads(line) for line in path.read_text().splitlines()]),
    "parquet": pd.read_parquet,
}


@pytest.mark.parametrize("format_", READERS)
def test_every_way_out_holds_what_read_gives(tmp_path, format_):
    if format_ == "parquet":
        pytest.importorskip("pyarrow")
    logs = tmp_path / "logs"
    for name in "ab":
        (logs / name).mkdir(parents=True)
    rows = ["step,epoch,time,loss,val_loss", "0,0,1.7e9,1.5,", "5,0.5,1.7e9,nan,0.1", "9,1,1.7e9,-inf,3e-9"]
    (logs / "a" / "log.csv").write_text("\n".join(rows))
    write(logs / "b", scalar("grads/fc1", 0.1, 3), scalar("acc", 1.0, 2**40, 1.7e9))
    frame = trainlint.read(logs)
    path = tmp_path / f"points.{format_}"
    assert call("export", logs, "-f", format_, "-o", path).exit_code == 0
    found = READERS[format_](path)[list(frame.columns)]
    for column, values in frame.items():
        if values.dtype == "category":
            assert found[column].tolist() == values.tolist()
        else:
            np.testing.assert_array_equal(found[column].astype(values.dtype), values)


def test_export_of_nothing_has_a_header_and_says_so(tmp_path):
    process = call("export", tmp_path)
    assert process.exit_code == 3
    assert process.output == "run,tag,role,split,layer,step,epoch,wall_time,value\n"


def test_a_page_that_fails_costs_no_run(logs, monkeypatch):
    monkeypatch.setattr(render, "render_run", lambda *_, **__: 1 / 0)
    process = call("audit", logs)
    assert process.exit_code == 0
    assert "judged 2 of 3 runs" in process.output

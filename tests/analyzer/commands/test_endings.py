"""How a command ends: readers that are gone, full disks and signals; and what it imports until then."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..command_line import elsewhere, log, run  # noqa: F401  (a fixture)


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
        f"{HEEDS_INTERRUPTS}import time, sys; from trainlint.analyzer import cli, group_audit\n"
        "def wait(*_, **__): print('waiting', flush=True); time.sleep(60)\n"
        "group_audit.read_group = wait\n"
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
        f"{HEEDS_INTERRUPTS}import os, sys; from trainlint.analyzer import cli, group_audit\n"
        "def load(*_, **__):\n"
        f"    try: os.kill(os.getpid(), signal.{name})\n"
        "    except BaseException as error: raise ImportError('cannot load') from error\n"
        "group_audit.read_group = load\n"
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
        "batch.SMALL_BYTES = 0; batch.audit_pack = batch.audit_groups_of = hazard.wait\n"
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

"""Worker processes: what they import, that none outlives its audit, and what becomes of calls whose process dies.

Workers import what they call by name: `jobs` is written to a folder on the path.
"""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import wait
from pathlib import Path

import pytest

from trainlint.analyzer.config.limits import Limits
from trainlint.analyzer.processes import worker_start
from trainlint.analyzer.processes.worker_handle import DiedError, OverLimitError
from trainlint.analyzer.processes.workers import NoWorkerError, Workers

JOBS = """
import os, pathlib, resource, signal, sys, tempfile, time

def call(function, *arguments): return function(*arguments)
def double(number): return 2 * number
def path(): return sys.path
def process(): return os.getpid(), os.getppid()
def die(): os.kill(os.getpid(), signal.SIGKILL)
def leave(): os._exit(3)
def sleep(seconds): time.sleep(seconds)
def wrong(): raise ZeroDivisionError("oh")
def odd(): return lambda: None
def scratch(): return tempfile.gettempdir()
def files(): return [os.readlink(f"/proc/self/fd/{number}") for number in (0, 1, 2)]

def die_once(place):
    if not pathlib.Path(place).exists():
        pathlib.Path(place).touch()
        die()
    return os.getpid()

def compute():
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    while True: sum(range(1000))

def hold(megabytes):
    held = bytearray(megabytes << 20)
    time.sleep(30)
    return len(held)
"""

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="as Linux tells it")


@pytest.fixture(params=["forked", "spawned"])
def jobs(tmp_path, monkeypatch, request):
    """The module of what workers do, with the way to start them set."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "jobs.py").write_text(JOBS)
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    monkeypatch.setattr(worker_start, "FORKS", request.param == "forked")
    monkeypatch.delitem(sys.modules, "jobs", raising=False)
    return pytest.importorskip("jobs")


def is_running(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def gone(processes, seconds=2.0):
    """Whether processes end within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(map(is_running, processes)):
        time.sleep(0.02)
    return not any(map(is_running, processes))


def test_calls_are_answered_and_errors_raised(jobs):
    with Workers(2, jobs.call) as workers:
        assert [workers.submit(jobs.double, i) for i in range(9)][-1].result() == 16
        with pytest.raises(ZeroDivisionError) as told:
            workers.submit(jobs.wrong).result()
        assert "in wrong" in told.value.__notes__[0]  # where it was raised
        with pytest.raises(Exception, match="pickle"):
            workers.submit(jobs.odd).result()
        assert workers.submit(jobs.double, 3).result() == 6
        assert workers.notes == []


def test_workers_hold_no_stream_of_the_program_and_import_from_no_folder_of_logs(jobs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs" / "inner").mkdir(parents=True)
    for entry in ("", ".", str(tmp_path), str(tmp_path / "logs"), str(tmp_path / "logs" / "inner"), "modules"):
        monkeypatch.syspath_prepend(entry)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", ".", "logs", str(tmp_path)]))
    with Workers(1, jobs.call, logs=[tmp_path / "logs"]) as workers:
        found = workers.submit(jobs.path).result()
        assert str(tmp_path / "modules") in found
        assert not {"", ".", "modules", "logs", str(tmp_path)} & set(found)
        assert not any(entry.startswith(str(tmp_path / "logs")) for entry in found)
        if sys.platform == "linux":
            assert set(workers.submit(jobs.files).result()) == {os.devnull}


@pytest.mark.parametrize("how", ["die", "leave"])
def test_a_call_that_kills_its_process_twice_is_given_up_and_no_other(jobs, how):
    with Workers(2, jobs.call) as workers:
        before = [workers.submit(jobs.double, i) for i in range(3)]
        deadly = workers.submit(getattr(jobs, how))
        after = [workers.submit(jobs.double, i) for i in range(9)]
        assert [future.result() for future in before + after] == [*range(0, 5, 2), *range(0, 17, 2)]
        with pytest.raises(DiedError, match="out of memory" if how == "die" else "exit code 3"):
            deadly.result()


def test_a_call_whose_process_dies_is_done_again_in_a_fresh_one(jobs, tmp_path):
    with Workers(2, jobs.call) as workers:
        first = {workers.submit(jobs.process).result()[0] for _ in range(4)}
        assert workers.submit(jobs.die_once, str(tmp_path / "dead")).result() not in first


@LINUX
def test_all_processes_are_gone_when_the_block_is_left(jobs):
    with Workers(2, jobs.call) as workers:
        known = {number for _ in range(4) for number in workers.submit(jobs.process).result()} - {os.getpid()}
        scratch = Path(workers.submit(jobs.scratch).result())
        assert scratch.is_dir()
        workers.submit(jobs.sleep, 60)
    assert gone(known)
    assert not scratch.exists()


@LINUX
def test_the_process_that_starts_others_may_die(jobs):
    if not worker_start.FORKS:
        pytest.skip("there is none")
    with Workers(2, jobs.call) as workers:
        starter = workers.submit(jobs.process).result()[1]
        os.kill(starter, signal.SIGKILL)
        assert gone([starter])
        assert [workers.submit(jobs.double, i).result() for i in range(8)] == list(range(0, 16, 2))
        assert "started again" in workers.notes[0]


@pytest.mark.parametrize("error", [BlockingIOError(11, "Resource temporarily unavailable"), OSError(12, "no memory")])
def test_without_processes_the_caller_is_told(jobs, monkeypatch, error):
    def refuse(*_args, **_options):
        raise error

    monkeypatch.setattr(worker_start, "_started", refuse)
    with Workers(2, jobs.call) as workers:
        futures = [workers.submit(jobs.double, i) for i in range(5)]
        wait(futures, timeout=30)
        for future in futures:
            with pytest.raises(NoWorkerError):
                future.result()
        with pytest.raises(NoWorkerError):
            workers.submit(jobs.double, 1).result()
        assert workers.notes == [f"no process could be started: {error.strerror}; one process did all the work"]


def test_without_threads_the_caller_is_told(jobs, monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("trainlint.analyzer.processes.workers.threading.Thread.start", refuse)
    with Workers(2, jobs.call) as workers, pytest.raises(NoWorkerError):
        workers.submit(jobs.double, 1).result()
    assert workers.notes == ["can't start new thread; one process did all the work"]


@LINUX
@pytest.mark.parametrize(
    ("call", "limits", "told"),
    [
        ("compute", Limits(seconds=0.5), "0.5 s of processor time"),
        ("hold", Limits(memory=32 << 20), "32 MiB of memory"),
    ],
)
def test_what_takes_too_much_and_does_not_stop_is_ended(jobs, monkeypatch, call, limits, told):
    monkeypatch.setattr("trainlint.analyzer.processes.worker_handle.GRACE_S", 0.2)
    monkeypatch.setattr("trainlint.analyzer.processes.worker_handle.GRACE_BYTES", 100 << 20)
    with Workers(1, jobs.call, limits=limits) as workers:
        arguments = (900,) if call == "hold" else ()
        with pytest.raises(OverLimitError, match=told):
            workers.submit(getattr(jobs, call), *arguments).result(timeout=60)
        assert workers.submit(jobs.double, 4).result() == 8


PARENT = """
import sys, time
sys.path.insert(0, {modules!r})
from trainlint.analyzer.processes import worker_start
from trainlint.analyzer.processes.workers import Workers
worker_start.FORKS = {forks}
import jobs
with Workers(2, jobs.call) as workers:
    numbers = {{number for _ in range(4) for number in workers.submit(jobs.process).result()}}
    workers.submit(jobs.compute)
    print(*numbers, flush=True)
    time.sleep(60)
"""


# a program that a shell started in the background, or with nohup, ignores them
HEEDS_SIGNALS = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
"""


@LINUX
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_no_process_and_no_pipe_outlives_the_parent(jobs, tmp_path, name):
    program = PARENT.format(modules=str(tmp_path / "modules"), forks=worker_start.FORKS)
    with subprocess.Popen(
        [sys.executable, "-c", HEEDS_SIGNALS + program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as parent:
        known = {int(number) for number in parent.stdout.readline().split()} - {parent.pid}
        assert all(map(is_running, known))
        parent.send_signal(getattr(signal, name))
        started = time.monotonic()
        parent.communicate(timeout=30)  # ends when the last process has closed its streams
        assert gone(known)
        assert time.monotonic() - started < 10

"""Parallel audits. Worker processes import their parser by name: `hazards` is written to a folder on the path."""

import sys
import time
from dataclasses import replace

import pytest

from trainlint.analyzer import batch, group_audit
from trainlint.analyzer.batch import Audit, audit_groups
from trainlint.analyzer.config.limits import Limits
from trainlint.analyzer.config.options import Config
from trainlint.analyzer.group_audit import AuditOptions
from trainlint.analyzer.processes.workers import Workers
from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.result import AuditResult

DEFAULTS = Limits()

HAZARDS = """
import os, signal, time
from trainlint.parsers.base import Parser
from trainlint.parsers.run import Curve, Run

def sniff(path, head):
    return True

def parse(path):
    text = path.read_text()
    if text == "exit":
        os._exit(1)
    if text == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if text == "raise":
        raise ZeroDivisionError("oh")
    if text == "sleep":
        time.sleep(60)
    if text == "spin":
        while True:
            sum(range(100))
    if text == "fill":
        held = []
        while True:
            held.append(bytearray(1 << 24))
    # the number of the file decides how long it takes: later ones are done first
    time.sleep(0.002 * (30 - int(path.stem)))
    yield Run("", str(path), "hazard", all_curves=[Curve.build("loss", range(30), [1.0 / (i + 1) for i in range(30)])])

PARSER = Parser("hazard", "Hazard", ("*.hazard",), sniff, parse, "")
"""


@pytest.fixture
def audit(tmp_path, monkeypatch):
    """A function that audits one folder a text, each holding one file of it, and returns their entries by name."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "hazards.py").write_text(HAZARDS)
    monkeypatch.syspath_prepend(str(tmp_path / "modules"))
    monkeypatch.setattr(batch, "SMALL_BYTES", 0)
    hazards = pytest.importorskip("hazards")

    def run(*texts, jobs=2, strict=False, limits=DEFAULTS):
        for i, text in enumerate(texts):
            folder = tmp_path / "logs" / f"{i:02}"
            folder.mkdir(parents=True)
            (folder / f"{i}.hazard").write_text(text)
        found = discover([tmp_path / "logs"], parsers=(hazards.PARSER,))
        options = AuditOptions(found.root, strict=strict, config=Config(limits=limits))
        return Audit(found, options), jobs

    yield run
    monkeypatch.undo()


def entries(under_way, jobs):
    return [result.entry for results in under_way.run(jobs) for result in results]


def test_results_come_in_order_and_as_without_processes(audit):
    under_way, _ = audit(*["fine"] * 25)
    parallel, serial = entries(under_way, 3), entries(under_way, 1)
    assert [entry["run"] for entry in parallel] == [f"{i:02}" for i in range(25)]
    assert parallel == serial


@pytest.mark.parametrize("text", ["exit", "kill"])
def test_a_run_that_kills_its_process_takes_no_other_with_it(audit, text):
    texts = ["fine"] * 12
    texts[3] = texts[9] = text
    under_way, jobs = audit(*texts)
    found = entries(under_way, jobs)
    assert [entry["run"] for entry in found] == [f"{i:02}" for i in range(12)]
    lost = [entry for entry in found if entry["status"] == "unreadable"]
    assert [entry["run"] for entry in lost] == ["03", "09"]
    assert "the worker process died while reading it" in lost[0]["notes"][0]["message"]
    assert [item["path"] for item in under_way.document()["unreadable"]] == ["03", "09"]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("text", "limits", "told"),
    [
        ("spin", Limits(seconds=1), "exceeds the limit of 1 s of CPU time per run; raise it with --max-seconds"),
        pytest.param(
            "fill", Limits(memory=256 << 20),
            "exceeds the memory limit of 256 MiB per run; raise it with --max-memory",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux only"),
        ),
    ],
)  # fmt: skip
def test_a_run_that_takes_too_much_is_told_and_no_other_suffers(audit, jobs, text, limits, told):
    under_way, _ = audit("fine", text, "fine", limits=limits)
    found = entries(under_way, jobs)
    assert [entry["status"] == "unreadable" for entry in found] == [False, True, False]
    assert [note["message"] for note in found[1]["notes"]] == [told]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_run_that_was_read_and_takes_too_long_to_judge_keeps_its_metrics(audit, jobs, monkeypatch):
    under_way, _ = audit("fine", "fine", limits=Limits(seconds=1e-9))
    for entry in entries(under_way, jobs):
        assert entry["status"] in ("not-checked", "unreadable")
        assert "CPU time" in entry["notes"][0]["message"]


def test_without_processes_the_work_is_done_here_and_every_output_says_so(audit, monkeypatch):
    def refuse(*_args, **_options):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("trainlint.analyzer.processes.worker_start._started", refuse)
    under_way, jobs = audit("fine", "raise", "fine")
    assert [entry["run"] for entry in entries(under_way, jobs)] == ["00", "01", "02"]
    report = AuditResult(under_way.document())
    told = "no process could be started: Resource temporarily unavailable; one process did all the work"
    assert report["batch"]["notes"] == [told]
    for name in ("brief", "markdown", "github", "sarif", "json"):
        assert told in report.render(name)


def test_every_run_may_kill_its_process(audit):
    under_way, jobs = audit("exit", "kill", "exit")
    assert [entry["status"] for entry in entries(under_way, jobs)] == ["unreadable"] * 3


def test_a_parser_that_raises_loses_its_run_only(audit):
    under_way, jobs = audit("fine", "raise", "fine")
    found = entries(under_way, jobs)
    assert [entry["status"] == "unreadable" for entry in found] == [False, True, False]
    assert found[1]["notes"][0]["message"] == "the parser hazard failed: ZeroDivisionError: oh"


@pytest.mark.parametrize("jobs", [1, 2])
def test_strict_lets_the_error_through(audit, jobs):
    under_way, _ = audit("fine", "raise", "fine")
    with pytest.raises(ZeroDivisionError):
        entries(Audit(under_way.found, replace(under_way.options, strict=True)), jobs)


def test_an_abandoned_audit_leaves_no_process(audit, monkeypatch):
    started = []
    monkeypatch.setattr(Workers, "_new", lambda self, new=Workers._new: started.append(new(self)) or started[-1])
    under_way, jobs = audit("fine", "sleep", "sleep", "sleep")
    results = under_way.run(jobs)
    next(results)
    begun = time.monotonic()
    results.close()
    assert time.monotonic() - begun < 20
    assert started
    assert all(worker.is_gone for worker in started)


def test_an_error_in_reading_a_group_is_boxed(audit, monkeypatch):
    under_way, _ = audit("fine", "fine")

    def raising(*_args, **_options):
        raise RecursionError("deep")

    monkeypatch.setattr(group_audit, "read_group", raising)
    assert [e["notes"][0]["message"] for e in entries(under_way, 1)] == ["could not be read: RecursionError: deep"] * 2


def test_a_page_that_cannot_be_made_costs_no_verdict(audit, monkeypatch, tmp_path):
    from trainlint.analyzer.pages import render

    def raising(*_args, **_options):
        raise KeyError("template")

    under_way, _ = audit("fine", "fine")
    under_way.options = replace(under_way.options, report=tmp_path / "report")
    monkeypatch.setattr(render, "render_run", raising)
    found = entries(under_way, 1)
    assert [entry["status"] for entry in found] != ["unreadable"] * 2
    assert "its page could not be written: KeyError" in found[0]["notes"][-1]["message"]
    assert found[0]["notes"][-1]["fault"]  # every output tells it, and --strict fails
    assert [result.row["href"] for result in under_way.results] == ["", ""]


def test_no_groups_no_results(tmp_path):
    assert list(audit_groups([], AuditOptions(tmp_path), 2)) == []

"""Parallel audits. Worker processes import their parser by name: `hazards` is written to a folder on the path."""

import multiprocessing
import time
from dataclasses import replace

import pytest

from trainlint.analyzer import batch
from trainlint.analyzer.batch import Audit, AuditOptions, audit_groups
from trainlint.analyzer.discover import discover

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

    def run(*texts, jobs=2, strict=False):
        for i, text in enumerate(texts):
            folder = tmp_path / "logs" / f"{i:02}"
            folder.mkdir(parents=True)
            (folder / f"{i}.hazard").write_text(text)
        found = discover([tmp_path / "logs"], parsers=(hazards.PARSER,))
        options = AuditOptions(found.root, strict=strict)
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
    assert "process that read it died" in lost[0]["notes"][0]["message"]
    assert [item["path"] for item in under_way.document()["unreadable"]] == ["03", "09"]


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


def test_an_abandoned_audit_leaves_no_process(audit):
    under_way, jobs = audit("fine", "sleep", "sleep", "sleep")
    results = under_way.run(jobs)
    next(results)
    started = time.monotonic()
    results.close()
    while multiprocessing.active_children() and time.monotonic() - started < 20:
        time.sleep(0.05)
    assert not multiprocessing.active_children()
    assert time.monotonic() - started < 20


def test_an_error_in_reading_a_group_is_boxed(audit, monkeypatch):
    under_way, _ = audit("fine", "fine")

    def raising(*_args, **_options):
        raise RecursionError("deep")

    monkeypatch.setattr(batch, "read_group", raising)
    assert [e["notes"][0]["message"] for e in entries(under_way, 1)] == ["could not be read: RecursionError: deep"] * 2


def test_a_page_that_cannot_be_made_costs_no_verdict(audit, monkeypatch, tmp_path):
    from trainlint.analyzer import render

    def raising(*_args, **_options):
        raise KeyError("template")

    under_way, _ = audit("fine", "fine")
    under_way.options = replace(under_way.options, report=tmp_path / "report")
    monkeypatch.setattr(render, "render_run", raising)
    found = entries(under_way, 1)
    assert [entry["status"] for entry in found] != ["unreadable"] * 2
    assert "its page could not be made: KeyError" in found[0]["notes"][-1]["message"]
    assert [result.row for result in under_way.results] == [None, None]


def test_no_groups_no_results(tmp_path):
    assert list(audit_groups([], AuditOptions(tmp_path), 2)) == []

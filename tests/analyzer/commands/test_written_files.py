"""What an audit writes: reports and output files, whole or not at all, and nothing beside the logs."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

import trainlint
from trainlint.analyzer.report import files as pages
from trainlint.analyzer.report import json_text

from ...parsers.event_files import scalar, write
from ..command_line import call, elsewhere, listing  # noqa: F401  (a fixture)


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

"""A report takes the place of the one before as a whole, and nothing in its folder leads it astray."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from trainlint import audit
from trainlint.analyzer import library
from trainlint.analyzer.cli import cli
from trainlint.analyzer.report.files import page_name
from trainlint.analyzer.report_folder import STAGING, new_report

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    pytest.skip("links and locks of POSIX", allow_module_level=True)

VICTIM = "precious\n"
PAGES = [f"runs/{page_name(name)}.html" for name in ("a", "b")]


def log(folder: Path) -> None:
    folder.mkdir(parents=True)
    rows = "".join(f"{i},{2 * 0.9**i:.4f}\n" for i in range(20))
    (folder / "metrics.csv").write_text("step,train_loss\n" + rows)


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The current folder, with logs of two runs and a victim outside of the report."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "victim").write_text(VICTIM)
    (tmp_path / "elsewhere").mkdir()
    for name in ("a", "b"):
        log(tmp_path / "logs" / name)
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(cli, ["audit", "logs", "--isolated", *map(str, arguments)])


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


WHOLE = {"index.html", "report.json", *PAGES}


@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["link", "hard link"])
@pytest.mark.parametrize("name", ["index.html", "report.json", PAGES[0]])
def test_a_link_in_place_of_a_page_is_replaced_itself(here, link, name):
    place = here / "trainlint-report" / name
    place.parent.mkdir(parents=True)
    link(here / "victim", place)
    assert call().exit_code == 0
    assert (here / "victim").read_text() == VICTIM
    assert not place.is_symlink()
    assert "trainlint" in place.read_text()
    assert tree(here / "trainlint-report") == WHOLE


@pytest.mark.parametrize("target", ["elsewhere", "victim", "nowhere"])
def test_a_link_in_place_of_the_runs_is_refused(here, target):
    report = here / "trainlint-report"
    report.mkdir()
    (report / "runs").symlink_to(here / target)
    process = call()
    assert process.exit_code == 1
    assert "cannot write trainlint-report/runs: is a link or no folder" in process.output
    assert tree(here / "elsewhere") == set()
    assert not (here / "nowhere").exists()
    assert names(report) == ["runs"]


def test_a_report_folder_that_is_a_link_takes_somebody_to_choose_it(here):
    (here / "trainlint-report").symlink_to(here / "elsewhere")
    process = call()
    assert process.exit_code == 1
    assert "is a link that nobody asked for" in process.output
    assert tree(here / "elsewhere") == set()
    assert call("--report", "trainlint-report").exit_code == 0
    assert tree(here / "elsewhere") == WHOLE
    audit("logs", report="trainlint-report")


def test_pages_of_runs_that_are_no_more_go_and_others_stay(here):
    report = here / "trainlint-report"
    assert call().output.count("report:") == 0
    gone = report / PAGES[0]
    (report / "runs" / "notes.html").write_text("mine")
    (report / "runs" / "other-12345678.html").write_text(gone.read_text())  # a page that the report does not list
    (here / "logs" / "a").rename(here / "logs" / "c")
    process = call()
    assert "removed 1 page of runs that no longer exist" in process.output
    assert "left 2 files in trainlint-report/runs that do not belong to this audit" in process.output
    assert not gone.exists()
    kept = {"runs/notes.html", "runs/other-12345678.html", f"runs/{page_name('c')}.html"}
    assert tree(report) == WHOLE - {PAGES[0]} | kept


def test_what_is_listed_and_is_no_page_stays(here):
    call()
    (here / "logs" / "a").rename(here / "logs" / "c")
    stale = here / "trainlint-report" / PAGES[0]
    stale.write_text("written over by hand")
    call()
    assert stale.read_text() == "written over by hand"
    stale.unlink()
    stale.symlink_to(here / "victim")
    call()
    assert stale.is_symlink()


@pytest.mark.parametrize(
    "listed", ["[]", "{", '{"runs": 3}', '{"runs": [{"run": "../../victim"}, {"run": 3}, {}]}', "[" * 100_000]
)
def test_an_older_report_that_is_none_removes_nothing(here, listed):
    (here / "trainlint-report" / "runs").mkdir(parents=True)
    (here / "trainlint-report" / "report.json").write_text(listed)
    (here / "trainlint-report" / "runs" / "x.html").write_text("y")
    assert call().exit_code == 0
    assert (here / "victim").read_text() == VICTIM
    assert (here / "trainlint-report" / "runs" / "x.html").read_text() == "y"


@pytest.mark.parametrize("fault", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_audit_that_is_interrupted_leaves_the_report_before(here, monkeypatch, fault):
    call()
    report = here / "trainlint-report"
    before = {name: (report / name).read_bytes() for name in tree(report)}
    log(here / "logs" / "c")

    def broken(*_):
        raise fault

    monkeypatch.setattr(library, "report_text", broken)
    assert call().exit_code != 0
    assert {name: (report / name).read_bytes() for name in tree(report)} == before
    assert names(report) == ["index.html", "report.json", "runs"]


def test_what_a_killed_audit_left_goes_but_not_what_one_is_making(here):
    import fcntl

    report = here / "trainlint-report"
    left, busy, link = (f"{STAGING}{digit * 16}" for digit in "abc")
    for name in (left, busy):
        (report / name / "runs").mkdir(parents=True)
    (report / link).symlink_to(here / "elsewhere")
    (report / left / "runs" / "link").symlink_to(here / "elsewhere")
    (here / "elsewhere" / "file").write_text(VICTIM)
    handle = os.open(report / busy, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        assert call().exit_code == 0
    finally:
        os.close(handle)
    assert (here / "elsewhere" / "file").read_text() == VICTIM
    found = {name for name in names(report) if name.startswith(STAGING)}
    assert found == {busy, link}


def test_what_a_worker_left_unfinished_is_not_published(here):
    with new_report(here / "report", is_chosen=True) as new:
        (new.staging / "runs").mkdir()
        for name in ("index.html", "report.json", "runs/a.html", "runs/.b.html.trainlint-0123456789abcdef.tmp"):
            (new.staging / name).write_text("{}")
        new.publish()
    assert tree(here / "report") == {"index.html", "report.json", "runs/a.html"}
    assert names(here / "report") == ["index.html", "report.json", "runs"]

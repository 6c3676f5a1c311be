"""What killed processes leave behind goes, and nothing else: not what is being made, and not what has another name."""

import os
import sys

import pytest

from trainlint.parsers.files import leftovers
from trainlint.parsers.files.leftovers import open_unfinished, own_folder, remove_folders, remove_unfinished

if sys.platform == "win32":
    pytest.skip("locks and pipes of POSIX", allow_module_level=True)

TOKEN = "0123456789abcdef"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_left_over_when_nobody_makes_it(tmp_path):
    with open_unfinished(tmp_path / "report.json") as file:
        remove_unfinished(tmp_path)
        (name,) = names(tmp_path)
        assert name.startswith(".report.json.trainlint-")
        file.write("more")
    remove_unfinished(tmp_path)
    assert names(tmp_path) == []


def test_a_folder_is_left_over_when_nobody_works_in_it(tmp_path):
    (tmp_path / f"x-{TOKEN}" / "inner").mkdir(parents=True)
    with own_folder(tmp_path, "x-") as folder:
        (folder / "file").touch()
        remove_folders(tmp_path, "x-")
        assert names(tmp_path) == [folder.name]
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "name", ["a.tmp", f".a.{TOKEN}.tmp", ".a.trainlint-1.tmp", f".a.trainlint-{TOKEN}.txt", f"x-{TOKEN}x"]
)
def test_what_has_another_name_stays(tmp_path, name):
    (tmp_path / name).touch()
    (tmp_path / f"folder {name}").mkdir()
    remove_unfinished(tmp_path)
    remove_folders(tmp_path, "x-")
    assert names(tmp_path) == sorted([name, f"folder {name}"])


@pytest.mark.parametrize("kind", ["link", "dangling link", "pipe", "other kind"])
def test_what_is_no_file_or_folder_stays(tmp_path, kind):
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "file").touch()
    where = tmp_path / "where"
    where.mkdir()
    for name, other in ((f".a.trainlint-{TOKEN}.tmp", victim / "file"), (f"x-{TOKEN}", victim)):
        path = where / name
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "other kind":
            path.mkdir() if other.is_file() else path.touch()
        else:
            path.symlink_to(other if kind == "link" else tmp_path / "nowhere")
    before = names(where)
    remove_unfinished(where)
    remove_folders(where, "x-")
    assert names(where) == before
    assert (victim / "file").exists()


def test_what_another_process_takes_for_left_over_before_it_is_locked_is_made_again(tmp_path, monkeypatch):
    lock, taken = leftovers._lock, iter([False, False])
    monkeypatch.setattr(leftovers, "_lock", lambda handle: next(taken, None) is None and lock(handle))
    with own_folder(tmp_path, "x-") as folder:
        assert folder.is_dir()
    with open_unfinished(tmp_path / "a"):
        pass


def test_without_locks_nothing_is_left_over(tmp_path, monkeypatch):
    monkeypatch.setattr(leftovers, "_lock", lambda _: None)
    with open_unfinished(tmp_path / "a"), own_folder(tmp_path, "x-"):
        remove_unfinished(tmp_path)
        remove_folders(tmp_path, "x-")
        assert len(names(tmp_path)) == 2

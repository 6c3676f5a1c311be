import os
import pickle
import socket

import pytest

from trainlint.analyzer.reading import discover as module
from trainlint.analyzer.reading.discover import discover
from trainlint.parsers.base import Parser
from trainlint.parsers.registry import PARSERS

from ...parsers.event_files import scalar, write

CSV = "epoch,loss,val_loss\n" + "".join(f"{i},{1 / (i + 1)},{1.1 / (i + 1)}\n" for i in range(5))
STATE = '{"global_step": 2, "log_history": [{"step": 1, "loss": 2.0, "epoch": 0.1}, {"step": 2, "loss": 1.0, "epoch": 0.2}]}'


def make(root, *paths, text=CSV):
    """Files under `root`: event files by their name, `trainer_state.json` by its, any other a CSV."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        if "tfevents" in path:
            write((root / path).parent, scalar("loss", 1.0, 0), name=(root / path).name)
        else:
            (root / path).write_text(STATE if path.endswith("trainer_state.json") else text)
    return root


def groups_of(found):
    return {
        group.name: [log.path.relative_to(group.path).as_posix() + (f" ({log.split})" if log.split != "none" else "") for log in group.files]
        for group in found.groups
    }  # fmt: skip


EV = "events.out.tfevents.1.host"


@pytest.mark.parametrize(
    ("paths", "groups"),
    [
        (["a/metrics.csv", "b/c/metrics.csv"], {"a": ["metrics.csv"], "b/c": ["metrics.csv"]}),
        (["metrics.csv"], {"": ["metrics.csv"]}),
        # Keras: one run in two folders
        ([f"k/train/{EV}", f"k/validation/{EV}"], {"k": [f"train/{EV} (train)", f"validation/{EV} (validation)"]}),
        ([f"train/{EV}", f"validation/{EV}"], {"": [f"train/{EV} (train)", f"validation/{EV} (validation)"]}),
        # add_hparams
        ([f"r/{EV}", f"r/1795402418.12/{EV}"], {"r": [f"1795402418.12/{EV}", EV]}),
        # runs that are named for the time of their start are runs
        ([f"r/1795402418/{EV}", f"r/1795402419/{EV}"], {"r/1795402418": [EV], "r/1795402419": [EV]}),
        (["r/summary.csv", f"r/1795402418/{EV}"], {"r": ["summary.csv"], "r/1795402418": [EV]}),
        # add_scalars of PyTorch and of tensorboardX: the folder is named for the tag "loss"
        ([f"r/{EV}", f"r/loss_val/{EV}"], {"r": [EV, f"loss_val/{EV} (validation)"]}),
        ([f"r/{EV}", f"r/loss/val/{EV}"], {"r": [EV, f"loss/val/{EV} (validation)"]}),
        # no tag of that name in there: a run
        ([f"r/{EV}", f"r/exp_val/{EV}"], {"r": [EV], "r/exp_val": [EV]}),
        ([f"r/{EV}", f"r/exp/train/{EV}"], {"r": [EV], "r/exp": [f"train/{EV} (train)"]}),
        # folders of splits with one log of the same name each are of one run, a single one proves nothing
        (["x/train/log.csv", "x/val/log.csv"], {"x": ["train/log.csv (train)", "val/log.csv (validation)"]}),
        (["train/train.csv", "test/test.csv"], {"": ["test/test.csv (test)", "train/train.csv (train)"]}),
        (["x/train/log.csv"], {"x/train": ["log.csv"]}),
        (["x/train/log.csv", "x/val/other.csv"], {"x/train": ["log.csv"], "x/val": ["other.csv"]}),
        (["x/train/a.csv", "x/train/b.csv", "x/val/a.csv"], {"x/train": ["a.csv", "b.csv"], "x/val": ["a.csv"]}),
        (["x/val/log.csv", "x/valid/log.csv"], {"x/val": ["log.csv"], "x/valid": ["log.csv"]}),
        # checkpoints
        (
            ["h/checkpoint-9/trainer_state.json", "h/checkpoint-10/trainer_state.json", "h/trainer_state.json"],
            {"h": ["checkpoint-10/trainer_state.json", "trainer_state.json"]},
        ),
        (["h/checkpoint-1/metrics.csv", "h/checkpoint-2/metrics.csv"], {"h/checkpoint-1": ["metrics.csv"], "h/checkpoint-2": ["metrics.csv"]}),
        # pruned
        ([".git/metrics.csv", "node_modules/x/metrics.csv", "trainlint-report/metrics.csv", "a/metrics.csv"], {"a": ["metrics.csv"]}),
    ],
)  # fmt: skip
def test_files_that_belong_together(tmp_path, paths, groups):
    found = discover([make(tmp_path, *paths)])
    assert groups_of(found) == groups
    assert not found.unreadable


def test_earlier_checkpoints_are_named_as_passed_over(tmp_path):
    found = discover([make(tmp_path, "h/checkpoint-9/trainer_state.json", "h/checkpoint-10/trainer_state.json")])
    assert [(n.path, "later checkpoint" in n.message) for n in found.skipped] == [
        ("h/checkpoint-9/trainer_state.json", True)
    ]


@pytest.mark.parametrize("name", ["metrics.csv", "training.log", "history.txt"])
def test_logs_are_known_by_content(tmp_path, name):
    (group,) = discover([make(tmp_path, name)]).groups
    assert group.files[0].parser.id == "keras-csv"


@pytest.mark.parametrize(
    ("name", "content"),
    [("notes.txt", b"we ran it twice\nand it failed\n"), ("data.csv", b"name,city\nann,oslo\n"), ("package.json", b'{"version": "1.0"}'), ("README.md", b"# hi")],
)  # fmt: skip
def test_what_is_no_log_is_passed_over_in_a_folder_and_named_if_given(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    found = discover([tmp_path])
    assert not found.groups
    assert not found.unreadable
    given = discover([tmp_path / name])
    assert [note.path for note in given.unreadable] == [name]
    assert given.unreadable[0].message


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("metrics.csv", b"PK\x03\x04" + bytes(100), "not text (binary data at byte 4)"),
        ("metrics.csv", b"", "is empty"),
        ("log.json", b"", "is empty"),
    ],
)
def test_a_broken_file_with_the_name_of_a_log_is_unreadable(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    (note,) = discover([tmp_path]).unreadable
    assert note.path == name
    assert said in note.message


@pytest.mark.parametrize("name", ["history.pkl", "train_log.npy", "metrics.pt", "results.joblib"])
def test_pickles_are_noted_and_never_loaded(tmp_path, name, monkeypatch):
    monkeypatch.setattr(pickle, "load", None)
    (tmp_path / name).write_bytes(pickle.dumps({"loss": [1]}))
    (note,) = discover([tmp_path]).skipped
    assert (note.path, "unsafe" in note.message) == (name, True)
    assert len(discover([tmp_path, tmp_path]).skipped) == 1


def test_links_do_not_trap_the_walk(tmp_path):
    make(tmp_path, "a/metrics.csv")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "latest").symlink_to(tmp_path / "a")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    (tmp_path / "nowhere.csv").symlink_to(tmp_path / "gone.csv")
    assert groups_of(discover([tmp_path])) == {"a": ["metrics.csv"]}
    assert groups_of(discover([tmp_path / "latest"])) == {"": ["metrics.csv"]}


def test_a_file_reachable_twice_counts_once(tmp_path):
    make(tmp_path, "a/metrics.csv")
    (tmp_path / "b.csv").symlink_to(tmp_path / "a" / "metrics.csv")
    (tmp_path / "a" / "n.csv").hardlink_to(tmp_path / "a" / "metrics.csv")
    paths = [tmp_path, tmp_path / "a", tmp_path / "a" / "metrics.csv"]
    assert groups_of(discover(paths)) == {"a": ["metrics.csv"]}


def test_a_folder_that_cannot_be_listed_is_named(tmp_path, monkeypatch):
    make(tmp_path, "a/metrics.csv", "secret/metrics.csv")
    scandir = os.scandir

    def refuse(folder):
        if module.Path(folder).name == "secret":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(module.os, "scandir", refuse)
    found = discover([tmp_path, tmp_path])
    assert groups_of(found) == {"a": ["metrics.csv"]}
    assert [str(note) for note in found.unreadable] == ["secret: folder cannot be listed: Permission denied"]


def test_a_file_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    make(tmp_path, "metrics.csv")

    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(module, "open_log", refuse)
    assert [str(n) for n in discover([tmp_path]).unreadable] == ["metrics.csv: cannot be read: Permission denied"]


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "metrics.csv")
    with socket.socket(socket.AF_UNIX) as plug:
        plug.bind(str(tmp_path / "log.csv"))
        found = discover([tmp_path / "metrics.csv", tmp_path / "log.csv"])
        assert [note.message for note in found.unreadable] == ["is not a regular file"] * 2
        assert not discover([tmp_path]).groups


def test_a_missing_path_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        discover([tmp_path / "gone"])


@pytest.mark.parametrize("paths", [[], ["."]])
def test_the_current_folder(tmp_path, monkeypatch, paths):
    monkeypatch.chdir(make(tmp_path, "a/metrics.csv"))
    found = discover([module.Path(path) for path in paths])
    assert found.root == tmp_path
    assert [group.name for group in found.groups] == (["a"] if paths else [])


def test_names_are_relative_to_what_the_given_paths_share(tmp_path):
    make(tmp_path, "x/a/metrics.csv", "x/b/metrics.csv")
    found = discover([tmp_path / "x" / "b" / "metrics.csv", tmp_path / "x" / "a"])
    assert found.root == tmp_path / "x"
    assert list(groups_of(found)) == ["a", "b"]


@pytest.mark.parametrize(
    ("include", "exclude", "groups"),
    [
        ([], [], ["a", "b/c", "d"]),
        (["*.csv"], [], ["a", "b/c"]),
        (["a"], [], ["a"]),
        (["metrics.csv"], [], ["a", "b/c"]),
        (["b/*"], [], ["b/c"]),
        (["b/*/*.csv"], [], ["b/c"]),
        ([], ["b"], ["a", "d"]),
        ([], ["b/"], ["a", "d"]),
        ([], ["b/c"], ["a", "d"]),
        ([], ["c/b"], ["a", "b/c", "d"]),
        (["*.csv"], ["a/*"], ["b/c"]),
        (["[abc]"], [], ["a", "b/c"]),
        (["nothing"], [], []),
    ],
)
def test_globs(tmp_path, include, exclude, groups):
    make(tmp_path, "a/metrics.csv", "b/c/metrics.csv", "d/trainer_state.json")
    assert list(groups_of(discover([tmp_path], include=include, exclude=exclude))) == groups


def test_a_parser_that_fails_to_look_hides_no_file(tmp_path):
    def raising(path, head):
        raise ZeroDivisionError

    broken = Parser("broken", "Broken", ("*",), raising, lambda _: iter(()), "")
    found = discover([make(tmp_path, "metrics.csv")], parsers=(broken, *PARSERS))
    assert groups_of(found) == {"": ["metrics.csv"]}
    assert [note.message for note in found.skipped] == ["the parser broken failed to recognise it: ZeroDivisionError()"]


def test_names_that_are_no_unicode_are_survived(tmp_path):
    make(tmp_path, os.fsdecode(b"r\xff/metrics.csv"))
    assert list(groups_of(discover([tmp_path]))) == ["r\udcff"]


def test_settings_without_a_log_are_named(tmp_path):
    make(tmp_path, "used/args.yaml", "files/run/files/config.yaml", "alone/hparams.yaml", text="lr: 1\n")
    make(tmp_path, "used/metrics.csv", "files/run/metrics.csv")
    assert [str(note) for note in discover([tmp_path]).skipped] == [
        "alone/hparams.yaml: configuration without a log beside it"
    ]


def test_hidden_folders_are_passed_over_but_for_those_of_trackers(tmp_path):
    make(tmp_path, ".cache2/metrics.csv", ".neptune/offline/metrics.csv", ".aim/x/metrics.csv", "a/metrics.csv")
    found = discover([tmp_path, tmp_path])
    assert list(groups_of(found)) == [".aim/x", ".neptune/offline", "a"]
    assert [str(note) for note in found.skipped] == [".cache2: skipped: hidden folder"]
    assert list(groups_of(discover([tmp_path / ".cache2"]))) == [""]  # if it is asked for


def test_a_file_without_a_suffix_is_known_by_its_content(tmp_path):
    make(tmp_path, "history", "a/train_console")
    make(tmp_path, "a/notes", text="we ran it twice\nand it failed\n")
    (tmp_path / "a" / "weights").write_bytes(bytes(range(256)))
    (tmp_path / "a" / "empty").write_bytes(b"")
    found = discover([tmp_path])
    assert groups_of(found) == {"": ["history"], "a": ["train_console"]}
    assert [note.path for note in found.skipped] == ["a/notes"]
    assert discover([tmp_path / "a" / "notes"]).unreadable[0].message.startswith("not a log")


def test_what_a_tracker_keeps_without_a_suffix_is_no_log(tmp_path):
    place = tmp_path / "mlruns" / "0" / "abc"
    make(place, "metrics/loss", "metrics/val/loss", "metrics/log_loss", "params/table", text=CSV)
    make(place, "meta.yaml", text="run_id: abc\nstatus: 3\n")
    make(place, "artifacts/console", text=CSV)
    (group,) = discover([tmp_path]).groups
    assert sorted(log.path.name for log in group.files) == ["console", "meta.yaml"]


def test_console_output_without_a_suffix(tmp_path):
    make(tmp_path, "output", text="".join(f"step {i} loss {2 / (i + 1):.4f}\n" for i in range(9)))
    (group,) = discover([tmp_path]).groups
    assert [log.parser.id for log in group.files] == ["plain-text"]


@pytest.mark.parametrize(
    ("name", "is_looked_at"),
    [("train.log-2022-03-14-10-02-11", True), ("run.2022-03-14", True), ("run.v2", False), ("run.sh", False), (".run", False)],
)  # fmt: skip
def test_a_date_or_number_behind_a_dot_is_no_suffix(tmp_path, name, is_looked_at):
    make(tmp_path, name, text="".join(f"step {i} loss {2 / (i + 1):.4f}\n" for i in range(9)))
    assert groups_of(discover([tmp_path])) == ({"": [name]} if is_looked_at else {})


def test_settings_in_yaml_are_not_noted(tmp_path):
    make(tmp_path, "metrics.csv")
    make(tmp_path, "conf/model.yaml", text="lr: 0.1\n")
    assert discover([tmp_path]).skipped == []


def test_very_many_files_without_a_suffix_are_not_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_WITHOUT_SUFFIX", 2)
    make(tmp_path, "a", "b", "c", "log", "x/d", "x/e")
    found = discover([tmp_path])
    assert groups_of(found) == {"": ["log"], "x": ["d", "e"]}
    assert [str(note) for note in found.skipped] == [".: skipped: 3 files without a suffix are too many to be logs"]

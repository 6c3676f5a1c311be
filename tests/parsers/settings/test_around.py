"""Which files around a log are of its run: by position, never of another run."""

from __future__ import annotations

import pytest

from trainlint.parsers.run import Run, Source
from trainlint.parsers.settings.around import MAX_BYTES, settings_around
from trainlint.parsers.settings.file_roles import run_named_by


def around(root, log, **files):
    """Settings of a log among files, whose names are written with "__" for "." and "//" for "/"."""
    for name, text in {log: "step,loss\n1,1\n", **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    run = Run("", str(root / log), "csv")
    run.sources = [Source(str(root / log), "csv", 1)]
    values, sources = settings_around(run, root)
    assert all(source.use == "hyperparameters" for source in sources)
    return values


@pytest.mark.parametrize(
    ("log", "files", "expected"),
    [
        ("a/log.csv", {"a/anything.gin": "Adam.lr = 0.1", "b/log.csv": "x", "b/anything.gin": "Adam.lr = 0.2"}, 0.1),
        ("a/out/log.csv", {"a/attrs/flags": "lr: 0.1", "a/out/README": "lr: 0.3"}, 0.1),
        ("a/tb/train/log.csv", {"a/opts.txt": "lr: 0.1", "b/tb/train/log.csv": "x"}, 0.1),
        ("a.csv", {"a.toml": "lr = 0.1", "b.csv": "x", "b.toml": "lr = 0.2"}, 0.1),
        ("run_a_log.csv", {"run_a_opts.ini": "lr = 0.1", "run_b_log.csv": "x", "run_b_opts.ini": "lr = 0.2"}, 0.1),
        ("logs/a.csv", {"configs/a.yaml": "lr: 0.1", "configs/b.yaml": "lr: 0.2", "logs/b.csv": "x"}, 0.1),
        ("runs/a/log.csv", {"configs/a.yaml": "lr: 0.1", "configs/b.yaml": "lr: 0.2", "runs/b/log.csv": "x"}, 0.1),
        ("runs/a/log.csv", {"runs/a.sh": "python t.py --lr 0.1", "runs/b.sh": "python t.py --lr 1", "runs/b/log.csv": ""}, 0.1),
        ("lr1/s0/log.csv", {"lr1/setup.cfg": "lr = 0.1", "lr1/s1/log.csv": "x", "lr2/setup.cfg": "lr = 0.2"}, None),
        ("lr1/s0/log.csv", {"lr1/config.ini": "lr = 0.1", "lr1/s1/log.csv": "x", "lr2/config.ini": "lr = 0.2"}, 0.1),
        ("a.csv", {"b.csv": "x", "b.toml": "lr = 0.2"}, None),  # of another run
        ("a/log.csv", {"conf.ini": "lr = 0.2", "train.py": "", "b/log.csv": "x"}, None),  # of a program
        ("a/log.csv", {"a/settings.ini": "lr = 0.1", "settings.ini": "lr = 0.2", "b/log.csv": "x"}, 0.1),  # the nearest
        ("a/log.csv", {"a/results.json": '{"lr": 0.1, "test_acc": 0.5}'}, None),
        ("a/log.csv", {"a/notes.txt": "color: red\nsize: 3"}, None),
        ("a/log.csv", {"a/big.yaml": "lr: 0.1\n" + "#" * MAX_BYTES}, None),
    ],
)  # fmt: skip
def test_position(tmp_path, log, files, expected):
    found = around(tmp_path, log, **files)
    assert next((value for name, value in found.items() if name.rpartition(".")[2] == "lr"), None) == expected


def test_nothing_outside_of_the_root_is_read(tmp_path):
    (tmp_path / "config.ini").write_text("lr = 0.1")
    (tmp_path / "a").mkdir()
    assert around(tmp_path / "a", "log.csv") == {}


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("train_config.yaml", ""), ("params_7.json", "7"), ("lr0.1_s0.csv", "lr0.1-s0"), ("a7.config.json", "a7"),
        ("width64_seed1.539643.err", "width64-seed1.539643"), ("opt.txt", ""), ("flags", ""), ("exp280f8", "exp280f8"),
    ],
)  # fmt: skip
def test_the_run_that_a_file_names(name, run):
    assert run_named_by(name) == run

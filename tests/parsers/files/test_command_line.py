"""Settings of command lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.parsers.files.command_line import command_in, settings_of_command
from trainlint.parsers.files.hyperparameters import is_config, read_beside


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("python train.py --lr 0.1 --batch-size=32 --amp", {"lr": 0.1, "batch_size": 32, "amp": True}),
        ("torchrun --nproc_per_node 8 train.py --lr 1e-4", {"lr": 1e-4}),
        ("CUDA_VISIBLE_DEVICES=0 python3.11 -u train.py optim.name=adam +optim.lr=0.1", {"optim.name": "adam", "optim.lr": 0.1}),
        ("python -m pkg.train --seed 3 --gamma -0.5", {"seed": 3, "gamma": -0.5}),
        ("python -m torch.distributed.launch --nproc 2 main.py --lr 3", {"lr": 3}),
        ("./train.py --lr 0.1", {"lr": 0.1}),
        ("Command: main.py --layers 64 32 --name 'a b'", {"layers": "64 32", "name": "a b"}),
        ("+ accelerate launch run.py --lr 0.1 > out.log 2>&1", {"lr": 0.1}),
        ("['train.py', '--lr', '0.1', '--flag', 'False']", {"lr": 0.1, "flag": False}),
        ("args: --lr 0.1 -wd 0.2 -b 3", {"lr": 0.1, "wd": 0.2}),
        ("python train.py --lr $LR --bs 4", {"bs": 4}),
        ("see train.py for --lr 0.1", {}),
        ("train.py epoch=1 loss=0.3", {}),
        ("INFO train.py --lr 0.1", {}),
        ("epoch 1 loss=0.3", {}),
        ("it's --lr 0.1", {}),
        ("", {}),
    ],
)  # fmt: skip
def test_command_in_a_log(line, expected):
    assert command_in(f"start\n{line}\nepoch 1") == expected


def test_lines_are_joined():
    assert command_in("python train.py \\\n  --lr 0.1 \\\n  --bs 2\n") == {"lr": 0.1, "bs": 2}


@given(st.text(max_size=200))
def test_any_text_is_read(text):
    for found in (command_in(text), settings_of_command(text), settings_of_command(f"python a.py {text}")):
        assert all(name for name in found)


@pytest.mark.parametrize("name", ["cmd", "command.txt", "cmd.sh"])
def test_a_file_beside_the_log(tmp_path, name):
    (tmp_path / name).write_text("#!/bin/sh\nfairseq-train data --lr 0.1 --token s3cr3t-t0k3n-0123456789\n" if name != "cmd.sh" else
                                 "#!/bin/bash\nset -e\npython train.py --lr 0.1 --token s3cr3t-t0k3n-0123456789\n")  # fmt: skip
    values, sources, notes = read_beside(tmp_path / "log.csv")
    assert values == {"lr": 0.1, "token": "***"}
    assert [source.use for source in sources] == ["hyperparameters"]
    assert notes == []
    assert is_config(tmp_path / name)


def test_a_file_that_holds_no_command(tmp_path):
    (tmp_path / "cmd.txt").write_text("nothing here\nnor here\n")
    assert read_beside(tmp_path / "log.csv") == ({}, [], [])

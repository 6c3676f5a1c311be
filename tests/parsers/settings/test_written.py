"""Settings in files of any name: told by their structure, without results, and never executed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.parsers.files.hyperparameters import flatten
from trainlint.parsers.settings.recognise import are_settings, settings_within
from trainlint.parsers.settings.written import settings_written

OPTIONS = """----------------- Options ---------------
               batch_size: 64
                       lr: 0.01                          \t[default: 0.0002]
                     name: denoise                       \t[default: experiment_name]
                  verbose: False
----------------- End -------------------
"""
GIN = "# Parameters for Adam:\n# ====\nAdam.beta1 = 0.9\nAdam.learning_rate = 0.002\n\ntrain.act = @relu\ntrain.dir = '/a b'\n"
INI = "[optim]\nname = sgd\nlr = 0.02 ; small\n\n[run]\nseed = 2\nstarted = 09/03/2024 07:17\n"
SCRIPT = "#!/bin/bash\n#SBATCH --mem=4\nLR=0.01\nsrun python -u \\\n  train.py --lr $LR --name 'a b' --amp \\\n --betas 0.9 0.98 | tee log.txt\n"


@pytest.mark.parametrize(
    ("text", "suffix", "expected"),
    [
        (OPTIONS, ".txt", {"batch_size": 64, "lr": 0.01, "name": "denoise", "verbose": False}),
        (GIN, ".gin", {"Adam.beta1": 0.9, "Adam.learning_rate": 0.002, "train.act": "relu", "train.dir": "/a b"}),
        (INI, ".ini", {"optim.name": "sgd", "optim.lr": 0.02, "run.seed": 2, "run.started": "09/03/2024 07:17"}),
        (INI, ".cfg", {"optim.name": "sgd", "optim.lr": 0.02, "run.seed": 2, "run.started": "09/03/2024 07:17"}),
        ("eta: 0.01\ndata: small\nseed: 3\n", "", {"eta": 0.01, "data": "small", "seed": 3}),
        ("opt:\n  lr: 0.1\n  betas: [0.9, 0.99]\nseed: 3\n", ".txt", {"opt.lr": 0.1, "opt.betas": "[0.9, 0.99]", "seed": 3}),
        ("opt: !name:torch.Adadelta\n  rho: 0.95\nlr: !ref <x>\n", ".yaml", {"opt.rho": 0.95, "lr": "<x>"}),
        ("--adam_b1=0.9\n--noshuffle\n--lr 0.1\n--config=\n", ".txt", {"adam_b1": 0.9, "noshuffle": True, "lr": 0.1, "config": ""}),
        ("export LR=0.1\nBATCH_SIZE=32 # each\n", ".env", {"LR": 0.1, "BATCH_SIZE": 32}),
        (SCRIPT, ".sh", {"lr": 0.01, "name": "a b", "amp": True, "betas": "[0.9, 0.98]"}),
        ("python -m a.b --lr 0.1 --no-bias model.depth=3", ".txt", {"lr": 0.1, "bias": False, "model.depth": 3}),
        ("lr,bs,act\n0.1,32,relu\n", ".csv", {"lr": 0.1, "bs": 32, "act": "relu"}),
        ("name,value\nlr,0.1\nact,relu\n", ".csv", {"name": "value", "lr": 0.1, "act": "relu"}),
        ("Namespace(lr=0.1, net=Net(3), betas=(0.9, 0.99))", ".txt", {"lr": 0.1, "net": "Net(3)", "betas": "[0.9, 0.99]"}),
        ("TrainConfig(lr=0.1, optim=OptimConfig(name='sgd'))", "", {"lr": 0.1, "optim.name": "sgd"}),
        ("{'lr': 0.1, 'net': {'width': 3}, 'fn': open}", ".txt", {"lr": 0.1, "net.width": 3, "fn": "open"}),
        ('{"lr": 0.1, "layers": [1, 2]}', "", {"lr": 0.1, "layers": "[1, 2]"}),
        ("lr        0.1\nbatch size    1,024\n", ".txt", {"lr": 0.1, "batch_size": 1024}),
        ("| name | value |\n|------|-------|\n| lr | 0.1 |\n| act | relu |\n", ".txt", {"name": "value", "lr": 0.1, "act": "relu"}),
        ("  lr .......... 0.1\n  hidden_dropout ..... 0.0\n", ".txt", {"lr": 0.1, "hidden_dropout": 0.0}),
        ("password = hunter2\nlr = 0.1\n", ".txt", {"password": "***", "lr": 0.1}),
    ],
)  # fmt: skip
def test_structures(text, suffix, expected):
    assert flatten(settings_written(text, suffix)) == expected


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("", ".txt"),
        ("# A title\n\nThis text says how to train.\nlr: 0.1 is good.\n", ".txt"),
        ("epoch: 1\nloss: 0.3\nepoch: 2\nloss: 0.2\nepoch: 3\nloss: 0.1\n", ".txt"),  # names recur
        ("epoch,loss\n1,0.3\n2,0.2\n", ".csv"),
        ("import os\nlr = 0.1\n", ".py"),
        ("numpy==1.26\ntorch==2.2\n", ".txt"),
        ("http://example.org/\nhttps://example.org/a\n", ".txt"),
        ("a\0b: 1", ".txt"),
        ("{" * 5000, ""),
        ("[" * 100_000, ".yaml"),
        ("{'a': " * 3000 + "1" + "}" * 3000, ".txt"),
        ("x = " + "9" * 5000, ".py"),
    ],
)
def test_other_texts_have_none(text, suffix):
    assert not settings_written(text, suffix)


@given(st.text(), st.sampled_from(["", ".txt", ".yaml", ".toml", ".csv", ".sh", ".py", ".json", ".ini"]))
def test_any_text_can_be_read(text, suffix):
    flatten(settings_within(settings_written(text, suffix)))


@pytest.mark.parametrize(
    ("loaded", "expected"),
    [
        ({"lr": 0.1, "loss": "mse", "loss_weight": 0.3, "label_smoothing": 0.1}, "all"),
        ({"test_acc": 0.66, "test_loss": 1.05, "best_epoch": 10}, {}),
        ({"lr": 0.1, "final_loss": 1.05}, {}),  # a summary
        ({"loss": [0.3, 0.2], "lr": [0.1, 0.1]}, {}),  # a history
        ({"hyperparameters": {"values": {"units": 64}}, "metrics": {"a": [1]}, "score": 0.4}, {"hyperparameters": {"values": {"units": 64}}}),
        ({"config": {"lr": 0.1}, "results": {"steps": 3}, "other": {"x": 1}}, {"config": {"lr": 0.1}}),
        ({"loss": {"box": 0.05, "reward_scale": 1.0}, "lr": 0.1}, "all"),
    ],
)  # fmt: skip
def test_results_are_no_settings(loaded, expected):
    assert settings_within(loaded) == (loaded if expected == "all" else expected)


@pytest.mark.parametrize(
    ("flat", "expected"),
    [
        ({"optim.lr": 0.1}, True), ({"rng_seed": 3}, True), ({"epochs": 3}, True), ({"epoch": 3}, False),
        ({"version": 3, "title": "x"}, False), ({}, False),
    ],
)  # fmt: skip
def test_settings_have_a_well_known_name(flat, expected):
    assert are_settings(flat) is expected

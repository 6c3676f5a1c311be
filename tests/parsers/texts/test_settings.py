"""Settings that text logs print before their first record."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.parsers.texts.log_text import read_log
from trainlint.parsers.texts.settings import settings_in

LOG = "".join(f"epoch {i} train_loss {2 / i:.3f} val_loss {3 / i:.3f}\n" for i in range(1, 9))
CLOCK = "[2024-03-04 10:00:00] "
PADDLE = "[2024/03/04 10:00:00] ppocr INFO: "
NANO = "Overriding config with a.py:\n# small\nlog_interval = 25\nbatch_size = 64\n# model\nn_embd = 12\nOverriding: n_layer = 2\n"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (NANO, {"log_interval": 25, "batch_size": 64, "n_embd": 12, "n_layer": 2}),
        ("+ module load cuda/12.1\n+ srun python -u t.py --lr 0.1 --amp --seed 3\n", {"lr": 0.1, "amp": True, "seed": 3}),
        ("with command line:\nbuild/marian --seed 3 --label-smoothing 0.1\n", {"seed": 3, "label-smoothing": 0.1}),
        ("args: num_workers=16 lr=0.001 bs=64\n", {"num_workers": 16, "lr": 0.001, "bs": 64}),
        ("config: {'lr': 0.003, 'units': 32}\n", {"lr": 0.003, "units": 32}),
        ("{'lr': 0.003,\n 'steps': [80, 120],\n 'net': {'width': 3}}\n", {"lr": 0.003, "steps": "[80, 120]", "net.width": 3}),
        ("x - INFO - Using Args(lr=0.1, model=ModelArgs(dim=64))\n", {"lr": 0.1, "model.dim": 64}),
        (
            "".join(f"{CLOCK}[config] {line}\n" for line in ("learn-rate: 0.1", "optimizer: adam", "beam-size: 12")),
            {"learn-rate": 0.1, "optimizer": "adam", "beam-size": 12},
        ),
        (
            "".join(PADDLE + line + "\n" for line in ("Optimizer : ", "    lr : ", "        value : 0.1", "    name : Adam", "Global : ", "    seed : 3")),
            {"Optimizer.lr.value": 0.1, "Optimizer.name": "Adam", "Global.seed": 3},
        ),
        ("Training:\nepochs = 300\nlearning_rate = 0.001\nlearner = adam\n\nOther:\nemb_size = 32\nmodel = BPR\nk = 3\n",
         {"Training.epochs": 300, "Training.learning_rate": 0.001, "Training.learner": "adam", "Other.emb_size": 32, "Other.model": "BPR", "Other.k": 3}),
        ("Loaded 500 train / 600 val samples\nwidth: 3\n", {}),
        ("loss: 0.3\nacc: 0.5\nlr: 0.1\n", {}),  # a record
        ("import os\nlr = 0.1\nbs = 3\nseed = 3\n", {}),  # code
    ],
)  # fmt: skip
def test_heads(head, expected):
    found = settings_in(head + LOG, head.count("\n") + 1)
    found = {name.removeprefix("Training.").removeprefix("Other."): value for name, value in found.items()}
    assert found == {name.removeprefix("Training.").removeprefix("Other."): value for name, value in expected.items()}


def test_a_setting_that_is_read_as_a_row_is_a_setting():
    head = "seed = 3\nepochs = 300\nlearning_rate = 0.001\nclip = None\nemb_size = 32\nmodel = BPR\n"
    log = read_log(head + LOG)
    assert log is not None
    assert log.settings.items() >= {"learning_rate": 0.001, "emb_size": 32}.items()


@given(st.text())
def test_any_text_can_be_read(text):
    settings_in(text, 50)

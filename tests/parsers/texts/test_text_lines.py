"""Lines of text as keys and numbers."""

import math

import pytest

from trainlint.parsers.texts import records as texts_records
from trainlint.parsers.texts.boxes import unboxed
from trainlint.parsers.texts.mining.lines import as_float, pieces_of, visible
from trainlint.parsers.texts.records import Records
from trainlint.parsers.texts.settings import settings_in
from trainlint.parsers.texts.shapes.line_shapes import shape_of


def pairs_of(line: str) -> list[tuple[str, float]]:
    """Keys and numbers of one line, axes included, in its order."""
    texts, numbers = pieces_of(visible(line))
    shape = shape_of(texts, numbers)
    axes = [(name, getattr(shape, name)) for name in ("epoch", "step", "batch")]
    found = [(hole, name, 1.0) for name, hole in axes if hole >= 0]
    found += [(value.hole, value.tag, value.scale) for value in shape.values]
    return [
        (name, number * scale) for hole, name, scale in sorted(found) if (number := as_float(numbers[hole])) is not None
    ]


LINES = [
    ("loss: 0.3", {"loss": 0.3}),
    ("loss=0.3", {"loss": 0.3}),
    ("loss 0.3", {"loss": 0.3}),
    ("step 250: train loss 2.31, val loss 2.4", {"step": 250, "train/loss": 2.31, "val/loss": 2.4}),
    ("epoch 3 lr 1e-3", {"epoch": 3, "lr": 1e-3}),
    ("step 1 | loss 2.5 | mem 3.1M | cache 4.69G", {"step": 1, "loss": 2.5, "mem": 3.1e6, "cache": 4.69e9}),
    ("Epoch 2/10 acc: 97%", {"epoch": 2, "acc": 97}),
    ("step:12/1000 val_loss:3.28 train_time:305ms", {"step": 12, "val_loss": 3.28, "train_time": 0.305}),
    ("[ 120/ 500] loss: 2.5", {"batch": 120, "loss": 2.5}),
    ("epoch: [3][120/500] loss 2.5", {"epoch": 3, "batch": 120, "loss": 2.5}),
    ("Epoch: [3][ 12/50]\tTime 0.3 ( 0.2)\tLoss 2.3e0 (2.4e+00)", {"epoch": 3, "batch": 12, "Time": 0.3, "Loss": 2.3}),
    ("[1,  2000] loss: 2.173", {"epoch": 1, "batch": 2000, "loss": 2.173}),
    ("[7]\ttrain-logloss:0.437\teval-auc:0.99", {"step": 7, "train-logloss": 0.437, "eval-auc": 0.99}),
    ("iter 5 loss: tensor(0.12, device='cuda:0', grad_fn=<X>)", {"step": 5, "loss": 0.12}),
    ("{'loss': '0.5', 'epoch': '1.25'}", {"loss": 0.5, "epoch": 1.25}),
    ("2024-01-02 03:04:05,678 - INFO - root - step 3 loss 0.5", {"step": 3, "loss": 0.5}),
    ("[01:02:03] step 3, loss 0.5, eta: 0:10:11", {"step": 3, "loss": 0.5}),
    ("Epoch   1 Step:      100 Batch Loss:     4.82 Lr: 0.000300", {"epoch": 1, "step": 100, "Batch Loss": 4.82, "Lr": 0.0003}),
    ("step 1: loss -inf", {"step": 1, "loss": -math.inf}),
    ("iteration 5 | loss: 2.5 | number of nan iterations: 0", {"step": 5, "loss": 2.5, "number of nan iterations": 0}),
    ("Iteration 40 (2.3 iter/s, 43s/100 iters), loss = 6.9", {"step": 40, "loss": 6.9}),
    ("train Loss: 0.5 Acc: 0.8", {"train/Loss": 0.5, "train/Acc": 0.8}),
    ("Train Acc: 70.12% | Val. Loss: 0.4", {"train/Acc": 70.12, "val/Loss": 0.4}),
    ("Validation result at epoch 5, step 1000: bleu: 2.06", {"epoch": 5, "step": 1000, "validation/bleu": 2.06}),
    ("elapsed time per iteration (ms): 9000.5 | loss: 1.0", {"elapsed time per iteration": 9.0005, "loss": 1.0}),
    ("consumed samples: 1,234,567 | loss: 1.0", {"consumed samples": 1234567, "loss": 1.0}),
    (" 50%|████      | 25/50 [00:30<00:30,  8.2it/s, loss=0.3, v_num=0]", {"batch": 25, "loss": 0.3}),
    ("step 3 lr: 1.9e-05, loss: 2.5", {"step": 3, "lr": 1.9e-5, "loss": 2.5}),  # with a "-" where dates have theirs
    ("[05/01 10:00:20 d2.utils.events]:  eta: 1:23:45  iter: 20  total_loss: 1.5", {"step": 20, "total_loss": 1.5}),
    ('[BATCH=3]: { "loss/train/total": 2.5, }', {"batch": 3, "loss/train/total": 2.5}),
    # no metrics
    ("numpy==1.26.0", {"numpy": 1.26}),  # a pair, but no row: see the false claims
    ("Found 1000 images belonging to 10 classes.", {}),
    ("Epoch 00001: val_loss improved from inf to 0.65, saving model", {"epoch": 1}),
    ("    return loss / 2 if x else 0.5", {}),
    ("# loss: 0.5", {}),
    ("python train.py --lr 0.1 --batch-size 32", {}),
    ("[trainer.py:123] [rank 3] hello", {}),
    ("", {}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), LINES, ids=[line[:40] for line, _ in LINES])
def test_pairs(line, expected):
    assert dict(pairs_of(line)) == pytest.approx(expected)


def test_nan_is_a_value():
    assert math.isnan(dict(pairs_of("step 3: loss nan, time 5ms"))["loss"])
    broken = dict(pairs_of("step 3/9 train_loss=nan train_r2=nan grad_norm=nan value=-inf"))
    assert set(broken) >= {"train_loss", "train_r2", "grad_norm", "value"}
    assert not any(math.isfinite(broken[name]) for name in ("train_loss", "train_r2", "grad_norm", "value"))
    assert math.isnan(dict(pairs_of("step:3/9 train_loss:2.5 step_avg:nanms"))["step_avg"])


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("\x1b[1m4/4\x1b[0m \x1b[32mloss: 0.5\x1b[0m", "4/4 loss: 0.5"),
        ("1/4 loss: 0.9\b\b\b\b\b\r2/4 loss: 0.7", "2/4 loss: 0.7"),
        (" 10%|# \r 20%|##\r", " 20%|##"),
        ("\r\r  \r", ""),
        ("plain", "plain"),
    ],
)
def test_only_what_stays_visible_counts(line, shown):
    assert visible(line) == shown


def test_records_in_lines():
    records = Records()
    lines = [f'| train | {{"epoch": {i}, "loss": "{i}.5", "name": "a", "depth": 3, "x": [1]}}' for i in (1, 2)]
    assert [records.plain(line) for line in lines] == [f"| train | epoch={i}, loss={i}.5, depth=3" for i in (1, 2)]
    assert records.settings() == {"name": "a", "depth": 3, "x": "[1]"}
    assert records.plain("epoch 1 {'a': {'loss': 0.5}}") == "epoch 1 a.loss=0.5"
    for untouched in ("{'loss': 0.5}", "{broken", 'x {"a": }', "{'a': {'b': nan}}", "{" * 5000 + "}"):
        assert records.plain(untouched) == untouched


def test_a_record_that_comes_again_is_read_once_and_counted(monkeypatch):
    read = []
    monkeypatch.setattr(texts_records, "flatten", lambda record: read.append(record) or dict(record))
    records = Records()
    assert {records.plain('{"loss": 1.5, "depth": 3}') for _ in range(1000)} == {"loss=1.5, depth=3"}
    assert len(read) == 1
    assert records.settings() == {"depth": 3}
    assert {records.plain("{no record}") for _ in range(3)} == {"{no record}"}


def test_records_of_ever_new_names_are_not_read_for_ever(monkeypatch):
    monkeypatch.setattr(texts_records, "MAX_COLUMNS", 10)
    records = Records()
    plain = [records.plain(f'{{"loss{i}": {i}}}') for i in (*range(1000), 3)]
    assert (plain[9], plain[10], plain[-1]) == ("loss9=9", '{"loss10": 10}', "loss3=3")


def test_boxes():
    box = [
        "-----",
        "| a/      |      |",
        "|   x     | 1.5  |",
        "|   y     | word |",
        "| n       | -2e3 |",
        "-----",
        "| one | 1 |",
        "end",
    ]
    assert list(unboxed(box)) == ["-----", "", "", "", "a/x=1.5, n=-2e3", "-----", "| one | 1 |", "end"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x\nNamespace(lr=0.1, name='a, b)', betas=(0.9, 0.99), f=nn.ReLU, token='s3cr3t-t0k3n')\ny",
         {"lr": 0.1, "name": "a, b)", "betas": "[0.9, 0.99]", "f": "nn.ReLU", "token": "***"}),
        ("lr: 0.1\nbatch_size: 32\noptimizer: adam\n\nstart", {"lr": 0.1, "batch_size": 32, "optimizer": "adam"}),
        ("\n".join(f"2024-01-02 03:04:05,678 - INFO - a.b - cfg.{x}" for x in ("training.epochs   : 3", "training.learning_rate : 1e-4", "x  : [1, 2]")),
         {"training.epochs": 3, "training.learning_rate": 1e-4, "x": "[1, 2]"}),
        ("host: a\nport: 3\nuser: b\n", {}),
        ("import torch\nlr = 0.1\nbatch_size = 3\nepochs = 5\n", {}),
        ("Namespace(lr=" + "(" * 10_000, {}),
        ("a = 'x'\nlearning_rate = 1e-3 # can afford to go higher\nmax_iters = 5 # of 10\n",
         {"a": "x", "learning_rate": 1e-3, "max_iters": 5}),
        ("start\n$ python train.py --lr 0.1 --fp16\n", {"lr": 0.1, "fp16": True}),
        ("args: {'lr': 0.1, 'model': {'depth': 3},\n 'seed': 1}\n", {"lr": 0.1, "model.depth": 3, "seed": 1}),
        ('INFO config = {"lr": 1e-3, "amp": true, "batch_size": 32}', {"lr": 1e-3, "amp": True, "batch_size": 32}),
        ("{'loss': 0.5, 'learning_rate': 1e-5, 'epoch': 0.1}\n", {}),
        ("{'lr': 0.1, 'x': 1}\n", {"lr": 0.1, "x": 1}),
        ("{'lr': 0.1, 'x': [[[", {}),
    ],
)  # fmt: skip
def test_settings(text, expected):
    assert settings_in(text, 1000) == expected

"""Text logs in the dialects of many programs, what is no log, and damage."""

import gzip
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trainlint.parsers.base import HEAD_BYTES
from trainlint.parsers.formats.frameworks import ultralytics_txt
from trainlint.parsers.formats.generic.plain_text import PARSER
from trainlint.parsers.meaning.resolve import resolve

few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(tmp_path, text, name="train.log", parser=PARSER):
    path = tmp_path / name
    path.write_bytes(text.encode())
    assert parser.matches(name)
    assert parser.sniff(path, path.read_bytes()[:HEAD_BYTES])
    return list(parser.parse(path))


def curves(run):
    return {curve.tag: (curve.step.tolist(), curve.value.tolist()) for curve in run.all_curves}


def lines(template, rows):
    return "".join(template.format(*row) for row in rows)


DATED = "[05/01 10:00:20 d2.utils.events]:  eta: 1:23:45  "
MMENGINE = "2024/05/01 10:00:05 - mmengine - INFO - Epoch"
GLOG = "I0512 14:03:21.123456 12345 solver.cpp:"
DIALECTS = [
    pytest.param(
        "import torch\nlr = 0.1\nloss = f(x, 3)\n" + "=" * 40 + "\n| N/A   30C    P0    69W / 700W |   1529MiB / 81559MiB |\n"
        + lines("step:{0}/30 train_loss:{1} train_time:{0}0ms step_avg:nanms\n", [(10, 9.5), (20, 8.5), (30, 7.5)])
        + "step:30/30 val_loss:7.25 train_time:300ms step_avg:10.0ms\n",
        "modded-nanogpt",
        {"train_loss": ([10, 20, 30], [9.5, 8.5, 7.5]), "val_loss": ([30], [7.25]), "train_time": ([10, 20, 30, 30], None),
         "step_avg": ([10, 20, 30, 30], None)},
        id="modded-nanogpt",
    ),
    pytest.param(
        lines("s:{0} trl:{1} lr:0.001 norm:1.5\n", [(1, 9.5), (2, 8.5)]) + "s:2 tel:7.5\n",
        "llm.c",
        {"trl": ([1, 2], [9.5, 8.5]), "lr": ([1, 2], [1e-3, 1e-3]), "norm": ([1, 2], [1.5, 1.5]), "tel": ([2], [7.5])},
        id="llm.c",
    ),
    pytest.param(
        "step 0: train loss 4.2, val loss 4.3\n"
        + lines("iter {0}: loss {1}, time 40.00ms, mfu -100.00%\n", [(0, 4.2), (10, 3.5)])
        + "step 10: train loss 3.1, val loss 3.3\n",
        "nanogpt",
        {"train/loss": ([0, 10], [4.2, 3.1]), "val/loss": ([0, 10], [4.3, 3.3]), "loss": ([0, 10], [4.2, 3.5])},
        id="nanogpt",
    ),
    pytest.param(
        lines(" iteration {0:8}/  500 | consumed samples: {0:9} | lm loss: {1:.6E} | grad norm: 0.5 | number of nan iterations:   0 |\n",
              [(100, 5.5), (200, 4.5)])
        + " validation loss at iteration 200 | lm loss value: 4.75E+00 | lm loss PPL: 115.5 |\n",
        "megatron-lm",
        {"lm loss": ([100, 200], [5.5, 4.5]), "validation/lm loss value": ([200], [4.75]), "validation/lm loss PPL": ([200], [115.5]),
         "grad norm": ([100, 200], [0.5, 0.5])},
        id="megatron",
    ),
    pytest.param(
        lines("| epoch 001:    {0} / 300 loss={1}, ppl=9.5, wps=1000, num_updates={0}, lr=0.0001\n", [(100, 5.5), (200, 4.5)])
        + "| epoch 001 | loss 5 | ppl 9.5 | num_updates 300\n"
        + "| epoch 001 | valid on 'valid' subset | loss 4.25 | ppl 5 | num_updates 300\n",
        "fairseq",
        {"loss": ([100, 200], [5.5, 4.5]), "train/loss": ([300], [5]), "valid/loss": ([300], [4.25]), "valid/ppl": ([300], [5])},
        id="fairseq",
    ),
    pytest.param(
        lines('2023-01-01 10:00:00 | INFO | train_inner | {{"epoch": 1, "update": 0.3, "loss": "{1}", "num_updates": "{0}"}}\n',
              [(100, 5.5), (200, 4.5)])
        + '2023-01-01 10:02:00 | INFO | valid | {"epoch": 1, "valid_loss": "4.25", "valid_num_updates": "300"}\n',
        "fairseq",
        {"loss": ([100, 200], [5.5, 4.5]), "valid_loss": ([300], [4.25])},
        id="fairseq-json",
    ),
    pytest.param(
        lines("Epoch {0}/3\n4/4 - 3s - 837ms/step - accuracy: 0.5 - loss: {1} - val_loss: {1}\n", [(1, 0.75), (2, 0.5), (3, 0.25)]),
        "keras",
        {"accuracy": ([1, 2, 3], [0.5] * 3), "loss": ([1, 2, 3], [0.75, 0.5, 0.25]), "val_loss": ([1, 2, 3], [0.75, 0.5, 0.25])},
        id="keras-verbose-2",
    ),
    pytest.param(
        lines("Epoch {0}/2\n\r\x1b[1m1/4\x1b[0m \x1b[32m━━━\x1b[0m\x1b[37m━━━\x1b[0m \x1b[1m3:51\x1b[0m 77s/step - loss: 9.5" + "\b" * 60
              + "\r\x1b[1m4/4\x1b[0m \x1b[32m━━━\x1b[0m \x1b[1m1s\x1b[0m 20ms/step - loss: {1} - val_loss: 0.5\n", [(1, 0.75), (2, 0.25)]),
        "keras",
        {"loss": ([1, 2], [0.75, 0.25]), "val_loss": ([1, 2], [0.5, 0.5])},
        id="keras-verbose-1",
    ),
    pytest.param(
        lines("Epoch {0}/3\n100/500 [=>...] - ETA: 1s - loss: 9.5\n500/500 [=====] - 2s 33us/step - loss: {1} - acc: 0.5\n",
              [(1, 0.75), (2, 0.5), (3, 0.25)]),
        "keras",
        {"loss": ([1, 2, 3], [0.75, 0.5, 0.25]), "acc": ([1, 2, 3], [0.5] * 3)},
        id="keras-2",
    ),
    pytest.param(
        lines("{{'loss': '{1}', 'grad_norm': '0.5', 'learning_rate': '1e-05', 'epoch': '{0}'}}\n", [(0.5, 2.5), (1.0, 1.5), (1.5, 1.25)])
        + "{'eval_loss': '1.75', 'eval_runtime': '3.5', 'epoch': '1.5'}\n{'train_runtime': '9.5', 'train_loss': '1.5', 'epoch': '1.5'}\n",
        "transformers",
        {"loss": ([0, 1, 2], [2.5, 1.5, 1.25]), "grad_norm": ([0, 1, 2], [0.5] * 3), "learning_rate": ([0, 1, 2], [1e-5] * 3),
         "eval_loss": ([2], [1.75])},
        id="hugging-face",
    ),
    pytest.param(
        lines(GLOG + "228] Iteration {0}, loss = {1}\n" + GLOG + "244]     Train net output #0: loss = {1} (* 1 = {1} loss)\n"
              + GLOG + "106] Iteration {0}, lr = 0.01\n", [(0, 6.5), (20, 5.5)])
        + GLOG + "337] Iteration 20, Testing net (#0)\n" + GLOG + "404]     Test net output #0: accuracy = 0.125\n",
        "caffe",
        {"loss": ([0, 20], [6.5, 5.5]), "train/loss": ([0, 20], [6.5, 5.5]), "lr": ([0, 20], [0.01, 0.01]), "test/accuracy": ([20], [0.125])},
        id="caffe",
    ),
    pytest.param(
        lines("Steps: {0}\tLoss: {1}\tPPL: 3.5\tbleu: 12.5\tLR: 0.0003\t*\n", [(1000, 95000.5), (2000, 85000.5)]),
        "joeynmt",
        {"Loss": ([1000, 2000], [95000.5, 85000.5]), "PPL": ([1000, 2000], [3.5, 3.5]), "bleu": ([1000, 2000], [12.5, 12.5]),
         "LR": ([1000, 2000], [3e-4, 3e-4])},
        id="joeynmt-validations",
    ),
    pytest.param(
        lines("Step {0} | loss:{1} lr:0.0002 tokens_per_second_per_gpu:100.5 \n", [(1, 2.5), (2, 1.5)]),
        "torchtune",
        {"loss": ([1, 2], [2.5, 1.5]), "lr": ([1, 2], [2e-4, 2e-4])},
        id="torchtune",
    ),
    pytest.param(
        ':::MLLOG {"key": "global_batch_size", "value": 256, "metadata": {}}\n'
        + lines(':::MLLOG {{"key": "eval_accuracy", "value": {1}, "metadata": {{"epoch_num": {0}}}}}\n', [(1, 0.25), (2, 0.5), (3, 0.75)]),
        "mlperf",
        {"eval_accuracy": ([1, 2, 3], [0.25, 0.5, 0.75])},
        id="mllog",
    ),
    pytest.param(
        lines("2026/01/02 03:10:57 - mmengine - INFO - Epoch(train) [{0}][4/8]  lr: 1.0000e-01  eta: 0:00:01  data_time: 0.5  loss: {1}\n"
              "2026/01/02 03:10:58 - mmengine - INFO - Epoch(val) [{0}][2/2]    acc/top1: 75.5  data_time: 0.25  time: 0.5\n", [(1, 0.75), (2, 0.5)]),
        "mmengine",
        {"lr": ([4, 12], [0.1, 0.1]), "loss": ([4, 12], [0.75, 0.5]), "acc/top1": ([4, 12], [75.5, 75.5])},
        id="mmengine",
    ),
    pytest.param(
        lines("[{0}]\ttrain-logloss:{1}\teval-auc:0.5\n", [(0, 0.75), (1, 0.5)]),
        "xgboost",
        {"train/logloss": ([0, 1], [0.75, 0.5]), "eval/auc": ([0, 1], [0.5, 0.5])},
        id="xgboost",
    ),
    pytest.param(
        lines("[{0}]\ttraining's binary_logloss: {1}\tvalid_0's auc: 0.5\n", [(1, 0.75), (2, 0.5)]),
        "lightgbm",
        {"training/binary_logloss": ([1, 2], [0.75, 0.5]), "valid_0/auc": ([1, 2], [0.5, 0.5])},
        id="lightgbm",
    ),
    pytest.param(
        lines('json_stats: {{"lr":{1},"epoch":{0},"depth":50,"test_acc":{0}.5,"model":"nin"}}\t\n', [(1, 0.5), (2, 0.25)]),
        "torch7",
        {"lr": ([1, 2], [0.5, 0.25]), "test_acc": ([1, 2], [1.5, 2.5])},
        id="torch7",
    ),
    pytest.param(
        lines("----\n| rollout/           |          |\n|    ep_rew_mean     | {1}     |\n| time/              |          |\n"
              "|    total_timesteps | {0}      |\n----\n", [(128, 30.5), (256, 40.5)]),
        "stable-baselines3",
        {"rollout/ep_rew_mean": ([128, 256], [30.5, 40.5])},
        id="stable-baselines3",
    ),
    pytest.param(
        lines("INFO:tensorflow:loss = {1}, step = {0} (0.300 sec)\n", [(0, 3.5), (100, 2.5)])
        + "INFO:tensorflow:Saving dict for global step 100: accuracy = 0.5, global_step = 100, loss = 2.25\n",
        "tensorflow",
        {"loss": ([0, 100], [3.5, 2.5]), "eval/accuracy": ([100], [0.5]), "eval/loss": ([100], [2.25])},
        id="estimator",
    ),
    pytest.param(
        "".join(
            lines(f"Epoch: [{e}][{{0:3}}/100]\tTime  0.3 ( 0.2)\tLoss {{1}} (9.5)\tAcc@1 5.00 (  6.00)\n", [(50, 3.5 - e), (100, 2.5 - e)])
            + lines("Test: [{0:2}/20]\tTime  0.3 ( 0.2)\tLoss 1.0 ({1})\tAcc@1 1.00 ({1})\n", [(0, 8.5), (20, 2.5 + e)])
            + f" * Acc@1 {2.5 + e}00 Acc@5 90.500\n"
            for e in range(2)
        ),
        None,
        {"Loss": ([50, 100, 150, 200], [3.5, 2.5, 2.5, 1.5]), "test/Loss": ([100, 200], [2.5, 3.5]),
         "test/Acc@1": ([100, 200], [2.5, 3.5]), "test/Acc@5": ([100, 200], [90.5, 90.5])},
        id="imagenet-example",
    ),
    pytest.param(
        "".join(
            lines(f"Train Epoch: {e} [{{0}}/60000 ({{0}}%)]\tLoss: {{1}}\n", [(0, 2.5), (640, 1.5)])
            + f"\nTest set: Average loss: 0.5, Accuracy: {9000 + 500 * (e - 1)}/10000 (90%)\n\n"
            for e in (1, 2)
        ),
        None,
        {"train/Loss": ([0, 640, 60000, 60640], [2.5, 1.5, 2.5, 1.5]), "test/Average loss": ([640, 60640], [0.5, 0.5]),
         "test/Accuracy": ([640, 60640], [0.9, 0.95])},
        id="mnist-example",
    ),
    pytest.param(
        "".join(
            f"Epoch {e}\n-----\n" + lines("loss: {1}  [{0:>5d}/60000]\n", [(64, 2.5), (6464, 1.5)])
            + "Test Error: \n Accuracy: 44.5%, Avg loss: 2.25 \n\n" for e in (1, 2)
        ),
        None,
        {"loss": ([64, 6464, 60064, 66464], [2.5, 1.5] * 2), "test/Accuracy": ([6464, 66464], [44.5] * 2),
         "test/Avg loss": ([6464, 66464], [2.25] * 2)},
        id="quickstart",
    ),
    pytest.param(
        "".join(f"Epoch [{e}/2], Step [{s}/600], Loss: {e}.5\n" for e in (1, 2) for s in (100, 600)),
        None,
        {"Loss": ([100, 600, 700, 1200], [1.5, 1.5, 2.5, 2.5])},
        id="steps-in-epochs",
    ),
    pytest.param(
        "".join(f"Epoch {e}/2\n----------\ntrain Loss: {e}.5 Acc: 0.5\nval Loss: 0.5 Acc: 0.75\n\n" for e in range(3)) + "Best val Acc: 0.75\n",
        None,
        {"train/Loss": ([0, 1, 2], [0.5, 1.5, 2.5]), "train/Acc": ([0, 1, 2], [0.5] * 3), "val/Loss": ([0, 1, 2], [0.5] * 3),
         "val/Acc": ([0, 1, 2], [0.75] * 3), "val/Best Acc": ([2], [0.75])},
        id="transfer-learning",
    ),
    pytest.param(
        "".join(f"\r{s}%|##   | {s}/100 [00:30<00:30,  8.2it/s, loss={s}.5]" for s in range(0, 50, 10)),
        None,
        {"loss": ([0, 10, 20, 30, 40], [0.5, 10.5, 20.5, 30.5, 40.5])},
        id="one-progress-bar",
    ),
    pytest.param(
        "".join(f"\rEpoch {e}:  50%|##  | 5/10 [00:30<00:30, loss=9.5]\rEpoch {e}: 100%|####| 10/10 [01:00<00:00, loss={e}.5]\n" for e in range(3)),
        None,
        {"loss": ([0, 1, 2], [0.5, 1.5, 2.5])},
        id="a-progress-bar-an-epoch",
    ),
    pytest.param(
        "".join(f"{e}epoch:train:{b}-{b + 49}batch: iter_time=0.5, loss={e}.5\n" for e in (1, 2) for b in (1, 51)),
        "espnet",
        {"train/loss": ([50, 100, 150, 200], [1.5, 1.5, 2.5, 2.5])},
        id="espnet",
    ),
    pytest.param(
        "".join(f"epoch: [{e}/5], global_step: {e * 10}, lr: 0.5, loss: {e}.5, eta: 1:00:00\n" for e in (1, 2, 3)),
        None,
        {"loss": ([10, 20, 30], [1.5, 2.5, 3.5]), "lr": ([10, 20, 30], [0.5] * 3)},
        id="steps-that-go-on-over-epochs",
    ),
    pytest.param(
        "".join(f"[{e}/25][{b}/100]\tLoss_D: 0.5\tLoss_G: {e}.5\n" for e in range(2) for b in (0, 50)),
        None,
        {"Loss_D": ([0, 50, 100, 150], [0.5] * 4), "Loss_G": ([0, 50, 100, 150], [0.5, 0.5, 1.5, 1.5])},
        id="two-counters-in-brackets",
    ),
    pytest.param(
        "".join(f"[2020-01-01 10:00:00] Ep. 1 : Up. {i}00 : Sen. 5,000 : Cost {i}.50000 : Time 10.00s\n" for i in (1, 2, 3)),
        "marian",
        {"Cost": ([100, 200, 300], [1.5, 2.5, 3.5])},
        id="marian",
    ),
    pytest.param(
        "".join(f"Episode {i}\tReward: {i}.5\tAverage Reward: 3.5\n" for i in range(4)),
        None,
        {"Reward": ([0, 1, 2, 3], [0.5, 1.5, 2.5, 3.5]), "Average Reward": ([0, 1, 2, 3], [3.5] * 4)},
        id="episodes",
    ),
    # lines that a table with blanks between its columns looks like
    pytest.param(
        lines(DATED + "iter: {0}  total_loss: {1}  loss_cls: 0.5  time: 0.25  data_time: 0.125  lr: 0.00025  max_mem: 3000M\n",
              [(20, 1.5), (40, 1.25), (60, 1.0)]),
        "detectron2",
        {"total_loss": ([20, 40, 60], [1.5, 1.25, 1.0]), "loss_cls": ([20, 40, 60], [0.5] * 3), "data_time": ([20, 40, 60], [0.125] * 3)},
        id="detectron2",
    ),
    pytest.param(
        lines(MMENGINE + "(train)  [{0}][ 50/100]  lr: 1.0000e-02  eta: 0:10:00  time: 0.25  data_time: 0.125  loss: {1}\n"
              + MMENGINE + "(val) [{0}][10/10]    coco/bbox_mAP: 0.{0}125  data_time: 0.01  time: 0.1\n", [(1, 1.5), (2, 1.25)]),
        "mmengine",
        {"loss": ([50, 150], [1.5, 1.25]), "coco/bbox_mAP": ([50, 150], [0.1125, 0.2125])},
        id="mmengine, version 1",
    ),
    # the whole evaluation, not the last batch that was printed
    pytest.param(
        lines("Epoch: [{0}][ 50/100]\tLoss {1} (9.5)\nTest: [ 0/10]\tAcc@1 99.0 ( 99.0)\n *   Acc@1 {1} Acc@5 50.5\n",
              [(0, 2.5), (1, 1.5), (2, 0.5)]),
        None,
        {"Loss": ([50, 150, 250], [2.5, 1.5, 0.5]), "test/Acc@1": ([50, 150, 250], [2.5, 1.5, 0.5])},
        id="ImageNet example, a short evaluation",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "framework", "expected"), DIALECTS)
def test_dialects(tmp_path, text, framework, expected):
    (run,) = read(tmp_path, text)
    found = curves(run)
    assert run.framework == framework
    for tag, (step, value) in expected.items():
        assert found[tag][0] == step
        assert value is None or found[tag][1] == value
    assert {tag for tag in found if "loss" in tag.lower()} == {tag for tag in expected if "loss" in tag.lower()}


def test_splits_of_dialects_that_do_not_say_them_in_the_key(tmp_path):
    (run,) = read(
        tmp_path,
        lines("Steps: {0}\tLoss: {1}\tPPL: 3.5\tbleu: 12.5\tLR: 0.0003\t*\n", [(1000, 95000.5), (2000, 85000.5)]),
    )
    assert {c.tag: c.split for c in resolve(run.all_curves)} == {
        "Loss": "validation",
        "PPL": "validation",
        "bleu": "validation",
        "LR": "none",
    }
    (run,) = read(tmp_path, DIALECTS[14].values[0])
    assert {c.tag: c.split for c in resolve(run.all_curves)}["acc/top1"] == "validation"


def test_several_trainings_in_one_file_are_several_runs(tmp_path):
    text = "".join(
        f"step:{s}/100 val_loss:{r}.5 train_time:10ms step_avg:nanms\n" for r in range(4) for s in (0, 50, 100)
    )
    runs = read(tmp_path, text)
    assert [(run.name, curves(run)["val_loss"]) for run in runs] == [
        (str(r + 1), ([0, 50, 100], [r + 0.5] * 3)) for r in range(4)
    ]


def test_a_restart_stays_one_run(tmp_path):
    (run,) = read(tmp_path, "".join(f"step {s}: loss {s}.5\n" for s in (0, 10, 20, 30, 10, 20, 30, 40)))
    (loss,) = run.all_curves
    assert [s.start for s in loss.segments] == [0, 4]
    assert loss.effective().step.tolist() == [0, 10, 20, 30, 40]


def test_clock_and_settings(tmp_path):
    (run,) = read(
        tmp_path,
        "Namespace(lr=0.1, epochs=3)\n"
        + "".join(f"2024-01-02 03:04:0{e},500 INFO epoch {e} loss {e}.5\n" for e in range(3)),
    )
    (loss,) = run.all_curves
    assert (loss.axis, np.diff(loss.wall_time).tolist()) == ("epoch", [1.0, 1.0])
    assert loss.wall_time[0] == 1704164640.5
    assert run.hyperparameters == {"lr": 0.1, "epochs": 3}


def test_nan_and_infinity_are_kept(tmp_path):
    (run,) = read(
        tmp_path, "".join(f"step {s}: loss {v}, acc 0.5\n" for s, v in enumerate(["2.5", "inf", "nan", "NaN", "-inf"]))
    )
    np.testing.assert_array_equal(run.all_curves[0].value, [2.5, np.inf, np.nan, np.nan, -np.inf])


def test_one_log_line_for_each_layer_is_one_curve_each(tmp_path):
    (run,) = read(tmp_path, "".join(f"step {s} layer{k} grad_norm: {k}.5\n" for s in range(3) for k in range(5)))
    assert {tag: value for tag, (_, value) in curves(run).items()} == {
        f"layer{k} grad_norm": [k + 0.5] * 3 for k in range(5)
    }


def test_yolo_results(tmp_path):
    row = "     {0}/299     4.69G   0.5   0.25  0.125   0.875    58    640   0.1 0.2 0.3 {1} 0.06 0.04 0.02\n"
    (run,) = read(tmp_path, lines(row, [(0, 0.25), (1, 0.5)]) + " 2/299 4.69", "results.txt", ultralytics_txt.PARSER)
    assert curves(run)["metrics/mAP_0.5:0.95"] == ([0, 1], [0.25, 0.5])
    assert len(run.all_curves) == 11
    assert run.hyperparameters == {"epochs": 300}
    assert [note.where for note in run.notes] == ["line 3"]


NO_LOGS = [
    ("README.txt", "Epoch 1: loss 0.5\nEpoch 2: loss 0.4\nEpoch 3: loss 0.3\n"),
    ("requirements.txt", "numpy==1.26.0\ntorch>=2.0\nscipy~=1.11\n"),
    ("notes.txt", "We train for 3 epochs with a loss of 0.5.\nThen 4 epochs.\nloss is good: see 5.\n"),
    ("data.txt", "1 2 3\n4 5 6\n7 8 9\n"),
    ("table.txt", "epoch,loss\n1,0.5\n2,0.4\n3,0.3\n"),
    ("config.txt", "lr: 0.1\nbatch_size: 32\nepochs: 10\nloss: mse\nstep: 3\n"),
    ("code.txt", "import torch\nfor step in range(10):\n    loss = 0.5\n    loss = loss * 2.0\n    print(f'step 3 loss 1')\n    loss = 0.25\n"),
    ("gpu.log", "| NVIDIA-SMI 535.54   Driver Version: 535.54   CUDA Version: 12.2     |\n"
                "| N/A   30C    P0    69W / 700W |   1529MiB / 81559MiB |      0%      Default |\n" * 5),
    ("pip.log", "".join(f"Downloading torch-2.{i}.0 ({i}00.5 MB)\n   ━━━━ {i}/9 MB 3.{i} MB/s eta 0:00:0{i}\n" for i in range(9))),
    ("journal.log", "".join(f'{{"op_code": 7, "trial_id": 0, "step": {i}, "intermediate_value": 0.{i}}}\n' for i in range(9))),
    ("search.log", "".join(f"trial {i}: params {{'lr': 0.{i}, 'depth': {i}}} loss: 0.{i}, epoch 5{i}\n" for i in range(9))),
    ("server.log", "".join(f"2024-01-01 00:00:0{i} INFO GET /x/{i} 200 {i}ms took: {i}\n" for i in range(9))),
    ("error.log", "Traceback (most recent call last):\n  File \"/app/web.py\", line 3, in get\n    x()\nKeyError: 'user'\n"),
    ("log.txt", ""),
    ("binary.log", "\0\1\2\3\4\5\6" * 100),
    ("config.yaml.txt", "model:\n  layers: 3\n  loss: ce\ntrain:\n  steps: 100\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content"), NO_LOGS, ids=[name for name, _ in NO_LOGS])
def test_what_is_no_log(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content.encode())
    assert not PARSER.sniff(path, content.encode()[:HEAD_BYTES])


def test_a_log_behind_a_long_head_is_found(tmp_path):
    (run,) = read(
        tmp_path,
        "import torch\n" + "x = f(3)  # code\n" * 2000 + "".join(f"step {s}: loss {s}.5\n" for s in range(500)),
    )
    assert len(run.all_curves[0]) == 500


LOSSES = [float(f"{3 - i / 64:.4f}1") for i in range(60)]
LOG = "".join(f"2024-01-01 10:00:00 INFO step {i}: loss {v}, lr 0.001\n" for i, v in enumerate(LOSSES))


def losses(path, data):
    path.write_bytes(data)
    assert PARSER.sniff(path, data[:HEAD_BYTES]) in (True, False)
    runs = list(PARSER.parse(path))
    assert sum(len(run.notes) for run in runs) <= 25
    return next((curve.value.tolist() for curve in runs[0].all_curves if curve.tag == "loss"), [])


def test_encodings(tmp_path):
    for data in (LOG.encode(), LOG.encode("utf-16"), LOG.encode("utf-8-sig"), gzip.compress(LOG.encode(), mtime=0), LOG.replace("\n", "\r\n").encode(),
                 ("训练开始\n" + LOG).encode("gb18030"), ("é\n" + LOG).encode("latin-1")):  # fmt: skip
        assert losses(tmp_path / "log", data) == LOSSES


def test_cut_anywhere(tmp_path):
    for part in range(40):
        position = len(LOG) * part // 40
        kept = losses(tmp_path / "log", LOG.encode()[:position])
        whole = LOG[:position].count("\n")
        assert kept[:whole] == LOSSES[:whole]
        assert len(kept) <= whole + 1


@few
@given(share=st.floats(0, 1), noise=st.binary(min_size=1, max_size=64))
def test_noise_in_the_middle(tmp_path, share, noise):
    position = int(share * len(LOG))
    kept = losses(tmp_path / "log", LOG.encode()[:position] + noise + LOG.encode()[position:])
    whole = LOG[:position].count("\n")
    assert kept[:whole] == LOSSES[:whole]


@few
@given(
    noise=st.one_of(
        st.binary(max_size=300),
        st.text("epochstlr:=/|[](){},.'\"0123456789-+eE% \n\r\t\b\x1b", max_size=400).map(str.encode),
    )
)
def test_noise(tmp_path, noise):
    losses(tmp_path / "log", noise)
    losses(tmp_path / "log", LOG.encode()[:400] + noise)


BOMBS = [
    b"x" * 1_000_000, b"9" * 1_000_000, b"1," * 500_000, b"a: 1 " * 200_000, b" " * 1_000_000 + b"1", b"-" * 1_000_000, b"loss: " + b"(" * 900_000,
    b"1.1.1.1." * 120_000, b"e1e1e1" * 160_000, b"{" * 60_000 + b"}", b"\r" * 1_000_000, b"\x1b[" * 400_000, b"12:12:12:" * 100_000,
    b"|" * 900_000, b"| a | " * 200_000, (b"step 1 loss " + b"a" * 100 + b" 2 ") * 3000, b"Traceback (most recent call last)\n" * 20_000,
    b"".join(b"loss %d: a%d b c %d d\n" % (i, i, i) for i in range(5000)), b"CUDA out of memory\n" * 20_000,
    b"".join(b"step %d w%s: 1\n" % (i, bytes([97 + i % 26, 97 + i // 26 % 26, 97 + i // 676 % 26])) for i in range(5000)),
]  # fmt: skip


@pytest.mark.parametrize("data", BOMBS, ids=range(len(BOMBS)))
def test_hostile_input_is_bounded(tmp_path, data):
    start = time.process_time()
    losses(tmp_path / "log", data)
    assert time.process_time() - start < 5


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="log"):
        list(PARSER.parse(tmp_path / "log"))

"""Text logs in the dialects of many programs."""

import pytest

from trainlint.parsers.meaning.resolve import resolve

from .text_logs import curves, lines, read

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
    pytest.param(
        lines("2023-01-01 10:0{0}:00 | INFO | train_inner | epoch 00{0}: 100 / 100 loss={1}, num_updates={0}00, gnorm={1}\n"
              "2023-01-01 10:0{0}:00 | INFO | train | epoch 00{0} | loss {1} | num_updates {0}00 | gnorm {1}25\n",
              [(1, 2.5), (2, 1.5), (3, 0.5)]),
        "fairseq",
        {"loss": ([100, 200, 300], [2.5, 1.5, 0.5]), "train/loss": ([100, 200, 300], [2.5, 1.5, 0.5]),
         "gnorm": ([100, 200, 300], [2.5, 1.5, 0.5]), "train/gnorm": ([100, 200, 300], [2.525, 1.525, 0.525])},
        id="fairseq, the norm of the gradient as a mean over an epoch",
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

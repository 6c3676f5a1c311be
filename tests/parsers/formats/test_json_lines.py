"""One JSON object a line, in the dialects of many tools."""

import json

import numpy as np
import pytest

from trainlint.parsers.formats.generic.json_lines import PARSER
from trainlint.parsers.meaning.resolve import resolve


def read(tmp_path, rows, name="log.jsonl"):
    path = tmp_path / name
    path.write_text("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows))
    assert PARSER.matches(name)
    assert PARSER.sniff(path, path.read_bytes()[:4096])
    (run,) = PARSER.parse(path)
    return run


def curves(run):
    return {curve.tag: (curve.step.tolist(), curve.value.tolist()) for curve in run.all_curves}


DIALECTS = [
    pytest.param(
        [{"step": 0, "train": {"loss": 2.5, "acc": 0.1}}, {"step": 1, "train": {"loss": 1.5, "acc": 0.2}}],
        {"train/loss": ([0, 1], [2.5, 1.5]), "train/acc": ([0, 1], [0.1, 0.2])},
        id="nested",
    ),
    pytest.param(
        [{"num_updates": "10", "loss": "3.5", "clip": "100%"}, {"num_updates": "20", "loss": "2.5", "clip": "50%"}],
        {"loss": ([10, 20], [3.5, 2.5]), "clip": ([10, 20], [100, 50])},
        id="fairseq",
    ),
    pytest.param(
        [{"iteration": 19, "total_loss": 3.0}, {"bbox/AP": 0.5}, {"iteration": 39, "total_loss": 2.0}],
        {"total_loss": ([19, 39], [3, 2]), "bbox/AP": ([19], [0.5])},
        id="detectron2",
    ),
    pytest.param(
        [{"lr": 0.1, "loss": 3.0, "epoch": 1, "iter": 4, "step": 4}, {"acc/top1": 75.0, "step": 1},
         {"lr": 0.1, "loss": 2.0, "epoch": 2, "iter": 8, "step": 8}, {"acc/top1": 80.0, "step": 2}],
        {"lr": ([4, 8], [0.1, 0.1]), "loss": ([4, 8], [3, 2]), "acc/top1": ([4, 8], [75, 80])},
        id="mmengine",
    ),
    pytest.param(
        [{"env_info": "sys.platform: linux", "seed": 0}, {"mode": "train", "epoch": 1, "iter": 50, "loss": 3.0},
         {"mode": "train", "epoch": 1, "iter": 100, "loss": 2.0}, {"mode": "val", "epoch": 1, "iter": 20, "mAP": 0.3},
         {"mode": "train", "epoch": 2, "iter": 50, "loss": 1.5}, {"mode": "train", "epoch": 2, "iter": 100, "loss": 1.0}],
        {"loss": ([50, 100, 150, 200], [3, 2, 1.5, 1]), "mAP": ([100], [0.3])},
        id="mmcv",
    ),
    pytest.param(
        [{"Loss/G/loss": {"num": 4, "mean": 0.5, "std": 0.1}, "timestamp": 1.7e9, "step": 0},
         {"Loss/G/loss": {"num": 4, "mean": 0.25, "std": 0.1}, "timestamp": 1.7e9, "step": 1}],
        {"Loss/G/loss": ([0, 1], [0.5, 0.25])},
        id="stylegan",
    ),
    pytest.param(
        [{"epoch": 0, "train_loss": 2.0, "n_parameters": 10, "best": True}, {"epoch": 1, "train_loss": 1.0, "images": [1, 2]}],
        {"train_loss": ([0, 1], [2, 1]), "n_parameters": ([0], [10])},
        id="mae",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "expected"), DIALECTS)
def test_dialects(tmp_path, rows, expected):
    assert curves(read(tmp_path, rows)) == expected


def test_rows_of_the_validation_by_mmengine_and_mmcv(tmp_path):
    mmengine = [
        {"loss": 3.0, "data_time": 0.1, "time": 0.2, "epoch": 1, "iter": 4, "step": 4},
        {"acc/top1": 75.0, "data_time": 0.3, "time": 0.4, "step": 1},
    ]
    mmcv = [
        {"mode": "train", "epoch": 1, "iter": 50, "loss": 3.0, "time": 0.2},
        {"mode": "val", "epoch": 1, "iter": 20, "acc/top1": 75.0, "time": 0.4},
    ]
    for rows in (mmengine, mmcv):
        found = {curve.tag: curve for curve in resolve(read(tmp_path, rows).all_curves)}
        assert found["acc/top1"].split == "validation"
        assert found["loss"].split == "train"
        assert found["train/time"].value.tolist() == [0.2]
        assert found["val/time"].value.tolist() == [0.4]


def test_a_label_before_each_object_and_a_list_for_its_place(tmp_path):
    rows = [
        {"type": "LOG", "step": place, "data": data}
        for place, data in [
            ([0, 0], {"aux_loss": 0.5}), ([0, 10], {"aux_loss": 0.25}), ([0], {"val_auc": 0.6}), ([1, 0], {"aux_loss": 0.125}),
            ([1, 10], {"aux_loss": 0.0625}), ([1], {"val_auc": 0.7}), ([], {"best_auc": 0.7}),
        ]
    ]  # fmt: skip
    run = read(tmp_path, [f"NOTE {json.dumps(row)}\n" for row in rows], name="log.json")
    found = curves(run)
    assert found["data/aux_loss"][1] == [0.5, 0.25, 0.125, 0.0625]
    assert found["data/val_auc"][1] == [0.6, 0.7]
    assert run.notes == [] or all("not a JSON object" not in str(note) for note in run.notes)


def test_bare_nan_null_and_infinity(tmp_path):
    run = read(
        tmp_path, ['{"step": 0, "loss": NaN}\n', '{"step": 1, "loss": null}\n', '{"step": 2, "loss": -Infinity}\n']
    )
    (loss,) = run.all_curves
    assert loss.step.tolist() == [0, 2]
    np.testing.assert_array_equal(loss.value, [np.nan, -np.inf])


def test_damaged_lines_are_noted(tmp_path):
    rows = [{"step": i, "loss": 1.0} for i in range(5)]
    run = read(tmp_path, [*rows[:3], '{"step": 3, "lo\n', "Traceback: no\n", *rows[3:], '{"step": 9, "loss": 0.'])
    assert curves(run)["loss"][0] == [0, 1, 2, 3, 4]
    assert [note.where for note in run.notes] == ["line 4", "line 5", "line 8"]


def test_config_in_the_log_gives_hyperparameters(tmp_path):
    config = {"lr": 0.1, "model": {"depth": 3}, "api_key": "abc"}
    rows = [{"training_iteration": i, "timesteps_total": 100 * i, "reward": 1.0, "config": config} for i in (1, 2)]
    run = read(tmp_path, rows, "result.json")
    assert run.hyperparameters == {"lr": 0.1, "model.depth": 3, "api_key": "***"}
    assert curves(run)["reward"] == ([100, 200], [1, 1])
    assert run.framework == "ray"


def test_first_line_longer_than_the_head(tmp_path):
    rows = [{"step": i, "loss": 1.0, "config": {"text": "x" * 5000}} for i in range(3)]
    assert curves(read(tmp_path, rows, "result.json"))["loss"][0] == [0, 1, 2]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", '{"lr": 0.1, "epochs": 3}'),
        ("results.json", '{"loss": 0.1, "accuracy": 0.9}'),
        ("wandb-summary.json", '{"_step": 100, "loss": 0.5}'),
        ("history.json", '{"loss": [1, 2, 3]}'),
        ("data.jsonl", '{"text": "a loss", "label": 1}\n{"text": "b", "label": 0}\n'),
        ("journal.log", '{"op_code": 0, "name": "s"}\n{"op_code": 4, "trial_id": 1}\n{"op_code": 7, "step": 1}\n'),
        ("log.jsonl", '[{"iter": 1, "loss": 2}]\n[{"iter": 2, "loss": 1}]\n'),
        ("train.log", "epoch 1 loss 0.5\n"),
        ("pretty.json", '{\n "step": 1,\n "loss": 2\n}\n'),
        ("empty.jsonl", ""),
    ],
)
def test_no_logs(tmp_path, name, content):
    assert not PARSER.sniff(tmp_path / name, content.encode())


TRACE = [
    "{timestamp: 1600000100.0, entry_id: 8e-a, job: train, event: job_created, model: complex, random_seed: 0}\n",
    "{timestamp: 1600000103.4, entry_id: 8e-b, epoch: 1, split: train, lr: [0.1], avg_loss: 8.9, avg_penalties: {a.L2: 1e-05}}\n",
    "{timestamp: 1600000106.8, entry_id: 8e-c, epoch: 2, split: train, lr: [0.1], avg_loss: 5.2, avg_penalties: {a.L2: 2e-05}}\n",
]


@pytest.mark.parametrize("name", ["trace.yaml", "trace.jsonl"])
def test_mappings_of_yaml_are_rows(tmp_path, name):
    run = read(tmp_path, TRACE, name)
    assert curves(run) == {"avg_loss": ([1, 2], [8.9, 5.2]), "avg_penalties/a.L2": ([1, 2], [1e-05, 2e-05])}
    assert run.hyperparameters["random_seed"] == 0


@pytest.mark.parametrize(
    "text", ["{lr: 0.1, epochs: 3}\n", "lr: 0.1\nepochs: 3\n", "model: {loss: 1, epoch: 2}\nother: {loss: 1}\n", "- {epoch: 1}\n"]
)  # fmt: skip
def test_settings_in_yaml_are_no_log(tmp_path, text):
    assert not PARSER.sniff(tmp_path / "model.yaml", text.encode())

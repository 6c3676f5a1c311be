"""Advice names the checkpoint that lies beside the log, and from where epochs are counted."""

from __future__ import annotations

import numpy as np
import pytest

from trainlint.analyzer.judging.checkpoints import with_checkpoints
from trainlint.analyzer.judging.judgement import RuleFinding
from trainlint.analyzer.reading.checkpoint_files import checkpoints_beside
from trainlint.parsers.checkpoints import checkpoint_named
from trainlint.parsers.run import Curve, Run
from trainlint.rules.base import Finding
from trainlint.rules.registry import RULES
from trainlint.rules.view.run_view import RunView


@pytest.mark.parametrize(
    ("name", "is_folder", "step", "epoch"),
    [
        ("checkpoint-500", True, 500, None),
        ("model_epoch_12.pt", False, None, 12),
        ("epoch=12-step=5000.ckpt", False, 5000, 12),
        ("weights.06-0.31.h5", False, None, 6),
        ("cp-0010.ckpt.index", False, None, 10),
        ("ckpt_0012.pt", False, 12, None),
        ("best.pt", False, None, None),
    ],
)
def test_names_of_checkpoints(name, is_folder, step, epoch):
    found = checkpoint_named(name, is_folder=is_folder)
    assert found is not None
    assert (found.step, found.epoch) == (step, epoch)
    assert found.is_best == ("best" in name)


@pytest.mark.parametrize(("name", "is_folder"), [("train.csv", False), ("data", True), ("embeddings.pt", False)])
def test_other_names(name, is_folder):
    assert checkpoint_named(name, is_folder=is_folder) is None


def advised(remedy, names, first=0, axis="epoch", count=20):
    curve = Curve.build("loss", np.arange(first, first + count), np.linspace(2, 1, count), axis=axis)
    files = tuple(filter(None, (checkpoint_named(name, is_folder=False) for name in names)))
    view = RunView(Run("r", "/r", "csv-table", all_curves=[curve], checkpoints=files))
    found = RuleFinding(RULES[0], Finding("it is so", 0.9, "loss", (0, 1), remedies=(remedy,)))
    return with_checkpoints([found], view)[0].finding.remedies[0]


EPOCHS = [f"model_epoch_{i}.pt" for i in (5, 10, 15)]


@pytest.mark.parametrize(
    ("remedy", "names", "first", "said"),
    [
        ("restart from a checkpoint before epoch 12 anew", EPOCHS, 1, "epoch 12 (there is model_epoch_10.pt) anew"),
        ("restart from a checkpoint before epoch 10", EPOCHS, 1, "epoch 10 (there is model_epoch_5.pt)"),
        ("restart from a checkpoint before epoch 10", EPOCHS, 0, "(counted from 0; there is model_epoch_5.pt)"),
        ("restart from a checkpoint before epoch 4", EPOCHS, 1, "before epoch 4"),
        ("keep the checkpoint at epoch 10, not the last", EPOCHS, 1, "epoch 10 (there is model_epoch_10.pt), not"),
        ("keep the checkpoint at epoch 10", ["weights.20.h5", "weights.11.h5", "weights.10.h5"], 0, "weights.11.h5)"),
        ("keep the checkpoint at epoch 7", [*EPOCHS, "best.pt"], 1, "(there is best.pt)"),
        ("keep the checkpoint at epoch 7", EPOCHS, 1, "at epoch 7"),
        ("resume from the last checkpoint before epoch 3; go on", ["last.pt"], 1, "epoch 3 (there is last.pt); go on"),
        ("restart from a checkpoint before epoch 3", ["last.pt"], 1, "before epoch 3"),
    ],
)
def test_the_file_is_named(remedy, names, first, said):
    text = advised(remedy, names, first)
    assert said in text
    assert text.count("there is") == said.count("there is") or "weights" in said


def test_steps_have_no_base():
    assert advised("keep the checkpoint at step 3", [], 0, "step") == "keep the checkpoint at step 3"


def test_files_are_listed_beside_a_log_and_in_folders_for_them(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoint-10").mkdir()
    (tmp_path / "other").mkdir()
    for name in ("train.csv", "best.pt", "checkpoints/epoch_3.pth", "other/epoch_4.pth"):
        (tmp_path / name).touch()
    (tmp_path / "last.pt").symlink_to(tmp_path / "best.pt")
    found = [each.name for each in checkpoints_beside(tmp_path / "train.csv")]
    assert found == ["best.pt", "checkpoint-10", "checkpoints/epoch_3.pth"]
    assert checkpoints_beside(tmp_path / "absent" / "log.csv") == ()

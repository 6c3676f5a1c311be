"""The task of a run is named by its markers, and left unknown where they are too weak."""

from __future__ import annotations

import numpy as np
import pytest

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.meaning.tasks import task_of
from trainlint.parsers.run import Curve, Run


def run_with(tags, first=2.0, axis="step", framework=None, **settings):
    values = np.linspace(first, 0.3 * first, 30)
    curves = [Curve.build(tag, np.arange(30), values, axis=axis) for tag in tags]
    return Run("r", "r", "test", framework, all_curves=resolve(curves), hyperparameters=settings)


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (run_with(["loss", "val_acc"]), "classification"),
        (run_with(["train/loss", "val/top1"]), "classification"),
        (run_with(["loss", "val_mae"]), "regression"),
        (run_with(["loss", "val_r2", "val_mse"]), "regression"),
        (run_with(["train/loss", "val/ppl"]), "language-model"),
        (run_with(["train/loss", "tokens"], first=10.9), "language-model"),
        (run_with(["train/loss", "lr"], first=10.9), "unknown"),
        (run_with(["loss", "learning_rate"], lora_r=8), "fine-tuning"),
        (run_with(["loss", "metrics/mAP50(B)", "val/box_loss"]), "detection"),
        (run_with(["loss", "val_dice"]), "segmentation"),
        (run_with(["rollout/ep_rew_mean", "train/loss"]), "reinforcement"),
        (run_with(["G_loss", "D_loss"]), "adversarial"),
        (run_with(["loss", "loss_q0", "loss_q3"]), "diffusion"),
        (run_with(["train/contrastive_loss", "logit_scale"]), "contrastive"),
        (run_with(["validation_0-logloss"], framework="xgboost"), "boosting"),
        (run_with(["loss", "val_loss"]), "unknown"),
        (run_with([]), "unknown"),
        (run_with(["lr"], gamma=0.9), "unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else ", ".join(c.tag for c in value.all_curves) or "empty",
)
def test_task(run, expected):
    task, evidence = task_of(run)
    assert task == expected
    assert bool(evidence) == (expected != "unknown")


def test_a_first_loss_of_nan_says_nothing():
    run = run_with(["loss"], num_classes=10)
    run.all_curves[0].value[0] = np.nan
    assert task_of(run)[0] == "unknown"

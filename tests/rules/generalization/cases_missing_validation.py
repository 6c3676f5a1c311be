"""Runs that missing-validation must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.run import Curve, Run

from ..curves import Case, decay, flat, run_of


def over(epochs, *, since=0.0, points=60):
    """A training loss logged over a number of epochs."""
    epoch = np.linspace(since, since + epochs, points)
    return Run(
        "run", "run", "test", all_curves=resolve([Curve.build("loss", np.arange(points), decay(points), epoch=epoch)])
    )


CASES = [
    Case("missing-validation", "training loss alone", lambda: run_of({"loss": (np.arange(10, 1510), decay(1500)), "lr": flat(60, 0.1)}), "info",
         findings=1, says="1,500 values of loss are logged, but none on validation or test data", steps=(10, 1509), metric="loss",
         confidence=0.8, remedy="hold out some data and evaluate on it a few times per epoch"),
    Case("missing-validation", "a test loss", lambda: run_of({"train_loss": decay(60), "test_loss": [1.0, 0.5]}), "clear"),
    Case("missing-validation", "a validation loss", lambda: run_of({"train_loss": decay(60), "val_loss": [1.0, 0.5]}), "clear"),
    Case("missing-validation", "an accuracy of no split", lambda: run_of({"train_loss": decay(60), "accuracy": flat(60, 0.5)}), "insufficient-data",
         says="cannot determine whether accuracy is measured on unseen data"),
    Case("missing-validation", "a training accuracy", lambda: run_of({"train_loss": decay(60), "train_acc": flat(60, 0.5)}), "info"),
    Case("missing-validation", "losses of unknown direction",
         lambda: run_of({"train/d_loss": flat(60, 0.5), "train/pg_loss": flat(60, 0.5)}), "insufficient-data"),
    Case("missing-validation", "50 points", lambda: run_of({"loss": decay(50)}), "info"),
    Case("missing-validation", "49 points", lambda: run_of({"loss": decay(49)}), "insufficient-data",
         says="train loss needs at least 50 points, has 49"),
    Case("missing-validation", "0.9 epochs", lambda: over(0.9), "not-applicable",
         says="within its first epoch a training loss is a loss on unseen data"),
    Case("missing-validation", "the first of epochs that are counted from 1", lambda: over(1.0, since=1.0), "not-applicable"),
    Case("missing-validation", "1.1 epochs", lambda: over(1.1), "info"),
    Case("missing-validation", "half of the first and half of the second epoch", lambda: over(1.0, since=0.5), "info"),
    Case("missing-validation", "an epoch that never changes", lambda: over(0.0), "info"),
    Case("missing-validation", "reinforcement learning", lambda: run_of({
        "train/loss": decay(60), "rollout/ep_rew_mean": np.arange(60.0), "train/approx_kl": flat(60, 0.01)}), "not-applicable"),
]  # fmt: skip

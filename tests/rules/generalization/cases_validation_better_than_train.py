"""Runs that validation-better-than-train must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, running_means

OFF = {"model.dropout": 0.0, "data.augment": "none"}


def better(ratio=1.3, *, points=60, noise=2e-3, early_noise=2e-3, seed=0, higher=0, **hyperparameters):
    """A validation loss that is lower by a ratio from the start, except at some of the last evaluations."""
    losses = decay(points, end=0.3, noise=0)
    half = points // 2
    scatter = np.r_[flat(half, 1, noise=early_noise, seed=seed), flat(points - half, 1, noise=noise, seed=seed)]
    validation = losses / ratio * scatter
    validation[points - 2 * higher :: 2] = 1.1 * losses[points - 2 * higher :: 2]
    return run_of({"loss": losses, "val_loss": validation}, **hyperparameters)


CASES = [
    Case("validation-better-than-train", "by a quarter", better, "info", findings=1,
         says="val_loss is 23% lower than loss over the second half of the run", steps=(29, 58), metric="val_loss", confidence=0.8,
         remedy="evaluate the loss on training data in evaluation mode: there is a fault only if it is still higher"),
    Case("validation-better-than-train", "without regularisation", lambda: better(**OFF), "warning", confidence=0.75),
    Case("validation-better-than-train", "by a ratio of 1.2", lambda: better(1.2), "info"),
    Case("validation-better-than-train", "by a ratio of 1.08", lambda: better(1.08), "clear"),
    Case("validation-better-than-train", "by 3.5 standard errors", lambda: better(1.14, points=17, noise=0.05, early_noise=1, seed=7), "info"),
    Case("validation-better-than-train", "by 2.5 standard errors", lambda: better(1.14, points=17, noise=0.05, early_noise=1, seed=5), "clear"),
    Case("validation-better-than-train", "higher in 3 of 31 evaluations", lambda: better(points=62, higher=3), "info"),
    Case("validation-better-than-train", "higher in 3 of 28 evaluations", lambda: better(points=56, higher=3), "clear"),
    Case("validation-better-than-train", "with dropout", lambda: better(dropout=0.5, augment=False), "clear"),
    Case("validation-better-than-train", "with augmentation", lambda: better(dropout=0, mixup="0.2"), "clear"),
    Case("validation-better-than-train", "only dropout is logged as off", lambda: better(dropout=0), "info"),
    Case("validation-better-than-train", "all is off, in other words",
         lambda: better(p_drop=" 0.0 ", cutmix="False", label_smoothing="", aug=None), "warning"),
    Case("validation-better-than-train", "means of epochs lag", lambda: run_of({
        "loss": 2 * 0.75 ** np.arange(30.0), "val_loss": 2 * 0.75 ** (np.arange(30.0) + 0.5)}, axis="epoch"), "clear"),
    Case("validation-better-than-train", "running means lag", lambda: run_of({
        "loss": running_means(np.geomspace(2, 0.1, 600) * flat(600, 1, noise=0.3), 60),
        "val_loss": (np.arange(59, 600, 60), np.geomspace(2, 0.1, 600)[59::60])}), "clear"),
    Case("validation-better-than-train", "at first only", lambda: run_of({
        "loss": np.geomspace(2, 0.1, 60), "val_loss": np.geomspace(1, 0.2, 60)}), "clear"),
    Case("validation-better-than-train", "9 evaluations, of which the last has no training loss after it", lambda: better(points=9), "info"),
    Case("validation-better-than-train", "8 evaluations, of which the last has no training loss after it", lambda: better(points=8), "insufficient-data",
         says="needs at least 8 evaluations with a training loss beside them, has 7"),
    Case("validation-better-than-train", "7 evaluations", lambda: better(points=7), "insufficient-data",
         says="train loss needs at least 8 points, has 7"),
]  # fmt: skip

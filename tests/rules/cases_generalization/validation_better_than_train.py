"""Runs that validation-better-than-train must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, running_means

CASES = [
    Case("validation-better-than-train", "by a third", lambda: run_of({"loss": decay(60, end=0.3), "val_loss": decay(60, end=0.2, seed=1)}), "info"),
    Case("validation-better-than-train", "dropout explains it", lambda: run_of({
        "loss": decay(60, end=0.3), "val_loss": decay(60, end=0.2, seed=1)}, dropout=0.5, augment=False), "clear"),
    Case("validation-better-than-train", "nothing regularises", lambda: run_of({
        "loss": decay(60, end=0.3), "val_loss": decay(60, end=0.2, seed=1)}, **{"model.dropout": 0.0, "data.augment": "none"}), "warning"),
    Case("validation-better-than-train", "means of epochs lag", lambda: run_of({
        "loss": 2 * 0.75 ** np.arange(30.0), "val_loss": 2 * 0.75 ** (np.arange(30.0) + 0.5)}, axis="epoch"), "clear"),
    Case("validation-better-than-train", "running means lag", lambda: run_of({
        "loss": running_means(np.geomspace(2, 0.1, 600) * flat(600, 1, noise=0.3), 60),
        "val_loss": (np.arange(59, 600, 60), np.geomspace(2, 0.1, 600)[59::60])}), "clear"),
    Case("validation-better-than-train", "at first only", lambda: run_of({
        "loss": np.geomspace(2, 0.1, 60), "val_loss": np.geomspace(1, 0.2, 60)}), "clear"),
    Case("validation-better-than-train", "five evaluations", lambda: run_of({"loss": decay(60), "val_loss": (np.arange(5), decay(5))}), "insufficient-data"),
]  # fmt: skip

"""Runs that underfitting must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of

CASES = [
    Case("underfitting", "stands still high up", lambda: run_of({
        "loss": np.r_[np.linspace(4.6, 3.0, 15), flat(45, 3.0)], "lr": np.full(60, 0.1), "accuracy": flat(60, 0.2)}, num_classes=100), "warning"),
    Case("underfitting", "an accuracy that stands still", lambda: run_of({
        "train_loss": np.geomspace(2.3, 1.8, 60) * flat(60, 1), "val_acc": np.r_[0.1, 0.15, flat(28, 0.2)]}, num_classes=10), "warning"),
    Case("underfitting", "a regression", lambda: run_of({
        "loss": np.r_[np.linspace(1.0, 0.7, 10), flat(50, 0.7)], "mae": flat(60, 0.5), "lr": np.full(60, 0.1)}), "info"),
    Case("underfitting", "still learning", lambda: run_of({"loss": np.geomspace(4.6, 2.5, 60) * flat(60, 1), "accuracy": np.linspace(0, 0.4, 60)}, num_classes=100), "clear"),
    Case("underfitting", "settled low", lambda: run_of({"loss": decay(60, end=0.3), "accuracy": flat(60, 0.7)}, num_classes=10), "clear"),
    Case("underfitting", "a good score", lambda: run_of({"loss": np.r_[np.linspace(2.3, 1.47, 15), flat(45, 1.466)], "accuracy": flat(60, 0.95)}, num_classes=10), "clear"),
    Case("underfitting", "a language of few symbols", lambda: run_of({
        "loss": np.r_[np.linspace(2.3, 1.75, 15), flat(45, 1.75)], "perplexity": np.r_[np.linspace(10, 5.8, 15), flat(45, 5.8)]}), "insufficient-data"),
    Case("underfitting", "a language of many symbols", lambda: run_of({
        "loss": np.r_[np.linspace(10, 7, 15), flat(45, 7.0)], "perplexity": np.exp(np.r_[np.linspace(10, 7, 15), flat(45, 7.0)])}), "warning"),
    Case("underfitting", "two classes", lambda: run_of({"loss": np.r_[np.linspace(0.69, 0.6, 15), flat(45, 0.6)], "accuracy": flat(60, 0.65)}, num_classes=2), "insufficient-data"),
    Case("underfitting", "the start is not logged", lambda: run_of({"loss": (np.arange(500, 560), flat(60, 1.0)), "accuracy": flat(60, 0.4)}), "insufficient-data"),
]  # fmt: skip
